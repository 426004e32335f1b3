"""What ListJobs and GetJob show of a job: two different halves of it.

Which key is in which follows the SDK's models (JobItem, GetJobResponseBody) and the help page of JobItem.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.emulator.clock import wire_time
from dlcapply.emulator.lifecycle import FAILED, FINISHED, SUCCEEDED, entered, moves_until
from dlcapply.emulator.pods import make_pods, promoted
from dlcapply.emulator.resources import requested

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dlcapply.emulator.answers import JsonObject
    from dlcapply.emulator.lifecycle import Move
    from dlcapply.emulator.service import Switches
    from dlcapply.emulator.store import Job

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
_TIMES: dict[str, tuple[str, ...]] = {
    "GmtSubmittedTime": ("Queuing",),
    "GmtRunningTime": ("Running",),
    "GmtSuccessedTime": SUCCEEDED,  # sic
    "GmtFailedTime": FAILED,
    "GmtStoppedTime": ("Stopped",),
    "GmtFinishTime": FINISHED,
}


def list_item(job: Job, now: float, switches: Switches) -> JsonObject:
    """The job as a row of ListJobs."""
    facts = all_facts(job, now, switches)
    cpu, gpu, memory = requested(facts["JobSpecs"])
    numbers = {"RequestCPU": cpu, "RequestGPU": f"{gpu:g}", "RequestMemory": f"{memory:g}Gi"}
    return _shown({"RestartTimes": "0", **numbers, **facts}, _NOT_LISTED, ("DataSourceId", "MountPath"))


def get_item(job: Job, now: float, switches: Switches) -> JsonObject:
    """The job as GetJob answers it."""
    facts = all_facts(job, now, switches)
    cpu, gpu, memory = requested(facts["JobSpecs"])
    numbers = {"RequestCPU": cpu, "RequestGPU": gpu, "RequestMemory": memory}
    facts = {"RestartTimes": "0/10", **numbers, **facts}
    return _shown(facts, _ONLY_LISTED, ("DataSourceId", "MountPath", "Uri"))


def all_facts(job: Job, now: float, switches: Switches) -> JsonObject:
    """Everything known of the job at `now`, whether or not an answer shows it."""
    body = visible_body(job, now)
    if switches.master_promotion:
        body["JobSpecs"] = promoted(body["JobType"], body["JobSpecs"])
    facts = {**body, **service_facts(job, now, switches), **job.shown}
    return {key: value for key, value in facts.items() if value is not None}


def visible_body(job: Job, now: float) -> JsonObject:
    """The body with those late values that show by now."""
    return {**job.body, **{key: late.value for key, late in job.late.items() if late.at <= now}}


def service_facts(job: Job, now: float, switches: Switches) -> JsonObject:
    """What the service itself says of the job at `now`."""
    history = moves_until(job.moves, now)
    return {**_identity(job, switches), **_progress(history, now), **_placement(job, history, now)}


def _identity(job: Job, switches: Switches) -> JsonObject:
    return {
        "JobId": job.job_id,
        "UserId": job.user_id,
        "Username": f"user-{job.user_id[-4:]}",
        "TenantId": "1",
        "ClusterId": "asi-emulator",
        "WorkspaceName": switches.workspace_name(job.body["WorkspaceId"]),
        "ResourceType": "ECS",
        "ResourceLevel": "L0",
        "IsDeleted": False,
        "EnabledDebugger": False,
        "GmtCreateTime": wire_time(job.created),
    }


def _progress(history: Sequence[Move], now: float) -> JsonObject:
    last = history[-1]
    reached = {key: entered(history, *statuses) for key, statuses in _TIMES.items()}
    started, finished = reached["GmtRunningTime"], reached["GmtFinishTime"]
    return {
        "Status": last.status,
        "SubStatus": "",
        "ReasonCode": last.code,
        "ReasonMessage": last.message,
        "GmtModifiedTime": wire_time(last.at),
        "Duration": 0 if started is None else int((finished or now) - started),
        "RetryCount": 0,
        "RestartRecord": [],
        "StatusHistory": [_transition(*pair) for pair in zip(history, (*history[1:], None), strict=True)],
        **{key: wire_time(at) for key, at in reached.items() if at is not None},
    }


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
