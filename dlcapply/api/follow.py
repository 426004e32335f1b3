"""Following the runs of an apply: which count, what became of them, and what goes on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from dlcapply.api.command_lines import typed
from dlcapply.cloud.wire.redaction import redacted, secret_texts
from dlcapply.model.jobs import State
from dlcapply.model.outcomes import Result
from dlcapply.model.runs import PHASES, TERMINAL, Run
from dlcapply.model.times import moment, seconds_between
from dlcapply.operating.following import LossReason, WaitedRun
from dlcapply.planning.reasons import listed
from dlcapply.planning.unchanged import fell_short
from dlcapply.rendering.report_rows import StatusRow, WaitedRow, WatchedRow

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from dlcapply.api.options import TargetOptions
    from dlcapply.diagnosis.verdicts import Diagnosis
    from dlcapply.model.jobs import Job
    from dlcapply.model.outcomes import Outcome, StoppedRun
    from dlcapply.model.plans import Change, Plan, Target
    from dlcapply.operating.following import Following

# What there is a run of, if not always the one that the manifest asks for.
_FOLLOWED = frozenset({Result.CREATED, Result.REPLACED, Result.UPDATED, Result.UNCHANGED, Result.WAITING})
_IDLE = frozenset({Result.UNCHANGED, Result.WAITING})
_MOST_NAMES = 8


class Progress(Protocol):
    """Who is told of what happens while an apply goes on, from any thread.

    One that has a method `began` is also told of each change when it is begun, by `due` of each that comes
    due while runs are waited for, by `look` of all runs after each look at them, and by `stopped` of those
    that were not done in time and were to be stopped then. `explained` is given a run to which nothing
    happens for long, with the verdict about it, and `note` a line of text.
    """

    def outcome(self, outcome: Outcome) -> None:
        """A change is over."""

    def status(self, waited: WaitedRun) -> None:
        """A run that is followed has another status."""

    def trouble(self, waited: WaitedRun) -> None:
        """A run that is followed can't be seen now, or is given up."""


class Silent:
    """The progress that nobody is told of."""

    def outcome(self, outcome: Outcome) -> None: ...

    def status(self, waited: WaitedRun) -> None: ...

    def trouble(self, waited: WaitedRun) -> None: ...


class Forgiving:
    """Tells a progress until it raises: telling must never decide about doing. `error` is what it raised."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self.error: Exception | None = None

    def began(self, change: Change) -> None:
        self._tell_if_asked("began", change)

    def due(self, change: Change) -> None:
        """A change comes due while runs are waited for: it is begun now, or `outcome` says why not."""
        self._tell_if_asked("due", change)

    def look(self, runs: Sequence[WaitedRun]) -> None:
        """All runs that are waited for have been looked at."""
        self._tell_if_asked("look", runs)

    def note(self, text: str) -> None:
        """Something that is worth a line."""
        self._tell_if_asked("note", text)

    def explained(self, waited: WaitedRun, diagnosis: Diagnosis) -> None:
        """Why nothing happens to a run that is waited for."""
        self._tell_if_asked("explained", (waited, diagnosis))

    def stopped(self, stopped: StoppedRun) -> None:
        """A run that was not done in time was stopped, or not."""
        self._tell_if_asked("stopped", stopped)

    def outcome(self, outcome: Outcome) -> None:
        self._tell(self._progress.outcome, outcome)

    def status(self, waited: WaitedRun) -> None:
        self._tell(self._progress.status, waited)

    def trouble(self, waited: WaitedRun) -> None:
        self._tell(self._progress.trouble, waited)

    def _tell_if_asked(self, method: str, news: object) -> None:
        """Only who has a method of this name is told, so that a progress need not have one."""
        if told := getattr(self._progress, method, None):
            self._tell(told, news)

    def _tell(self, told: Callable[[Any], None], news: object) -> None:
        if self.error is None:
            try:
                told(news)
            except Exception as error:  # noqa: BLE001  it is the caller's, and given back
                self.error = error


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is waited for: `live` are the plan's runs by JobId; `timeout` is in seconds, None for no end.

    `approved` are the saved plans without which the same command would do more.
    """

    target: TargetOptions
    plan: Plan
    live: Mapping[str, Run]
    jobs: Sequence[Job]
    until: str
    timeout: float | None
    approved: Sequence[str] = ()


def judged(following: Following, waiting: Waiting) -> tuple[WaitedRun, ...]:
    """Every run that counts, by name: those that were followed, and those that had ended badly before."""
    return tuple(sorted((*_ended_badly(waiting), *following.runs), key=lambda one: one.name))


def _ended_badly(waiting: Waiting) -> Iterator[WaitedRun]:
    """The runs that failed, or were stopped, before this command: to wait again makes none of them better."""
    for change in fell_short(waiting.plan.changes):
        if target := change.target:
            run = waiting.live.get(target.job_id) or Run(target.job_id, change.name, target.status, "", {})
            yield WaitedRun(target.job_id, change.name, run, reached=True)


def to_follow(outcomes: Sequence[Outcome], waiting: Waiting) -> list[tuple[str, str]]:
    """The name and JobId of every run that goes on, but for jobs that are declared stopped."""
    to_stop = {job.name for job in waiting.jobs if job.rules.state is State.STOPPED}
    ended = {change.name for change in waiting.plan.changes if change.target and _has_ended(change.target)}
    targets = {change.name: change.target_id for change in waiting.plan.changes}
    return [
        (outcome.name, job_id)
        for outcome in outcomes
        if outcome.result in _FOLLOWED
        and (job_id := outcome.job_id or (targets[outcome.name] if outcome.result in _IDLE else ""))
        and outcome.name not in to_stop
        and not (outcome.result in _IDLE and outcome.name in ended)
    ]


def _has_ended(target: Target) -> bool:
    return PHASES.get(target.status) in TERMINAL


@dataclass(frozen=True, slots=True)
class GoesOn:
    """What a command leaves going on or to be done, and the command that is next; empty for none."""

    text: str
    command: str


def what_goes_on(
    outcomes: Sequence[Outcome],
    waited: Sequence[WaitedRun],
    waiting: Waiting | None,
    *,
    started: Collection[str] = (),
    stopped: Iterable[StoppedRun] = (),
) -> Iterator[GoesOn]:
    """The runs that go on, and cost, and the changes that this apply did not start.

    `started` are the jobs of which a change came due while their runs were waited for, `stopped` the runs
    that were to be stopped, as they were not done in time.
    """
    if waiting is None:
        return
    approvals = (word for file in waiting.approved for word in ("--approved", file))
    again = typed("apply", waiting.target, *approvals, f"--wait={waiting.until}")
    ended = {one.job_id for one in stopped if not one.goes_on}
    if late := [f"{one.name} {one.job_id}" for one in waited if one.goes_on and one.job_id not in ended]:
        yield still_on(late, again)
    waits = [outcome.name for outcome in outcomes if outcome.result is Result.WAITING]
    if left := [name for name in waits if name not in started]:
        names = listed(left, most=_MOST_NAMES)
        yield GoesOn(f"not started by this command: {names}; once the run, or the freeze, has ended", again)


def still_on(late: Sequence[str], again: str) -> GoesOn:
    """That these runs are not done, and go on."""
    told = f"not done yet, and going on: {listed(late, most=_MOST_NAMES)}"
    return GoesOn(f"{told}; wait again" if again else told, again)


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
    return WaitedRow(replace(row, note=note), waited.reached, waited.failed, stopped.result)


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
    history = run.body.get("StatusHistory")
    last = history[-1] if isinstance(history, list) and history else None
    if now is None or not isinstance(last, dict) or last.get("Status") != run.status:
        return None
    return seconds_between(moment(last.get("StartTime")), now)


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
