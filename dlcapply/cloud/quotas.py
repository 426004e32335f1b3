"""Quotas and their queues, as PaiStudio shows them; connections here are to PaiStudio."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from dlcapply.cloud.wire import values
from dlcapply.cloud.wire.failures import not_understood, request_id_of
from dlcapply.cloud.wire.json_reader import is_id, is_number_or_text
from dlcapply.model.answers import maps, text_of
from dlcapply.model.queues import UNKNOWN_AMOUNT, Amount, Queue, Quota, Workload

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dlcapply.cloud.wire.connection import Connection

_QUOTAS = "/api/v1/quotas"
_PAGE_SIZE = 100
_MOST_PAGES = 50
# ListQuotas shows those of one type, ECS where none is named (SDK, ListQuotasRequest).
_RESOURCE_TYPES = ("ECS", "Lingjun", "ACS")
_WAITS, _RUNS = "enqueued", "dequeued"
_ENDED = frozenset({"succeeded", "failed", "stopped", "deleted"})


def quotas_of(connection: Connection, workspace_id: str) -> tuple[Quota, ...]:
    """The quotas that are attached to the workspace, of every type of resources; raises ServiceError."""
    found: dict[str, Quota] = {}
    for kind in _RESOURCE_TYPES:
        query = {"WorkspaceIds": workspace_id, "ResourceType": kind, "Verbose": "true"}
        for row in _paged(connection, "ListQuotas", f"{_QUOTAS}/", "Quotas", query)[0]:
            if is_id(row.get("QuotaId")):
                found.setdefault(row["QuotaId"], _quota(row))
    return tuple(found.values())


def quota(connection: Connection, quota_id: str) -> Quota:
    """The quota as GetQuota shows it; raises ServiceError."""
    answer = connection.read("GetQuota", _path(quota_id), {"Verbose": "true"})
    if answer.get("QuotaId") != quota_id:
        raise not_understood("GetQuota", "is about another quota", request_id=request_id_of(answer))
    return _quota(answer)


def workloads(connection: Connection, quota_id: str) -> Queue:
    """What runs on the quota, and what waits for it; raises ServiceError."""
    query = {"SortBy": "GmtCreatedTime", "Order": "asc"}
    path = f"{_path(quota_id)}/workloads"
    rows, is_whole = _paged(connection, "ListQuotaWorkloads", path, "Workloads", query)
    found = {row["WorkloadId"]: _workload(row) for row in rows if is_id(row.get("WorkloadId"))}
    active = (one for one in found.values() if one.status.lower() not in _ENDED)
    return Queue(quota_id, tuple(active), is_whole)


def _path(quota_id: str) -> str:
    return f"{_QUOTAS}/{quote(quota_id, safe='')}"


def _paged(
    connection: Connection, operation: str, path: str, key: str, query: Mapping[str, str]
) -> tuple[list[Mapping[str, Any]], bool]:
    """The rows of all pages, and whether they are as many as PAI counts."""
    rows: list[Mapping[str, Any]] = []
    for number in range(1, _MOST_PAGES + 1):
        page = {"PageNumber": str(number), "PageSize": str(_PAGE_SIZE)}
        answer = connection.read(operation, path, {**query, **page})
        if not isinstance(answer.get(key), list):
            raise not_understood(operation, f"has no {key}", request_id=request_id_of(answer))
        shown = len(answer[key])
        rows += maps(answer.get(key))
        total = values.whole(answer.get("TotalCount"))
        if not shown or (total is not None and len(rows) >= total):
            return rows, total is not None and len(rows) >= total
        if total is None and shown < _PAGE_SIZE:
            return rows, True
    return rows, False


def _quota(row: Mapping[str, Any]) -> Quota:
    details = row.get("QuotaDetails")
    details = details if isinstance(details, dict) else {}
    return Quota(
        quota_id=str(row["QuotaId"]),
        name=values.text(row, "QuotaName"),
        resource_type=values.text(row, "ResourceType"),
        status=values.text(row, "Status"),
        strategy=values.text(row, "QueueStrategy"),
        # What jobs may have is less than what there is by what the system keeps (SDK, QuotaDetails).
        size=_first(details, "AllocatableQuota", "ActualMinQuota", "DesiredMinQuota"),
        held=_first(details, "AllocatedQuota", "UsedQuota"),
    )


def _first(details: Mapping[str, Any], *keys: str) -> Amount:
    return next((_amount(details[key]) for key in keys if isinstance(details.get(key), dict)), UNKNOWN_AMOUNT)


def _amount(row: Mapping[str, Any]) -> Amount:
    gpu, cpu, memory = (values.quantity(row.get(key)) for key in ("GPU", "CPU", "Memory"))
    return Amount(gpu, cpu, memory)


def _workload(row: Mapping[str, Any]) -> Workload:
    resource = row.get("Resource")
    return Workload(
        workload_id=str(row["WorkloadId"]),
        name=values.text(row, "WorkloadName"),
        product=values.text(row, "WorkloadType"),
        status=values.text(row, "WorkloadStatus"),
        is_waiting=_waits(row),
        position=values.whole(row.get("Position")),
        priority=values.whole(row.get("Priority")),
        asks=_amount(resource) if isinstance(resource, dict) else UNKNOWN_AMOUNT,
        code=values.text(row, "Code"),
        reason=values.text(row, "Reason"),
        user=values.text(row, "UserName", "UserId"),
        workspace_id=_id(row.get("WorkspaceId")),
        enqueued=values.time(row.get("GmtEnqueuedTime")) or values.time(row.get("GmtCreatedTime")),
    )


def _id(value: Any) -> str:
    return str(value) if is_number_or_text(value) else ""


def _waits(row: Mapping[str, Any]) -> bool:
    """Whether it is in the queue: of its statuses the documents name Enqueued alone."""
    status = text_of(row, "Status").lower()
    if status in {_WAITS, _RUNS}:
        return status == _WAITS
    return values.whole(row.get("Position")) is not None and not text_of(row, "GmtDequeuedTime")


def names_in(spec: Mapping[str, Any]) -> Iterator[str]:
    """The quotas that a CreateJob body names: of the job, and of its roles."""
    roles = spec.get("JobSpecs")
    places = [spec.get("ResourceId"), *(role.get("QuotaId") for role in maps(roles))]
    return (str(one) for one in dict.fromkeys(places) if isinstance(one, str) and one)
