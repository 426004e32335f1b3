"""ListQuotas and GetQuota of PaiStudio."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.emulator.answers import not_found
from dlcapply.emulator.clock import read_time, wire_time
from dlcapply.emulator.jobs.demand import Demand
from dlcapply.emulator.studio.listing import amount, one_of
from dlcapply.emulator.studio.queues import total, workloads_on

if TYPE_CHECKING:
    from dlcapply.emulator.answers import JsonObject
    from dlcapply.emulator.call import Call
    from dlcapply.emulator.world.catalogue import Quota

_CREATED = wire_time(read_time("2026-01-05T08:00:00Z"))  # of everything in a catalogue
STRATEGY = "PaiStrategyIntelligent"
_SORT_SIZES = {"CPU": "cpu", "GPU": "gpu", "Memory": "memory"}


def list_quotas(call: Call) -> JsonObject:
    """The quotas of one resource type: ECS, unless another is asked for (SDK, ListQuotasRequest)."""
    found = [one for one in call.world.catalogue.quotas if _may_see(call, one) and _is_wanted(call, one)]
    key = call.query.get("SortBy") or "GmtCreatedTime"
    found.sort(
        key=lambda one: getattr(one, _SORT_SIZES[key]) if key in _SORT_SIZES else one.name,
        reverse=call.query.get("Order") == "desc",
    )
    verbose = call.flag("Verbose", default=False)
    rows = [_row(call, one, verbose=verbose) for one in call.page(found, default=10)]
    return {"Quotas": rows, "TotalCount": len(found)}


def _is_wanted(call: Call, quota: Quota) -> bool:
    asked = call.query.get("WorkspaceIds", "")
    spaces = [one.workspace_id for one in call.world.workspaces if _is_attached(quota, one.workspace_id)]
    names = [call.world.workspace(one).name for one in spaces]
    return (
        quota.resource_type == (call.query.get("ResourceType") or "ECS")
        and one_of(call, "QuotaIds", quota.quota_id)
        and call.query.get("QuotaName", "").lower() in quota.name.lower()
        and one_of(call, "Statuses", "Ready")
        and not call.query.get("ParentQuotaId")
        and (not asked or any(_is_attached(quota, one.strip()) for one in asked.split(",")))
        and call.query.get("WorkspaceName", "") in {"", *names}
    )


def _is_attached(quota: Quota, workspace_id: str) -> bool:
    return quota.workspaces is None or workspace_id in quota.workspaces


def _may_see(call: Call, quota: Quota) -> bool:
    """Administrators see every quota, others those of their workspaces."""
    mine = (one for one in call.world.workspaces if call.world.is_member(call.user, one.workspace_id))
    return call.user.administrator or any(_is_attached(quota, one.workspace_id) for one in mine)


def get_quota(call: Call) -> JsonObject:
    return _row(call, known_quota(call), verbose=call.flag("Verbose", default=True))


def known_quota(call: Call) -> Quota:
    """The quota of the path; raises Refusal unless the caller sees it."""
    quota = call.world.catalogue.quota(call.path["QuotaId"])
    if quota is None or not _may_see(call, quota):
        raise not_found("Quota", call.path["QuotaId"])
    return quota


def _row(call: Call, quota: Quota, *, verbose: bool) -> JsonObject:
    spaces = [one for one in call.world.workspaces if _is_attached(quota, one.workspace_id)]
    row: JsonObject = {
        "QuotaId": quota.quota_id,
        "QuotaName": quota.name,
        "ResourceType": quota.resource_type,
        "ParentQuotaId": "",
        "SubQuotas": [],
        "ResourceGroupIds": [],
        "AllocateStrategy": "ByNodeSpecs",
        "QueueStrategy": STRATEGY,
        "Description": "",
        "Labels": [],
        "CreatorId": "1000000000000001",
        "Status": "Ready",
        "ReasonCode": "",
        "ReasonMessage": "",
        "GmtCreatedTime": _CREATED,
        "GmtModifiedTime": _CREATED,
        "Workspaces": [{"WorkspaceId": one.workspace_id, "WorkspaceName": one.name} for one in spaces],
    }
    return {**row, "QuotaDetails": _details(call, quota)} if verbose else row


def _details(call: Call, quota: Quota) -> JsonObject:
    """How much there is, how much workloads hold, and how much was asked for, with what waits."""
    workloads = workloads_on(call, quota)
    size = amount(Demand(quota.cpu, quota.gpu, quota.memory))
    held = amount(total(one for one in workloads if not one.is_waiting))
    return {
        **dict.fromkeys(("ActualMinQuota", "AllocatableQuota", "DesiredMinQuota"), size),
        **dict.fromkeys(("AllocatedQuota", "RequestedQuota", "SelfAllocatedQuota", "UsedQuota"), held),
        "SelfSubmittedQuota": amount(total(workloads)),
        "SystemReservedQuota": amount(Demand()),
    }
