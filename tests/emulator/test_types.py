"""Each value of each answer has the type that its documentation says: strings, unless it is listed here.

Read off the SDKs' models (alibabacloud-pai-dlc20201203 1.11.6, alibabacloud-aiworkspace20210204 8.3.5,
alibabacloud-paistudio20220112 2.6.2) and the products' metadata.
"""

import re
from itertools import pairwise

import pytest

from dlcapply.emulator import Clock, Emulator, Lifecycle, Switches
from dlcapply.emulator.operation import AI_WORKSPACE
from tests.emulator.test_contract import CONTRACT, JOB, SAMPLES, Stage

pytestmark = pytest.mark.sweep

OBJECT, ARRAY, INTEGER, NUMBER, BOOLEAN = "object", "array", "integer", "number", "boolean"
KINDS = {
    OBJECT: """
        CodeSource UserVpc Envs Settings Tags SystemEnvs RoleSystemEnvs Owner ContainerInfo Metadata
        Constraints ResourceLimits LatestVersion ResourceConfig SpotSpec AdvancedSettings
        ElasticSpec CredentialConfig TensorboardSpec QuotaDetails Resource ActualMinQuota AllocatableQuota
        AllocatedQuota DesiredMinQuota RequestedQuota SelfAllocatedQuota SelfSubmittedQuota
        SystemReservedQuota UsedQuota
    """,
    ARRAY: """
        Jobs JobSpecs Pods HistoryPods PodIps StatusHistory JobReplicaStatuses NodeNames DataSources
        CustomEnvs ThirdpartyLibs RestartRecord DetailErrorInfoList ExtendedCidrs Events Logs
        SidecarContainers PodMetrics Metrics SanityCheckResults EnvTypes SanityCheckResult EcsSpecs
        PaymentTypes
        SupportedGPUDrivers JobTemplates Versions Workspaces AdminNames Conditions Images Labels
        Datasets CodeSources Permissions PermissionRules Signals PodNames Roles Tensorboards Quotas SubQuotas
        ResourceGroupIds Workloads
    """,
    INTEGER: """
        TotalCount PageNumber PageSize PodCount Priority JobMaxRunningTimeMinutes RequestCPU RetryCount Active
        JobRestartCount RestartDurationInSec Time CheckNumber Cpu Gpu Memory GpuMemory DefaultVersion Version
        Size Duration JobReservedMinutes MaxRunningTimeMinutes Position
    """,
    NUMBER: "NonProtectSpotDiscount SpotDiscountLimit",
    BOOLEAN: """
        IsDeleted EnabledDebugger EnablePreemptibleJob UseOversoldResource EnableSanityCheck IsAvailable
        VersionCreated IsDefault EnableRDMA EnableErrorMonitoringInAIMaster Success
    """,
}
BY_KEY = {key: kind for kind, keys in KINDS.items() for key in keys.split()}
# The same names mean other things here.
ELSEWHERE = {
    "GetJob": {"RequestGPU": NUMBER, "RequestMemory": NUMBER},
    "GetJobMetrics": {"Value": NUMBER},
    **{key: {"Duration": "string"} for key in ("ListTensorboards", "GetTensorboard")},
    **{key: {"Memory": "string"} for key in ("ListQuotas", "GetQuota", "ListQuotaWorkloads")},
}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
PRECISE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
IS_A_TIME = re.compile(r"Gmt\w+|OccurTime|StartedAt|FinishedAt|LastUsedTime")
# Of the keys of users, and of values that are JSON in themselves, only these are strings in every case.
OF_USERS = re.compile(r"\.(Envs|Tags|Metadata|Constraints|AdvancedSettings|SystemEnvs|ResourceConfig)\.")


NAMES = {bool: BOOLEAN, int: INTEGER, float: NUMBER, str: "string", list: ARRAY, dict: OBJECT}


def expected(name, key):
    return ELSEWHERE.get(name, {}).get(key) or BY_KEY.get(key, "string")


def leaves(value, path=""):
    match value:
        case dict():
            for key, inner in value.items():
                yield f"{path}.{key}", key, inner
                yield from leaves(inner, f"{path}.{key}")
        case list():
            for inner in value:
                yield from leaves(inner, path)


def wrong(name, answer):
    """The paths whose values are of another type, or whose times are written otherwise."""
    precise = CONTRACT[name]["version"] == AI_WORKSPACE
    for path, key, value in leaves(answer):
        kind, found = expected(name, key), NAMES.get(type(value))
        if OF_USERS.search(path) and found == "string":
            continue
        if found != kind and (found, kind) != (INTEGER, NUMBER):
            yield path, found
        elif IS_A_TIME.fullmatch(key) and not (PRECISE_TIME if precise else TIME).fullmatch(value):
            yield path, value


SIZES = {"CPU": "2.5", "GPU": "1", "Memory": "10Gi"}
RICH = {
    **JOB,
    "DisplayName": "train-rich",
    "ResourceId": "quota1a2b3c4d5e6",
    "JobSpecs": [{"Type": "Worker", "PodCount": 1, "Image": "a", "ResourceConfig": SIZES}],
    "UserCommand": "exit 1",
    "Settings": {
        **JOB["Settings"],
        "EnableErrorMonitoringInAIMaster": True,
        "ErrorMonitoringArgs": "--enable-job-restart true",
    },
}


@pytest.fixture
def stage(connect):
    """Jobs on a quota and on public resources, one of them restarted; templates used and unused."""
    switches = Switches(sort_ecs_specs=True, metrics_of_quota_jobs=True)
    lives = {"lifecycle": Lifecycle(running=40), "lifecycles": {"ray": Lifecycle(running=1e6)}}
    with Emulator(clock=Clock.still(), switches=switches, **lives) as emulator:
        stage = Stage(emulator, connect(emulator))
        (job,) = emulator.seed(RICH)
        stage.caller("POST", "/jobs", {"DisplayName": "t", "TemplateId": stage.names["@template"]})
        emulator.turn(60)
        stage.names |= {"@job": job, "@pod": f"{job}-master-0", "@signal": stage.signal(job)}
        yield stage


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_every_value_has_its_type(stage, name):
    assert list(wrong(name, stage.answer(name))) == []


def test_rows_tell_names_of_what_their_jobs_use(stage):
    rows = {job["DisplayName"]: job for job in stage.caller.list(ShowOwn=False)["Jobs"]}
    names = ("ResourceQuotaName", "ResourceName", "TemplateName", "RequestCPU", "RequestGPU", "RequestMemory")

    assert [rows["train-rich"][name] for name in names] == [
        "research-gpu",
        "research-gpu",
        "",
        3,
        "1",
        "10Gi",
    ]
    assert [rows["t"][name] for name in names] == ["", "", "t", 4, "0", "16Gi"]
    job = stage.caller.get(stage.names["@job"])
    assert not job.keys() & {"ResourceQuotaName", "ResourceName", "TemplateName"}
    assert [job[name] for name in names[3:]] == [3, 1.0, 10.0]


def test_a_template_that_was_never_used_has_no_time_of_it(stage):
    path = f"/jobtemplates/{stage.names['@spare']}"

    assert "LastUsedTime" not in stage.caller("GET", path)
    assert "LastUsedTime" in stage.caller("GET", f"/jobtemplates/{stage.names['@template']}")


def test_points_of_metrics_are_at_milliseconds(stage):
    answer = stage.caller(
        "GET", f"/jobs/{stage.names['@job']}/metrics", MetricType="CpuCoreUsage", TimeStep="1s"
    )
    times = [point["Time"] for point in answer["PodMetrics"][0]["Metrics"]]

    assert all(isinstance(time, int) for time in times)
    assert {after - before for before, after in pairwise(times)} >= {1000}
