"""Plans: what would happen to each job, and why."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from dlcapply.model.findings import Level
from dlcapply.model.jobs import Environment, Identity

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from dlcapply.model.claims import OwnerMarks
    from dlcapply.model.findings import Finding, Place
    from dlcapply.model.runs import Census


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


class Differing(Protocol):
    """What is shown of one value that differs: where, how it is known, both sides, and what that can do."""

    @property
    def path(self) -> str: ...

    @property
    def kind(self) -> FieldKind: ...

    @property
    def before(self) -> Any: ...

    @property
    def after(self) -> Any: ...

    @property
    def behaviour(self) -> str: ...


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
class Cost:
    """The most money that a change can cost, at the project's prices: None where that can't be told.

    `unpriced` names the instance types that have no price, and the roles that name no instance type.
    """

    amount: float | None
    currency: str = ""
    unpriced: tuple[str, ...] = ()


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
    without a manifest. `labels` are the job's own; secrets in them are masked.
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
    labels: Mapping[str, str] = field(default_factory=dict)
    cost: Cost | None = None

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
class Context:
    """The moment of a plan, on the clocks of a time zone: an ISO date, an English weekday, an hour from 0."""

    date: str
    weekday: str
    hour: int
    timezone: str


@dataclass(frozen=True, slots=True)
class Plan:
    """The changes, sorted by name; `digest` names what they would do, and nothing else.

    `held` are those that may not be done because they are not approved: by name, what is instead.
    `apply_command` is what carries out exactly this plan; empty where nothing does, or nothing is to be done.
    `context` is when the plan was made.
    """

    environment: Environment
    scope: Scope
    census: Census
    changes: tuple[Change, ...]
    findings: tuple[Finding, ...]
    digest: str
    needs: tuple[Need, ...] = ()
    held: Mapping[str, str] = field(default_factory=dict)
    apply_command: str = ""
    context: Context = field(kw_only=True)

    @property
    def summary(self) -> dict[str, int]:
        counts = Counter(change.action for change in self.changes)
        return {action.value: counts[action] for action in Action}

    @property
    def denials(self) -> tuple[Finding, ...]:
        """What of limits and policies forbids the plan as a whole."""
        return tuple(one for one in self.findings if one.level is Level.ERROR)

    @property
    def allowed(self) -> tuple[Change, ...]:
        """The changes that are not held back."""
        return tuple(one for one in self.changes if one.name not in self.held)

    @property
    def writing(self) -> tuple[Change, ...]:
        """The changes that are to be carried out."""
        return tuple(one for one in self.allowed if one.action.writes)
