"""Every operation speaks as the SDKs do: their paths, parameters and keys, sync and async.

contract.json was read off the SDKs (alibabacloud-pai-dlc20201203 1.11.6, alibabacloud-aiworkspace20210204
8.3.5, alibabacloud-paistudio20220112 2.6.2): the path and the parameters from the clients, the keys from the
models. PaiStudio's SDK is not installed; of its lists the contract has the keys of a row too.
"""

import asyncio
import json
import re
from pathlib import Path

import pytest
from alibabacloud_aiworkspace20210204 import models as workspace_models
from alibabacloud_pai_dlc20201203 import models
from darabonba.runtime import RuntimeOptions

from dlcapply.emulator import Clock, Emulator, Lifecycle, Switches
from dlcapply.emulator.operation import PAI_DLC, PAI_STUDIO
from dlcapply.emulator.wire.routing import OPERATIONS

CONTRACT = json.loads((Path(__file__).parent / "contract.json").read_text("utf-8"))
BY_NAME = {one.name: (method, path, one) for (method, path), one in OPERATIONS.items()}

# Documented, and answered with 501 all the same; docs/emulator.md lists them.
NOT_EMULATED = {
    "ListJobs": {"TimeRangeField", "NumericRangeField", "NumericRangeMin", "NumericRangeMax"},
    "ListWorkspaces": {"ResourceGroupId", "UserId"},
    "ListImageLabels": {"Region"},
    "ListQuotas": {"ClusterType", "GPUType", "HasResource", "Labels", "Versions"},
    "ListQuotaWorkloads": {
        *("GmtDequeuedTimeRange", "GmtEnqueuedTimeRange", "GmtPositionModifiedTimeRange", "InstanceId"),
        *("NodeName", "WithHistoricalData", "WorkloadCreatedTimeRange"),
    },
}
OF_SDKS = sorted(name for name, one in CONTRACT.items() if one["version"] != PAI_STUDIO)
NAMELESS = {"GetDashboard", "GetRayDashboard"}  # their answers have no RequestId


@pytest.mark.parametrize("name", sorted(CONTRACT))
def test_paths_methods_and_parameters(name):
    method, path, operation = BY_NAME[name]
    documented = CONTRACT[name]

    assert (method, path, operation.version) == (
        documented["method"],
        documented["path"],
        documented["version"],
    )
    assert set(documented["query"]) - operation.parameters.keys() == NOT_EMULATED.get(name, set())
    assert operation.parameters.keys() <= set(documented["query"])


def test_no_operation_is_without_a_contract():
    assert BY_NAME.keys() == CONTRACT.keys() == SAMPLES.keys()


JOB = {
    "DisplayName": "train",
    "JobType": "PyTorchJob",
    "UserCommand": "python train.py",
    "JobSpecs": [{"Type": "Worker", "PodCount": 2, "Image": "a", "EcsSpec": "ecs.g6.large"}],
    "WorkspaceId": "1001",
    "Priority": 3,
    "Envs": {"A": "1"},
    "CustomEnvs": [{"Key": "K", "Value": "V", "Visible": "public"}],
    "Description": "d",
    "DataSources": [{"Uri": "oss://b/", "MountPath": "/mnt", "MountAccess": "RO"}],
    "CodeSource": {"CodeSourceId": "code-20260107170812-p1s6v3y8", "Branch": "main"},
    "UserVpc": {"VpcId": "vpc-1", "ExtendedCIDRs": ["10.0.0.0/8"]},
    "Settings": {"Tags": {"team": "a b"}, "EnableSanityCheck": True},
    "ThirdpartyLibs": ["numpy"],
    "JobMaxRunningTimeMinutes": 60,
}
TIMES = {"StartTime": "2000-01-01T00:00:00Z", "EndTime": "2100-01-01T00:00:00Z"}
PAGE = {"PageNumber": 1, "PageSize": 10}
FILTERS = {
    "DisplayName": "train",
    "WorkspaceId": "1001",
    "JobType": "PyTorchJob",
    "ShowOwn": True,
    "Tags": {"team": "a b"},
    "SortBy": "GmtCreateTime",
    "Order": "asc",
}
# What is sent: the parts of the path, and a request with as many keys as make sense together.
SAMPLES = {
    "CreateJob": ((), JOB),
    "ListJobs": ((), {**PAGE, **TIMES, **FILTERS}),
    "GetJob": (("@job",), {"NeedDetail": True}),
    "UpdateJob": (("@job",), {"Priority": 5, "Description": "e", "Accessibility": "PUBLIC"}),
    "StopJob": (("@job",), None),
    "DeleteJob": (("@ended",), None),
    "GetJobEvents": (("@job",), {**TIMES, "MaxEventsNum": 100}),
    "GetPodEvents": (("@job", "@pod"), {**TIMES, "MaxEventsNum": 100}),
    "GetPodLogs": (("@job", "@pod"), {**TIMES, "MaxLines": 5, "Containers": "main"}),
    "GetJobMetrics": (("@job",), {**TIMES, "MetricType": "GpuCoreUsage", "TimeStep": "10s"}),
    "ListJobSanityCheckResults": (("@job",), {"Order": "asc"}),
    "GetJobSanityCheckResult": (("@job",), {"SanityCheckNumber": 1, "SanityCheckPhase": "DeviceCheck"}),
    "CreateSignal": (
        ("@job",),
        {"Signal": "SIGUSR1", "Target": {"Scope": "pods", "PodNames": ["@pod"]}},
    ),
    "GetSignal": (("@job", "@signal"), {}),
    "ListSignals": (("@job",), {**PAGE, "Order": "asc", "SortBy": "GmtCreated", "Status": "Succeeded"}),
    "ListEcsSpecs": (
        (),
        {**PAGE, "AcceleratorType": "GPU", "ResourceType": "ECS", "SortBy": "GPU", "Order": "asc"},
    ),
    "GetToken": ((), {"TargetType": "job", "TargetId": "@job", "ExpireTime": 60}),
    "GetWebTerminal": (("@job", "@pod"), {"IsShared": True}),
    "TagResources": (
        (),
        {
            "RegionId": "cn-hangzhou",
            "ResourceType": "Job",
            "ResourceId": ["@job"],
            "Tag": [{"Key": "k", "Value": "v"}],
        },
    ),
    "UntagResources": ((), {"ResourceType": "Job", "ResourceId": ["@job"], "TagKey": ["k"], "All": False}),
    "CreateJobTemplate": (
        (),
        {
            "TemplateName": "t",
            "WorkspaceId": "1001",
            "Content": "{}",
            "Constraints": {"$.A": "locked"},
            "Metadata": {"a": "b"},
            "Description": "d",
        },
    ),
    "GetJobTemplate": (("@template",), {"Version": "all"}),
    "ListJobTemplates": (
        (),
        {**PAGE, "WorkspaceId": "1001", "TemplateName": "t", "SortBy": "GmtCreateTime", "Order": "desc"},
    ),
    "UpdateJobTemplate": (("@template",), {"Content": "{}", "SetAsDefault": True, "Description": "e"}),
    "SetJobTemplateDefaultVersion": (("@template",), {"Version": 1}),
    "DeleteJobTemplate": (("@spare",), {}),
    "ListWorkspaces": ((), {**PAGE, "WorkspaceIds": "1001", "Verbose": True, "Option": "GetWorkspaces"}),
    "GetWorkspace": (("1001",), {"Verbose": True}),
    "ListPermissions": (("1001",), {}),
    "GetDefaultWorkspace": ((), {"Verbose": True}),
    "ListImages": ((), {**PAGE, "Labels": "system.official=true", "Verbose": True, "Name": "ray"}),
    "GetImage": (("image-0000000000000001",), {"Verbose": True}),
    "ListImageLabels": ((), {"LabelKeys": "system.chipType"}),
    "ListDatasets": ((), {**PAGE, "WorkspaceId": "1001", "DataSourceTypes": "OSS"}),
    "GetDataset": (("d-7u2k9q4mfx31vb8e0z",), {}),
    "ListCodeSources": ((), {**PAGE, "WorkspaceId": "1001", "DisplayName": "imaging"}),
    "GetCodeSource": (("code-20260114093021-m4k7x2p9",), {}),
    "GetMetrics": (
        (),
        {
            "JobId": "@job",
            "Namespace": "acs_pai_dlc",
            "MetricName": "JOB_GPU_ACCELERATOR_DUTTY_UTIL",
            "Dimensions": json.dumps([{"jobId": "x"}]),
            "Period": "60",
            "Length": "2",
        },
    ),
    "GetDashboard": (("@ray",), {"isShared": True, "token": "@token"}),
    "GetRayDashboard": (("@ray",), {"isShared": False}),
    "CreateTensorboard": (
        (),
        {
            "WorkspaceId": "1001",
            "JobId": "@job",
            "DisplayName": "curves",
            "SummaryPath": "/mnt/logs",
            "MaxRunningTimeMinutes": 60,
            "TensorboardSpec": {"EcsType": "ecs.g6.large"},
        },
    ),
    "ListTensorboards": ((), {**PAGE, **TIMES, "WorkspaceId": "1001", "ShowOwn": False, "Verbose": True}),
    "GetTensorboard": (("@tensorboard",), {"WorkspaceId": "1001"}),
    "UpdateTensorboard": (("@tensorboard",), {"MaxRunningTimeMinutes": 90, "Accessibility": "PUBLIC"}),
    "DeleteTensorboard": (("@stopped",), {"WorkspaceId": "1001"}),
    "StartTensorboard": (("@stopped",), {"WorkspaceId": "1001"}),
    "StopTensorboard": (("@tensorboard",), {"WorkspaceId": "1001"}),
    "GetTensorboardSharedUrl": (("@tensorboard",), {"ExpireTimeSeconds": "60"}),
    "ListQuotas": ((), {**PAGE, "ResourceType": "ECS", "WorkspaceIds": "1001", "Verbose": True}),
    "GetQuota": (("quota1a2b3c4d5e6",), {"Verbose": True}),
    "ListQuotaWorkloads": (("quota1a2b3c4d5e6",), {**PAGE, "Status": "Dequeued", "WorkloadType": "dlc"}),
}


def parts_of(name, request):
    """The request as query and body; the latter is None where the operation has none."""
    known = set(CONTRACT[name]["query"])
    query = {key: value for key, value in request.items() if key in known}
    body = {key: value for key, value in request.items() if key not in known}
    return query, body if CONTRACT[name]["body"] else None


class Stage:
    """An emulator with something of everything, and the names of it."""

    def __init__(self, emulator, caller):
        self.caller = caller
        on_quota = {"DisplayName": "ray", "JobType": "RayJob", "ResourceId": "quota1a2b3c4d5e6"}
        job, ended, ray = emulator.seed(JOB, {"DisplayName": "old", "Status": "Failed"}, on_quota)
        make = {"TemplateName": "t", "WorkspaceId": "1001", "Content": json.dumps(JOB)}
        template, spare = (caller("POST", "/jobtemplates", make)["TemplateId"] for _ in range(2))
        boards = [caller("POST", "/tensorboards", {"JobId": job})["TensorboardId"] for _ in range(2)]
        emulator.turn(4)
        signal = self.signal(job)
        emulator.turn(56)
        caller("PUT", f"/tensorboards/{boards[1]}/stop")
        self.names = {"@job": job, "@ended": ended, "@pod": f"{job}-master-0", "@ray": ray}
        self.names |= {"@template": template, "@spare": spare, "@signal": signal}
        self.names |= {"@tensorboard": boards[0], "@stopped": boards[1]}
        self.names["@token"] = caller("GET", "/tokens", TargetType="job", TargetId=ray)["Token"]

    def signal(self, job):
        target = {"Scope": "pods", "PodNames": [f"{job}-master-0"]}
        return self.caller("POST", f"/jobs/{job}/signals", {"Signal": "SIGUSR1", "Target": target})[
            "SignalId"
        ]

    def named(self, value):
        match value:
            case str():
                return self.names.get(value, value)
            case list():
                return [self.named(one) for one in value]
            case dict():
                return {key: self.named(inner) for key, inner in value.items()}
        return value

    def sdk(self, name):
        """The SDK's client and models for an operation."""
        if CONTRACT[name]["version"] == PAI_DLC:
            return self.caller.sdk, models
        return self.caller.workspaces, workspace_models

    def answer(self, name):
        """The raw answer to the operation's sample."""
        parts, sent = SAMPLES[name]
        method, path, _ = BY_NAME[name]
        for part in parts:
            path = re.sub(r"\{\w+\}", self.named(part), path, count=1)
        query, body = parts_of(name, self.named(sent or {}))
        query = {key: json.dumps(one) if isinstance(one, dict | list) else one for key, one in query.items()}
        return self.caller(method, path.removeprefix("/api/v1"), body, CONTRACT[name]["version"], **query)

    def arguments(self, name):
        parts, sent = SAMPLES[name]
        _, module = self.sdk(name)
        request = [] if sent is None else [getattr(module, f"{name}Request")().from_map(self.named(sent))]
        return [*(self.named(part) for part in parts), *request, {}, RuntimeOptions()]


@pytest.fixture
def stage(connect):
    switches = Switches(sort_ecs_specs=True)
    with Emulator(clock=Clock.still(), lifecycle=Lifecycle(running=1e6), switches=switches) as emulator:
        yield Stage(emulator, connect(emulator))
        assert (emulator.unknown_routes, emulator.errors) == ((), ())


def method_of(name):
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower() + "_with_options"


@pytest.mark.parametrize("name", OF_SDKS)
def test_the_typed_client_is_answered(stage, name):
    client, _ = stage.sdk(name)
    body = getattr(client, method_of(name))(*stage.arguments(name)).body.to_map()

    assert body.get("RequestId") or body.get("RequestID") or name in NAMELESS
    assert set(body) <= set(CONTRACT[name]["response"])


@pytest.mark.parametrize("name", OF_SDKS)
def test_the_asynchronous_client_is_answered(stage, name):
    client, _ = stage.sdk(name)
    answer = asyncio.run(getattr(client, f"{method_of(name)}_async")(*stage.arguments(name)))

    assert answer.status_code == 200
    assert answer.body.to_map()


def lost(raw, read, path=""):
    """The keys of an answer that its model does not know."""
    match raw, read:
        case dict(), dict():
            for key, value in raw.items():
                if key in read:
                    yield from lost(value, read[key], f"{path}.{key}")
                else:
                    yield f"{path}.{key}".lstrip(".")
        case list(), list() if raw and read:
            for one, other in zip(raw, read, strict=True):
                yield from lost(one, other, path)


@pytest.mark.parametrize("name", OF_SDKS)
def test_the_model_knows_every_key_of_the_answer(stage, name):
    _, module = stage.sdk(name)
    raw = stage.answer(name)
    model = getattr(module, "Tensorboard" if name == "GetTensorboard" else f"{name}ResponseBody")
    read = model().from_map(raw).to_map()

    assert set(lost(raw, read)) == set()


@pytest.mark.parametrize("name", sorted(SAMPLES.keys() - set(OF_SDKS)))
def test_the_contract_knows_every_key_of_an_answer_of_paistudio(stage, name):
    raw, documented = stage.answer(name), CONTRACT[name]
    (rows,) = [value for key, value in raw.items() if key in {"Quotas", "Workloads"}] or [[]]

    assert raw.keys() <= set(documented["response"])
    assert bool(rows) == bool(documented["rows"])
    assert all(row.keys() <= set(documented["rows"]) for row in rows)
