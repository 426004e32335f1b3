"""ListWorkspaces, GetWorkspace, GetDefaultWorkspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.emulator.answers import not_found
from dlcapply.emulator.workspaces.listing import CREATED, OWNER, contains, one_of, sorted_page

if TYPE_CHECKING:
    from dlcapply.emulator.answers import JsonObject
    from dlcapply.emulator.call import Call
    from dlcapply.emulator.world.world import Workspace


def list_workspaces(call: Call) -> JsonObject:
    """The workspaces that the caller is a member of; with Option GetResourceLimits, their limits alone."""
    rows = [
        _row(one)
        for one in call.world.workspaces
        if call.world.is_member(call.user, one.workspace_id)
        and one_of(call, "WorkspaceIds", one.workspace_id)
        and contains(call, "WorkspaceName", one.name)
        and one_of(call, "Status", "ENABLED")
        and one_of(call, "ModuleList", "PAI")
    ]
    if call.query.get("Option") == "GetResourceLimits":
        return {"ResourceLimits": {}, "TotalCount": len(rows)}
    wanted = [field.strip() for field in call.query.get("Fields", "").split(",") if field.strip()]
    if wanted:
        keys = {FIELDS[field] for field in wanted}
        rows = [{key: value for key, value in row.items() if key in keys} for row in rows]
    return sorted_page(call, "Workspaces", rows, default=20)


def get_workspace(call: Call) -> JsonObject:
    workspace_id = call.path["WorkspaceId"]
    if not (call.world.knows_workspace(workspace_id) and call.world.is_member(call.user, workspace_id)):
        raise not_found("Workspace", workspace_id)
    return {**_row(call.world.workspace(workspace_id)), "Owner": _OWNER}


def get_default_workspace(call: Call) -> JsonObject:
    """The workspace of requests that name none; raises Refusal where no default is declared."""
    workspace = call.world.workspace(call.world.default_workspace(call.user))
    row = {key: value for key, value in _row(workspace).items() if key not in {"IsDefault", "AdminNames"}}
    owner = {key: value for key, value in _OWNER.items() if key != "DisplayName"}
    return {**row, "Owner": owner, "Conditions": []}


_OWNER = {
    "UserId": OWNER,
    "UserKp": OWNER,
    "UserName": "dlcapply-emulator",
    "DisplayName": "dlcapply-emulator",
}


def _row(workspace: Workspace) -> JsonObject:
    return {
        "WorkspaceId": workspace.workspace_id,
        "WorkspaceName": workspace.name,
        "DisplayName": workspace.name,
        "Description": "",
        "Status": "ENABLED",
        "IsDefault": workspace.is_default,
        "EnvTypes": ["prod"],
        "Creator": OWNER,
        "AdminNames": ["dlcapply-emulator"],
        "GmtCreateTime": CREATED,
        "GmtModifiedTime": CREATED,
    }


_KEYS = ("WorkspaceName", "DisplayName", "Description", "Status", "IsDefault", "EnvTypes", "Creator")
FIELDS = {"Id": "WorkspaceId", "WorkspaceId": "WorkspaceId", **{key: key for key in _KEYS}}
