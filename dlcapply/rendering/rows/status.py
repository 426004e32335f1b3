"""What is live: a row for each run, or each job."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from dlcapply.model.findings import Finding, Place
    from dlcapply.model.runs import Ownership, Visibility
    from dlcapply.planning.run_progress import RunProgress
    from dlcapply.rendering.rows.where import Where


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
