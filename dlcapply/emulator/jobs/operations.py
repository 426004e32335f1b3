"""The operations on a job as a whole: create, list, get, update, stop, delete."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dlcapply.emulator.answers import JsonObject, Refusal, invalid
from dlcapply.emulator.jobs.access import accessibility, own_job, readable_job
from dlcapply.emulator.jobs.lifecycle import FINISHED, WAITING, moves_until, stop_moves
from dlcapply.emulator.jobs.references import check_references
from dlcapply.emulator.jobs.representations import get_item, list_item
from dlcapply.emulator.jobs.schedule import plan_moves, pools_of, reschedule
from dlcapply.emulator.jobs.search import read_search
from dlcapply.emulator.jobs.table import Job, JobTable, Late, job_id_of
from dlcapply.emulator.jobs.tags import check_tags
from dlcapply.emulator.jobs.validation import checked_create, checked_update

if TYPE_CHECKING:
    from dlcapply.emulator.call import Call

_MOVABLE_PRIORITY = ("Creating", "Queuing", "EnvPreparing")


def create_job(call: Call) -> JsonObject:
    """A new job, always: names are not unique, and a call that is repeated makes a second job."""
    asked = checked_create(call.body, call.switches.more_job_types)
    if call.switches.check_tags:
        check_tags((asked.get("Settings") or {}).get("Tags") or {}, "Settings.Tags")
    body = {
        **asked,
        "WorkspaceId": call.workspace_id(asked.get("WorkspaceId")),
        "Priority": asked.get("Priority") or 1,
        "Accessibility": asked.get("Accessibility") or "PRIVATE",
    }
    check_references(body, call)
    table = JobTable(call.database)
    job_id = job_id_of(table.next_number())
    job = Job(
        job_id=job_id,
        user_id=call.user.user_id,
        created=call.now,
        body=body,
        moves=plan_moves(body, call.now, call.world, job_id),
        pools=pools_of(body, call.world),
    )
    table.add([job])
    reschedule(table, call.now, call.world)
    return {"JobId": job.job_id}


def list_jobs(call: Call) -> JsonObject:
    search, table = read_search(call), JobTable(call.database)
    jobs = table.select(f"{search.where} {search.order}", search.values)
    return {
        "Jobs": [list_item(job, call.now, call.world) for job in jobs],
        "TotalCount": table.count(search.where, search.values),
    }


def get_job(call: Call) -> JsonObject:
    return get_item(readable_job(call), call.now, call.world)


def update_job(call: Call) -> JsonObject:
    """Takes what the service would take; what it ignores is answered with success all the same."""
    job = own_job(call)
    wanted = checked_update(call.body)
    body, late = dict(job.body), dict(job.late)
    if wanted.get("UserCommand"):
        body["UserCommand"] = _changed_command(call, wanted)
    if wanted.get("JobSpecs"):
        body["JobSpecs"] = _scaled_specs(call, job, wanted["JobSpecs"])
    shown = call.now + call.switches.update_lag
    if "Description" in wanted:
        late["Description"] = Late(wanted["Description"], shown)
    if wanted.get("Accessibility"):
        late["Accessibility"] = Late(
            _changed_accessibility(call, wanted["Accessibility"], accessibility(job)), shown
        )
    if wanted.get("Priority") and _takes_priority(job, call.now):
        delay = call.world.lifecycle_of(body["DisplayName"]).priority_delay
        late["Priority"] = Late(wanted["Priority"], call.now + delay)
    pools = job.pools and pools_of(body, call.world)
    return _stored(call, replace(job, body=body, late=late, pools=pools))


def _stored(call: Call, job: Job) -> JsonObject:
    """Stores the job, and gives the resources that it no longer holds to those that wait."""
    table = JobTable(call.database)
    table.replace(job)
    reschedule(table, call.now, call.world)
    return {"JobId": job.job_id}


def _status(job: Job, now: float) -> str:
    return moves_until(job.moves, now)[-1].status


def _takes_priority(job: Job, now: float) -> bool:
    """Only with a quota, and only before it runs (Alibaba's own skill for PAI-DLC)."""
    return bool(job.body.get("ResourceId")) and _status(job, now) in _MOVABLE_PRIORITY


def _changed_accessibility(call: Call, wanted: str, known: str) -> str:
    """It can only be widened (SDK, UpdateJobRequest); what else happens is a switch."""
    if wanted in {"PUBLIC", known}:
        return wanted
    if call.switches.narrow_accessibility == "refuse":
        raise invalid("Accessibility can't be changed from PUBLIC to PRIVATE.")
    return wanted if call.switches.narrow_accessibility == "allow" else known


def _changed_command(call: Call, wanted: JsonObject) -> str:
    if not call.switches.user_command_updates:
        raise invalid("UserCommand of this job can't be updated.")
    return str(wanted["UserCommand"])


def _scaled_specs(call: Call, job: Job, wanted: list[JsonObject]) -> list[JsonObject]:
    """The job's specs with the wanted PodCount per role; raises Refusal for a job that can't be scaled."""
    specs: list[JsonObject] = job.body["JobSpecs"]
    is_elastic = job.body.get("ElasticSpec") or any(spec.get("AutoScalingSpec") for spec in specs)
    if call.switches.job_specs_update == "refuse" or not is_elastic:
        raise invalid("JobSpecs of a job that is not elastic can't be updated.")
    status = _status(job, call.now)
    if status in {*FINISHED, "Stopping"}:
        raise invalid(f"JobSpecs can't be updated, because the job is {status}.")
    counts = {spec.get("Type"): spec.get("PodCount") for spec in wanted}
    if not set(counts) <= {spec["Type"] for spec in specs}:
        raise invalid("JobSpecs names a role that the job does not have.")
    if call.switches.job_specs_update == "replace":
        kept = {spec["Type"]: spec for spec in specs}
        return [{**kept[spec["Type"]], **spec} for spec in wanted]
    return [{**spec, "PodCount": counts.get(spec["Type"]) or spec["PodCount"]} for spec in specs]


def stop_job(call: Call) -> JsonObject:
    """The job is on its way to Stopped; raises Refusal for one that ended, or is stopping already."""
    job = own_job(call)
    status = _status(job, call.now)
    if status in {*FINISHED, "Stopping"} or status not in call.switches.stoppable:
        raise Refusal(400, "BadRequest", f"Job can't be stopped, because it is {status}")
    past = moves_until(job.moves, call.now)
    rules = call.world.lifecycle_of(job.body["DisplayName"])
    held = {} if status in WAITING else job.pools
    return _stored(call, replace(job, moves=(*past, *stop_moves(call.now, rules)), pools=held))


def delete_job(call: Call) -> JsonObject:
    """The job is gone; raises Refusal for one that is active, unless a switch lets it be deleted."""
    job = own_job(call)
    status = _status(job, call.now)
    if status not in FINISHED and not call.switches.delete_active:
        raise Refusal(400, "BadRequest", f"Job can't be deleted, because it is {status}")
    return _stored(call, replace(job, deleted=call.now))
