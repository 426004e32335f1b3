"""Neither ListJobs nor GetJob shows all of a job, and they do not show the same."""

import pytest

from dlcapply.emulator import Clock, Emulator, Switches

FULL = {
    "Description": "d",
    "CustomEnvs": [{"Key": "k", "Value": "v", "Visible": "public"}],
    "Envs": {"A": "1"},
    "JobMaxRunningTimeMinutes": 60,
    "SuccessPolicy": "AllWorkers",
    "Options": "a=b",
    "DataSources": [{"Uri": "oss://b/", "MountPath": "/mnt", "MountAccess": "RO", "Options": "{}"}],
    "CodeSource": {"CodeSourceId": "code-1", "Branch": "main", "IsSharedMountPath": True},
    "UserVpc": {"VpcId": "vpc-1", "ExtendedCIDRs": ["10.0.0.0/8"]},
    "ThirdpartyLibs": ["numpy"],
    "Settings": {"Tags": {"t": "1"}, "EnableRDMA": True},
    "TemplateId": "t-1",
    "TemplateVersion": 2,
}


@pytest.fixture
def job_id(call, a_body):
    return call.create(**a_body(**FULL))


@pytest.fixture
def listed(job_id, call):
    return call.list(JobId=job_id)["Jobs"][0]


@pytest.fixture
def got(job_id, call):
    return call.get(job_id)


def test_what_only_the_list_shows(listed, got):
    assert (listed["JobMaxRunningTimeMinutes"], listed["TemplateId"]) == (60, "t-1")
    for key in (
        "JobMaxRunningTimeMinutes",
        "TemplateId",
        "Username",
        "NodeCount",
        "GmtModifiedTime",
        "IsDeleted",
    ):
        assert key in listed
        assert key not in got


def test_what_only_get_shows(listed, got):
    assert got["Description"] == "d"
    assert got["CustomEnvs"] == FULL["CustomEnvs"]
    for key in ("Description", "CustomEnvs", "RestartRecord", "RoleSystemEnvs"):
        assert key in got
        assert key not in listed


def test_what_neither_shows(listed, got):
    hidden = {"SuccessPolicy", "Options", "TemplateVersion", "DebuggerConfigContent"}

    assert not hidden & (set(listed) | set(got))


def test_what_both_show_as_sent(listed, got):
    for key in ("Envs", "Settings", "ThirdpartyLibs"):
        assert listed[key] == got[key] == FULL[key]


def test_structs_show_some_of_their_keys(listed, got):
    assert listed["DataSources"] == [{"MountPath": "/mnt"}]
    assert got["DataSources"] == [{"MountPath": "/mnt", "Uri": "oss://b/"}]
    assert listed["CodeSource"] == got["CodeSource"] == {"CodeSourceId": "code-1", "Branch": "main"}


def test_cidrs_change_their_case(listed, got):
    assert listed["UserVpc"] == got["UserVpc"] == {"VpcId": "vpc-1", "ExtendedCidrs": ["10.0.0.0/8"]}


def test_requested_resources_have_other_types_in_each(listed, got):
    assert [listed[f"Request{what}"] for what in ("CPU", "GPU", "Memory")] == [16, "2", "60Gi"]
    assert [got[f"Request{what}"] for what in ("CPU", "GPU", "Memory")] == [16, 2.0, 60.0]
    assert (listed["RestartTimes"], got["RestartTimes"]) == ("0", "0/10")


def test_resource_config_counts_as_requested(call, a_body):
    config = {"CPU": "10", "GPU": "3", "Memory": "1.5Gi"}
    spec = {"Type": "Worker", "PodCount": 2, "Image": "a", "ResourceConfig": config}
    job = call.get(call.create(**a_body(ResourceId="quota1", JobSpecs=[spec])))

    assert (job["RequestCPU"], job["RequestGPU"], job["RequestMemory"]) == (20, 6.0, 3.0)
    assert job["JobSpecs"] == [spec]


def test_the_first_worker_is_promoted_in_the_pods_alone(call, emulator, a_body):
    job_id = call.create(**a_body())
    assert call.get(job_id)["Pods"] == []
    emulator.turn(3)
    job = call.get(job_id)

    assert [pod["PodId"] for pod in job["Pods"]] == [f"{job_id}-master-0", f"{job_id}-worker-0"]
    assert {pod["Status"] for pod in job["Pods"]} == {"Running"}
    assert job["JobReplicaStatuses"] == [{"Type": "Master", "Active": 1}, {"Type": "Worker", "Active": 1}]
    assert [(spec["Type"], spec["PodCount"]) for spec in job["JobSpecs"]] == [("Worker", 2)]


@pytest.mark.parametrize(
    ("job_type", "workers", "shown"),
    [
        ("PyTorchJob", 3, [("Master", 1), ("Worker", 2)]),
        ("XGBoostJob", 1, [("Master", 1)]),
        ("TFJob", 2, [("Worker", 2)]),
    ],
)
def test_master_promotion_rewrites_the_specs(connect, job_type, workers, shown):
    with Emulator(clock=Clock.still(), switches=Switches(master_promotion=True)) as emulator:
        call = connect(emulator)
        specs = [{"Type": "Worker", "PodCount": workers, "EcsSpec": "ecs.g6.large", "Image": "a"}]
        job_id = emulator.seed({"JobType": job_type, "JobSpecs": specs})[0]

        for job in (call.get(job_id), call.list()["Jobs"][0]):
            assert [(spec["Type"], spec["PodCount"]) for spec in job["JobSpecs"]] == shown


def test_a_master_of_ones_own_is_kept(connect):
    with Emulator(clock=Clock.still(), switches=Switches(master_promotion=True)) as emulator:
        specs = [{"Type": "Master"}, {"Type": "Worker", "PodCount": 2}]
        job_id = emulator.seed({"JobSpecs": specs})[0]

        shown = connect(emulator).get(job_id)["JobSpecs"]
        assert [(spec["Type"], spec["PodCount"]) for spec in shown] == [("Master", 1), ("Worker", 2)]
