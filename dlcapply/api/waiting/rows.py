"""Runs that are waited for, as rows and words for people: nothing is decided here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dlcapply.cloud.wire.redaction import redacted, secret_texts
from dlcapply.model.times import seconds_between
from dlcapply.operating.following import LossReason, WaitedRun
from dlcapply.planning.reasons import listed
from dlcapply.rendering.rows.status import StatusRow
from dlcapply.rendering.rows.waiting import WaitedRow, WatchedRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from dlcapply.diagnosis.verdicts import Diagnosis
    from dlcapply.model.outcomes import StoppedRun
    from dlcapply.model.runs import Run

MOST_NAMES = 8


def waited_rows(
    waited: Sequence[WaitedRun],
    stopped: Iterable[StoppedRun] = (),
    verdicts: Mapping[str, Diagnosis] | None = None,
) -> list[WaitedRow]:
    """A row for each run; `stopped` are those that were to be stopped, as they were not done in time.

    `verdicts` say, by JobId, why runs failed.
    """
    by_id = {one.job_id: one for one in stopped}
    found = verdicts or {}
    rows = [_waited_row(one, by_id.get(one.job_id)) for one in waited]
    return [replace(row, verdict=found.get(one.job_id)) for row, one in zip(rows, waited, strict=True)]


def _waited_row(waited: WaitedRun, stopped: StoppedRun | None) -> WaitedRow:
    row = _row(waited)
    if stopped is None:
        return WaitedRow(row, waited.reached, waited.failed)
    note = "; ".join(filter(None, (row.note, stopped.text)))
    last = _row(replace(waited, run=stopped.run)) if stopped.run else row
    return WaitedRow(replace(last, note=note), waited.reached, waited.failed, stopped.result)


@dataclass(frozen=True, slots=True)
class GoesOn:
    """What a command leaves going on or to be done, and the command that is next; empty for none."""

    text: str
    command: str


def going_on(waited: Iterable[WaitedRun], stopped: Iterable[StoppedRun], *, again: str) -> GoesOn | None:
    """The runs that go on, and cost, but for those that were stopped; None where none does.

    `again` is the command that waits for them again, if there is one.
    """
    ended = {one.job_id for one in stopped if not one.goes_on}
    late = [f"{one.name} {one.job_id}" for one in waited if one.goes_on and one.job_id not in ended]
    how = "; wait again" if again else ""
    told = f"not done yet, and going on: {listed(late, most=MOST_NAMES)}{how}"
    return GoesOn(told, again) if late else None


def watched_rows(runs: Iterable[WaitedRun], now: datetime | None) -> list[WatchedRow]:
    """The runs as they are at the service's time `now`."""
    return [
        WatchedRow(
            one.name,
            one.status,
            one.job_id,
            _seconds_in_status(one.run, now) if one.run else None,
            is_open=not one.is_over,
            failed=one.failed,
            note=_note(one) if one.failed or one.is_over else _trouble(one),
        )
        for one in runs
    ]


def _trouble(waited: WaitedRun) -> str:
    """Why a run that was to be looked at can't be seen now."""
    return "" if waited.seems is None or waited.run is None else "can't be seen now"


def _seconds_in_status(run: Run, now: datetime | None) -> int | None:
    last = next(reversed(run.steps), None)
    if now is None or last is None or last.status != run.status:
        return None
    return seconds_between(last.start, now)


def _row(waited: WaitedRun) -> StatusRow:
    run = waited.run
    if run is None:
        status = "not shown" if waited.is_over else "not shown yet"
        return StatusRow(waited.name, status, waited.job_id, "", note=_lost_note(waited))
    called = "" if run.name == waited.name else run.name
    return StatusRow(
        waited.name,
        run.status,
        run.job_id,
        run.created,
        run.duration_seconds,
        note=_note(waited),
        called=called,
    )


def _note(waited: WaitedRun) -> str:
    """Why it failed or is given up, as PAI has it, with what must not be shown masked."""
    if (told := _lost_note(waited) or waited.hopeless) or waited.run is None:
        return told
    run = waited.run
    return redacted(run.reason_message, secret_texts(run.body)) if waited.failed else ""


def _lost_note(waited: WaitedRun) -> str:
    match waited.lost:
        case LossReason.NO:
            return ""
        case LossReason.REMOVED:
            return "removed while it was waited for: nobody knows how it ended"
        case LossReason.UNREADABLE:
            return f"given up: {waited.trouble}"
