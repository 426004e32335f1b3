"""Following runs to a point of their life."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from http import HTTPStatus
from math import inf
from typing import TYPE_CHECKING

from dlcapply.errors import FailureKind, ServiceError
from dlcapply.model.runs import BAD_ENDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dlcapply.applying.context import ApplyContext
    from dlcapply.model.runs import Run

_PAUSES = (1.0, 2.0, 3.0, 5.0, 10.0)
# No document names it; clients of the real service take it for an end (facts gathered from their code).
_DELETED = "Deleted"


class Milestone(StrEnum):
    """How far a run is followed."""

    ACCEPTED = "accepted"  # PAI shows it
    RUNNING = "running"
    FINISHED = "finished"


class LossReason(StrEnum):
    """Why a run is not followed any further."""

    NO = ""
    REMOVED = "removed"  # PAI does not know it any more, or never showed it
    UNREADABLE = "unreadable"  # PAI does not let us look, or its answer can't be made sense of


@dataclass(frozen=True, slots=True)
class WaitedRun:
    """How a waited-for run was last seen; `run` is None when PAI never showed it.

    `seems` is what the latest look says where it showed no run, and None where it did; `since`, by the
    monotonic clock, looks say so, and `trouble` is why.
    """

    job_id: str
    name: str
    run: Run | None
    reached: bool
    lost: LossReason = LossReason.NO
    seems: LossReason | None = None
    since: float = 0.0
    trouble: str = ""

    @property
    def failed(self) -> bool:
        """Whether it ended otherwise than it should have; of a run that was removed, nobody knows."""
        return self.lost is LossReason.REMOVED or (self.run is not None and self.run.phase in BAD_ENDS)

    @property
    def is_over(self) -> bool:
        return self.reached or self.lost is not LossReason.NO


def follow(
    runs: Iterable[tuple[str, str]],
    context: ApplyContext,
    *,
    until: Milestone,
    timeout: float | None,
    report: Callable[[WaitedRun], None],
    warn: Callable[[WaitedRun], None] = lambda _: None,
) -> tuple[WaitedRun, ...]:
    """How each run (name, JobId) ended up; `report` is called at every new status.

    A run that PAI does not show, or does not let us see, for the settle window is given up: `lost`. `warn` is
    called when looks at a run begin to fail, and when it is given up. Returns early when interrupted; a run
    is never stopped for it.
    """
    seen = {job_id: WaitedRun(job_id, name, None, reached=False) for name, job_id in runs}
    deadline = context.clock.monotonic() + (inf if timeout is None else timeout)
    pauses = iter(_PAUSES)
    pause = next(pauses)
    while True:
        for before in [one for one in seen.values() if not one.is_over]:
            seen[before.job_id] = now = _look(before, context, until)
            _tell(before, now, report, warn)
        left = deadline - context.clock.monotonic()
        if left <= 0 or context.interrupt.is_asked or all(one.is_over for one in seen.values()):
            return tuple(seen.values())
        context.clock.sleep(min(pause, left))
        pause = next(pauses, pause)


def _look(waited: WaitedRun, context: ApplyContext, until: Milestone) -> WaitedRun:
    try:
        run = context.service.find(waited.job_id)
    except ServiceError as error:
        return _unseen(waited, _says(error), context, trouble=error.message)
    if run is None:
        return _unseen(waited, LossReason.REMOVED, context)
    lost = LossReason.REMOVED if run.status == _DELETED else LossReason.NO
    return WaitedRun(waited.job_id, waited.name, run, reached=_has_reached(run, until), lost=lost)


def _unseen(waited: WaitedRun, seems: LossReason, context: ApplyContext, *, trouble: str = "") -> WaitedRun:
    """One look that shows nothing proves nothing; the same answer for the settle window does."""
    now = context.clock.monotonic()
    since = waited.since if waited.seems is seems else now
    lost = seems if now - since >= context.settle else LossReason.NO
    return replace(waited, seems=seems, since=since, trouble=trouble, lost=lost)


def _says(error: ServiceError) -> LossReason:
    """What the answer, given for long, says of the run; that PAI can't be reached says nothing."""
    is_answered = error.kind is FailureKind.REFUSED or error.status == HTTPStatus.OK
    return LossReason.UNREADABLE if is_answered else LossReason.NO


def _tell(
    before: WaitedRun, now: WaitedRun, report: Callable[[WaitedRun], None], warn: Callable[[WaitedRun], None]
) -> None:
    if now.run is not None and (before.run is None or before.run.status != now.run.status):
        report(now)
    if (now.seems is not None and before.seems is None) or now.lost is not LossReason.NO:
        warn(now)


def _has_reached(run: Run, until: Milestone) -> bool:
    match until:
        case Milestone.ACCEPTED:
            return True
        case Milestone.RUNNING:
            return run.status == "Running" or run.is_terminal
        case Milestone.FINISHED:
            return run.is_terminal
