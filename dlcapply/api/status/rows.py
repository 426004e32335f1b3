"""Runs, and the jobs that they are of, as rows for people: nothing is decided here."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dlcapply.cloud.wire.redaction import redacted, secret_texts
from dlcapply.diagnosis.short_reasons import short_reason
from dlcapply.model.jobs import LONGEST_TAG
from dlcapply.model.runs import BAD_ENDS, FAILURES, Ownership, Phase
from dlcapply.model.stop_causes import StopCause, reason_cause
from dlcapply.planning.marks import FROM_TAG
from dlcapply.planning.run_progress import progress_of
from dlcapply.planning.whose import tag_text, whose_briefly
from dlcapply.rendering.rows.status import OtherRun, StatusRow

if TYPE_CHECKING:
    from dlcapply.api.runs.measures import Measures
    from dlcapply.model.runs import Run
    from dlcapply.planning.history import History

NO_RUN, UNKNOWN_RUN = "no run", "unknown"
NO_MANIFEST = "no manifest"


def run_row(
    name: str, run: Run, measures: Measures, *, ownership: Ownership | None = None, note: str = ""
) -> StatusRow:
    """The run as the row of what is called `name`; whose it is is said where anybody knows."""
    code, message = _reason(run)
    progress = progress_of(run, accelerators=measures.accelerators, now=measures.now)
    return StatusRow(
        name,
        run.status,
        run.job_id,
        run.created,
        run.duration_seconds,
        note=note,
        provenance=provenance_of(run),
        called="" if run.name == name else run.name,
        reason=_in_short(run, code, message),
        reason_code=code,
        reason_message=message,
        progress=progress,
        owner=whose_briefly(run, ownership) if ownership else "",
        ownership=ownership,
        user=_user(run),
        newest_failed=run.phase in FAILURES,
        unmeasured=measures.trouble if progress.accelerators is None else "",
    )


def updated_row(row: StatusRow, run: Run, measures: Measures) -> StatusRow:
    """The same row about what is now seen of its run; what was planned, and whose it is, stays as it was."""
    seen = run_row(row.name, run, measures)
    return replace(
        seen,
        in_sync=row.in_sync,
        note=row.note,
        plan=row.plan,
        explanation=row.explanation,
        place=row.place,
        others=row.others,
        owner=row.owner,
        ownership=row.ownership,
        newest_failed=seen.newest_failed,
        idle=row.idle,
    )


def no_run_row(name: str, *, note: str = "") -> StatusRow:
    return StatusRow(name, NO_RUN, "", "", note=note)


def others_of(history: History, run: Run | None) -> tuple[OtherRun, ...]:
    """The runs of the name beside `run` that have not ended; where there is none, those that have ended too.

    Of ended ones, the newest alone.
    """
    others = {one.job_id: one for one in history.going_on if run is None or one.job_id != run.job_id}
    if run is None and not others and history.past:
        others = {history.past[-1].job_id: history.past[-1]}
    return tuple(other_run(one, history.owners.get(one.job_id)) for one in others.values())


def other_run(run: Run, ownership: Ownership | None) -> OtherRun:
    known = ownership or Ownership.UNMARKED
    return OtherRun(run.job_id, run.status, whose_briefly(run, known), known is Ownership.OURS)


def provenance_of(run: Run) -> str:
    """What the run says it was started from: for people, so that nothing fails where it can't be read."""
    return tag_text(run, FROM_TAG)


def _user(run: Run) -> str:
    """Who started it, by the name that only lists have, or else the number."""
    for key in ("Username", "UserId"):
        value = run.body.get(key)
        if isinstance(value, str) and value.isprintable() and value:
            return value[:LONGEST_TAG]
    return ""


def _in_short(run: Run, code: str, message: str) -> str:
    if run.phase is Phase.SUCCEEDED:
        return ""
    return short_reason(code, message, _cause(run), name=run.name)


def _cause(run: Run) -> StopCause:
    """What stopped it: what says so of a run that goes on tells of an earlier life."""
    return reason_cause(run) if run.phase in BAD_ENDS | {Phase.STOPPING} else StopCause.UNTOLD


def _reason(run: Run) -> tuple[str, str]:
    """Code and message of the service, on one line each and without what is secret in the run."""
    if not (run.reason_code or run.reason_message):
        return "", ""
    secrets = secret_texts(run.body)
    return redacted(run.reason_code, secrets), redacted(run.reason_message, secrets)
