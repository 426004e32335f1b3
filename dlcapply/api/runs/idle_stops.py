"""Which idle runs a plan may stop: that costs work, so much more has to be known than that a run is idle."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from dlcapply.api.runs.idle import METRIC, idle_runs, of_pods
from dlcapply.cloud.metrics import metrics
from dlcapply.diagnosis.idle_proof import doubt
from dlcapply.diagnosis.idleness import Use, running_since
from dlcapply.errors import ServiceError
from dlcapply.model.findings import Finding, Level
from dlcapply.model.jobs import State, WhenIdle

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dlcapply.api.connect import Service
    from dlcapply.api.load import Manifests
    from dlcapply.api.runs.idle import JudgedRun
    from dlcapply.model.jobs import Job
    from dlcapply.model.runs import Run
    from dlcapply.planning.history import History

_MEMORY = "GpuMemoryUsage"
_STEP, _SECONDS = "5m", 300
# What a run did before is asked for at most so far back, in a dozen calls.
_LONGEST_PAST = timedelta(days=12)
_RULE = "idle-not-stopped"
_HINT = "look with dlcapply metrics NAME; dlcapply stop NAME ends a run"


def idle_to_stop(
    manifests: Manifests, service: Service, histories: Mapping[str, History]
) -> tuple[Mapping[str, str], tuple[Finding, ...]]:
    """By JobId, in which words a run is idle that its manifest and the environment have stopped for it.

    Where all that are judged look idle, none is stopped: then the metrics are what is rather wrong. Findings
    say which are left alone, and why.
    """
    if not manifests.environment.limits.idle_stops:
        return {}, ()
    asking = [job for job in manifests.jobs if _has_it_stopped(job)]
    running = (histories[job.name].running for job in asking if job.name in histories)
    found = idle_runs(manifests, service, filter(None, running)).values()
    known = [one for one in found if one.idleness.use is not Use.UNKNOWN]
    if len(known) > 1 and all(one.is_idle for one in known):
        message = f"all {len(known)} runs that are judged look idle: none is stopped, as metrics may be wrong"
        return {}, (Finding(_RULE, Level.WARNING, message, _HINT),)
    doubts = {one.run.job_id: doubt_about(service, one) for one in known if one.is_idle}
    stops = {one.run.job_id: one.text for one in known if doubts.get(one.run.job_id) == ""}
    return stops, tuple(_left_alone(one, why) for one in known if (why := doubts.get(one.run.job_id)))


def _left_alone(one: JudgedRun, why: str) -> Finding:
    return Finding(_RULE, Level.WARNING, f"{one.job.name} is idle, and not stopped: {why}", _HINT)


def _has_it_stopped(job: Job) -> bool:
    asked = job.rules.utilization
    return asked is not None and asked.then is WhenIdle.STOP and job.rules.state is State.PRESENT


def is_still_idle(manifests: Manifests, service: Service, run: Run) -> bool:
    """Whether the run may be stopped for it now; a person may have thought about the plan for long."""
    found = idle_runs(manifests, service, [run]).get(run.job_id)
    return found is not None and found.is_idle and not doubt_about(service, found)


def doubt_about(service: Service, one: JudgedRun) -> str:
    """Why a run that is idle is not to be stopped; empty where nothing speaks for leaving it alone."""
    now, since = service.now(), running_since(one.run)
    if one.idleness.is_whole:
        return "what it uses is known of the run as a whole only"
    if now is None or since is None or not one.may_be_stopped:
        return "it was not idle through the whole window"
    since = max(since, now - _LONGEST_PAST)
    try:
        used = metrics(service.connection, one.run.job_id, METRIC, start=since, end=now, step=_STEP)
        held = metrics(
            service.connection, one.run.job_id, _MEMORY, start=now - one.asked.window, end=now, step=_STEP
        )
    except ServiceError as error:
        return error.message
    step = timedelta(seconds=_SECONDS)
    return doubt(one.asked, one.pods, of_pods(used), of_pods(held), since=since, step=step, now=now)
