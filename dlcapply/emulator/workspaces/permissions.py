"""ListPermissions: what the caller may do to the jobs of a workspace, by their Accessibility."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.emulator.answers import not_found

if TYPE_CHECKING:
    from dlcapply.emulator.answers import JsonObject
    from dlcapply.emulator.call import Call

# Some of the codes that the service has for jobs (appendix of roles and permissions).
_READING = ("PaiDLC:GetJob", "PaiDLC:ListJobs")
_WRITING = ("PaiDLC:DeleteJob", "PaiDLC:StopJob", "PaiDLC:UpdateJob")


def list_permissions(call: Call) -> JsonObject:
    """The rules of the caller's role for jobs; raises Refusal where the caller has none in the workspace."""
    workspace_id = call.workspace_id(call.path["WorkspaceId"])
    if call.switches.check_references and not call.world.knows_workspace(workspace_id):
        raise not_found("Workspace", workspace_id)
    rules = dict.fromkeys(_READING, _reading(call)) | dict.fromkeys(_WRITING, _writing(call))
    permissions = [{"PermissionCode": code, "PermissionRules": rules[code]} for code in sorted(rules)]
    return {"Permissions": permissions, "TotalCount": len(permissions)}


def _reading(call: Call) -> list[JsonObject]:
    own, everybodys = _rule("PRIVATE", "CREATOR"), _rule("PRIVATE", "ANY")
    if not call.user.administrator:
        return [_rule("PUBLIC", "ANY"), own]
    return {
        "private": [_rule("PUBLIC", "ANY"), everybodys],
        "any": [_rule("ANY", "ANY")],
        "added": [_rule("PUBLIC", "ANY"), own, everybodys],
    }[call.switches.administrator_rules]


def _writing(call: Call) -> list[JsonObject]:
    return [_rule("ANY", "ANY" if call.user.administrator else "CREATOR")]


def _rule(accessibility: str, access: str) -> JsonObject:
    return {"Accessibility": accessibility, "EntityAccessType": access}
