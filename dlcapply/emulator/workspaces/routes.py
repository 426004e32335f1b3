"""The operations of AIWorkSpace, by method and path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.emulator.operation import AI_WORKSPACE, PAGE, Operation
from dlcapply.emulator.workspaces import code_sources, datasets, images, workspaces

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dlcapply.emulator.answers import JsonObject
    from dlcapply.emulator.call import Call

_LIST = PAGE | {"SortBy", "Order"}


def _get(name: str, run: Callable[[Call], JsonObject], *parameters: str) -> Operation:
    return Operation(name, run, frozenset(parameters), AI_WORKSPACE)


OPERATIONS: Mapping[tuple[str, str], Operation] = {
    ("GET", "/api/v1/workspaces"): _get(
        "ListWorkspaces",
        workspaces.list_workspaces,
        *_LIST,
        *("WorkspaceName", "WorkspaceIds", "Status", "Option", "Fields", "Verbose"),
    ),
    ("GET", "/api/v1/workspaces/{WorkspaceId}"): _get("GetWorkspace", workspaces.get_workspace, "Verbose"),
    ("GET", "/api/v1/defaultWorkspaces"): _get(
        "GetDefaultWorkspace", workspaces.get_default_workspace, "Verbose"
    ),
    ("GET", "/api/v1/images"): _get(
        "ListImages",
        images.list_images,
        *_LIST,
        *("Labels", "Name", "Options", "ImageUri", "Query", "Accessibility", "Verbose", "WorkspaceId"),
    ),
    ("GET", "/api/v1/images/{ImageId}"): _get("GetImage", images.get_image, "Verbose"),
    ("GET", "/api/v1/image/labels"): _get(
        "ListImageLabels", images.list_image_labels, "LabelKeys", "LabelFilter", "ImageId", "WorkspaceId"
    ),
    ("GET", "/api/v1/datasets"): _get(
        "ListDatasets",
        datasets.list_datasets,
        *_LIST,
        *("WorkspaceId", "DatasetIds", "DataSourceTypes", "SourceTypes", "Name", "Edition", "Accessibility"),
    ),
    ("GET", "/api/v1/datasets/{DatasetId}"): _get("GetDataset", datasets.get_dataset),
    ("GET", "/api/v1/codesources"): _get(
        "ListCodeSources", code_sources.list_code_sources, *_LIST, "WorkspaceId", "DisplayName"
    ),
    ("GET", "/api/v1/codesources/{CodeSourceId}"): _get("GetCodeSource", code_sources.get_code_source),
}
