"""AIWorkSpace's catalogue: what a job may refer to, as its lists show it."""

import json

import pytest
from alibabacloud_aiworkspace20210204 import models
from alibabacloud_tea_openapi.exceptions import ClientException

from dlcapply.emulator import CATALOGUE, Clock, Emulator, User, Workspace


@pytest.fixture
def sdk(call):
    return call.workspaces


@pytest.fixture
def outsider(connect):
    """A member of workspace 1002 alone."""
    users = {"boss": User("s", "7"), "out": User("s", "8", workspaces=("1002",))}
    with Emulator(clock=Clock.still(), users=users) as emulator:
        yield connect(emulator, "out", "s")


def missing(refusal, ask):
    with pytest.raises(ClientException) as error:
        ask()
    return refusal(error)


def test_a_workspace_by_id(sdk, refusal):
    body = sdk.get_workspace("1002", models.GetWorkspaceRequest()).body

    assert (body.workspace_name, body.is_default, body.owner.user_name) == (
        "production",
        False,
        "dlcapply-emulator",
    )
    ask = lambda: sdk.get_workspace("9", models.GetWorkspaceRequest())  # noqa: E731
    assert missing(refusal, ask) == (404, "NotFound")


def test_the_default_workspace(sdk):
    body = sdk.get_default_workspace(models.GetDefaultWorkspaceRequest()).body

    assert (body.workspace_id, body.status, body.conditions) == ("1001", "ENABLED", [])


def test_no_default_workspace_is_forbidden(connect, refusal):
    with Emulator(clock=Clock.still(), workspaces=(Workspace("268", "vision"),)) as emulator:
        sdk = connect(emulator).workspaces
        ask = lambda: sdk.get_default_workspace(models.GetDefaultWorkspaceRequest())  # noqa: E731
        assert missing(refusal, ask) == (403, "OperationForbidden")


def test_only_members_see_a_workspace_and_what_is_in_it(outsider, refusal):
    assert [row["WorkspaceId"] for row in outsider("GET", "/workspaces")["Workspaces"]] == ["1002"]
    for path in ("/workspaces/1001", "/datasets/d-7u2k9q4mfx31vb8e0z", "/images/image-c0ffee0000000001"):
        assert missing(refusal, lambda path=path: outsider("GET", path)) == (404, "NotFound")
    for path in ("/datasets", "/codesources", "/images"):
        ask = lambda path=path: outsider("GET", path, WorkspaceId="1001")  # noqa: E731
        assert missing(refusal, ask) == (403, "NoPermission")


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ({}, ["1001", "1002"]),
        ({"WorkspaceName": "PROD"}, ["1002"]),
        ({"WorkspaceIds": "1002,9"}, ["1002"]),
        ({"Status": "DISABLED"}, []),
        ({"PageSize": 1, "PageNumber": 2}, ["1002"]),
    ],
)
def test_workspaces_are_filtered(call, query, ids):
    assert [row["WorkspaceId"] for row in call("GET", "/workspaces", **query)["Workspaces"]] == ids


def test_workspaces_show_some_fields_or_their_limits(call):
    assert call("GET", "/workspaces", Fields="Id")["Workspaces"] == [
        {"WorkspaceId": "1001"},
        {"WorkspaceId": "1002"},
    ]
    assert "Workspaces" not in call("GET", "/workspaces", Option="GetResourceLimits")


def test_official_images_are_listed_without_a_workspace_and_custom_ones_with_theirs(call):
    official = call("GET", "/images", PageSize=100)
    custom = call("GET", "/images", WorkspaceId="1001")

    assert official["TotalCount"] == 7
    assert {row["WorkspaceId"] for row in official["Images"]} == {""}
    assert [row["Name"] for row in custom["Images"]] == ["vision-train"]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"Labels": "system.chipType=GPU,system.framework=PyTorch"}, 2),
        ({"Labels": "system.chipType=TPU"}, 0),
        ({"Name": "RAY"}, 1),
        ({"Name": "ray", "Options": "ExactMatchName"}, 0),
        ({"Name": "ray:2.34.0-gpu-py310-cu121-ubuntu22.04", "Options": "ExactMatchName"}, 1),
        ({"Query": "tensorflow for cpu"}, 1),
        ({"Accessibility": "PRIVATE"}, 0),
        ({"ImageUri": "nowhere"}, 0),
    ],
)
def test_images_are_filtered(call, query, count):
    assert call("GET", "/images", **query)["TotalCount"] == count


def test_labels_of_images_show_only_where_they_are_asked_for(sdk):
    plain = sdk.list_images(models.ListImagesRequest(name="ray")).body.images[0]
    verbose = sdk.list_images(models.ListImagesRequest(name="ray", verbose=True)).body.images[0]
    one = sdk.get_image(plain.image_id, models.GetImageRequest(verbose=True)).body

    assert not plain.labels
    assert {label.key: label.value for label in verbose.labels}["system.framework"] == "Ray"
    assert (one.image_uri, len(one.labels)) == (verbose.image_uri, len(verbose.labels))


def test_an_image_that_is_not_there(call, refusal):
    assert missing(refusal, lambda: call("GET", "/images/image-none")) == (404, "NotFound")
    assert missing(refusal, lambda: call("GET", "/images", Labels="odd")) == (400, "InvalidParameter")


def test_every_label_of_images_once(call):
    body = call("GET", "/image/labels", LabelKeys="system.chipType")
    narrowed = call("GET", "/image/labels", LabelKeys="system.framework", LabelFilter="system.chipType=CPU")

    assert [label["Value"] for label in body["Labels"]] == ["CPU", "GPU"]
    assert [label["Value"] for label in narrowed["Labels"]] == ["PyTorch", "TensorFlow", "XGBoost"]
    assert call("GET", "/image/labels", ImageId="image-none")["TotalCount"] == 0


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, ["imagenet", "tiles", "checkpoints", "clicks", "speech"]),
        ({"WorkspaceId": "1002"}, ["production-models"]),
        ({"DataSourceTypes": "NAS,CPFS"}, ["checkpoints", "clicks"]),
        ({"DatasetIds": "d-b6m0x5v2re94tq1w8j,d-none"}, ["tiles"]),
        ({"Name": "CHECK"}, ["checkpoints"]),
        ({"SourceTypes": "PAI-PUBLIC-DATASET"}, []),
        ({"Edition": "ADVANCED"}, []),
        ({"Accessibility": "PRIVATE"}, []),
        ({"SortBy": "Name", "Order": "DESC", "PageSize": 2}, ["tiles", "speech"]),
    ],
)
def test_datasets_are_filtered(call, query, names):
    assert [row["Name"] for row in call("GET", "/datasets", **query)["Datasets"]] == names


def test_a_dataset_says_where_it_is_mounted(sdk, refusal):
    body = sdk.get_dataset("d-h4t1c9p7sz62ny0g3u", models.GetDatasetRequest()).body

    assert (body.data_source_type, body.mount_access) == ("CPFS", "RO")
    assert json.loads(body.options) == {"mountPath": "/mnt/clicks/"}
    assert body.latest_version.version_name == "v1"
    ask = lambda: sdk.get_dataset("d-none", models.GetDatasetRequest())  # noqa: E731
    assert missing(refusal, ask) == (404, "NotFound")


def test_code_sources_never_show_their_token(sdk, call):
    rows = call("GET", "/codesources", WorkspaceId="1001", DisplayName="IMAG")["CodeSources"]
    one = sdk.get_code_source("code-20260114093021-m4k7x2p9", models.GetCodeSourceRequest()).body

    assert [row["DisplayName"] for row in rows] == ["imaging"]
    assert rows[0]["CodeRepoAccessToken"] == one.code_repo_access_token == "******"
    tokens = [source.access_token for source in CATALOGUE.code_sources if source.access_token]
    assert tokens
    assert not any(token in json.dumps(rows) for token in tokens)


def test_a_code_source_that_is_not_there(call, refusal):
    assert missing(refusal, lambda: call("GET", "/codesources/code-none")) == (404, "NotFound")


def test_ids_of_the_catalogue_are_unique():
    for ids in (
        [one.image_id for one in CATALOGUE.images],
        [one.uri for one in CATALOGUE.images],
        [one.dataset_id for one in CATALOGUE.datasets],
        [one.code_source_id for one in CATALOGUE.code_sources],
        [one.quota_id for one in CATALOGUE.quotas],
        [one.name for one in CATALOGUE.instance_types],
    ):
        assert len(set(ids)) == len(ids)
