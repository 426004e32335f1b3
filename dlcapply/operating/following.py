"""Following runs to a point of their life: a hundred of them in a call, and no more than a call a second."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from http import HTTPStatus
from math import inf
from typing import TYPE_CHECKING, TypeVar

from dlcapply.errors import FailureKind, ServiceError
from dlcapply.model.runs import BAD_ENDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from dlcapply.model.clock import Clock
    from dlcapply.model.runs import Run
    from dlcapply.operating.service import RunService

T = TypeVar("T")

# What one call of ListJobs can ask for and show: 100 rows a page (its OpenAPI metadata).
AT_ONCE = 100
_SECONDS_BETWEEN_CALLS = 1.0
# Of the runs that no listing shows, so many are asked for one by one in each round; then come the others.
_MOST_ALONE = 10
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
    monotonic clock, looks say so, and `trouble` is why. `hopeless` is why it is not waited for any longer,
    although it goes on; empty where it may still come to something.
    """

    job_id: str
    name: str
    run: Run | None
    reached: bool
    lost: LossReason = LossReason.NO
    seems: LossReason | None = None
    since: float = 0.0
    trouble: str = ""
    hopeless: str = ""

    @property
    def failed(self) -> bool:
        """Whether it ended otherwise than it should have; of a run that was removed, nobody knows."""
        has_ended_badly = self.run is not None and self.run.phase in BAD_ENDS
        return self.lost is LossReason.REMOVED or has_ended_badly or self.hopeless != ""

    @property
    def is_over(self) -> bool:
        return self.reached or self.lost is not LossReason.NO or self.hopeless != ""

    @property
    def goes_on(self) -> bool:
        """Whether it may go on, and cost, after nobody waits for it any more."""
        return not self.is_over or self.hopeless != ""

    @property
    def status(self) -> str:
        return self.run.status if self.run else ""


class Following:
    """Runs that are followed to a milestone: each round asks anew for those that are not over.

    A run that PAI does not show, or does not let us see, for `settle` seconds is given up: `lost`.
    `is_interrupted` ends a round early.
    """

    def __init__(
        self,
        service: RunService,
        clock: Clock,
        *,
        until: Milestone,
        settle: float,
        is_interrupted: Callable[[], bool] = lambda: False,
    ) -> None:
        self.until = until
        self.clock = clock
        self._service = service
        self._settle = settle
        self._is_interrupted = is_interrupted
        self._seen: dict[str, WaitedRun] = {}
        self._called = -inf
        self._asked_alone: dict[str, float] = {}

    @property
    def runs(self) -> tuple[WaitedRun, ...]:
        """Each as it was last seen, in the order in which they were added."""
        return tuple(self._seen.values())

    @property
    def open(self) -> tuple[WaitedRun, ...]:
        return tuple(one for one in self._seen.values() if not one.is_over)

    def add(self, name: str, job_id: str) -> None:
        self._seen.setdefault(job_id, WaitedRun(job_id, name, None, reached=False))

    def drop(self, job_id: str) -> None:
        """The run does not count any more: another took its place."""
        self._seen.pop(job_id, None)

    def give_up(self, job_id: str, why: str) -> WaitedRun:
        """The run is not waited for any longer; it goes on."""
        self._seen[job_id] = now = replace(self._seen[job_id], hopeless=why)
        return now

    def look(self) -> Iterator[tuple[WaitedRun, WaitedRun]]:
        """Each run that is not over as it was seen before, and as it is seen now, when that becomes known."""
        open_runs, unlisted = self.open, list[WaitedRun]()
        for at in range(0, len(open_runs), AT_ONCE):
            some = open_runs[at : at + AT_ONCE]
            listed = self._listed(some)
            unlisted += [one for one in some if one.job_id not in listed]
            yield from map(self._kept, listed.values())
            if self._is_interrupted():
                return
        yield from (self._kept(self._alone(one)) for one in self._next_alone(unlisted))

    def _kept(self, now: WaitedRun) -> tuple[WaitedRun, WaitedRun]:
        before, self._seen[now.job_id] = self._seen[now.job_id], now
        return before, now

    def _listed(self, some: Sequence[WaitedRun]) -> dict[str, WaitedRun]:
        """What a listing says of these; of those that are left out, only GetJob may tell."""
        try:
            runs = self.call(lambda: self._service.runs_by_id([one.job_id for one in some]))
        except ServiceError as error:
            if _says(error) is LossReason.NO:
                return {one.job_id: self._unseen(one, LossReason.NO, trouble=error.message) for one in some}
            return {}  # one row that can't be read must not hide the others
        shown = {run.job_id: run for run in runs}
        return {one.job_id: self._shown(one, shown[one.job_id]) for one in some if one.job_id in shown}

    def _next_alone(self, unlisted: list[WaitedRun]) -> list[WaitedRun]:
        """Those of them that it is the turn of."""
        return sorted(unlisted, key=lambda one: self._asked_alone.get(one.job_id, -inf))[:_MOST_ALONE]

    def _alone(self, one: WaitedRun) -> WaitedRun:
        if self._is_interrupted():
            return one
        self._asked_alone[one.job_id] = self.clock.monotonic()
        try:
            run = self.call(lambda: self._service.find(one.job_id))
        except ServiceError as error:
            return self._unseen(one, _says(error), trouble=error.message)
        return self._unseen(one, LossReason.REMOVED) if run is None else self._shown(one, run)

    def _shown(self, one: WaitedRun, run: Run) -> WaitedRun:
        lost = LossReason.REMOVED if run.status == _DELETED else LossReason.NO
        if run.phase in BAD_ENDS:
            run = self._with_reason(run)
        return WaitedRun(one.job_id, one.name, run, reached=_has_reached(run, self.until), lost=lost)

    def _with_reason(self, run: Run) -> Run:
        """The run with why it ended, which listings need not show."""
        if run.detailed or run.reason_message or self._is_interrupted():
            return run
        try:
            detail = self.call(lambda: self._service.find(run.job_id))
        except ServiceError:
            return run
        return detail if detail is not None and detail.status == run.status else run

    def _unseen(self, one: WaitedRun, seems: LossReason, *, trouble: str = "") -> WaitedRun:
        """One look that shows nothing proves nothing; the same answer for the settle window does."""
        now = self.clock.monotonic()
        since = one.since if one.seems is seems else now
        lost = seems if now - since >= self._settle else LossReason.NO
        return replace(one, seems=seems, since=since, trouble=trouble, lost=lost)

    def call(self, call: Callable[[], T]) -> T:
        """What the call gives, a second at least after the one before."""
        wait = self._called + _SECONDS_BETWEEN_CALLS - self.clock.monotonic()
        if wait > 0:
            self.clock.sleep(wait)
        try:
            return call()
        finally:
            self._called = self.clock.monotonic()


def _says(error: ServiceError) -> LossReason:
    """What the answer, given for long, says of the run; that PAI can't be reached says nothing."""
    is_answered = error.kind is FailureKind.REFUSED or error.status == HTTPStatus.OK
    return LossReason.UNREADABLE if is_answered else LossReason.NO


def _has_reached(run: Run, until: Milestone) -> bool:
    match until:
        case Milestone.ACCEPTED:
            return True
        case Milestone.RUNNING:
            return run.status == "Running" or run.is_terminal
        case Milestone.FINISHED:
            return run.is_terminal
