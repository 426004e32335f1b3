"""UpdateJob, which ignores more than it takes, and StopJob, which works once."""

import pytest
from alibabacloud_tea_openapi.exceptions import ClientException

from dlcapply.emulator import Clock, Emulator, Lifecycle, Switches

QUOTA_SPEC = {"Type": "Worker", "PodCount": 1, "Image": "a", "ResourceConfig": {"CPU": "1", "Memory": "1Gi"}}


def update(call, job_id, **body):
    return call("PUT", f"/jobs/{job_id}", body)


def stop(call, job_id):
    return call("POST", f"/jobs/{job_id}/stop")


@pytest.fixture
def job_id(call, a_body):
    return call.create(**a_body())


@pytest.fixture
def quota_job(call, a_body):
    return call.create(**a_body(ResourceId="quota1", JobSpecs=[QUOTA_SPEC]))


def test_priority_of_a_waiting_quota_job_moves_after_a_while(call, emulator, quota_job):
    emulator.change(quota_job, Status="Queuing")
    update(call, quota_job, Priority=7)

    assert call.get(quota_job)["Priority"] == 1
    emulator.turn(9.9)
    assert call.list()["Jobs"][0]["Priority"] == 1
    emulator.turn(0.1)
    assert call.get(quota_job)["Priority"] == call.list()["Jobs"][0]["Priority"] == 7


def test_priority_on_public_resources_is_taken_and_ignored(call, emulator, job_id):
    assert update(call, job_id, Priority=7)["JobId"] == job_id
    emulator.turn(60)

    assert call.get(job_id)["Priority"] == 1


def test_priority_of_a_running_job_is_taken_and_ignored(call, emulator, quota_job):
    emulator.turn(3)
    update(call, quota_job, Priority=7)
    emulator.turn(60)

    assert call.get(quota_job)["Priority"] == 1


def test_priority_set_by_a_person_gives_way_to_an_update(call, emulator, quota_job):
    emulator.change(quota_job, Status="Queuing", Priority=5)
    assert call.get(quota_job)["Priority"] == 5
    update(call, quota_job, Priority=3)
    emulator.turn(10)

    assert call.get(quota_job)["Priority"] == 3


def test_accessibility_only_widens(call, job_id):
    update(call, job_id, Accessibility="PUBLIC")
    update(call, job_id, Accessibility="PRIVATE")

    assert call.get(job_id)["Accessibility"] == "PUBLIC"


def test_description_changes_even_when_the_job_has_ended(call, emulator, job_id):
    emulator.turn(60)
    update(call, job_id, Description="done")

    assert call.get(job_id)["Description"] == "done"


def test_keys_that_update_does_not_have_change_nothing(call, job_id):
    update(call, job_id, DisplayName="other", Envs={"A": "1"})
    job = call.get(job_id)

    assert job["DisplayName"] == "resnet"
    assert "Envs" not in job


@pytest.mark.parametrize("elastic", [{"AutoScalingSpec": {"ScalingStrategy": "ScaleByAPI"}}, {}])
def test_an_elastic_job_scales(call, a_body, elastic):
    spec = {**a_body()["JobSpecs"][0], **elastic}
    job_id = call.create(**a_body(JobSpecs=[spec], ElasticSpec=None if elastic else {"EnableEDP": True}))
    update(call, job_id, JobSpecs=[{"Type": "Worker", "PodCount": 5}])

    assert call.get(job_id)["JobSpecs"] == [{**spec, "PodCount": 5}]


def test_a_job_that_is_not_elastic_does_not_scale(call, job_id, refusal):
    with pytest.raises(ClientException) as error:
        update(call, job_id, JobSpecs=[{"Type": "Worker", "PodCount": 5}])

    assert refusal(error) == (400, "InvalidParameter")


@pytest.mark.parametrize(
    "wanted", [{"Type": "Master", "PodCount": 1}, {"Type": "Worker", "PodCount": 0}, "Worker"]
)
def test_elastic_jobs_keep_their_roles(call, a_body, refusal, wanted):
    job_id = call.create(**a_body(ElasticSpec={"EnableEDP": True}))
    with pytest.raises(ClientException) as error:
        update(call, job_id, JobSpecs=[wanted])

    assert refusal(error) == (400, "InvalidParameter")


def test_an_ended_elastic_job_does_not_scale(call, emulator, a_body):
    job_id = call.create(**a_body(ElasticSpec={"EnableEDP": True}))
    emulator.turn(60)
    with pytest.raises(ClientException) as error:
        update(call, job_id, JobSpecs=[{"Type": "Worker", "PodCount": 5}])

    assert "because the job is Succeeded" in error.value.message


def test_user_command_is_refused_and_nothing_else_changes(call, job_id, refusal):
    with pytest.raises(ClientException) as error:
        update(call, job_id, Description="d", UserCommand="other")

    assert refusal(error) == (400, "InvalidParameter")
    assert "Description" not in call.get(job_id)


def test_user_command_changes_where_the_switch_allows_it(connect):
    with Emulator(clock=Clock.still(), switches=Switches(user_command_updates=True)) as emulator:
        job_id = emulator.seed({"DisplayName": "a"})[0]
        update(connect(emulator), job_id, UserCommand="other")

        assert connect(emulator).get(job_id)["UserCommand"] == "other"


@pytest.mark.parametrize(
    "body", [{"Priority": 10}, {"Priority": "7"}, {"Accessibility": "open"}, {"Description": 1}]
)
def test_values_of_no_meaning_are_refused(call, job_id, refusal, body):
    with pytest.raises(ClientException) as error:
        update(call, job_id, **body)

    assert refusal(error) == (400, "InvalidParameter")


@pytest.mark.parametrize(
    ("accessibility", "answer"), [("PRIVATE", (404, "NotFound")), ("PUBLIC", (403, "NoPermission"))]
)
def test_jobs_of_others_are_not_written(call, colleague, a_body, refusal, accessibility, answer):
    job_id = call.create(**a_body(Accessibility=accessibility))
    for write in (update, stop):
        with pytest.raises(ClientException) as error:
            write(colleague, job_id)
        assert refusal(error) == answer

    assert call.get(job_id)["Status"] == "Creating"


def test_private_jobs_of_others_are_not_found(call, colleague, a_body, refusal):
    hidden, shown = call.create(**a_body()), call.create(**a_body(Accessibility="PUBLIC"))

    assert colleague.get(shown)["JobId"] == shown
    with pytest.raises(ClientException) as error:
        colleague.get(hidden)
    assert refusal(error) == (404, "NotFound")


@pytest.mark.parametrize("seconds", [0, 1, 2, 3, 5])
def test_an_active_job_stops(call, emulator, job_id, seconds):
    emulator.turn(seconds)
    stop(call, job_id)
    job = call.get(job_id)

    assert (job["Status"], job["ReasonCode"]) == ("Stopping", "JobStoppedByUser")
    emulator.turn(2)
    job = call.get(job_id)
    assert (job["Status"], job["ReasonCode"]) == ("Stopped", "JobStoppedByUser")
    assert job["GmtStoppedTime"] == job["GmtFinishTime"]
    emulator.turn(3600)
    assert call.get(job_id)["Status"] == "Stopped"


@pytest.mark.parametrize(
    "status", ["Succeeded", "Failed", "Stopped", "Stopping", "SucceededReserving", "FailedReserving"]
)
def test_what_is_over_cannot_be_stopped(call, emulator, refusal, status):
    job_id = emulator.seed({"DisplayName": "a", "Status": status})[0]
    with pytest.raises(ClientException) as error:
        stop(call, job_id)

    assert refusal(error) == (400, "BadRequest")
    assert f"Job can't be stopped, because it is {status}" in error.value.message
    assert call.get(job_id)["Status"] == status


def test_a_second_stop_is_refused(call, job_id, refusal):
    stop(call, job_id)
    with pytest.raises(ClientException) as error:
        stop(call, job_id)

    assert refusal(error) == (400, "BadRequest")


def test_stopping_takes_as_long_as_the_lifecycle_says(connect, a_body):
    with Emulator(clock=Clock.still(), lifecycle=Lifecycle(stopping=30)) as emulator:
        call = connect(emulator)
        job_id = call.create(**a_body())
        stop(call, job_id)
        emulator.turn(29)

        assert call.get(job_id)["Status"] == "Stopping"
