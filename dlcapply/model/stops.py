"""Runs that a person stops, or removes, by hand: what was shown of them, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dlcapply.model.outcomes import Trouble
    from dlcapply.model.runs import Run


@dataclass(frozen=True, slots=True)
class ShownRun:
    """A run as a person was shown it, and agreed to what is to be done with it.

    `name` is the job's, and `names` are all that a run of it may have; of a run that is no job's, its own.
    `is_ours` is whether it was this environment's. With `by_id` it was named by its JobId: then no other run
    of the name matters.
    """

    name: str
    run: Run
    names: tuple[str, ...]
    is_ours: bool
    by_id: bool = False

    @property
    def job_id(self) -> str:
        return self.run.job_id


class Delivery(StrEnum):
    """How far a signal came."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"
    ENDED = "ended"  # the run ended before it came


@dataclass(frozen=True, slots=True)
class SignalState:
    """What the service says of a signal: `told` are its own words, and `created` its ISO time."""

    signal_id: str
    signal: str
    delivery: Delivery
    told: str = ""
    created: str = ""


class StopResult(StrEnum):
    STOPPED = "stopped"
    ENDED = "ended"  # by itself: before it was told to stop, or because of the signal
    STOPPING = "stopping"  # it was told to stop, and has not ended yet
    PROTECTED = "protected"
    NOT_SIGNALLED = "not-signalled"  # so it was not stopped, either
    STALE = "stale"
    REFUSED = "refused"
    FAILED = "failed"
    NOT_DONE = "not-done"

    @property
    def is_over(self) -> bool:
        """Whether the run runs no more."""
        return self in {StopResult.STOPPED, StopResult.ENDED}

    @property
    def is_told(self) -> bool:
        """Whether the run runs no more, or will soon."""
        return self.is_over or self is StopResult.STOPPING


@dataclass(frozen=True, slots=True)
class StopOutcome:
    """What became of the stop of one run, last seen as `run`; `signal` is how far its signal came."""

    shown: ShownRun
    result: StopResult
    run: Run
    request_id: str = ""
    signal: Delivery | None = None
    error: Trouble | None = None

    @property
    def job_id(self) -> str:
        return self.shown.job_id


class DeleteResult(StrEnum):
    DELETED = "deleted"
    GONE = "gone"  # somebody else, or PAI, removed it before
    STALE = "stale"
    REFUSED = "refused"
    FAILED = "failed"
    NOT_DONE = "not-done"

    @property
    def is_gone(self) -> bool:
        return self in {DeleteResult.DELETED, DeleteResult.GONE}


@dataclass(frozen=True, slots=True)
class DeleteOutcome:
    """What became of the deletion of one run."""

    shown: ShownRun
    result: DeleteResult
    request_id: str = ""
    error: Trouble | None = None

    @property
    def job_id(self) -> str:
        return self.shown.job_id
