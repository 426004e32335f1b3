"""The operations of AIWorkSpace, by method and path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.emulator.operation import AI_WORKSPACE, PAGE, VERBOSE, Operation
from dlcapply.emulator.parameters import PAIRS, TEXT, choice, required, some_of
from dlcapply.emulator.workspaces import code_sources, datasets, images, permissions, workspaces

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dlcapply.emulator.answers import JsonObject
    from dlcapply.emulator.call import Call
    from dlcapply.emulator.parameters import Parameter

_ACCESSIBILITY: Mapping[str, Parameter] = {"Accessibility": choice("PUBLIC", "PRIVATE")}


def _list(*sort_keys: str) -> Mapping[str, Parameter]:
    return {**PAGE, "SortBy": choice(*sort_keys), "Order": choice("ASC", "DESC", "asc", "desc")}


_WORKSPACES: Mapping[str, Parameter] = {
    **_list("GmtCreateTime", "GmtModifiedTime"),
    **VERBOSE,
    "WorkspaceName": TEXT,
    "WorkspaceIds": TEXT,
    "ModuleList": TEXT,
    "Status": some_of("ENABLED", "INITIALIZING", "FAILURE", "DISABLED", "FROZEN", "UPDATING"),
    "Option": choice("GetWorkspaces", "GetResourceLimits"),
    "Fields": some_of(*workspaces.FIELDS),
}
_IMAGES: Mapping[str, Parameter] = {
    **_list("GmtCreateTime", "Name", "ImageId"),
    **VERBOSE,
    **_ACCESSIBILITY,
    "Labels": PAIRS,
    "Name": TEXT,
    "Options": choice("ExactMatchName"),
    "ImageUri": TEXT,
    "Query": TEXT,
    "WorkspaceId": TEXT,
}
_LABELS: Mapping[str, Parameter] = {
    "LabelKeys": TEXT,
    "LabelFilter": PAIRS,
    "ImageId": TEXT,
    "WorkspaceId": TEXT,
}
_DATASETS: Mapping[str, Parameter] = {
    **_list("GmtCreateTime", "GmtModifiedTime", "Name", "DatasetId"),
    **_ACCESSIBILITY,
    **dict.fromkeys(datasets.WITHOUT, TEXT),
    "ShareScope": choice("TO_ME", "BY_ME"),
    "WorkspaceId": TEXT,
    "DatasetIds": TEXT,
    "DataSourceTypes": some_of("OSS", "NAS", "CPFS"),
    "DataTypes": some_of("COMMON", "PIC", "TEXT", "VIDEO", "Video", "AUDIO"),
    "Properties": some_of("DIRECTORY", "FILE"),
    "SourceTypes": some_of("USER", "ITAG", "PAI-PUBLIC-DATASET", "PAI_PUBLIC_DATASET"),
    "Name": TEXT,
    "Edition": choice("BASIC", "ADVANCED", "LOGICAL"),
}
_CODE_SOURCES: Mapping[str, Parameter] = {
    **_list("GmtCreateTime", "GmtModifyTime", "DisplayName", "CodeSourceId"),
    "WorkspaceId": required(TEXT),
    "DisplayName": TEXT,
}


def _get(
    name: str, run: Callable[[Call], JsonObject], parameters: Mapping[str, Parameter] | None = None
) -> Operation:
    return Operation(name, run, parameters or {}, AI_WORKSPACE)


OPERATIONS: Mapping[tuple[str, str], Operation] = {
    ("GET", "/api/v1/workspaces"): _get("ListWorkspaces", workspaces.list_workspaces, _WORKSPACES),
    ("GET", "/api/v1/workspaces/{WorkspaceId}"): _get("GetWorkspace", workspaces.get_workspace, VERBOSE),
    ("GET", "/api/v1/defaultWorkspaces"): _get(
        "GetDefaultWorkspace", workspaces.get_default_workspace, VERBOSE
    ),
    ("GET", "/api/v1/workspaces/{WorkspaceId}/permissions"): _get(
        "ListPermissions", permissions.list_permissions
    ),
    ("GET", "/api/v1/images"): _get("ListImages", images.list_images, _IMAGES),
    ("GET", "/api/v1/images/{ImageId}"): _get("GetImage", images.get_image, VERBOSE),
    ("GET", "/api/v1/image/labels"): _get("ListImageLabels", images.list_image_labels, _LABELS),
    ("GET", "/api/v1/datasets"): _get("ListDatasets", datasets.list_datasets, _DATASETS),
    ("GET", "/api/v1/datasets/{DatasetId}"): _get("GetDataset", datasets.get_dataset),
    ("GET", "/api/v1/codesources"): _get("ListCodeSources", code_sources.list_code_sources, _CODE_SOURCES),
    ("GET", "/api/v1/codesources/{CodeSourceId}"): _get("GetCodeSource", code_sources.get_code_source),
}
