"""Every operation answers the typed calls of the real SDKs."""

import re

import pytest
from alibabacloud_aiworkspace20210204 import models as workspace_models
from alibabacloud_pai_dlc20201203 import models
from alibabacloud_tea_openapi.exceptions import ClientException

REQUEST_ID = re.compile(r"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}")


@pytest.fixture
def sdk(call):
    return call.sdk


@pytest.fixture
def job_id(sdk):
    request = models.CreateJobRequest(
        display_name="resnet",
        job_type="PyTorchJob",
        user_command="python train.py",
        envs={"LR": "1e-4"},
        job_specs=[models.JobSpec(type="Worker", pod_count=2, image="registry/a:1", ecs_spec="ecs.g6.large")],
        settings=models.JobSettings(tags={"team": "a b"}),
    )
    return sdk.create_job(request).body.job_id


def test_create_job_answers_with_an_id_and_an_upper_case_request_id(sdk, a_body):
    body = sdk.create_job(models.CreateJobRequest().from_map(a_body())).body

    assert re.fullmatch(r"dlc[0-9a-z]{16}", body.job_id)
    assert REQUEST_ID.fullmatch(body.request_id)


def test_get_job_reads_back_what_was_sent(sdk, job_id):
    body = sdk.get_job(job_id, models.GetJobRequest(need_detail=True)).body

    assert (body.job_id, body.display_name, body.status) == (job_id, "resnet", "Creating")
    assert body.envs == {"LR": "1e-4"}
    assert body.settings.tags == {"team": "a b"}
    assert body.job_specs[0].ecs_spec == "ecs.g6.large"
    assert body.workspace_id == "1001"


def test_list_jobs_finds_a_job_by_tag(sdk, job_id):
    found = sdk.list_jobs(models.ListJobsRequest(tags={"team": "a b"}, show_own=True)).body
    others = sdk.list_jobs(models.ListJobsRequest(tags={"team": "b"})).body

    assert [job.job_id for job in found.jobs] == [job_id]
    assert (found.total_count, others.total_count) == (1, 0)


def test_update_job_changes_the_description(sdk, job_id):
    answer = sdk.update_job(job_id, models.UpdateJobRequest(description="second try")).body

    assert answer.job_id == job_id
    assert sdk.get_job(job_id, models.GetJobRequest()).body.description == "second try"


def test_stop_job_stops(sdk, emulator, job_id):
    sdk.stop_job(job_id)
    emulator.turn(2)

    assert sdk.get_job(job_id, models.GetJobRequest()).body.status == "Stopped"


def test_events_and_logs_are_lines(sdk, emulator, job_id):
    emulator.turn(5)
    events = sdk.get_job_events(job_id, models.GetJobEventsRequest(max_events_num=100)).body
    logs = sdk.get_pod_logs(job_id, f"{job_id}-master-0", models.GetPodLogsRequest(max_lines=10)).body

    assert any(line.endswith(f"Created pod: {job_id}-worker-0") for line in events.events)
    assert logs.pod_id == f"{job_id}-master-0"
    assert len(logs.logs) == 3


def test_list_ecs_specs_by_name(sdk):
    names = "ecs.g6.large,ecs.gn7e-c16g1.4xlarge"
    body = sdk.list_ecs_specs(models.ListEcsSpecsRequest(instance_types=names)).body

    assert {(spec.instance_type, spec.gpu) for spec in body.ecs_specs} == {
        ("ecs.g6.large", 0),
        ("ecs.gn7e-c16g1.4xlarge", 1),
    }


def test_list_workspaces_on_the_same_port(call):
    body = call.workspaces.list_workspaces(workspace_models.ListWorkspacesRequest()).body

    assert [(one.workspace_id, one.is_default) for one in body.workspaces] == [
        ("1001", True),
        ("1002", False),
    ]


def test_errors_carry_the_gateways_keys(sdk, emulator):
    with pytest.raises(ClientException) as error:
        sdk.get_job("dlcmissing", models.GetJobRequest())

    data = error.value.data
    assert (error.value.status_code, data["Code"]) == (404, "NotFound")
    assert data["HostId"] == emulator.endpoint
    assert REQUEST_ID.fullmatch(data["RequestId"])
    assert {"Message", "Recommend"} <= set(data)


def test_what_is_not_emulated_is_refused_and_remembered(sdk, call, emulator):
    with pytest.raises(Exception, match="501"):
        sdk.list_ray_history_servers(models.ListRayHistoryServersRequest())
    with pytest.raises(Exception, match="501"):
        call.list(Colour="red", Order="asc")

    assert emulator.unknown_routes == ("GET /api/v1/rayhistoryservers", "GET /api/v1/jobs?Colour")
