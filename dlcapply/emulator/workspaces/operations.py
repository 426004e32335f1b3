"""The operations that list what a job may refer to: instance types and workspaces."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dlcapply.emulator.answers import JsonObject
    from dlcapply.emulator.call import Call
    from dlcapply.emulator.world import Workspace


def list_workspaces(call: Call) -> JsonObject:
    ids, name = call.query.get("WorkspaceIds"), call.query.get("WorkspaceName", "")
    rows = [
        _workspace_row(workspace)
        for workspace in call.world.workspaces
        if (not ids or workspace.workspace_id in ids.split(",")) and name in workspace.name
    ]
    if call.query.get("Status", "ENABLED") != "ENABLED":
        rows = []
    return {"Workspaces": call.page(rows, default=20), "TotalCount": len(rows)}


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
