"""The operations that list what a job may refer to: instance types and workspaces."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from dlcapply.emulator.answers import JsonObject, invalid
from dlcapply.emulator.resources import INSTANCE_TYPES, spec_row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dlcapply.emulator.service import Call, Workspace

Row = TypeVar("Row")


def list_ecs_specs(call: Call) -> JsonObject:
    """Instance types on offer; SortBy is documented, but refused (Alibaba's own skill for PAI-DLC)."""
    if "SortBy" in call.query:
        raise invalid("SortBy is not supported.")
    rows = [row for row in map(spec_row, INSTANCE_TYPES) if _is_wanted(row, call)]
    return {"EcsSpecs": _page(call, rows, default=10), "TotalCount": len(rows)}


def _is_wanted(row: JsonObject, call: Call) -> bool:
    names = call.query.get("InstanceTypes")
    return (
        call.query.get("AcceleratorType", row["AcceleratorType"]) == row["AcceleratorType"]
        and call.query.get("ResourceType", row["ResourceType"]) == row["ResourceType"]
        and (not names or row["InstanceType"] in names.split(","))
    )


def list_workspaces(call: Call) -> JsonObject:
    ids, name = call.query.get("WorkspaceIds"), call.query.get("WorkspaceName", "")
    rows = [
        _workspace_row(workspace)
        for workspace in call.switches.workspaces
        if (not ids or workspace.workspace_id in ids.split(",")) and name in workspace.name
    ]
    if call.query.get("Status", "ENABLED") != "ENABLED":
        rows = []
    return {"Workspaces": _page(call, rows, default=20), "TotalCount": len(rows)}


def _workspace_row(workspace: Workspace) -> JsonObject:
    return {
        "WorkspaceId": workspace.workspace_id,
        "WorkspaceName": workspace.name,
        "DisplayName": workspace.name,
        "Status": "ENABLED",
        "IsDefault": workspace.is_default,
        "EnvTypes": ["prod"],
        "Creator": "1000000000000001",
        "AdminNames": ["dlcapply-emulator"],
    }


def _page(call: Call, rows: Sequence[Row], *, default: int) -> Sequence[Row]:
    size = call.number("PageSize", default=default, maximum=100)
    start = size * (call.number("PageNumber", default=1, maximum=1000) - 1)
    return rows[start : start + size]
