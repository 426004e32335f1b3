"""The operations on jobs: create, list, get, update, stop."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dlcapply.emulator.answers import JsonObject, Refusal, invalid
from dlcapply.emulator.lifecycle import STOPPABLE, moves_until, plan_moves, stop_moves
from dlcapply.emulator.projections import get_item, list_item
from dlcapply.emulator.search import read_search
from dlcapply.emulator.store import Job, Late, job_id_of
from dlcapply.emulator.validation import check_create, check_update

if TYPE_CHECKING:
    from dlcapply.emulator.service import Call

_MOVABLE_PRIORITY = ("Creating", "Queuing", "EnvPreparing")


def create_job(call: Call) -> JsonObject:
    """A new job, whatever jobs there are: names are not unique, and a repeated call is a second job."""
    check_create(call.body)
    body = {
        **call.body,
        "WorkspaceId": call.body.get("WorkspaceId") or call.switches.default_workspace,
        "Priority": call.body.get("Priority", 1),
        "Accessibility": call.body.get("Accessibility", "PRIVATE"),
    }
    job = Job(
        job_id=job_id_of(call.store.next_number()),
        user_id=call.user.user_id,
        created=call.now,
        body=body,
        moves=plan_moves(body, call.now, call.switches.lifecycle_of(body["DisplayName"])),
    )
    call.store.add([job])
    return {"JobId": job.job_id}


def list_jobs(call: Call) -> JsonObject:
    search = read_search(call)
    jobs = call.store.select(f"{search.where} {search.order}", search.values)
    return {
        "Jobs": [list_item(job, call.now, call.switches) for job in jobs],
        "TotalCount": call.store.count(search.where, search.values),
    }


def get_job(call: Call) -> JsonObject:
    return get_item(call.readable_job(), call.now, call.switches)


def update_job(call: Call) -> JsonObject:
    """Takes what the service takes now; what it ignores is answered with success all the same."""
    job = call.own_job()
    check_update(call.body)
    body, late = dict(job.body), dict(job.late)
    if call.body.get("UserCommand"):
        body["UserCommand"] = _changed_command(call)
    if call.body.get("JobSpecs"):
        body["JobSpecs"] = _scaled_specs(body, call.body["JobSpecs"], _status(job, call.now))
    if "Description" in call.body:
        body["Description"] = call.body["Description"]
    if call.body.get("Accessibility") == "PUBLIC":
        body["Accessibility"] = "PUBLIC"  # can only be widened (SDK, UpdateJobRequest)
    if "Priority" in call.body and _takes_priority(job, call.now):
        delay = call.switches.lifecycle_of(body["DisplayName"]).priority_delay
        late["Priority"] = Late(call.body["Priority"], call.now + delay)
    call.store.replace(replace(job, body=body, late=late))
    return {"JobId": job.job_id}


def _status(job: Job, now: float) -> str:
    return moves_until(job.moves, now)[-1].status


def _takes_priority(job: Job, now: float) -> bool:
    """Only with a quota, and only before it runs (Alibaba's own skill for PAI-DLC)."""
    return bool(job.body.get("ResourceId")) and _status(job, now) in _MOVABLE_PRIORITY


def _changed_command(call: Call) -> str:
    if not call.switches.user_command_updates:
        raise invalid("UserCommand of this job can't be updated.")
    return str(call.body["UserCommand"])


def _scaled_specs(body: JsonObject, wanted: list[JsonObject], status: str) -> list[JsonObject]:
    """The job's specs with the wanted PodCount per role; raises Refusal for a job that is not elastic."""
    specs: list[JsonObject] = body["JobSpecs"]
    if not (body.get("ElasticSpec") or any(spec.get("AutoScalingSpec") for spec in specs)):
        raise invalid("JobSpecs of a job that is not elastic can't be updated.")
    if status not in STOPPABLE:
        raise invalid(f"JobSpecs can't be updated, because the job is {status}.")
    counts = {spec.get("Type"): spec.get("PodCount") for spec in wanted}
    if not set(counts) <= {spec["Type"] for spec in specs}:
        raise invalid("JobSpecs names a role that the job does not have.")
    return [{**spec, "PodCount": counts.get(spec["Type"], spec["PodCount"])} for spec in specs]


def stop_job(call: Call) -> JsonObject:
    """The job is on its way to Stopped; raises Refusal for one that ended, or is stopping already."""
    job = call.own_job()
    status = _status(job, call.now)
    if status not in STOPPABLE:
        raise Refusal(400, "BadRequest", f"Job can't be stopped, because it is {status}")
    past = moves_until(job.moves, call.now)
    lifecycle = call.switches.lifecycle_of(job.body["DisplayName"])
    call.store.replace(replace(job, moves=(*past, *stop_moves(call.now, lifecycle))))
    return {"JobId": job.job_id}
