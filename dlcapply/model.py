"""The nouns: frozen values, with no behaviour beyond questions about themselves.

JSON-shaped values (`Spec`, `Run.body`) are read-only by convention: nobody changes one after it was built.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Protocol

Spec = Mapping[str, Any]

# How the tags begin that dlcapply writes on its runs, and that manifests may not use.
MARK_PREFIX = "dlcapply-"
# The usual limit of a tag's key and of its value; PAI states none (TagResources).
LONGEST_TAG = 128
# The console's clone writes this tag, and carries the others along (DLC client documentation).
CLONE_TAG = "CloneFromJobID"


class Clock(Protocol):
    """The time, and the only way to wait for it to pass."""

    def now(self) -> datetime:
        """The time in UTC, aware; a machine may set it back or ahead at any moment."""
        ...

    def monotonic(self) -> float:
        """Seconds since some moment, which nobody sets: what waits are measured by."""
        ...

    def sleep(self, seconds: float) -> None: ...


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a value was written; line and column count from 1."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Level(StrEnum):
    ERROR = "error"
    WARNING = "warning"

    def fails(self, least: Level) -> bool:
        """Whether such a finding fails a validation for which one of the `least` level is enough."""
        return self is Level.ERROR or least is Level.WARNING


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem in a file or a plan; `path` is the dotted path inside the document or the job."""

    rule: str
    level: Level
    message: str
    hint: str = ""
    place: Place | None = None
    path: str = ""


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


class Visibility(StrEnum):
    """Whose PRIVATE jobs an identity sees, by PAI's own rules; those of its own it always does."""

    ALL = "all"
    OWN = "own"
    UNKNOWN = "unknown"


class View(StrEnum):
    """What people say of whoever applies: it sees everybody's runs, or there is nobody else who applies."""

    ALL = "all"
    OWN = "own"


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


@dataclass(frozen=True, slots=True)
class Environment:
    """A named target. `endpoint` is `emulator`, an address, or empty for the region's own.

    `owner` is `<project>/<environment>`, or what --owner says; empty when nobody is named, and then
    nothing may be written. `origin` is the repository, and the folder in it, that the manifests live in;
    empty where nobody knows. `former_origins` are those whose runs are ours too. `provenance` is whether runs
    may say what they were started from.
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

    @property
    def knows_ours(self) -> bool:
        """Whether its own runs can be told from those of others; otherwise nothing may be written."""
        return bool(self.owner) or self.identity is Identity.NAME


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
TERMINAL = frozenset({Phase.SUCCEEDED, Phase.FAILED, Phase.FAILED_RESERVING, Phase.STOPPED})
# What counts as a failure, whoever asks.
FAILURES = frozenset({Phase.FAILED, Phase.FAILED_RESERVING})
# How no run should end that somebody waits for, whoever stopped it.
BAD_ENDS = FAILURES | {Phase.STOPPED}
_LONGEST_DURATION = 10**10  # seconds: three centuries


def phase_of(status: str) -> Phase:
    return PHASES.get(status, Phase.UNKNOWN)


@dataclass(frozen=True, slots=True)
class OwnerMarks:
    """Whose a run is by the marks that it carries itself; empty where it carries none."""

    owner: str = ""
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a project says of one run in place of the run's own marks; without marks the run is released.

    `giver` is what the run's own marks must say: of any other run the claim is void.
    """

    job_id: str
    name: str
    marks: Mapping[str, str]
    giver: OwnerMarks = OwnerMarks()
    place: Place | None = field(default=None, compare=False)

    @property
    def owner(self) -> str:
        return self.marks.get("owner", "")

    @property
    def spec(self) -> str:
        return self.marks.get("spec", "")


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
        try:
            started = datetime.fromisoformat(self._text("GmtRunningTime"))
        except ValueError:
            return None
        return started if started.tzinfo else started.replace(tzinfo=UTC)

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
    def reason_code(self) -> str:
        return self._text("ReasonCode")

    @property
    def reason_message(self) -> str:
        return self._text("ReasonMessage")

    def _text(self, key: str) -> str:
        value = self.body.get(key)
        return value if isinstance(value, str) else ""


class Ownership(StrEnum):
    OURS = "ours"
    CLONE = "clone"
    FOREIGN = "foreign"
    OTHER_ORIGIN = "other origin"  # of our owner, and of another repository
    UNMARKED = "unmarked"
    DISPUTED = "disputed"  # a claim on it is void: nobody knows what was meant


@dataclass(frozen=True, slots=True)
class Census:
    """What a plan looked at: so many jobs, created since, in one workspace, by somebody who sees so much."""

    jobs: int
    since: str
    workspace_id: str
    region: str
    calls: int = 0
    sees: Visibility = Visibility.UNKNOWN


class Action(StrEnum):
    CREATE = "create"
    RERUN = "rerun"
    UPDATE = "update"
    REPLACE = "replace"
    STOP = "stop"
    UNCHANGED = "unchanged"
    WAITING = "waiting"
    BLOCKED = "blocked"

    @property
    def starts_a_run(self) -> bool:
        return self in {Action.CREATE, Action.RERUN, Action.REPLACE}

    @property
    def stops_a_run(self) -> bool:
        return self in {Action.STOP, Action.REPLACE}

    @property
    def writes(self) -> bool:
        return self.starts_a_run or self.stops_a_run or self is Action.UPDATE


class Behaviour(StrEnum):
    """What PAI does with a changed field of an active run."""

    IN_PLACE = "in place"
    NEEDS_RUN = "needs a new run"
    NEEDS_TOKEN = "needs a new run, which only run.token asks for"  # noqa: S105
    IGNORED = "PAI would ignore this now"
    CIRCUMSTANCE = "changes no result: this run keeps what it has"
    NEXT_RUN = "the next run will have it"


class FieldKind(StrEnum):
    CHANGED = "changed"  # the manifest changed
    DRIFTED = "drifted"  # the manifest did not: somebody else changed the run
    UNREADABLE = "unreadable"  # PAI does not read it back; its fingerprint differs


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One differing field: `before` is live, `after` desired, None where absent; secrets are masked."""

    path: str
    kind: FieldKind
    before: Any
    after: Any
    behaviour: Behaviour


# The code of the reason that only a prune has.
ORPHAN = "orphan"


@dataclass(frozen=True, slots=True)
class Reason:
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Target:
    """The run a change is about."""

    job_id: str
    status: str


@dataclass(frozen=True, slots=True)
class Spend:
    """The most a change can spend, in accelerator-hours and CPU-hours: None when nothing bounds them.

    `unpriced` names the instance types whose accelerators are not known, `uncounted` those whose CPUs are
    not. Without the settings of `unbounded_by` there is no bound; those of `can_exceed` may lead beyond it.
    `runs` is how many runs are counted: the one that starts, and the retries that may follow.
    """

    accelerators: int
    hours: float | None
    unpriced: tuple[str, ...] = ()
    cpus: float = 0.0
    cpu_hours: float | None = 0.0
    uncounted: tuple[str, ...] = ()
    unbounded_by: tuple[str, ...] = ()
    can_exceed: tuple[str, ...] = ()
    runs: int = 1


@dataclass(frozen=True, slots=True)
class Consent:
    """What a human must say before the change may happen, and whether it was said."""

    needs: str
    given: bool


@dataclass(frozen=True, slots=True)
class ClaimedRun:
    """A run that counts as the owner's by a claim, or as nobody's; `giver` is whose its own marks call it."""

    job_id: str
    status: str
    giver: OwnerMarks
    owner: str


@dataclass(frozen=True, slots=True)
class Terms:
    """What the manifest of a job asks for beyond this one change: what an approval of it is compared with.

    `body` and `update` are SHA-256, in hex, of what CreateJob and UpdateJob would be sent.
    """

    body: str
    update: str
    token: str
    retries: int
    not_after: datetime | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to one job, and why; exactly one per name in a plan.

    `claims` are those without which something else might happen. A `private` job's runs show to whoever
    started them and to administrators alone. `formerly` are the names that the job had. `retry` counts the
    retries of the newest run's own spec and token, this one included; 0 where it is not one. `terms` are None
    without a manifest.
    """

    name: str
    action: Action
    reason: Reason
    source: Place | None = None
    target: Target | None = None
    op: str = ""
    fields: tuple[FieldChange, ...] = ()
    spend: Spend | None = None
    consent: Consent | None = None
    claims: tuple[ClaimedRun, ...] = ()
    private: bool = True
    formerly: tuple[str, ...] = ()
    retry: int = 0
    terms: Terms | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that a run of the job may have, the present one first."""
        return (self.name, *self.formerly)

    @property
    def is_prune(self) -> bool:
        """Whether it stops a run that no manifest asks about."""
        return self.action is Action.STOP and self.reason.code == ORPHAN

    @property
    def target_id(self) -> str:
        """The JobId of the run that the change is about; empty where there is none."""
        return self.target.job_id if self.target else ""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a plan was asked about, and where; a plan for another scope is another plan.

    `allow_stops` is the number of stops and replaces that a person consented to; None where nobody did.
    """

    owner: str
    region: str
    workspace_id: str
    identity: Identity = Identity.MARKS
    prune: bool = False
    select: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    endpoint: str = ""
    allow_stops: int | None = None
    origin: str = ""


class VariableState(StrEnum):
    """What an environment variable is where the plan was made."""

    SET = "set"
    UNSET = "unset"
    EMPTY = "empty"
    NOT_TEXT = "not-text"


@dataclass(frozen=True, slots=True)
class Need:
    """A variable that must be set where the plan is applied, and the jobs that start with its value."""

    variable: str
    here: VariableState
    jobs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """The changes, sorted by name; `digest` names what they would do, and nothing else.

    `held` are those that may not be done because they are not approved: by name, what is instead.
    """

    environment: Environment
    scope: Scope
    census: Census
    changes: tuple[Change, ...]
    findings: tuple[Finding, ...]
    digest: str
    needs: tuple[Need, ...] = ()
    held: Mapping[str, str] = field(default_factory=dict)

    @property
    def summary(self) -> dict[str, int]:
        counts = Counter(change.action for change in self.changes)
        return {action.value: counts[action] for action in Action}

    @property
    def writing(self) -> tuple[Change, ...]:
        """The changes that are to be carried out."""
        return tuple(one for one in self.changes if one.action.writes and one.name not in self.held)


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
