"""What became of the changes of a plan."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dlcapply.model.plans import Action, Change
    from dlcapply.model.runs import Run


@dataclass(frozen=True, slots=True)
class Receipt:
    """What PAI answered to a write; `job_id` is empty where the answer named none."""

    job_id: str
    request_id: str


class Result(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    REPLACED = "replaced"
    STOPPED = "stopped"
    UNCHANGED = "unchanged"
    WAITING = "waiting"
    BLOCKED = "blocked"
    REFUSED = "refused"
    STALE = "stale"
    FAILED = "failed"
    UNKNOWN = "unknown"
    NOT_DONE = "not-done"
    NOT_APPROVED = "not-approved"

    @property
    def is_done(self) -> bool:
        """Whether PAI made the change."""
        return self in {Result.CREATED, Result.UPDATED, Result.REPLACED, Result.STOPPED}

    @property
    def starts_a_run(self) -> bool:
        return self in {Result.CREATED, Result.REPLACED}

    @property
    def is_failure(self) -> bool:
        """Whether it failed, or may have."""
        return self in {Result.REFUSED, Result.STALE, Result.FAILED, Result.UNKNOWN}


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why an outcome is not the wished one: PAI's code where PAI spoke, our message always.

    `meets_all`: other such calls of this caller would fare alike.
    """

    code: str
    message: str
    hint: str = ""
    meets_all: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one change.

    `job_id` is the run that there is because of it: empty where one was to be started and none is known.
    `stopped_job_id` is the run that a replace has stopped on the way.
    """

    name: str
    action: Action
    result: Result
    job_id: str = ""
    request_id: str = ""
    error: Trouble | None = None
    stopped_job_id: str = ""


@dataclass(frozen=True, slots=True)
class StoppedRun:
    """A run that was to be stopped, as it was not done in time: what became of it, in a word and in words.

    `result` is one of a stop by hand, `refused` where it was not this project's to stop, or `protected`.
    `run` is how it was last seen, where somebody looked at it since it was waited for.
    """

    name: str
    job_id: str
    result: str
    text: str
    run: Run | None = None

    @property
    def goes_on(self) -> bool:
        return self.result not in {"stopped", "stopping", "ended"}


@dataclass(frozen=True, slots=True)
class LaterStart:
    """A change that came due while runs were waited for, and what became of it.

    `denied`: a limit or a policy forbade it.
    """

    change: Change
    outcome: Outcome
    denied: bool = False
