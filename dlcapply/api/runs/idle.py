"""Runs that are paid for and use less of their accelerators than `run.utilization` asks for."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING

from dlcapply.api.runs.measures import measures_of
from dlcapply.cloud.metrics import metrics_or_monitored
from dlcapply.diagnosis.idleness import (
    Idleness,
    Measured,
    Use,
    judged,
    pods_with_accelerators,
    too_young,
    unknown,
)
from dlcapply.errors import ServiceError
from dlcapply.model.news import Event, News
from dlcapply.model.outcomes import Result
from dlcapply.rendering.text.words import duration

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from dlcapply.api.connect import Service
    from dlcapply.api.load import Manifests
    from dlcapply.model.curves import Curves
    from dlcapply.model.jobs import Job, Utilization
    from dlcapply.model.outcomes import Outcome
    from dlcapply.model.runs import Run
    from dlcapply.planning.history import History

METRIC = "GpuCoreUsage"
_THREADS = 8
# Each costs a call or two; who has more runs of this kind asks about some of them.
MOST_JUDGED = 200
_LONG = timedelta(hours=1)
_VERY_LONG = timedelta(hours=5)


@dataclass(frozen=True, slots=True)
class JudgedRun:
    """A run whose job asks for a utilization, and how much it uses; `pods` are those with accelerators."""

    job: Job
    run: Run
    idleness: Idleness
    pods: frozenset[str] = frozenset()

    @property
    def is_idle(self) -> bool:
        return self.idleness.use is Use.BELOW

    @property
    def may_be_stopped(self) -> bool:
        """Whether no pod used as much as is asked for at any time: for that, a low mean is not enough.

        What else it takes is `idle_stops.doubt_about`.
        """
        found = self.idleness
        return self.is_idle and not found.is_whole and found.highest < self.asked.least

    @property
    def asked(self) -> Utilization:
        assert self.job.rules.utilization is not None  # noqa: S101  otherwise nobody judges it
        return self.job.rules.utilization

    @property
    def text(self) -> str:
        """Why it is idle, or why nobody knows."""
        found = self.idleness
        if found.use is Use.UNKNOWN:
            return f"whether it is idle is not known: {found.why}"
        window = duration(int(self.asked.window.total_seconds()))
        uses = f"its accelerators were used {found.percent:.1f} % over the last {window}"
        asks = f"run.utilization asks for {self.asked.least:g} %"
        doubt = "" if found.highest else " (0 at all times: its kind of accelerators may not be measured)"
        return f"{uses}, at most {found.highest:.0f} %{doubt}; {asks}"


def idle_runs(manifests: Manifests, service: Service, runs: Iterable[Run]) -> Mapping[str, JudgedRun]:
    """By JobId, the `runs` of ours whose job has `run.utilization`, and which run for its whole window.

    Only those take calls: one or two of metrics each, and one of instance types. Nothing is raised where PAI
    does not tell: then it is not known whether a run is idle. A service that does not tell the time has none.
    """
    now = service.now()
    asking = {name: job for job in manifests.jobs if job.rules.utilization for name in job.names}
    wanted = list(islice(_wanted(asking, runs, now), MOST_JUDGED)) if now else []
    if now is None or not wanted:
        return {}
    accelerators = measures_of(service, [run for _, run in wanted]).accelerators

    def judge(one: tuple[Job, Run]) -> JudgedRun:
        return _judged(manifests, service, *one, accelerators, now)

    with ThreadPoolExecutor(max_workers=_THREADS) as pool:
        return {one.run.job_id: one for one in pool.map(judge, wanted)}


def _wanted(asking: Mapping[str, Job], runs: Iterable[Run], now: datetime) -> Iterator[tuple[Job, Run]]:
    for run in runs:
        job = asking.get(run.name)
        asked = job.rules.utilization if job else None
        if job and asked and not too_young(run, asked.window, now):
            yield job, run


def _judged(
    manifests: Manifests,
    service: Service,
    job: Job,
    run: Run,
    accelerators: Mapping[str, int],
    now: datetime,
) -> JudgedRun:
    asked = job.rules.utilization
    assert asked is not None  # noqa: S101  only such runs are wanted
    try:
        live = run if isinstance(run.body.get("Pods"), list) else service.jobs.get(run.job_id)
        told = _measured(manifests, service, live, now - asked.window, now)
    except ServiceError as error:
        return JudgedRun(job, run, unknown(error.message))
    found = judged(
        asked, live, of_pods(told), accelerators=accelerators, step=timedelta(seconds=told.step), now=now
    )
    pods = pods_with_accelerators(live, accelerators)
    return JudgedRun(job, live, found, frozenset() if isinstance(pods, str) else pods)


def _measured(manifests: Manifests, service: Service, run: Run, start: datetime, end: datetime) -> Curves:
    """What PAI keeps of the run's pods, otherwise what CloudMonitor has of the run as a whole."""
    step = "5m" if end - start >= _LONG else "1m"
    return metrics_or_monitored(
        service.connection,
        run,
        METRIC,
        region=manifests.environment.region,
        start=start,
        end=end,
        step=step,
        monitored_step=60.0 if end - start <= _VERY_LONG else 900.0,
    )


def of_pods(told: Curves) -> tuple[Measured, ...]:
    return tuple(
        Measured(curve.pod_id, tuple((point.at, point.value) for point in curve.points))
        for curve in told.curves
    )


def idle_after(
    manifests: Manifests,
    service: Service,
    histories: Mapping[str, History],
    outcomes: Iterable[Outcome],
) -> tuple[JudgedRun, ...]:
    """The runs of the histories that an apply with these outcomes found and left running; by name."""
    stopped = {job_id for one in outcomes for job_id in (one.stopped_job_id, _stopped(one))}
    running = [history.running for history in histories.values()]
    runs = [run for run in running if run is not None and run.job_id not in stopped]
    return tuple(sorted(idle_runs(manifests, service, runs).values(), key=lambda one: one.job.name))


def _stopped(outcome: Outcome) -> str:
    return outcome.job_id if outcome.result is Result.STOPPED else ""


def idle_news(found: Iterable[JudgedRun]) -> tuple[News, ...]:
    return tuple(News(Event.IDLE, one.job.name, one.run.job_id, one.text) for one in found if one.is_idle)


def idle_lines(found: Sequence[JudgedRun]) -> Iterator[str]:
    """A line for each run that is idle, and one for those of which nobody knows."""
    for one in found:
        if one.is_idle:
            yield f"idle: {one.job.name} {one.run.job_id}: {one.text}"
    if unclear := [one for one in found if one.idleness.use is Use.UNKNOWN]:
        first = unclear[0]
        more = f", and {len(unclear) - 1} more" if len(unclear) > 1 else ""
        yield f"not known to be idle or busy: {first.job.name} {first.run.job_id}{more}: {first.idleness.why}"
