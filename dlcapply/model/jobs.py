"""What manifests and a project declare: jobs, how their runs are governed, and environments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from dlcapply.model.findings import Place
    from dlcapply.model.news import Webhook

Spec = Mapping[str, Any]

# How the tags begin that dlcapply writes on its runs, and that manifests may not use.
MARK_PREFIX = "dlcapply-"
# The usual limit of a tag's key and of its value; PAI states none (TagResources).
LONGEST_TAG = 128


class State(StrEnum):
    PRESENT = "present"
    STOPPED = "stopped"


class RerunOn(StrEnum):
    CHANGE = "change"
    TOKEN = "token"  # noqa: S105


class OnChange(StrEnum):
    BLOCK = "block"
    REPLACE = "replace"
    WAIT = "wait"


class Identity(StrEnum):
    MARKS = "marks"
    NAME = "name"


class View(StrEnum):
    """What people say of whoever applies: it sees everybody's runs, or there is nobody else who applies."""

    ALL = "all"
    OWN = "own"


class WhenIdle(StrEnum):
    REPORT = "report"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Utilization:
    """How much of its accelerators a run is to use: `least` percent, as the mean over any `window`."""

    least: float
    window: timedelta
    then: WhenIdle = WhenIdle.REPORT


@dataclass(frozen=True, slots=True)
class RunRules:
    """How a job's runs are governed: the manifest's `run` section."""

    state: State = State.PRESENT
    token: str = "1"  # noqa: S105
    rerun_on: RerunOn = RerunOn.CHANGE
    on_change: OnChange = OnChange.BLOCK
    retries: int = 0
    not_after: datetime | None = None
    protect: bool = False
    utilization: Utilization | None = None


@dataclass(frozen=True, slots=True)
class EnvSource:
    """An environment variable of the run whose value is read from `variable` at apply time.

    A value that is empty counts as not set, unless `allow_empty`.
    """

    name: str
    variable: str
    allow_empty: bool = False


@dataclass(frozen=True, slots=True, order=True)
class JobKey:
    region: str
    workspace_id: str
    owner: str
    name: str
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """What one manifest declares, composed; `spec` is the CreateJob body without DisplayName.

    `spec` always holds the environment's WorkspaceId; labels, marks and `env_from` are added only when
    a CreateJob body is made. `hidden` are the values of variables that no output may show. `formerly` are the
    names that the job had: runs of ours under them are its own. `memo` is room for what is worked out from
    the job once, such as its fingerprints: it is not part of the value, and what `replace` makes has none.
    """

    key: JobKey
    spec: Spec
    rules: RunRules = RunRules()
    labels: Mapping[str, str] = field(default_factory=dict)
    env_from: tuple[EnvSource, ...] = ()
    place: Place | None = None
    hidden: tuple[str, ...] = field(default=(), repr=False)
    formerly: tuple[str, ...] = ()
    memo: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def name(self) -> str:
        return self.key.name

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that a run of the job may have, the present one first."""
        return (self.key.name, *self.formerly)


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits that an environment sets; None where it sets none."""

    gpu_hours: float | None = None
    creates: int | None = None
    stops: int | None = None
    stops_percent: float | None = None
    unbounded_allowed: bool = False
    cpu_hours: float | None = None
    idle_stops: bool = False


@dataclass(frozen=True, slots=True)
class Prices:
    """What an hour of each instance type costs; without a currency, in that of whoever wrote it down."""

    per_hour: Mapping[str, float]
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Freeze:
    """From `start` on, and before `end`, no run is started; both are in UTC, `reason` is for people."""

    start: datetime
    end: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Environment:
    """A named target. `endpoint` is `emulator`, an address, or empty for the region's own.

    `owner` is `<project>/<environment>`, or what --owner says; empty when nobody is named, and then
    nothing may be written. `origin` is the repository, and the folder in it, that the manifests live in;
    empty where nobody knows. `former_origins` are those whose runs are ours too. `provenance` is whether runs
    may say what they were started from. `timezone` is the IANA name of that in which people there speak of
    times. `webhooks` are told what became of its runs.
    """

    name: str
    region: str
    workspace_id: str
    owner: str
    endpoint: str = ""
    identity: Identity = Identity.MARKS
    limits: Limits = Limits()
    view: View | None = None
    origin: str = ""
    former_origins: tuple[str, ...] = ()
    provenance: bool = True
    freezes: tuple[Freeze, ...] = ()
    timezone: str = "UTC"
    webhooks: tuple[Webhook, ...] = ()

    @property
    def knows_ours(self) -> bool:
        """Whether its own runs can be told from those of others; otherwise nothing may be written."""
        return bool(self.owner) or self.identity is Identity.NAME
