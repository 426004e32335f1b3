"""The pods of a job, by role, as they follow from its specs and its status."""

from __future__ import annotations

import hashlib
import uuid
from typing import TYPE_CHECKING

from dlcapply.emulator.clock import wire_time
from dlcapply.emulator.jobs.lifecycle import FAILED, FINISHED, SUCCEEDED, entered

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dlcapply.emulator.answers import JsonObject
    from dlcapply.emulator.jobs.lifecycle import Move

# Without a Master, the first Worker is promoted to be one (SDK, JobSpec.Type).
_PROMOTING = frozenset({"PyTorchJob", "XGBoostJob", "OneFlowJob", "ElasticBatchJob"})
_STATUSES = {
    "EnvPreparing": "Pending",
    "SanityChecking": "Pending",
    "Running": "Running",
    "Restarting": "Running",
    "Stopping": "Running",
    "Stopped": "Stopped",
    **dict.fromkeys(SUCCEEDED, "Succeeded"),
    **dict.fromkeys(FAILED, "Failed"),
}


def promoted(job_type: str, specs: Sequence[JsonObject]) -> list[JsonObject]:
    """The specs with a Master, where the service would name one."""
    if job_type not in _PROMOTING or any(spec.get("Type") != "Worker" for spec in specs):
        return list(specs)
    first, *others = specs
    rest = {**first, "PodCount": first["PodCount"] - 1}
    return [{**first, "Type": "Master", "PodCount": 1}, *([rest] if rest["PodCount"] else []), *others]


def pod_ids(job_id: str, job_type: str, specs: Sequence[JsonObject]) -> Iterator[tuple[str, str]]:
    """(pod id, role) of every pod: `<job id>-master-0`, `<job id>-worker-0`, …"""
    for spec in promoted(job_type, specs):
        role = spec["Type"]
        for rank in range(spec["PodCount"]):
            yield f"{job_id}-{role.lower()}-{rank}", role


def make_pods(job_id: str, body: JsonObject, history: Sequence[Move], now: float) -> list[JsonObject]:
    """Every pod as it is at `now`; none before EnvPreparing."""
    created = entered(history, "EnvPreparing")
    if created is None:
        return []
    times: JsonObject = {"GmtCreateTime": wire_time(created)}
    started, finished = entered(history, "Running"), entered(history, *FINISHED)
    if started is not None:
        times["GmtStartTime"] = wire_time(started)
        times["Duration"] = int((finished or now) - started)
    if finished is not None:
        times["GmtFinishTime"] = wire_time(finished)
    status = _STATUSES.get(history[-1].status, "Unknown")
    return [
        _make_pod(pod_id, role, status) | times
        for pod_id, role in pod_ids(job_id, body["JobType"], body["JobSpecs"])
    ]


def _make_pod(pod_id: str, role: str, status: str) -> JsonObject:
    ip = pod_ip(pod_id)
    return {
        "PodId": pod_id,
        "PodUid": pod_uid(pod_id),
        "Type": role,
        "Status": status,
        "SubStatus": "Normal",
        "Ip": ip,
        "PodIps": [{"InterfaceName": "eth0", "Ip": ip}],
        "NodeName": f"node-{ip.replace('.', '-')}",
        "ResourceType": "ECS",
        "HistoryPods": [],
    }


def pod_uid(pod_id: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, pod_id))


def pod_ip(pod_id: str) -> str:
    parts = hashlib.sha256(pod_id.encode()).digest()
    return f"10.{parts[0]}.{parts[1]}.{parts[2] % 254 + 1}"
