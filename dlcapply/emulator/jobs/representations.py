"""A job as ListJobs and GetJob answer it: each leaves out a different half of what is known.

Which key is in which follows the SDK's models (JobItem, GetJobResponseBody) and the help page of JobItem.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from dlcapply.emulator.clock import wire_time
from dlcapply.emulator.jobs.causes.outcomes import OUTCOMES
from dlcapply.emulator.jobs.demand import requested
from dlcapply.emulator.jobs.lifecycle import (
    FAILED,
    FINISHED,
    SUCCEEDED,
    allowed_restarts,
    entered,
    is_spot,
    moves_until,
    restarts,
)
from dlcapply.emulator.jobs.pods import first_pod, make_pods, node_name, promoted
from dlcapply.emulator.jobs.table import visible_body

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dlcapply.emulator.answers import JsonObject
    from dlcapply.emulator.jobs.lifecycle import Move
    from dlcapply.emulator.jobs.table import Job
    from dlcapply.emulator.world.world import World

_UNREADABLE = frozenset({"SuccessPolicy", "Options", "DebuggerConfigContent", "TemplateVersion"})
_NOT_LISTED = _UNREADABLE | {"Description", "CustomEnvs", "RoleSystemEnvs", "RestartRecord"}
_ONLY_LISTED = _UNREADABLE | {
    "JobMaxRunningTimeMinutes",
    "Username",
    "TemplateId",
    "TemplateName",
    "IsDeleted",
    "GmtModifiedTime",
    "NodeCount",
    "NodeNames",
    "ResourceName",
    "ResourceQuotaName",
    "RetryCount",
    "SystemEnvs",
    "UserScript",
    "WorkingDir",
    "UseOversoldResource",
    "EnablePreemptibleJob",
}
_CODE_SOURCE = ("Branch", "CodeSourceId", "Commit", "MountPath")
_DEFAULT_SETTINGS = {"EnableRDMA": False, "EnableSanityCheck": False, "JobReservedMinutes": 0}
_SECRET_KEYS = frozenset({"Password", "Auth", "SecurityToken"})
_TIMES: dict[str, tuple[str, ...]] = {
    "GmtSubmittedTime": ("Queuing",),
    "GmtRunningTime": ("Running",),
    "GmtSuccessedTime": SUCCEEDED,  # sic
    "GmtFailedTime": FAILED,
    "GmtStoppedTime": ("Stopped",),
    "GmtFinishTime": FINISHED,
}


def list_item(job: Job, now: float, world: World) -> JsonObject:
    """The job as a row of ListJobs."""
    facts = _facts(job, now, world)
    cpu, gpu, memory = requested(facts["JobSpecs"], world.catalogue)
    numbers = {"RequestCPU": math.ceil(cpu), "RequestGPU": f"{gpu:g}", "RequestMemory": f"{memory:g}Gi"}
    count = str(sum(1 for _ in restarts(moves_until(job.moves, now))))
    item = _shown({"RestartTimes": count, **numbers, **facts}, _NOT_LISTED, ("DataSourceId", "MountPath"))
    item["Pods"] = [_listed_pod(pod) for pod in item["Pods"]]
    return _changed(_switched(item, world), job, _NOT_LISTED)


def _listed_pod(pod: JsonObject) -> JsonObject:
    """A pod as PodItem of the SDK knows it, its past lives included."""
    listed = {key: value for key, value in pod.items() if key not in {"Duration", "ResourceType"}}
    if "HistoryPods" in listed:
        listed["HistoryPods"] = [_listed_pod(past) for past in listed["HistoryPods"]]
    return listed


def get_item(job: Job, now: float, world: World) -> JsonObject:
    """The job as GetJob answers it."""
    facts = _facts(job, now, world)
    cpu, gpu, memory = requested(facts["JobSpecs"], world.catalogue)
    numbers = {"RequestCPU": math.ceil(cpu), "RequestGPU": float(gpu), "RequestMemory": float(memory)}
    count = sum(1 for _ in restarts(moves_until(job.moves, now)))
    facts = {"RestartTimes": f"{count}/{allowed_restarts(job.body) or 10}", **numbers, **facts}
    item = _shown(facts, _ONLY_LISTED, ("DataSourceId", "MountPath", "Uri"))
    return _changed(_switched(item, world), job, _ONLY_LISTED)


def _changed(item: JsonObject, job: Job, hidden: frozenset[str]) -> JsonObject:
    """The answer with the values that `Emulator.change` put in; None takes a key away."""
    if not job.shown:
        return item
    visible = {key: value for key, value in job.shown.items() if key not in hidden}
    return {key: value for key, value in {**item, **visible}.items() if visible.get(key, value) is not None}


def _switched(item: JsonObject, world: World) -> JsonObject:
    """The answer with what the documents leave open, as the switches say."""
    switches = world.switches
    if switches.blank_secrets:
        item = _blanked(item)
    if switches.reverse_lists:
        reversible = ("JobSpecs", "DataSources", "CustomEnvs", "ThirdpartyLibs")
        item |= {key: item[key][::-1] for key in reversible if key in item}
    return {**item, **switches.unknown_keys}


def _blanked(value: Any) -> Any:
    match value:
        case dict():
            return {key: "" if key in _SECRET_KEYS else _blanked(inner) for key, inner in value.items()}
        case list():
            return [_blanked(inner) for inner in value]
        case _:
            return value


def all_facts(job: Job, now: float, world: World) -> JsonObject:
    """Everything known of the job at `now`, whether or not an answer shows it."""
    return _changed(_facts(job, now, world), job, frozenset())


def _facts(job: Job, now: float, world: World) -> JsonObject:
    """What the service knows of the job, before the values of `Emulator.change`."""
    body = visible_body(job, now)
    if world.switches.master_promotion:
        body["JobSpecs"] = promoted(body["JobType"], body["JobSpecs"])
    if world.switches.fill_defaults:
        body = _filled(body, world)
    if world.switches.show_resource_tags and job.resource_tags:
        settings = body.get("Settings") or {}
        body["Settings"] = {**settings, "Tags": {**(settings.get("Tags") or {}), **job.resource_tags}}
    facts = {**body, **service_facts(job, now, world)}
    return {key: value for key, value in facts.items() if value is not None}


def _filled(body: JsonObject, world: World) -> JsonObject:
    """The body with what a service may add to it: default settings, and the sizes of instance types."""
    filled = {**body, "Settings": {**_DEFAULT_SETTINGS, **(body.get("Settings") or {})}}
    filled["JobSpecs"] = [_with_sizes(spec, world) for spec in body["JobSpecs"]]
    return filled


def _with_sizes(spec: JsonObject, world: World) -> JsonObject:
    kind = world.catalogue.instance_type(spec.get("EcsSpec", ""))
    if kind is None:
        return spec
    sizes = {"CPU": str(kind.cpu), "Memory": f"{kind.memory}Gi"}
    if kind.gpu:
        sizes |= {"GPU": str(kind.gpu), "GPUType": kind.gpu_type}
    return {**spec, "ResourceConfig": {**sizes, **(spec.get("ResourceConfig") or {})}}


def service_facts(job: Job, now: float, world: World) -> JsonObject:
    """What the service itself says of the job at `now`."""
    history = moves_until(job.moves, now)
    restarted = [_restart_record(job, history, *pair) for pair in enumerate(restarts(history), 1)]
    progress = {**_progress(history, now), "RestartRecord": restarted}
    return {**_identity(job, world), **progress, **_placement(job, history, now)}


def _identity(job: Job, world: World) -> JsonObject:
    resource_id = job.body.get("ResourceId", "")
    quota = world.catalogue.quota(resource_id)
    resource = quota.name if quota else resource_id
    return {
        "JobId": job.job_id,
        "UserId": job.user_id,
        "Username": world.user_name(job.user_id),
        "TenantId": "1",
        "ClusterId": "asi-emulator",
        "WorkspaceName": world.workspace(job.body["WorkspaceId"]).name,
        "ResourceType": quota.resource_type if quota else "ECS",
        "ResourceName": resource,
        "ResourceQuotaName": resource,
        "TemplateName": job.body.get("TemplateName", ""),
        "EnablePreemptibleJob": is_spot(job.body),
        "UseOversoldResource": False,
        "ResourceLevel": "L0",
        "IsDeleted": job.deleted is not None,
        "EnabledDebugger": False,
        "GmtCreateTime": wire_time(job.created),
    }


def _progress(history: Sequence[Move], now: float) -> JsonObject:
    last = history[-1]
    reached = {key: entered(history, *statuses) for key, statuses in _TIMES.items()}
    started, finished = reached["GmtRunningTime"], reached["GmtFinishTime"]
    return {
        "Status": last.status,
        "SubStatus": "Restarting" if last.status == "Restarting" else "",
        "ReasonCode": last.code,
        "ReasonMessage": last.message,
        "GmtModifiedTime": wire_time(last.at),
        "Duration": 0 if started is None else int((finished or now) - started),
        "RetryCount": sum(1 for _ in restarts(history)),
        "StatusHistory": [_transition(*pair) for pair in zip(history, (*history[1:], None), strict=True)],
        **{key: wire_time(at) for key, at in reached.items() if at is not None},
    }


def _restart_record(job: Job, history: Sequence[Move], count: int, move: Move) -> JsonObject:
    """One restart; it lasts until the job runs again."""
    again = next((one.at for one in history if one.at > move.at and one.status == "Running"), None)
    return {
        "JobRestartCount": count,
        "OccurPhase": "Running",
        "OccurTime": wire_time(move.at),
        "Reason": move.message,
        "RestartStatus": "Restarting" if again is None else "Succeeded",
        "RestartDurationInSec": 0 if again is None else int(again - move.at),
        "RestartLevelType": "Job",
        "RestartFailReason": "",
        "TriggerID": f"restart-{count}",
        "DetailErrorInfoList": _error_details(job, move) if move.cause else [],
    }


def _error_details(job: Job, move: Move) -> list[JsonObject]:
    """What AIMaster found before it started the job again."""
    exit_code = OUTCOMES[move.cause].exit_code
    pod = first_pod(job.job_id, job.body, move.cause, move.variant)
    return [
        {
            "ErrorSource": ("PodStatus", "JobLog", "PodStatus")[move.variant],
            "ErrorCode": str(exit_code),
            "ErrorMsg": move.message,
            "DetailErrorMsg": f"pod {pod}, exit code {exit_code}",
            "Pod": pod,
            "Node": node_name(pod),
            "TriggerRestart": True,
            "AddNodeToBlacklist": False,
            "AddJobLevelBlacklist": False,
        }
    ]


def _transition(move: Move, following: Move | None) -> JsonObject:
    return {
        "Status": move.status,
        "StartTime": wire_time(move.at),
        "EndTime": wire_time(following.at) if following else "",
        "ReasonCode": move.code,
        "ReasonMessage": move.message,
    }


def _placement(job: Job, history: Sequence[Move], now: float) -> JsonObject:
    pods = make_pods(job.job_id, visible_body(job, now), history, now)
    is_active = history[-1].status == "Running"
    roles = dict.fromkeys(pod["Type"] for pod in pods)
    counts = {role: sum(pod["Type"] == role for pod in pods) if is_active else 0 for role in roles}
    return {
        "Pods": pods,
        "NodeNames": [pod["NodeName"] for pod in pods],
        "NodeCount": str(len(pods)),
        "JobReplicaStatuses": [{"Type": role, "Active": count} for role, count in counts.items()],
        "SystemEnvs": {},
        "RoleSystemEnvs": {},
    }


def _shown(facts: JsonObject, hidden: frozenset[str], data_source_keys: tuple[str, ...]) -> JsonObject:
    item = {key: value for key, value in facts.items() if key not in hidden}
    if "DataSources" in item:
        item["DataSources"] = [_only(source, data_source_keys) for source in item["DataSources"]]
    if "CodeSource" in item:
        item["CodeSource"] = _only(item["CodeSource"], _CODE_SOURCE)
    if "UserVpc" in item:
        item["UserVpc"] = _vpc(item["UserVpc"])
    return item


def _only(value: JsonObject, keys: tuple[str, ...]) -> JsonObject:
    return {key: value[key] for key in keys if key in value}


def _vpc(value: JsonObject) -> JsonObject:
    """ExtendedCIDRs in the request is ExtendedCidrs in every answer."""
    return {"ExtendedCidrs" if key == "ExtendedCIDRs" else key: inner for key, inner in value.items()}
