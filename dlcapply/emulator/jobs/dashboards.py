"""GetDashboard and GetRayDashboard: addresses that lead nowhere, of jobs whose framework has a dashboard."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dlcapply.emulator.answers import JsonObject, Refusal, invalid, not_found
from dlcapply.emulator.jobs.access import readable_job
from dlcapply.emulator.jobs.lifecycle import moves_until

if TYPE_CHECKING:
    from dlcapply.emulator.call import Call
    from dlcapply.emulator.jobs.table import Job

_RAY = frozenset({"RayJob", "DataJuicerJob"})  # Data-Juicer runs on Ray


def get_dashboard(call: Call) -> JsonObject:
    """The address of the dashboard; of a job that has none a switch says whether this is refused or empty."""
    job = _asked_for(call)
    return {"url": _address(call, job, "dashboard")}


def get_ray_dashboard(call: Call) -> JsonObject:
    """The same for Ray, and whether CloudMonitor has its metrics."""
    job = _asked_for(call)
    return {"url": _address(call, job, "ray/dashboard"), "metricsEnabled": "false"}


def _asked_for(call: Call) -> Job:
    """The job, which a shared address needs a token for (GetDashboard's help page)."""
    token = call.query.get("token", "")
    if call.flag("isShared", default=False) and not token:
        raise invalid("token is required for a shared address.")
    return readable_job(replace(call, query={"Token": token}))


def _address(call: Call, job: Job, path: str) -> str:
    if job.body["JobType"] not in _RAY:
        if call.switches.absent_dashboards == "empty":
            return ""
        raise not_found("Dashboard of job", job.job_id)
    status = moves_until(job.moves, call.now)[-1].status
    if status != "Running":
        raise Refusal(400, "BadRequest", f"The dashboard can't be opened, because the job is {status}")
    token = call.query.get("token", "")
    shared = f"?token={token}" if call.flag("isShared", default=False) else ""
    return f"http://{call.host}/{path}/{job.job_id}{shared}"
