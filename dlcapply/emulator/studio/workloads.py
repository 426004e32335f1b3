"""ListQuotaWorkloads: what runs on a quota, and the queue in front of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.emulator.clock import wire_time
from dlcapply.emulator.jobs.demand import Demand
from dlcapply.emulator.jobs.lifecycle import entered, moves_until
from dlcapply.emulator.jobs.table import visible_body
from dlcapply.emulator.studio.listing import amount, one_of
from dlcapply.emulator.studio.queues import is_shown, total, workloads_on
from dlcapply.emulator.studio.quotas import STRATEGY, known_quota

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dlcapply.emulator.answers import JsonObject
    from dlcapply.emulator.call import Call
    from dlcapply.emulator.studio.queues import Workload
    from dlcapply.emulator.world.catalogue import Quota

ENQUEUED, DEQUEUED = "Enqueued", "Dequeued"
_OF_JOBS = "dlc"
_FIRST_OF_RUN = ("Bidding", "EnvPreparing", "SanityChecking", "Running")


def list_workloads(call: Call) -> JsonObject:
    """Those that the caller may see, each with its place in the whole queue."""
    quota = known_quota(call)
    everything = workloads_on(call, quota)
    before = _place_of(call.query.get("BeforeWorkloadId", ""), everything)
    rows = [
        _row(call, one, quota, everything)
        for one in everything
        if is_shown(call, one) and (before is None or 0 < one.position < before)
    ]
    found = [row for row in rows if _is_wanted(call, row)]
    if key := call.query.get("SortBy"):
        found.sort(
            key=lambda row: row.get(key, 0) if key in {"Position", "Priority"} else str(row.get(key, ""))
        )
    if call.query.get("Order") == "desc":
        found.reverse()
    return {"Workloads": call.page(found, default=10), "TotalCount": len(found)}


def _place_of(workload_id: str, workloads: Sequence[Workload]) -> int | None:
    """The place before which workloads are asked for; None where none is, 0 for one that does not wait."""
    if not workload_id:
        return None
    return next((one.position for one in workloads if one.job.job_id == workload_id), 0)


def _is_wanted(call: Call, row: JsonObject) -> bool:
    lists = {
        "WorkspaceIds": "WorkspaceId",
        "WorkloadIds": "WorkloadId",
        "WorkloadStatuses": "WorkloadStatus",
        "WorkloadType": "WorkloadType",
        "UserIds": "UserId",
        "Status": "Status",
        "SubQuotaIds": "QuotaId",
        "Position": "Position",
        "Priority": "Priority",
    }
    oversold = call.query.get("UseOversoldResource", "").lower()
    return (
        all(one_of(call, name, str(row.get(key, ""))) for name, key in lists.items())
        and call.query.get("WorkloadNames", "").lower() in row["WorkloadName"].lower()
        and oversold in {"", str(row["UseOversoldResource"]).lower()}
    )


def _row(call: Call, one: Workload, quota: Quota, workloads: Sequence[Workload]) -> JsonObject:
    job, history = one.job, moves_until(one.job.moves, call.now)
    body = visible_body(job, call.now)
    enqueued, dequeued = entered(history, "Queuing"), entered(history, *_FIRST_OF_RUN)
    times = {"GmtCreatedTime": job.created, "GmtEnqueuedTime": enqueued, "GmtDequeuedTime": dequeued}
    return {
        "Status": ENQUEUED if one.is_waiting else DEQUEUED,
        "QuotaId": quota.quota_id,
        "QueueStrategy": STRATEGY,
        "Name": f"{job.job_id}-queue-unit",
        "WorkloadType": _OF_JOBS,
        "WorkloadId": job.job_id,
        "WorkloadName": body["DisplayName"],
        "WorkloadStatus": one.status,
        "Priority": body.get("Priority", 1),
        "Resource": amount(one.demand),
        "UserId": job.user_id,
        "UserName": call.world.user_name(job.user_id),
        "WorkspaceId": body["WorkspaceId"],
        "WorkspaceName": call.world.workspace(body["WorkspaceId"]).name,
        "UseOversoldResource": False,
        **(_why(one, quota, workloads) if one.is_waiting else {}),
        **{key: wire_time(at) for key, at in times.items() if at is not None},
    }


def _why(one: Workload, quota: Quota, workloads: Sequence[Workload]) -> JsonObject:
    """Its place, and what keeps it there: what it asks for is not free, or others come first."""
    held = total(other for other in workloads if not other.is_waiting)
    size = Demand(quota.cpu, quota.gpu, quota.memory)
    free = Demand(*(max(0.0, whole - taken) for whole, taken in zip(size, held, strict=True)))
    place = {"Position": one.position}
    if one.demand.fits(free):
        return place | {
            "Code": "WaitForPredecessors",
            "CodeType": "Queue",
            "Reason": f"{one.position - 1} workloads are before this one in the queue.",
        }
    short = [name for name in Demand._fields if getattr(one.demand, name) > getattr(free, name)]
    told = ", ".join(
        f"{getattr(one.demand, name):g} {name.upper()} requested, {getattr(free, name):g} free"
        for name in short
    )
    return place | {"Code": "ResourceNotEnough", "CodeType": "Resource", "Reason": f"Insufficient: {told}."}
