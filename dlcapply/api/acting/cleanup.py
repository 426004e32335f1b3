"""Ended runs: which there are, which may be removed, and their removal."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dlcapply.api.journals import journal_of
from dlcapply.api.load import load_for_runs, load_target
from dlcapply.api.options import PlanOptions
from dlcapply.api.plans.plan import gather_live
from dlcapply.applying.context import ApplyContext
from dlcapply.applying.journal import DELETE_CALL
from dlcapply.applying.open_writes import open_writes
from dlcapply.cloud.census import owned_runs
from dlcapply.errors import DlcapplyError, InvalidManifestsError, NoManifestsError, UsageError
from dlcapply.manifest.near_names import meant_names
from dlcapply.manifest.selection import is_selected
from dlcapply.model.findings import Level
from dlcapply.model.jobs import Identity
from dlcapply.model.runs import PHASES, TERMINAL
from dlcapply.model.stops import ShownRun
from dlcapply.planning.history import NO_RUNS, histories
from dlcapply.planning.keeping import Keeping, ended_runs_of_ours
from dlcapply.planning.operations import operation_id, work_id
from dlcapply.planning.planner import make_plan

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from dlcapply.api.connect import Service
    from dlcapply.api.load import Manifests
    from dlcapply.api.options import TargetOptions
    from dlcapply.model.jobs import Job
    from dlcapply.model.plans import Plan
    from dlcapply.model.runs import Run
    from dlcapply.planning.keeping import EndedRun

ENDED_STATUSES = tuple(status for status, phase in PHASES.items() if phase in TERMINAL)


@dataclass(frozen=True, slots=True)
class CleanupRequest:
    """Which ended runs are meant: of these names or JobIds, patterns and statuses, and at least so old.

    `older_than` is in seconds. With `undeclared`, also the newest run of a name that no manifest has.
    """

    names: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    older_than: float = 0.0
    statuses: tuple[str, ...] = ()
    undeclared: bool = False

    def __post_init__(self) -> None:
        for status in self.statuses:
            if status not in ENDED_STATUSES:
                hint = f"one of: {', '.join(ENDED_STATUSES)}"
                raise UsageError(f"{status} is no status of an ended run", hint=hint)


@dataclass(frozen=True, slots=True)
class Leftovers:
    """The ended runs that are meant, those that may be removed among them; `runs` are all that was looked at.

    `younger` counts those that are not old enough. `now` is the service's time.
    """

    rows: tuple[EndedRun, ...]
    younger: int
    now: datetime | None
    runs: tuple[Run, ...]

    @property
    def removable(self) -> tuple[EndedRun, ...]:
        return tuple(row for row in self.rows if row.keep is None)


def load_to_clean(target: TargetOptions, environ: Mapping[str, str], *, deletes: bool) -> Manifests:
    """All manifests, whatever is selected: a run is kept for what any of them asks.

    To delete, every one of the project must have been read; otherwise as many as can be. Raises UsageError,
    or InvalidManifestsError, where that is not so.
    """
    whole = replace(target, select=(), exclude=())
    if not deletes:
        manifests = load_for_runs(whole, environ)
        _check_marks(manifests)
        return manifests
    manifests = load_target(whole, environ)
    _check_marks(manifests)
    _check_whole(manifests)
    return manifests


def _check_marks(manifests: Manifests) -> None:
    environment = manifests.environment
    if environment.identity is Identity.NAME:
        raise UsageError("cleanup needs identity: marks; by name alone, any run could be ours")
    if not environment.knows_ours:
        raise UsageError(
            "without a project or --owner, nobody can tell which runs are yours", hint="give --owner NAME"
        )


def _check_whole(manifests: Manifests) -> None:
    """Raises a DlcapplyError where a manifest may exist that was not read: it may ask for a run."""
    loaded = manifests.loaded
    if not loaded.has_project:
        raise UsageError("--delete needs a project file: without one, nobody knows which runs are asked for")
    if loaded.missed:
        raise UsageError(
            f"--delete needs all manifests of the project, and {loaded.missed[0]} holds another project's",
            hint="name globs in dlcapply.yaml that do not lead there",
        )
    if loaded.unmatched:
        errors = [replace(one, level=Level.ERROR) for one in loaded.unmatched]
        raise InvalidManifestsError(errors, "--delete needs all manifests of the project in its globs")
    if not loaded.complete:
        raise UsageError("--delete needs all manifests of the project", hint="leave --file out")
    if not loaded.jobs:
        raise NoManifestsError("--delete is refused: there is no manifest at all")


def leftovers(manifests: Manifests, service: Service, request: CleanupRequest) -> Leftovers:
    """The ended runs of ours that are meant, from a complete listing; nothing is written."""
    environment = manifests.environment
    names = {name for job in manifests.jobs for name in job.names}
    names |= {claim.name for claim in service.jobs.claims.values() if claim.owner == environment.owner}
    runs = owned_runs(service.jobs, environment=environment, names=names)
    now = service.now()
    keeping = Keeping(
        manifests.jobs,
        environment,
        now,
        noted=_noted(manifests, service, runs),
        unread=not manifests.loaded.complete,
        undeclared=request.undeclared,
    )
    ended = ended_runs_of_ours(runs, keeping)
    _check_names(request, ended, names)
    meant = [row for row in ended if _is_meant(row, request)]
    old = [row for row in meant if row.age is None or row.age >= request.older_than]
    return Leftovers(tuple(old), len(meant) - len(old), now, runs)


def _check_names(request: CleanupRequest, ended: Sequence[EndedRun], declared: Collection[str]) -> None:
    """Raises UsageError for a word that no job, and no ended run of ours, is called by."""
    known = {word for row in ended for word in (row.job, row.run.name, row.run.job_id)}.union(declared)
    if unknown := [word for word in request.names if word not in known]:
        hint = meant_names(unknown[0], known) or "dlcapply cleanup lists all of them"
        raise UsageError(f"no job, and no ended run of this project, is called {unknown[0]}", hint=hint)


def _is_meant(row: EndedRun, request: CleanupRequest) -> bool:
    run = row.run
    if request.names and not {row.job, run.name, run.job_id} & set(request.names):
        return False
    if request.statuses and run.status not in request.statuses:
        return False
    labels = {key: str(value) for key, value in run.tags.items()}
    return is_selected(row.job, labels, request.select, request.exclude)


def _noted(manifests: Manifests, service: Service, runs: Sequence[Run]) -> Collection[str]:
    """The operations and JobIds that the journal leaves open, or knows for what the jobs ask now.

    A deletion that was left open is no reason against another one.
    """
    journal = journal_of(manifests, service)
    left = (write for write in open_writes(journal.entries()) if write.where == journal.where)
    open_ops = {write.op for write in left if write.call != DELETE_CALL}
    paid_for = journal.paid_for()
    by_name = histories(runs, environment=manifests.environment, jobs=manifests.jobs)
    for job in manifests.jobs:
        newest = by_name.get(job.name, NO_RUNS).newest
        open_ops |= {*paid_for.get(work_id(job), ()), *journal.created(operation_id(job, newest=newest))}
    return open_ops


def check_plans_alike(manifests: Manifests, service: Service, found: Leftovers) -> None:
    """Raises DlcapplyError if a plan without the removable runs differs from one with them."""
    gathered = gather_live(manifests, service, PlanOptions(no_preflight=True), is_shown=False)
    removed = {row.run.job_id for row in found.removable}
    known = {run.job_id: run for run in (*found.runs, *gathered.live.runs)}

    def plan_of(runs: Sequence[Run]) -> Plan:
        return make_plan(
            desired=manifests.jobs,
            live=histories(runs, environment=manifests.environment, jobs=manifests.jobs),
            environment=manifests.environment,
            census=gathered.census,
            inputs=gathered.inputs,
        )

    before = plan_of(list(known.values()))
    after = plan_of([run for run in known.values() if run.job_id not in removed])
    if (before.changes, before.findings) == (after.changes, after.findings):
        return
    pairs = zip(before.changes, after.changes, strict=False)
    differs = next((one.name for one, other in pairs if one != other), "the project")
    raise DlcapplyError(
        f"nothing was deleted: without these runs, a plan would say something else about {differs}",
        hint="leave it out (--exclude), and report this to the maintainers of dlcapply",
    )


def shown_runs(found: Leftovers, jobs: Sequence[Job]) -> tuple[ShownRun, ...]:
    """The removable runs as they were shown."""
    names = {job.name: job.names for job in jobs}
    return tuple(
        ShownRun(row.job, row.run, names.get(row.job, (row.run.name,)), is_ours=True)
        for row in found.removable
    )


def cleanup_context(manifests: Manifests, service: Service) -> ApplyContext:
    """What deleting takes: its writes are noted in the journal, as those of an apply are."""
    return ApplyContext(
        service=service.jobs,
        environment=manifests.environment,
        journal=journal_of(manifests, service),
        clock=service.clock,
    )
