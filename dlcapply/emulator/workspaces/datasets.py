"""ListDatasets and GetDataset."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from dlcapply.emulator.answers import not_found
from dlcapply.emulator.workspaces.listing import CREATED, OWNER, contains, one_of, sorted_page

if TYPE_CHECKING:
    from dlcapply.emulator.answers import JsonObject
    from dlcapply.emulator.call import Call
    from dlcapply.emulator.world.catalogue import Dataset


# No dataset here has a provider, a label or a source, or is shared.
WITHOUT = ("Provider", "Label", "SourceId", "SourceDatasetId", "ShareScope")


def list_datasets(call: Call) -> JsonObject:
    """The datasets of a workspace, the caller's default one where none is named; ten a page."""
    workspace_id = call.workspace_id(call.query.get("WorkspaceId"))
    rows = [
        _row(one)
        for one in call.world.catalogue.datasets
        if one.workspace_id == workspace_id
        and one_of(call, "DatasetIds", one.dataset_id)
        and one_of(call, "DataSourceTypes", one.source_type)
        and one_of(call, "SourceTypes", "USER")
        and contains(call, "Name", one.name)
        and call.query.get("Edition", "") in {"", "BASIC"}
        and call.query.get("Accessibility", "") in {"", one.accessibility}
        and one_of(call, "DataTypes", "COMMON")
        and one_of(call, "Properties", "DIRECTORY")
        and not any(call.query.get(key) for key in WITHOUT)
    ]
    return sorted_page(call, "Datasets", rows, default=10)


def get_dataset(call: Call) -> JsonObject:
    dataset = call.world.catalogue.dataset(call.path["DatasetId"])
    if dataset is None or not call.world.is_member(call.user, dataset.workspace_id):
        raise not_found("Dataset", call.path["DatasetId"])
    return _row(dataset)


def _row(dataset: Dataset) -> JsonObject:
    """Options is a string of JSON that says where the dataset is mounted."""
    return {
        "DatasetId": dataset.dataset_id,
        "Name": dataset.name,
        "Uri": dataset.uri,
        "DataSourceType": dataset.source_type,
        "DataType": "COMMON",
        "Property": "DIRECTORY",
        "Edition": "BASIC",
        "MountAccess": dataset.mount_access,
        "Options": json.dumps({"mountPath": dataset.mount_path}),
        "Description": dataset.description,
        "Accessibility": dataset.accessibility,
        "WorkspaceId": dataset.workspace_id,
        "SourceType": "USER",
        "SourceId": "",
        "UserId": OWNER,
        "OwnerId": OWNER,
        "Labels": [],
        "LatestVersion": _version(dataset),
        "GmtCreateTime": CREATED,
        "GmtModifiedTime": CREATED,
    }


def _version(dataset: Dataset) -> JsonObject:
    return {
        "VersionName": dataset.version,
        "Uri": dataset.uri,
        "DataSourceType": dataset.source_type,
        "Property": "DIRECTORY",
        "MountAccess": dataset.mount_access,
        "Options": json.dumps({"mountPath": dataset.mount_path}),
        "SourceType": "USER",
        "GmtCreateTime": CREATED,
        "GmtModifiedTime": CREATED,
    }
