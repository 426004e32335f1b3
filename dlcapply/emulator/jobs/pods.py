"""The pods of a job, by role, as they follow from its specs and its status."""

from __future__ import annotations

import hashlib
import uuid
from typing import TYPE_CHECKING, NamedTuple

from dlcapply.emulator.clock import wire_time
from dlcapply.emulator.jobs.lifecycle import FAILED, FINISHED, RECLAIMED, SUCCEEDED, Move, entered

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dlcapply.emulator.answers import JsonObject

# Without a Master, the first Worker is promoted to be one (SDK, JobSpec.Type).
_PROMOTING = frozenset({"PyTorchJob", "XGBoostJob", "OneFlowJob", "ElasticBatchJob"})
_STATUSES = {
    "EnvPreparing": "Pending",
    "SanityChecking": "Pending",
    "Running": "Running",
    "Restarting": "Failed",
    "Stopping": "Running",
    "Stopped": "Stopped",
    **dict.fromkeys(SUCCEEDED, "Succeeded"),
    **dict.fromkeys(FAILED, "Failed"),
}


def promoted(job_type: str, specs: Sequence[JsonObject]) -> list[JsonObject]:
    """The specs with a Master, where the service would name one."""
    if not specs or job_type not in _PROMOTING or any(spec.get("Type") != "Worker" for spec in specs):
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


class Incarnation(NamedTuple):
    """One life of a job's pods: between EnvPreparing and a restart, or the end; None for what is to come."""

    number: int
    created: float
    started: float | None
    ended: float | None
    move: Move  # the last of its time

    @property
    def is_past(self) -> bool:
        return self.move.status == "Restarting"


def incarnations(history: Sequence[Move]) -> list[Incarnation]:
    """The lives of the pods so far, the newest last; none before EnvPreparing."""
    lives: list[list[Move]] = []
    for move in history:
        if move.status == "EnvPreparing":
            lives.append([])
        if lives:
            lives[-1].append(move)
    return [_incarnation(number, moves) for number, moves in enumerate(lives)]


def _incarnation(number: int, moves: Sequence[Move]) -> Incarnation:
    ended = entered(moves, "Restarting", *FINISHED)
    return Incarnation(number, moves[0].at, entered(moves, "Running"), ended, moves[-1])


def make_pods(job_id: str, body: JsonObject, history: Sequence[Move], now: float) -> list[JsonObject]:
    """Every pod as it is at `now`, with its earlier lives; none before EnvPreparing."""
    lives = incarnations(history)
    if not lives:
        return []
    ids = pod_ids(job_id, body["JobType"], body["JobSpecs"])
    return [_with_history(pod_id, role, body, lives, now) for pod_id, role in ids]


def _with_history(
    pod_id: str, role: str, body: JsonObject, lives: Sequence[Incarnation], now: float
) -> JsonObject:
    *past, current = (_make_pod(pod_id, role, body, life, now) for life in lives)
    return {**current, "HistoryPods": past}


def _make_pod(pod_id: str, role: str, body: JsonObject, life: Incarnation, now: float) -> JsonObject:
    ip = pod_ip(pod_id)
    pod: JsonObject = {
        "PodId": pod_id,
        "PodUid": pod_uid(pod_id, life.number),
        "Type": role,
        "Status": "Failed" if life.is_past else _STATUSES.get(life.move.status, "Unknown"),
        "SubStatus": _sub_status(body, life),
        "Ip": ip,
        "PodIps": [{"InterfaceName": "eth0", "Ip": ip}],
        "NodeName": f"node-{ip.replace('.', '-')}",
        "ResourceType": "ECS",
        "GmtCreateTime": wire_time(life.created),
    }
    if life.started is not None:
        pod["GmtStartTime"] = wire_time(life.started)
        pod["Duration"] = int((now if life.ended is None else life.ended) - life.started)
    if life.ended is not None:
        pod["GmtFinishTime"] = wire_time(life.ended)
    return pod


def _sub_status(body: JsonObject, life: Incarnation) -> str:
    """Pods on idle resources are preempted, those on spot instances evicted."""
    if life.move.message != RECLAIMED:
        return "Normal"
    return "Preempted" if (body.get("Settings") or {}).get("OversoldType") else "Evicted"


def pod_uid(pod_id: str, number: int = 0) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{pod_id}/{number}" if number else pod_id))


def pod_ip(pod_id: str) -> str:
    parts = hashlib.sha256(pod_id.encode(errors="surrogatepass")).digest()
    return f"10.{parts[0]}.{parts[1]}.{parts[2] % 254 + 1}"
