"""PAI jobs as the service shows them, and what their statuses mean."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from dlcapply.model.answers import maps, text_of
from dlcapply.model.times import moment

if TYPE_CHECKING:
    from datetime import datetime

    from dlcapply.model.claims import Claim
    from dlcapply.model.jobs import Spec


class Visibility(StrEnum):
    """Whose PRIVATE jobs an identity sees, by PAI's own rules; those of its own it always does."""

    ALL = "all"
    OWN = "own"
    UNKNOWN = "unknown"


class Phase(StrEnum):
    """What a status means for decisions."""

    ACTIVE = "active"
    STOPPING = "stopping"
    SUCCEEDED = "succeeded"  # also while it still holds its resources
    FAILED = "failed"
    FAILED_RESERVING = "failed, and still holds its resources"
    STOPPED = "stopped"
    UNKNOWN = "unknown"


# The 13 documented statuses (SDK ListJobs); whatever else appears is UNKNOWN: active and untouchable.
PHASES: dict[str, Phase] = {
    "Creating": Phase.ACTIVE,
    "Queuing": Phase.ACTIVE,
    "Bidding": Phase.ACTIVE,
    "EnvPreparing": Phase.ACTIVE,
    "SanityChecking": Phase.ACTIVE,
    "Running": Phase.ACTIVE,
    "Restarting": Phase.ACTIVE,
    "Stopping": Phase.STOPPING,
    "Succeeded": Phase.SUCCEEDED,
    "SucceededReserving": Phase.SUCCEEDED,
    "FailedReserving": Phase.FAILED_RESERVING,
    "Failed": Phase.FAILED,
    "Stopped": Phase.STOPPED,
}
# In the first of these a job waits for its turn, then for instances too; in the last it holds pods already,
# and does no work yet (SDK ListJobs).
QUEUED = frozenset({"Creating", "Queuing"})
WAITING = QUEUED | {"Bidding"}
BEFORE_WORK = WAITING | {"EnvPreparing", "SanityChecking"}
TERMINAL = frozenset({Phase.SUCCEEDED, Phase.FAILED, Phase.FAILED_RESERVING, Phase.STOPPED})
# What runs on unless PAI says that it was told to stop; of a status that nobody knows, nobody knows.
GOING_ON = frozenset({Phase.ACTIVE, Phase.UNKNOWN})
# What counts as a failure, whoever asks.
FAILURES = frozenset({Phase.FAILED, Phase.FAILED_RESERVING})
# How no run should end that somebody waits for, whoever stopped it.
BAD_ENDS = FAILURES | {Phase.STOPPED}
# Which of them an answer has depends on how the run ended; one may tell of an attempt before the last.
_ENDS = ("GmtFinishTime", "GmtSuccessedTime", "GmtFailedTime", "GmtStoppedTime")
# ReasonCodes of a run that somebody told to stop (SDK, struct-jobitem page); PAI does not say who.
STOPPED_BY_SOMEBODY = frozenset({"JobStoppedByUser", "StoppedByUser"})
# Today's JobIds, and those of old examples (metadata): only what may be one is asked for by it.
_JOB_ID = re.compile(r"dlc[0-9a-z-]{1,60}")
_LONGEST_DURATION = 10**10  # seconds: three centuries


def may_be_job_id(word: str) -> bool:
    return _JOB_ID.fullmatch(word) is not None


def phase_of(status: str) -> Phase:
    return PHASES.get(status, Phase.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Step:
    """A run was in a status, from `start` to `end`, for a reason of the service."""

    status: str
    start: datetime | None
    end: datetime | None
    reason_code: str
    reason_message: str


@dataclass(frozen=True, slots=True)
class Run:
    """One PAI job as the service shows it; `body` is the raw answer, of GetJob too where `detailed`.

    `claim` is the one whose marks stand in the body; a `void_claim` has changed nothing in it.
    """

    job_id: str
    name: str
    status: str
    created: str
    body: Spec
    detailed: bool = False
    claim: Claim | None = None
    void_claim: Claim | None = None

    @property
    def phase(self) -> Phase:
        return phase_of(self.status)

    @property
    def is_terminal(self) -> bool:
        return self.phase in TERMINAL

    @property
    def age_key(self) -> tuple[str, str]:
        """Orders runs from oldest to newest, the same on every machine."""
        return (self.created.removesuffix("Z"), self.job_id)  # a fraction of a second comes after none

    @property
    def tags(self) -> Mapping[str, str]:
        """The tags; empty where the answer shows none. Those that decide are text wherever a run is read."""
        settings = self.body.get("Settings")
        tags = settings.get("Tags") if isinstance(settings, Mapping) else None
        return tags if isinstance(tags, Mapping) else {}

    @property
    def started(self) -> datetime | None:
        """Since when it runs, or ran; None where that can't be read."""
        return moment(self.body.get("GmtRunningTime"))

    @property
    def steps(self) -> tuple[Step, ...]:
        """The statuses that it went through, as the answer tells them."""
        return tuple(
            Step(
                text_of(row, "Status"),
                moment(row.get("StartTime")),
                moment(row.get("EndTime")),
                text_of(row, "ReasonCode"),
                text_of(row, "ReasonMessage"),
            )
            for row in maps(self.body.get("StatusHistory"))
        )

    @property
    def created_at(self) -> datetime | None:
        return moment(self.created)

    @property
    def ended(self) -> datetime | None:
        """When it ended; None where it has not, or that can't be read."""
        told = filter(None, (moment(self.body.get(key)) for key in _ENDS)) if self.is_terminal else ()
        return max(told, default=None)

    @property
    def duration_seconds(self) -> int | None:
        match self.body.get("Duration"):
            case bool():
                return None
            case int(seconds) if 0 <= seconds < _LONGEST_DURATION:
                return seconds
            case _:
                return None

    @property
    def last_told(self) -> datetime | None:
        """The newest time that is told of it: it was not earlier when the answer was given."""
        told = [moment(value) for key, value in self.body.items() if key.startswith("Gmt")]
        created, lasted = self.created_at, self.duration_seconds
        told.append(created + timedelta(seconds=lasted) if created and lasted else created)
        return max(filter(None, told), default=None)

    @property
    def reason_code(self) -> str:
        return text_of(self.body, "ReasonCode")

    @property
    def reason_message(self) -> str:
        return text_of(self.body, "ReasonMessage")


class Ownership(StrEnum):
    OURS = "ours"
    CLONE = "clone"
    FOREIGN = "foreign"
    OTHER_ORIGIN = "other origin"  # of our owner, and of another repository
    UNMARKED = "unmarked"
    DISPUTED = "disputed"  # a claim on it is void: nobody knows what was meant


@dataclass(frozen=True, slots=True)
class Census:
    """What a plan looked at: so many jobs, created since, in one workspace, by somebody who sees so much.

    `is_emulator` is whether an emulator has answered: no run there is real.
    """

    jobs: int
    since: str
    workspace_id: str
    region: str
    calls: int = 0
    sees: Visibility = Visibility.UNKNOWN
    is_emulator: bool = False
