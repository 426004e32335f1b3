"""The JSON documents of the commands that act on runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.model.stops import StopResult
from dlcapply.model.times import seconds_between
from dlcapply.rendering.json_documents import FORMAT_VERSION, Document, trouble_document, where_document
from dlcapply.rendering.text.cleanups import code_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from dlcapply.errors import ExitCode
    from dlcapply.model.plans import Change
    from dlcapply.model.stops import DeleteOutcome, StopOutcome
    from dlcapply.planning.keeping import EndedRun
    from dlcapply.rendering.rows.actions import FollowsRow, NewToken, StopRow
    from dlcapply.rendering.rows.where import Where


def rerun_document(
    where: Where, tokens: Sequence[NewToken], changes: Sequence[Change] | None, *, written: bool
) -> Document:
    """The new tokens, and what a plan says of their jobs now; None where nobody asked PAI."""
    return {
        "format_version": FORMAT_VERSION,
        "environment": where_document(where),
        "written": written,
        "tokens": [
            {
                "name": token.name,
                "file": token.file,
                "before": token.before,
                "after": token.after,
                "overrides": token.overrides,
            }
            for token in tokens
        ],
        "changes": None if changes is None else [_change(change) for change in changes],
    }


def stop_document(
    where: Where,
    rows: Sequence[StopRow],
    outcomes: Sequence[StopOutcome],
    follows: Sequence[FollowsRow],
    *,
    notes: Sequence[str] = (),
    now: datetime | None,
    exit_code: ExitCode,
) -> Document:
    """The runs that were meant, what became of each, and whether an apply starts its job again.

    Without outcomes nothing was stopped, nor tried to be.
    """
    known = {one.job_id: one for one in outcomes}
    after = {one.name: one for one in follows}
    return {
        "format_version": FORMAT_VERSION,
        "environment": where_document(where),
        "runs": [_run(row, known.get(row.shown.job_id), after.get(row.shown.name), now) for row in rows],
        "notes": list(notes),
        "exit_code": exit_code.value,
    }


def _run(
    row: StopRow, outcome: StopOutcome | None, after: FollowsRow | None, now: datetime | None
) -> Document:
    run = outcome.run if outcome else row.shown.run
    result = outcome.result if outcome else StopResult.PROTECTED if row.protected else None
    return {
        "name": row.shown.name,
        "job_id": run.job_id,
        "run_name": run.name,
        "ours": row.shown.is_ours,
        "status": run.status,
        "created": run.created,
        "run_seconds": seconds_between(row.shown.run.started, now),
        "lost": {"accelerator_hours": row.spent.accelerator_hours, "cpu_hours": row.spent.cpu_hours},
        "protected": row.protected,
        "result": result.value if result else None,
        "signal": outcome.signal.value if outcome and outcome.signal else None,
        "request_id": outcome.request_id if outcome else "",
        "error": trouble_document(outcome.error if outcome else None),
        "next": _after(after),
    }


def _after(row: FollowsRow | None) -> Document | None:
    if row is None:
        return None
    change = _change(row.change) if row.change else None
    return {"starts": row.starts, "text": row.text, "change": change}


def _change(change: Change) -> Document:
    spend = change.spend
    return {
        "name": change.name,
        "action": change.action.value,
        "reason": {"code": change.reason.code, "text": change.reason.text},
        "accelerator_hours": spend.hours if spend else None,
    }


def cleanup_document(
    where: Where,
    rows: Sequence[EndedRun],
    outcomes: Sequence[DeleteOutcome],
    *,
    younger: int,
    exit_code: ExitCode,
) -> Document:
    """The ended runs that are meant, why some are kept, and what became of those that were deleted."""
    known = {one.job_id: one for one in outcomes}
    return {
        "format_version": FORMAT_VERSION,
        "environment": where_document(where),
        "runs": [_ended(row, known.get(row.run.job_id)) for row in rows],
        "younger": younger,
        "exit_code": exit_code.value,
    }


def _ended(row: EndedRun, outcome: DeleteOutcome | None) -> Document:
    run = row.run
    return {
        "name": row.job,
        "job_id": run.job_id,
        "run_name": run.name,
        "status": run.status,
        "created": run.created,
        "ended_seconds": None if row.age is None else int(row.age),
        "duration_seconds": run.duration_seconds,
        "kept": {"code": code_of(row.keep), "text": row.keep.value} if row.keep else None,
        "result": outcome.result.value if outcome else None,
        "request_id": outcome.request_id if outcome else "",
        "error": trouble_document(outcome.error if outcome else None),
    }
