"""What a new job refers to: workspace, quota, instance types, datasets, code source; and its policies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.emulator.answers import JsonObject, Refusal, invalid

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dlcapply.emulator.call import Call
    from dlcapply.emulator.world.catalogue import Catalogue


def check_references(body: JsonObject, call: Call) -> None:
    """Raises Refusal for the first reference that leads nowhere, and for what the workspace forbids."""
    if call.switches.check_references:
        _check_workspace(body["WorkspaceId"], call)
        for kind, name in _unknown(body, call.world.catalogue):
            raise invalid(f"{kind} {name} is not found.")
    _check_policies(body, call)


def _check_workspace(workspace_id: str, call: Call) -> None:
    if not call.world.knows_workspace(workspace_id):
        raise invalid(f"WorkspaceId {workspace_id} is not found.")


def _unknown(body: JsonObject, catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    quota_id, code = body.get("ResourceId"), (body.get("CodeSource") or {}).get("CodeSourceId")
    if quota_id and not catalogue.quota(quota_id):
        yield "ResourceId", quota_id
    if code and not catalogue.code_source(code):
        yield "CodeSourceId", code
    for spec in body["JobSpecs"]:
        if spec.get("EcsSpec") and not catalogue.instance_type(spec["EcsSpec"]):
            yield "EcsSpec", spec["EcsSpec"]
    for source in body.get("DataSources") or ():
        if source.get("DataSourceId") and not catalogue.dataset(source["DataSourceId"]):
            yield "DataSourceId", source["DataSourceId"]


def _check_policies(body: JsonObject, call: Call) -> None:
    """The scheduling settings of a workspace; how PAI words its refusals is unknown."""
    workspace = call.world.workspace(body["WorkspaceId"])
    if not body.get("ResourceId") and not workspace.pay_as_you_go:
        raise Refusal(403, "OperationForbidden", "The workspace does not allow pay-as-you-go resources.")
    missing = [tag for tag in workspace.required_tags if tag not in _tags(body)]
    if missing:
        raise invalid(f"Settings.Tags needs {', '.join(missing)} in this workspace.")


def _tags(body: JsonObject) -> JsonObject:
    return (body.get("Settings") or {}).get("Tags") or {}
