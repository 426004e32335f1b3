"""What is known of a run: as the service tells it, with what was not seen."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, timedelta


class Source(StrEnum):
    """Where something that is known comes from."""

    STATUS = "status"
    HISTORY = "status history"
    RESTARTS = "restart records"
    PODS = "pods"
    JOB_EVENTS = "job events"
    POD_LOGS = "pod logs"
    POD_EVENTS = "pod events"
    SANITY = "sanity check"
    QUEUE = "queue of the quota"
    METRICS = "metrics"
    OFFERS = "instance types"
    REQUEST = "what the run asks for"


class Look(StrEnum):
    """What became of asking a source; `NOT_ASKED` is no evidence of anything."""

    NOT_ASKED = "not asked"
    SEEN = "seen"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Looked:
    """A source that was asked, of one pod or of the run, and what it answered if that was no answer."""

    source: Source
    look: Look
    detail: str = ""
    pod: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """A line of the service or of a program, and when it was said, if that is known."""

    text: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """The run entered a status, and why, as the service says."""

    status: str
    at: datetime | None = None
    code: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Restart:
    """The service started the run again."""

    reason: str = ""
    at: datetime | None = None
    phase: str = ""


@dataclass(frozen=True, slots=True)
class Pod:
    """One pod in its newest life; `name` is what tells it from the others of its run."""

    pod_id: str
    name: str
    role: str = ""
    status: str = ""
    sub_status: str = ""
    node: str = ""
    created: datetime | None = None
    started: datetime | None = None
    finished: datetime | None = None

    @property
    def has_failed(self) -> bool:
        return self.status == "Failed"


@dataclass(frozen=True, slots=True)
class Dependency:
    """Pods of `role` wait until `least` pods of `awaited` have reached `phase`."""

    role: str
    awaited: str
    phase: str = ""
    least: int = 1


@dataclass(frozen=True, slots=True)
class SpotBid:
    """What the run offers for an instance type, as a share of its price."""

    instance_type: str
    share: float


@dataclass(frozen=True, slots=True)
class Offer:
    """What a spot instance of a type costs now, as a share of its price, and whether there are any."""

    instance_type: str
    share: float | None = None
    has_stock: bool | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """What the run asks for, as far as it decides about waits and ends; `limit` is its longest time.

    `bids` are for people to read; `shares` are those of them that can be compared.
    """

    job_type: str = ""
    limit: timedelta | None = None
    quota_id: str = ""
    images: tuple[str, ...] = ()
    bids: tuple[str, ...] = ()
    shares: tuple[SpotBid, ...] = ()
    data_sources: tuple[str, ...] = ()
    dependencies: tuple[Dependency, ...] = ()
    command: str = ""
    region: str = ""
    is_idle_resource: bool = False

    @property
    def is_spot(self) -> bool:
        return bool(self.bids)


@dataclass(frozen=True, slots=True)
class SanityResult:
    """One phase of a check of the run's nodes; `said` is the service's text about it."""

    phase: str
    status: str
    said: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Queue:
    """Where the run stands in its quota's queue; `position` counts from one, `usage` is for people."""

    position: int | None = None
    ahead: tuple[str, ...] = ()
    reason: str = ""
    usage: str = ""


@dataclass(frozen=True, slots=True)
class Utilisation:
    """The greatest usage by any pod within the newest `minutes`, in percent, and of what."""

    percent: float
    minutes: int
    of: str = "accelerators"


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known of one run, and of what was asked for it.

    `now` is the service's time. Events and logs are by PodId, oldest line first.
    """

    job_id: str
    name: str
    status: str
    reason_code: str = ""
    reason: str = ""
    now: datetime | None = None
    created: datetime | None = None
    history: tuple[Move, ...] = ()
    restarts: tuple[Restart, ...] = ()
    pods: tuple[Pod, ...] = ()
    request: Request = Request()
    job_events: tuple[Said, ...] = ()
    pod_events: Mapping[str, tuple[Said, ...]] = field(default_factory=dict)
    logs: Mapping[str, tuple[Said, ...]] = field(default_factory=dict)
    sanity: tuple[SanityResult, ...] = ()
    queue: Queue | None = None
    utilisation: Utilisation | None = None
    offers: tuple[Offer, ...] = ()
    stopped_by: str = ""
    looked: tuple[Looked, ...] = ()

    def has_seen(self, source: Source, pod: str = "") -> bool:
        """Whether the source answered, so that what it did not say was not there."""
        return any(
            one.look is Look.SEEN and one.source is source and pod in {"", one.pod} for one in self.looked
        )

    def entered(self, *statuses: str) -> datetime | None:
        """When it last came into one of the statuses."""
        return next((move.at for move in reversed(self.history) if move.status in statuses), None)

    @property
    def started(self) -> datetime | None:
        """When its pods first ran."""
        return next((move.at for move in self.history if move.status == "Running"), None)
