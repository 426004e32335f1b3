"""The operations of AIWorkSpace, by method and path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.emulator.operation import AI_WORKSPACE, PAGE, Operation
from dlcapply.emulator.workspaces import operations

if TYPE_CHECKING:
    from collections.abc import Mapping

OPERATIONS: Mapping[tuple[str, str], Operation] = {
    ("GET", "/api/v1/workspaces"): Operation(
        "ListWorkspaces",
        operations.list_workspaces,
        PAGE | {"WorkspaceName", "WorkspaceIds", "Status", "Option", "Verbose"},
        AI_WORKSPACE,
    ),
}
