"""Everything live that a plan is made from, read before anything is decided."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from dlcapply.cloud.census import take_census
from dlcapply.planning.diff import needs_detail
from dlcapply.planning.history import NO_RUNS, histories

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dlcapply.cloud.jobs import JobService
    from dlcapply.model import Census, Environment, Job, Run

_THREADS = 8
NOTHING_NOTED: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Live:
    runs: tuple[Run, ...]
    census: Census


def gather(
    service: JobService,
    *,
    jobs: Sequence[Job],
    environment: Environment,
    orphans: bool,
    noted: Mapping[str, str] = NOTHING_NOTED,
) -> Live:
    """The runs of the jobs, with GetJob's detail where a decision needs it; with `orphans`, all of ours.

    `noted` are runs that were created lately, name by JobId: they count also while no listing shows them.
    Raises ServiceError when anything can't be read: half a picture is none.
    """
    names = {job.name for job in jobs}
    if orphans:  # the filter by tags can't find a run that is ours by claim alone
        names |= {claim.name for claim in service.claims.values() if claim.owner == environment.owner}
    listed, census = take_census(service, environment=environment, names=names, orphans=orphans)
    known = {run.job_id for run in listed}
    unseen = [job_id for job_id, name in noted.items() if name in names and job_id not in known]
    runs = (*listed, *filter(None, map(service.find, unseen)))
    wanted = {run.job_id for run in _undecided(jobs, runs, environment)}
    with ThreadPoolExecutor(max_workers=_THREADS) as pool:
        detailed = tuple(pool.map(lambda run: service.detail(run) if run.job_id in wanted else run, runs))
    return Live(detailed, census)


def _undecided(jobs: Iterable[Job], runs: Iterable[Run], environment: Environment) -> Iterable[Run]:
    """The runs of ours that are under way, of jobs that set a field which listings don't show."""
    by_name = histories(runs, environment=environment)
    for job in jobs:
        run = by_name.get(job.name, NO_RUNS).running
        if run is not None and needs_detail(desired=job, live=run):
            yield run
