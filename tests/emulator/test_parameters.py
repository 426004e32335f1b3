"""Parameters in a wrong form, missing ones, and operations that are not there."""

import inspect
import json
import re
from urllib.parse import urlencode

import pytest
from alibabacloud_aiworkspace20210204.client import Client as WorkspaceClient
from alibabacloud_pai_dlc20201203.client import Client
from alibabacloud_tea_openapi.exceptions import ClientException, ServerException

from dlcapply.emulator import Clock, Emulator
from dlcapply.emulator.operation import AI_WORKSPACE, PAI_DLC
from dlcapply.emulator.parameters import DIMENSIONS, FLAG, FLAG_MAP, PAIRS, TEXT, TEXT_LIST, TEXT_MAP, TIME
from dlcapply.emulator.wire.routing import OPERATIONS
from dlcapply.emulator.wire.unsupported import UNSUPPORTED
from tests.emulator.test_contract import BY_NAME, CONTRACT, SAMPLES, Stage, parts_of
from tests.emulator.test_random import send

# What documents say is required (SDKs: "This parameter is required"), in the query and in the body.
REQUIRED = {
    "CreateJob": {"DisplayName", "JobType", "JobSpecs", "UserCommand"},
    "GetJobMetrics": {"MetricType"},
    "GetJobSanityCheckResult": {"SanityCheckNumber"},
    "GetToken": {"TargetId"},
    "TagResources": {"RegionId", "ResourceId", "ResourceType"},
    "UntagResources": {"ResourceId", "ResourceType"},
    "CreateJobTemplate": {"TemplateName", "WorkspaceId", "Content"},
    "ListJobTemplates": {"WorkspaceId"},
    "SetJobTemplateDefaultVersion": {"Version"},
    "ListCodeSources": {"WorkspaceId"},
    "GetMetrics": {"Dimensions"},
}
NO_NUMBERS = ("-1", "1x", "1.0", "1e2", "0x1", "+1", " 1", "\uff11", "9" * 19, "none", "True")
NO_FLAGS = ("perhaps", "1", "0", "yes", "T", "null", "true ")
NO_TIMES = (
    *("yesterday", "2026-01-05", "2026-13-01T00:00:00Z", "2026-W01-1", "1767600000", "2026-01-05 08:00:00"),
    *("2026-01-05T08:00:00ZZ", "2026-01-05T25:00:00Z"),
)
NO_MAPS = ("x", "{", "[]", "1", '"a"', "null", '{"a": 1}', '{"a": null}', "[" * 2000)
NO_LISTS = ("x", "{}", "[", "1", '["a", 1]', "null", '"a"')
NO_DIMENSIONS = ("x", "{}", "[1]", '["a"]', "null")
NO_LABELS = ("a", "a=b,c")
NO_CHOICES = ("odd", "5 m", "asc,desc")
WRONG = {
    NO_NUMBERS: "PageNumber PageSize MaxEventsNum MaxLines SanityCheckNumber ExpireTime Length Position "
    "MaxRunningTimeMinutes ExpireTimeSeconds NextToken",
    NO_FLAGS: "ShowOwn FromAllWorkspaces EnableAssignNode NeedDetail IsShared All Verbose DownloadToFile "
    "isShared UseOversoldResource",
    NO_TIMES: "StartTime EndTime",
    NO_MAPS: "Tags TokenSettings",
    NO_LISTS: "TagKey",
    NO_DIMENSIONS: "Dimensions",
    NO_LABELS: "Labels LabelFilter",
    NO_CHOICES: """
        Order SortBy Accessibility PaymentType OversoldInfo MetricType TimeStep SanityCheckPhase TargetType
        ResourceType AcceleratorType Version Option Options Fields ShareScope DataSourceTypes DataTypes
        Properties SourceTypes Edition Status JobType Namespace Period Priority SourceType LayoutMode Statuses
        WithNodeMeta WorkloadType
    """,
}
BY_NAME_OF_PARAMETER = {name: values for values, names in WRONG.items() for name in names.split()}


def wrong_values(operation, name):
    """Values that this parameter of the operation can't have."""
    if (operation, name) == ("UntagResources", "ResourceId"):
        return NO_LISTS
    return BY_NAME_OF_PARAMETER.get(name, ())


def parameters():
    for (_, _), operation in sorted(OPERATIONS.items()):
        for name in sorted(operation.parameters):
            if wrong_values(operation.name, name):
                yield operation.name, name


@pytest.fixture(scope="module")
def stage():
    from tests.emulator.conftest import Caller

    with Emulator(clock=Clock.still()) as emulator:
        stage = Stage(emulator, Caller(emulator))
        stage.emulator = emulator
        yield stage
        assert emulator.errors == ()


def asked(stage, name, **changes):
    """Status and code of the answer to the operation's sample with changes; None takes a key away."""
    parts, sent = SAMPLES[name]
    method, path, _ = BY_NAME[name]
    for part in parts:
        path = re.sub(r"\{\w+\}", stage.named(part), path, count=1)
    request = {
        key: value for key, value in {**stage.named(sent or {}), **changes}.items() if value is not None
    }
    query, body = parts_of(name, request)
    texts = {key: json.dumps(one) if isinstance(one, dict | list) else one for key, one in query.items()}
    sent_body = b"" if body is None else json.dumps(body).encode()
    status, answer = send(stage.emulator, method, path, urlencode(texts), body=sent_body)
    return status, answer.get("Code")


@pytest.mark.parametrize(("operation", "name"), sorted(parameters()))
def test_a_parameter_of_a_wrong_form_is_refused(stage, operation, name):
    for value in wrong_values(operation, name):
        assert asked(stage, operation, **{name: value}) == (400, "InvalidParameter"), value


def test_every_parameter_that_is_not_free_text_is_tried():
    free = {
        (operation.name, name)
        for operation in OPERATIONS.values()
        for name, form in operation.parameters.items()
        if form.fits("odd")
    }
    tried = set(parameters())
    everything = {(one.name, name) for one in OPERATIONS.values() for name in one.parameters}

    assert everything - free <= tried


@pytest.mark.parametrize(
    ("form", "values"),
    [
        (FLAG, ("true", "True", "false", "FALSE")),
        (TIME, ("2026-01-05T08:00:00Z", "2026-01-05T08:00:00.123Z", "2026-01-05T08:00:00+08:00")),
        (TEXT_MAP, ("{}", '{"a": "b"}')),
        (FLAG_MAP, ("{}", '{"a": true}')),
        (TEXT_LIST, ("[]", '["a"]')),
        (DIMENSIONS, ("[]", '[{"jobId": "a"}]')),
        (PAIRS, ("a=b", "a=b,c=d=e", "a=")),
        (TEXT, ("a", "☃" * 1000)),
    ],
)
def test_right_forms(form, values):
    assert all(form.fits(value) for value in values)


@pytest.mark.parametrize(
    ("operation", "name"), [(one, key) for one, keys in REQUIRED.items() for key in sorted(keys)]
)
def test_what_is_required_is_required(stage, operation, name):
    for value in (None, "") if name != "Version" else (None,):
        assert asked(stage, operation, **{name: value}) == (400, "InvalidParameter")


def test_nothing_else_is_required():
    required = {
        (one.name, name)
        for one in OPERATIONS.values()
        for name, form in one.parameters.items()
        if form.is_required
    }

    assert required <= {(operation, name) for operation, names in REQUIRED.items() for name in names}


def test_a_parameter_that_comes_twice_is_refused(stage):
    query = "WorkspaceId=1001&ShowOwn=true&ShowOwn=perhaps"
    status, answer = send(stage.emulator, "GET", "/api/v1/jobs", query)

    assert (status, answer["Message"]) == (400, "ShowOwn is given twice.")


@pytest.mark.parametrize(
    ("operation", "changes"),
    [
        ("TagResources", {"Tag": [{"Key": 1}]}),
        ("TagResources", {"Tag": "x"}),
        ("TagResources", {"ResourceId": "x"}),
        ("TagResources", {"ResourceType": "Dataset"}),
        ("CreateJobTemplate", {"Metadata": {"a": 1}}),
        ("CreateJobTemplate", {"Constraints": []}),
        ("CreateJobTemplate", {"Content": {}}),
        ("UpdateJobTemplate", {"SetAsDefault": "perhaps"}),
        ("UpdateJobTemplate", {"TemplateName": 1}),
        ("SetJobTemplateDefaultVersion", {"Version": "1"}),
        ("SetJobTemplateDefaultVersion", {"Version": True}),
        ("UpdateJob", {"Priority": "5"}),
        ("UpdateJob", {"Priority": 5.0}),
        ("CreateJob", {"TemplateId": "tpl", "TemplateVersion": "1"}),
        ("CreateJob", {"JobMaxRunningTimeMinutes": 60.0}),
        ("CreateJob", {"UserCommand": ""}),
        ("CreateTensorboard", {"MaxRunningTimeMinutes": 0}),
        ("CreateTensorboard", {"JobId": 1}),
        ("CreateTensorboard", {"JobId": None}),
        ("CreateTensorboard", {"Summary": "/mnt"}),
    ],
)
def test_a_body_of_a_wrong_form_is_refused(stage, operation, changes):
    status, code = asked(stage, operation, **changes)

    assert (status, code) in {(400, "InvalidParameter"), (404, "NotFound")}
    assert status == 400 or "TemplateId" in changes


def operations_of(client, version):
    """Name, method and path of each operation of an SDK's client."""
    found = re.findall(
        r"action = '(\w+)',\s+version = '([\d-]+)',.*?pathname = f?'([^']+)',\s+method = '(\w+)'",
        inspect.getsource(client),
        re.DOTALL,
    )
    for name, of, path, method in set(found):
        assert of == version
        yield name, method, re.sub(r"\{.*?\((\w+)\)\}", "{}", path)


@pytest.mark.parametrize(("client", "version"), [(Client, PAI_DLC), (WorkspaceClient, AI_WORKSPACE)])
def test_every_operation_of_the_sdks_is_on_offer_or_known_to_be_absent(client, version):
    known = {(method, re.sub(r"\{\w+\}", "{}", path)): one.name for (method, path), one in OPERATIONS.items()}
    known |= {(method, re.sub(r"\{\w+\}", "{}", path)): name for (method, path), name in UNSUPPORTED.items()}
    operations = list(operations_of(client, version))

    assert len(operations) == {PAI_DLC: 43, AI_WORKSPACE: 127}[version]
    for name, method, path in operations:
        assert known[method, path] == name
    assert len(known) == len(OPERATIONS) + len(UNSUPPORTED)


@pytest.mark.parametrize(("method", "path"), sorted(UNSUPPORTED))
def test_a_real_operation_that_is_not_here_is_not_implemented(stage, method, path):
    status, answer = send(stage.emulator, method, re.sub(r"\{\w+\}", "x", path))

    assert (status, answer["Code"]) == (501, "NotImplemented")
    assert UNSUPPORTED[method, path] in answer["Message"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/api/v1/nothing"),
        ("GET", "/api/v1/jobs/"),
        ("PATCH", "/api/v1/jobs"),
        ("POST", "/api/v1/jobs/dlc1"),
        ("GET", "/api/v1/jobs/dlc1/stop"),
        ("GET", "/api/v2/jobs"),
        ("PUT", "/api/v1/ecsspecs"),
    ],
)
def test_what_pai_does_not_have_is_not_found(stage, method, path):
    status, answer = send(stage.emulator, method, path)

    assert (status, answer["Code"]) == (404, "InvalidAction.NotFound")
    assert f"{method} {path}" in stage.emulator.unknown_routes


def test_a_parameter_that_is_not_here_is_not_implemented(stage):
    status, answer = send(stage.emulator, "GET", "/api/v1/jobs", "TimeRangeField=GmtFinishTime")

    assert (status, answer["Code"]) == (501, "NotImplemented")
    assert "GET /api/v1/jobs?TimeRangeField" in stage.emulator.unknown_routes


def test_the_sdk_meets_both(stage):
    with pytest.raises(ServerException, match="ListRayHistoryServers"):
        stage.caller("GET", "/rayhistoryservers")
    with pytest.raises(ClientException, match="not found, please check"):
        stage.caller("GET", "/nothing")


def test_contract_names_nothing_that_is_absent():
    # AIWorkSpace has a ListQuotas of its own, at another path.
    assert set(UNSUPPORTED.values()) & CONTRACT.keys() == {"ListQuotas"}
