"""ListCodeSources and GetCodeSource."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.emulator.answers import not_found
from dlcapply.emulator.workspaces.listing import CREATED, OWNER, contains, sorted_page

if TYPE_CHECKING:
    from dlcapply.emulator.answers import JsonObject
    from dlcapply.emulator.call import Call
    from dlcapply.emulator.world.catalogue import CodeSource


def list_code_sources(call: Call) -> JsonObject:
    """The code sources of a workspace."""
    workspace_id = call.workspace_id(call.query.get("WorkspaceId"))
    rows = [
        _row(one)
        for one in call.world.catalogue.code_sources
        if one.workspace_id == workspace_id and contains(call, "DisplayName", one.name)
    ]
    return sorted_page(call, "CodeSources", rows, default=20)


def get_code_source(call: Call) -> JsonObject:
    found = call.world.catalogue.code_source(call.path["CodeSourceId"])
    if found is None or not call.world.is_member(call.user, found.workspace_id):
        raise not_found("CodeSource", call.path["CodeSourceId"])
    return _row(found)


def _row(source: CodeSource) -> JsonObject:
    """Whether the service masks access tokens is unknown; here they are."""
    return {
        "CodeSourceId": source.code_source_id,
        "DisplayName": source.name,
        "Description": source.description,
        "CodeRepo": source.repo,
        "CodeBranch": source.branch,
        "CodeCommit": source.commit,
        "CodeRepoUserName": "",
        "CodeRepoAccessToken": "******" if source.access_token else "",
        "MountPath": source.mount_path,
        "Accessibility": source.accessibility,
        "WorkspaceId": source.workspace_id,
        "UserId": OWNER,
        "GmtCreateTime": CREATED,
        "GmtModifyTime": CREATED,
    }
