"""Everything live that a plan is made from, read before anything is decided."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from dlcapply.cloud.census import take_census
from dlcapply.cloud.search_by_spec import rows_of_specs
from dlcapply.model.jobs import Identity
from dlcapply.planning.diff import needs_detail
from dlcapply.planning.fingerprints import fingerprint
from dlcapply.planning.history import NO_RUNS, histories
from dlcapply.planning.operations import operation_id, work_id
from dlcapply.planning.reasons import describe_gone
from dlcapply.planning.renames import is_without_a_run, may_start, ran_for

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from dlcapply.cloud.census import CensusResult
    from dlcapply.cloud.jobs import JobService
    from dlcapply.model.jobs import Environment, Job
    from dlcapply.model.runs import Census, Run
    from dlcapply.planning.history import History

_THREADS = 8
# Each may cost a call, and any number of them may be planted.
_MOST_RECALLED = 10


@dataclass(frozen=True, slots=True)
class Records:
    """What is known of runs before anybody is asked.

    `lately`: those that were created lately, name by JobId. `created`: the JobIds of the runs that an
    operation id is known to have created. `names`: those that any job of the project has or had; None where
    nobody can know them. `paid_for`: by what they were created for, the names of runs, by JobId.
    """

    lately: Mapping[str, str] = field(default_factory=dict)
    created: Callable[[str], tuple[str, ...]] = lambda _: ()
    names: frozenset[str] | None = frozenset()
    paid_for: Callable[[], Mapping[str, Mapping[str, str]]] = dict


NO_RECORDS = Records()


@dataclass(frozen=True, slots=True)
class LiveState:
    """The runs, also by the name of the job whose history they are.

    `gone`: by operation id, a run that was created for the same, and that PAI does not know any more.
    """

    runs: tuple[Run, ...]
    histories: Mapping[str, History]
    census: Census
    gone: Mapping[str, str] = field(default_factory=dict)


def gather(
    service: JobService,
    *,
    jobs: Sequence[Job],
    environment: Environment,
    orphans: bool,
    records: Records = NO_RECORDS,
) -> LiveState:
    """The runs of the jobs, with GetJob's detail where a decision needs it; with `orphans`, all of ours.

    What is noted counts also while no listing shows it. Of a job that would start, runs of ours for the same
    spec are looked for under every name. Raises ServiceError when anything can't be read: half a picture is
    none.
    """
    names = {name for job in jobs for name in job.names}
    if orphans:  # the filter by tags can't find a run that is ours by claim alone
        names |= {claim.name for claim in service.claims.values() if claim.owner == environment.owner}
    seen = take_census(service, environment=environment, names=names, orphans=orphans)
    known = {run.job_id for run in seen.runs}
    unseen = [job_id for job_id, name in records.lately.items() if name in names and job_id not in known]
    listed = (*seen.runs, *filter(None, map(service.find, unseen)))
    found = _found(listed, jobs, environment)
    recalled, gone = _recalled(service, found, records, seen)
    found = found.joined(recalled)
    found = found.joined(_of_same_spec(service, found, records, seen))
    found = _detailed(service, found)
    return LiveState(found.runs, found.histories, seen.census, gone)


@dataclass(frozen=True, slots=True)
class _Found:
    """The runs found so far, and the histories of the jobs that they make."""

    runs: tuple[Run, ...]
    jobs: Sequence[Job]
    environment: Environment
    histories: Mapping[str, History]

    def joined(self, others: tuple[Run, ...]) -> _Found:
        """These and the others: what is there already, where there are none."""
        return _found((*self.runs, *others), self.jobs, self.environment) if others else self

    def history(self, job: Job) -> History:
        return self.histories.get(job.name, NO_RUNS)


def _found(runs: tuple[Run, ...], jobs: Sequence[Job], environment: Environment) -> _Found:
    return _Found(runs, jobs, environment, histories(runs, environment=environment, jobs=jobs))


def _recalled(
    service: JobService, found: _Found, records: Records, seen: CensusResult
) -> tuple[tuple[Run, ...], dict[str, str]]:
    """The runs that were created for what is to come and that no listing shows; and the lost ones."""
    gone: dict[str, str] = {}
    declared = None if records.names is None else records.names.union(*(job.names for job in found.jobs))
    paid_for = cache(records.paid_for)
    unlisted: list[Run] = []
    known = {*(run.job_id for run in found.runs), *(row["JobId"] for row in seen.rows)}
    for job in found.jobs:
        history = found.history(job)
        while may_start(job, history):
            op = operation_id(job, newest=history.newest)
            created = dict.fromkeys(records.created(op), job.name)
            if _is_new(job, history, found.environment):
                created |= _paid_for(job, paid_for(), declared)
            unseen = [job_id for job_id in created if job_id not in known][:_MOST_RECALLED]
            if not unseen:
                break
            known.update(unseen)
            recalled = {job_id: service.find(job_id) for job_id in unseen}
            if lost := [job_id for job_id, run in recalled.items() if run is None]:
                gone[op] = describe_gone(lost[0], created[lost[0]], job)
                break
            mine = [run for run in recalled.values() if run and _may_be_of(job, run, declared)]
            if not mine:
                break
            unlisted += mine
            history = _found((*found.runs, *unlisted), [job], found.environment).history(job)
    return tuple(unlisted), gone


def _is_new(job: Job, history: History, environment: Environment) -> bool:
    """Whether no run of the job that is there was started for what it asks now; by name alone, any may be."""
    if environment.identity is Identity.NAME:
        return history.newest is None
    return is_without_a_run(job, history)


def _paid_for(
    job: Job, paid_for: Mapping[str, Mapping[str, str]], declared: Collection[str] | None
) -> dict[str, str]:
    """Runs that were created for the job's spec and token, by JobId: under its names, then no job's."""
    records = paid_for.get(work_id(job), {})
    chosen = [(job_id, name) for job_id, name in records.items() if _is_of(job, name, declared)]
    return dict(sorted(chosen, key=lambda one: one[1] not in job.names))


def _may_be_of(job: Job, run: Run, declared: Collection[str] | None) -> bool:
    return run.name in job.names or (_is_of(job, run.name, declared) and ran_for(run, job))


def _is_of(job: Job, name: str, declared: Collection[str] | None) -> bool:
    """Whether a run of the name may be the job's: it is called so, or was, or no job of the project is."""
    return name in job.names or (declared is not None and name not in declared)


def _of_same_spec(
    service: JobService, found: _Found, records: Records, seen: CensusResult
) -> tuple[Run, ...]:
    """Runs of ours that no job is called like, for the specs of jobs that have no run of theirs."""
    marks = {fingerprint(job) for job in found.jobs if is_without_a_run(job, found.history(job))}
    owner = found.environment.owner
    if not marks or not owner or found.environment.identity is Identity.NAME:
        return ()
    rows = rows_of_specs(service, marks, owner=owner, seen=seen, may_page=records.names is not None)
    claimed = [claim for claim in service.claims.values() if claim.owner == owner and claim.spec in marks]
    known = {run.job_id for run in found.runs}
    named = {name for job in found.jobs for name in job.names}.union(records.names or ())
    others = (
        *service.runs(rows, names=(), owner=owner),
        *filter(None, (service.find(claim.job_id) for claim in claimed if claim.job_id not in known)),
    )
    return tuple(
        {run.job_id: run for run in others if run.name not in named and run.job_id not in known}.values()
    )


def _detailed(service: JobService, found: _Found) -> _Found:
    """The same with GetJob's detail of the runs whose decision needs it."""
    undecided = {run.job_id for run in _undecided(found)}
    if not undecided:
        return found
    with ThreadPoolExecutor(max_workers=_THREADS) as pool:
        read = pool.map(lambda run: service.detail(run) if run.job_id in undecided else run, found.runs)
        return _found(tuple(read), found.jobs, found.environment)


def _undecided(found: _Found) -> Iterable[Run]:
    """The runs of ours that are under way, of jobs that set a field which listings don't show."""
    for job in found.jobs:
        run = found.history(job).running
        if run is not None and needs_detail(desired=job, live=run):
            yield run
