"""The operations of PaiStudio, by method and path; the path of its ListQuotas ends in a slash."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.emulator.operation import ORDER, PAGE, PAI_STUDIO, VERBOSE, Operation
from dlcapply.emulator.parameters import FLAG, TEXT, choice, some_of, whole
from dlcapply.emulator.studio import quotas, workloads

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dlcapply.emulator.parameters import Parameter

_QUOTAS: Mapping[str, Parameter] = {
    **PAGE,
    **ORDER,
    **VERBOSE,
    **dict.fromkeys(("QuotaIds", "QuotaName", "ParentQuotaId", "WorkspaceIds", "WorkspaceName"), TEXT),
    "LayoutMode": choice("Tree", "List"),
    "ResourceType": choice("ECS", "Lingjun", "ACS"),
    "SortBy": choice("QuotaName", "Status", "CPU", "Memory", "GPU", "GmtCreatedTime", "GmtModifiedTime"),
    "Statuses": some_of("Creating", "Ready", "Scaling", "Deleting", "Deleted"),
}
_WORKLOADS: Mapping[str, Parameter] = {
    **PAGE,
    **ORDER,
    **dict.fromkeys(("BeforeWorkloadId", "SubQuotaIds", "UserIds", "WorkloadIds", "WorkloadNames"), TEXT),
    **dict.fromkeys(("WorkloadStatuses", "WorkspaceIds"), TEXT),
    **dict.fromkeys(("ShowOwn", "UseOversoldResource"), FLAG),
    **dict.fromkeys(("Position", "Priority"), whole(0, 1_000_000)),
    "SortBy": choice("GmtCreatedTime", "GmtEnqueuedTime", "GmtDequeuedTime", "Position", "Priority"),
    "Status": choice(workloads.ENQUEUED, workloads.DEQUEUED),
    "WorkloadType": choice("dlc", "dsw", "eas"),
}
_ONE = "/api/v1/quotas/{QuotaId}"

OPERATIONS: Mapping[tuple[str, str], Operation] = {
    ("GET", "/api/v1/quotas/"): Operation("ListQuotas", quotas.list_quotas, _QUOTAS, PAI_STUDIO),
    ("GET", _ONE): Operation(
        "GetQuota", quotas.get_quota, {**VERBOSE, "WithNodeMeta": choice("false", "False")}, PAI_STUDIO
    ),
    ("GET", f"{_ONE}/workloads"): Operation(
        "ListQuotaWorkloads", workloads.list_workloads, _WORKLOADS, PAI_STUDIO
    ),
}
