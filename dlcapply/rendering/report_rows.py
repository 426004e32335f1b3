"""What reports tell row by row: of runs, of writes without an outcome, of merged pull requests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from dlcapply.diagnosis.verdicts import Diagnosis
    from dlcapply.model.findings import Finding, Place
    from dlcapply.model.plans import Change
    from dlcapply.model.runs import Ownership, Visibility
    from dlcapply.model.stops import ShownRun
    from dlcapply.model.verdicts import Verdict
    from dlcapply.planning.run_changes import RunChange
    from dlcapply.planning.run_progress import RunProgress, Spent


@dataclass(frozen=True, slots=True)
class Where:
    """The environment that a report is about; `endpoint` is the host that was asked."""

    environment: str
    region: str
    workspace_id: str
    endpoint: str
    is_emulator: bool


# Of StatusRow.plan, beside the actions of plans.
IN_SYNC, BROKEN, ORPHAN = "in sync", "broken", "orphan"


@dataclass(frozen=True, slots=True)
class OtherRun:
    """A run of a job's name that is not the row's: `whose` it is, in words, unless it `is_ours` too."""

    job_id: str
    status: str
    whose: str
    is_ours: bool = False


@dataclass(frozen=True, slots=True)
class DiagnosedRun:
    """A run and the verdict about it; `called` is its own name, where that is a former one of the job.

    `now` is the service's time. `whose` is empty for a run of ours. `others` are the JobIds of more runs of
    the name that have not ended. `plan` is what the plan would do about the job, empty where that is nothing.
    Without a run `job_id` is empty. `idle` says what its accelerators are used for, where that is less than
    its manifest asks for.
    """

    where: Where
    name: str
    diagnosis: Diagnosis
    job_id: str = ""
    called: str = ""
    status: str = ""
    created: datetime | None = None
    now: datetime | None = None
    ownership: Ownership | None = None
    whose: str = ""
    others: tuple[str, ...] = ()
    plan: str = ""
    idle: str = ""


@dataclass(frozen=True, slots=True)
class StatusRow:
    """The run that a plan names for a job: `created` is the service's ISO time, empty where there is none.

    `in_sync` is None where nobody compared the run with its manifest. `provenance` is what the run's own
    mark says that it was started from. `called` is the run's own name, where that is a former one of the job.

    `plan` is what a plan would do about the job, or why there is none; it is empty where nobody planned.
    `explanation` is why, and `place` where the manifest is, or what is wrong with it. `reason` is that of the
    status in a few words, of which `reason_code` and `reason_message` are the service's. `others` are more
    runs of the name that have not ended, and, where the job has none, one that is not its own. `owner` is
    whose the run is, in words; `user` who started it. `newest_failed` is whether the newest run of the name
    failed. `idle` says in words that it uses less than its manifest asks for; empty where it does not.
    `unmeasured` is why the service did not tell how many accelerators its instance types have.
    """

    name: str
    status: str
    job_id: str
    created: str
    duration_seconds: int | None = None
    in_sync: bool | None = None
    note: str = ""
    provenance: str = ""
    called: str = ""
    plan: str = ""
    explanation: str = ""
    place: Place | None = None
    reason: str = ""
    reason_code: str = ""
    reason_message: str = ""
    progress: RunProgress | None = None
    others: tuple[OtherRun, ...] = ()
    owner: str = ""
    ownership: Ownership | None = None
    user: str = ""
    newest_failed: bool = False
    idle: str = ""
    unmeasured: str = ""


@dataclass(frozen=True, slots=True)
class StatusReport:
    """What a look at an environment showed, at the service's time `now`; None where it did not tell it.

    `is_of_runs`: the rows are runs, whoever's they are, and not jobs. `more` are runs that would be rows, but
    for a limit; `unread` are rows of the service that can't be read. `findings` are the errors of the
    manifests. `nothing` says what it means that there are no rows. `sees` is whose PRIVATE runs may be rows;
    None where nothing hangs on it, as every job has a run. `names` are those of all jobs, with a row or not.
    """

    where: Where
    rows: tuple[StatusRow, ...]
    now: datetime | None
    is_of_runs: bool = False
    more: int = 0
    unread: int = 0
    findings: tuple[Finding, ...] = ()
    nothing: str = ""
    sees: Visibility | None = None
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UnresolvedRow:
    """A write of an apply whose outcome nobody noted: since when, by whom, and the command that tells it.

    `op` is the operation of a create, otherwise the JobId of the run. `command` is empty for an entry that no
    apply wrote.
    """

    name: str
    call: str
    op: str
    begun: datetime
    where: str
    command: str
    provenance: str = ""


@dataclass(frozen=True, slots=True)
class Unresolved:
    """What a journal leaves open, oldest first; `elsewhere` counts that of other environments."""

    journal: str
    exists: bool
    rows: tuple[UnresolvedRow, ...] = ()
    elsewhere: int = 0


@dataclass(frozen=True, slots=True)
class WaitedRow:
    """A run that was waited for: whether it came as far as it was to, and whether it failed.

    `stop` is what became of its stop, where it was to be stopped as it was not done in time; `verdict` is why
    it failed, where that was asked.
    """

    row: StatusRow
    reached: bool
    failed: bool
    stop: str = ""
    verdict: Diagnosis | None = None


@dataclass(frozen=True, slots=True)
class WatchedRow:
    """A run while it is waited for: for how long it has its status, where that is known.

    `is_open`: it is waited for still. `note` is why it failed, can't be seen, or is given up.
    """

    name: str
    status: str
    job_id: str
    seconds: int | None = None
    is_open: bool = True
    failed: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class ApprovalRow:
    """A merged pull request, what became of its plan, and why; the rest is of a plan that was taken."""

    number: int
    verdict: Verdict
    why: str
    file: str = ""
    hash: str = ""
    expires: datetime | None = None


@dataclass(frozen=True, slots=True)
class ApprovedPlans:
    """The merged pull requests that were looked at; `is_complete` is whether those were all.

    `folder` has the files of the plans that were taken; it is empty where nothing was written.
    """

    owner: str
    folder: str
    rows: tuple[ApprovalRow, ...]
    is_complete: bool
    requests: int


@dataclass(frozen=True, slots=True)
class EventRow:
    """What happened `count` times, from `first` to `last`; `pod` is empty for what is of the job itself."""

    first: datetime | None
    last: datetime | None
    count: int
    pod: str
    text: str


@dataclass(frozen=True, slots=True)
class SavedLogRow:
    """The file of a pod's life, the first of which has no `restart`; a whole log has its own name."""

    file: str
    pod: str
    uid: str
    restart: int
    lines: int
    size: int
    is_whole: bool


@dataclass(frozen=True, slots=True)
class NewToken:
    """The token that a job's manifest gets. `overrides` is where the one stands that counted so far, if not
    in the manifest itself.
    """

    name: str
    file: str
    before: str
    after: str
    overrides: str = ""


@dataclass(frozen=True, slots=True)
class EditedFile:
    """A file of manifests, as it is and as it is to be."""

    name: str
    before: bytes
    after: bytes


@dataclass(frozen=True, slots=True)
class StopRow:
    """A run that is to be stopped, and what is lost with it; `protected` says what forbids the stop.

    `whose` tells of a stranger's run whose it is; it is empty for one of ours.
    """

    shown: ShownRun
    spent: Spent
    protected: str = ""
    whose: str = ""


@dataclass(frozen=True, slots=True)
class FollowsRow:
    """What the next apply does about a job whose run was stopped, and what to do about that.

    `starts` is whether it starts a run again, now or later; None where nobody can tell.
    """

    name: str
    starts: bool | None
    text: str
    change: Change | None = None


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One run of a job: times are the service's, seconds and accelerator-hours None where nobody knows.

    `whose` is empty for a run of ours. `changes` are those since `since`, the run of ours before it, where
    that is known, whose token was `former_token`; `is_first` where there is none. `stopped_by` says who
    stopped it, as far as is known; `notes` what else is odd. `console` is the address of its page there.
    """

    job_id: str
    name: str
    status: str
    whose: str = ""
    created: str = ""
    started: str = ""
    ended: str = ""
    queued_seconds: int | None = None
    run_seconds: int | None = None
    accelerator_hours: float | None = None
    token: str = ""
    spec: str = ""
    since: str = ""
    same_spec: bool | None = None
    former_token: str = ""
    is_first: bool = False
    changes: tuple[RunChange, ...] = ()
    commit: str = ""
    actor: str = ""
    ci_run: str = ""
    reason_code: str = ""
    reason: str = ""
    stopped_by: str = ""
    notes: tuple[str, ...] = ()
    console: str = ""


@dataclass(frozen=True, slots=True)
class RunHistory:
    """The newest runs of a job; `is_all` is whether there are no older ones.

    They were found among `looked_at` jobs. `others` counts the runs of the name that are not ours and not
    shown. `place` is where the manifest is.
    """

    where: Where
    name: str
    names: tuple[str, ...]
    rows: tuple[HistoryRow, ...]
    is_all: bool
    limit: int
    looked_at: int
    others: int = 0
    now: datetime | None = None
    place: Place | None = None
