"""The pods of a job, by role, as they follow from its specs and its status."""

from __future__ import annotations

import hashlib
import math
import uuid
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

from dlcapply.emulator.clock import wire_time
from dlcapply.emulator.jobs.causes.outcomes import OUTCOMES
from dlcapply.emulator.jobs.lifecycle import FAILED, FINISHED, RECLAIMED, SUCCEEDED, Move, entered

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dlcapply.emulator.answers import JsonObject

_DELAY = 2.0  # until the other pods of a job have noticed that one of them is gone
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
    """One life of a job's pods: between EnvPreparing and a restart, or the end; None for what is to come.

    `quiet` is when they stopped printing, 0 for never; `gone` is when the next life took their place.
    """

    number: int
    created: float
    started: float | None
    ended: float | None
    move: Move  # the last of its time
    quiet: float = 0.0
    gone: float = math.inf
    cause: str = ""
    variant: int = 0

    @property
    def is_past(self) -> bool:
        return self.move.status == "Restarting"

    @property
    def is_struck(self) -> bool:
        """Whether its cause has struck: it has one before, and also where somebody stops it in time."""
        if not self.move.cause:
            return False
        is_failed = self.move.status in {*FAILED, "Restarting"}
        return is_failed or (self.move.cause == "worker-lost" and self.move.status in SUCCEEDED)


class PodLife(NamedTuple):
    """What one pod has of a life: the pod that failed first ends with it, the others a little later.

    `exit_code` is None for a pod that runs, or of which nothing tells how it ended.
    """

    life: Incarnation
    is_first: bool = True
    ended: float | None = None
    exit_code: int | None = None
    sub_status: str = ""


def first_pod(job_id: str, body: JsonObject, cause: str, variant: int) -> str:
    """The pod of the job that fails first; empty for a job without pods."""
    ids = [pod_id for pod_id, _ in pod_ids(job_id, body["JobType"], body["JobSpecs"])]
    return ids[first_rank(cause, ids, variant)] if ids else ""


def pod_life(ids: Sequence[str], rank: int, life: Incarnation, now: float) -> PodLife:
    """The life of the pod at `rank` of `ids` by `now`."""
    if not life.is_struck or life.ended is None:
        return PodLife(life, ended=life.ended, exit_code=0 if life.move.status in SUCCEEDED else None)
    outcome, first = OUTCOMES[life.move.cause], first_rank(life.move.cause, ids, life.move.variant)
    if rank == first:
        return PodLife(life, True, life.ended, outcome.exit_code or None, outcome.sub_status)
    is_late = life.started is not None and not outcome.is_collective and outcome.status == "Failed"
    ended = min(life.ended + (_DELAY + rank % 3 if is_late else 0), life.gone)
    if ended > now:
        return PodLife(life, False, sub_status="Normal")
    others = outcome.exit_code_of_others(life.move.variant) if outcome.exit_code else None
    return PodLife(life, False, ended, others, "Normal")


def first_rank(cause: str, ids: Sequence[str], variant: int) -> int:
    """Which pod fails first: the launcher of MPI, otherwise neither the first nor always the same."""
    masters = (rank for rank, pod_id in enumerate(ids) if "-master-" in pod_id)
    if cause == "mpi-ssh" or len(ids) <= 1:
        return next(masters, 0)
    return 1 + variant % (len(ids) - 1)


def incarnations(history: Sequence[Move]) -> list[Incarnation]:
    """The lives of the pods so far, the newest last; none before EnvPreparing."""
    lives: list[list[Move]] = []
    for move in history:
        if move.status == "EnvPreparing":
            lives.append([])
        if lives:
            lives[-1].append(move)
    ends = [moves[0].at for moves in lives[1:]]
    return [_incarnation(*one) for one in zip(count(), lives, [*ends, math.inf], strict=False)]


def _incarnation(number: int, moves: Sequence[Move], gone: float) -> Incarnation:
    ended = entered(moves, "Restarting", *FINISHED)
    quiet, first = max(move.quiet for move in moves), moves[0]
    started = entered(moves, "Running")
    return Incarnation(number, first.at, started, ended, moves[-1], quiet, gone, first.cause, first.variant)


def make_pods(job_id: str, body: JsonObject, history: Sequence[Move], now: float) -> list[JsonObject]:
    """Every pod as it is at `now`, with its earlier lives; none before EnvPreparing."""
    lives = incarnations(history)
    if not lives:
        return []
    pods = list(pod_ids(job_id, body["JobType"], body["JobSpecs"]))
    ids = [pod_id for pod_id, _ in pods]
    return [_with_history(ids, rank, role, body, lives, now) for rank, (_, role) in enumerate(pods)]


def _with_history(
    ids: Sequence[str], rank: int, role: str, body: JsonObject, lives: Sequence[Incarnation], now: float
) -> JsonObject:
    own = (pod_life(ids, rank, life, now) for life in lives)
    *past, current = (_make_pod(ids[rank], role, body, one, now) for one in own)
    return {**current, "HistoryPods": past}


def _make_pod(pod_id: str, role: str, body: JsonObject, own: PodLife, now: float) -> JsonObject:
    ip, life = pod_ip(pod_id), own.life
    pod: JsonObject = {
        "PodId": pod_id,
        "PodUid": pod_uid(pod_id, life.number),
        "Type": role,
        "Status": _pod_status(own),
        "SubStatus": own.sub_status or _sub_status(body, life),
        "Ip": ip,
        "PodIps": [{"InterfaceName": "eth0", "Ip": ip}],
        "NodeName": node_name(pod_id),
        "ResourceType": "ECS",
        "GmtCreateTime": wire_time(life.created),
    }
    if life.started is not None:
        pod["GmtStartTime"] = wire_time(life.started)
        pod["Duration"] = int((now if own.ended is None else own.ended) - life.started)
    if own.ended is not None:
        pod["GmtFinishTime"] = wire_time(own.ended)
    return pod


def _pod_status(own: PodLife) -> str:
    if own.life.is_struck:
        return "Running" if own.ended is None else "Succeeded" if own.exit_code == 0 else "Failed"
    return "Failed" if own.life.is_past else _STATUSES.get(own.life.move.status, "Unknown")


def _sub_status(body: JsonObject, life: Incarnation) -> str:
    """Pods on idle resources are preempted, those on spot instances evicted."""
    if life.move.message != RECLAIMED:
        return "Normal"
    return "Preempted" if (body.get("Settings") or {}).get("OversoldType") else "Evicted"


def node_name(pod_id: str) -> str:
    return f"node-{pod_ip(pod_id).replace('.', '-')}"


def pod_uid(pod_id: str, number: int = 0) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{pod_id}/{number}" if number else pod_id))


def pod_ip(pod_id: str) -> str:
    parts = hashlib.sha256(pod_id.encode(errors="surrogatepass")).digest()
    return f"10.{parts[0]}.{parts[1]}.{parts[2] % 254 + 1}"
