"""The traps of PAI-DLC, each met by a naive user with the plain SDK; what is asserted is the damage.

Not for a server to show: that two appliers have no lock but their own (two creates are two jobs, below);
proxies and credential chains of the client; what a mount inside a pod may write; secrets in a client's own
files; a bad diff of a client.
"""

import pytest
from alibabacloud_pai_dlc20201203 import models
from alibabacloud_pai_dlc20201203.client import Client
from alibabacloud_tea_openapi.exceptions import ClientException, ThrottlingException
from alibabacloud_tea_openapi.models import Config
from darabonba.exceptions import UnretryableException
from darabonba.policy.retry import RetryCondition, RetryOptions
from darabonba.runtime import RuntimeOptions

from dlcapply.emulator import (
    KEY_ID,
    SECRET,
    Clock,
    Emulator,
    Fault,
    FaultKind,
    Lifecycle,
    Quota,
    Switches,
    User,
    Workspace,
)

DAY = 86_400


def client_of(emulator, **more):
    keys = {"access_key_id": KEY_ID, "access_key_secret": SECRET, **more}
    return Client(Config(**keys, endpoint=emulator.endpoint, protocol="http"))


@pytest.fixture
def client(emulator):
    return client_of(emulator)


def a_spec(**changes):
    spec = {"type": "Worker", "pod_count": 1, "image": "registry/a:1", "ecs_spec": "ecs.gn7i-c8g1.2xlarge"}
    return models.JobSpec(**{**spec, **changes})


def a_request(name="train", spec=None, **changes):
    return models.CreateJobRequest(
        **{
            "display_name": name,
            "job_type": "PyTorchJob",
            "user_command": "python train.py",
            "job_specs": [spec or a_spec()],
            **changes,
        }
    )


def submit(client, name="train", **changes):
    return client.create_job(a_request(name, **changes)).body.job_id


def names(client, **query):
    return [job.display_name for job in client.list_jobs(models.ListJobsRequest(**query)).body.jobs]


def get(client, job_id):
    return client.get_job(job_id, models.GetJobRequest()).body


def refused(ask):
    with pytest.raises(ClientException) as error:
        ask()
    return error.value.status_code, error.value.code


def test_1_a_retried_create_is_a_second_paid_job(emulator):
    """The SDK's own retries repeat a create whose answer was lost."""
    condition = RetryCondition({"maxAttempts": 3, "exception": ["ServerException"]})
    client = client_of(
        emulator, retry_options=RetryOptions({"retryable": True, "retryCondition": [condition]})
    )
    emulator.fault(Fault("CreateJob", FaultKind.ERROR, effect=True))
    submit(client)

    assert len(emulator.jobs()) == 2


def test_1_a_time_out_leaves_a_job_behind(emulator, client):
    emulator.fault(Fault("CreateJob", FaultKind.SLOW, seconds=1))
    with pytest.raises(UnretryableException):
        client.create_job_with_options(a_request(), {}, RuntimeOptions(read_timeout=100))
    submit(client)

    assert len(emulator.jobs()) == 2


def test_2_an_old_job_seems_not_to_be_there(emulator, client):
    submit(client)
    emulator.turn(8 * DAY)

    assert names(client) == []
    assert names(client, start_time="2000-01-01T00:00:00Z") == ["train"]


def test_2_a_colleagues_job_seems_not_to_be_there(emulator, client):
    submit(client_of(emulator, access_key_id=f"{KEY_ID}-colleague"), accessibility="PUBLIC")

    assert names(client) == []
    assert names(client, show_own=False) == ["train"]


def test_2_a_private_job_of_a_colleague_is_never_seen(emulator, client):
    submit(client)

    assert names(client_of(emulator, access_key_id=f"{KEY_ID}-colleague"), show_own=False) == []


def test_2_the_eleventh_job_is_on_another_page(client):
    for number in range(11):
        submit(client, f"job-{number}")

    assert "job-0" not in names(client)
    assert client.list_jobs(models.ListJobsRequest()).body.total_count == 11


def test_2_a_new_job_is_listed_late(emulator, client):
    emulator.configure(switches=Switches(list_lag=5))
    submit(client)
    if not names(client, display_name="train"):
        submit(client)

    assert len(emulator.jobs()) == 2


def test_2_the_wrong_workspace_is_empty(client):
    submit(client, workspace_id="1002")

    assert names(client, workspace_id="1001") == []


def test_2_an_empty_page_may_be_no_answer(emulator, client):
    submit(client)
    emulator.fault(Fault("ListJobs", FaultKind.SHORT_LISTING))

    assert names(client) == []
    assert names(client) == ["train"]


def test_3_what_has_finished_is_not_running(emulator, client):
    """ "Not running" is no reason to run it: this training is paid for twice."""
    submit(client)
    emulator.turn(60)
    if not names(client, display_name="train", status="Running"):
        submit(client)

    assert len(emulator.jobs()) == 2


def test_4_a_fuzzy_name_stops_somebody_elses_job(client):
    wanted, other = submit(client, "train"), submit(client, "Pretrain-large")
    found = client.list_jobs(models.ListJobsRequest(display_name="train")).body.jobs[0]
    client.stop_job(found.job_id)

    assert found.job_id == other
    assert get(client, wanted).status == "Creating"


def test_4_a_clone_carries_the_tag_of_its_original(emulator, client):
    job_id = submit(client, settings=models.JobSettings(tags={"owner": "ci"}))
    copy = emulator.clone(job_id)
    tagged = client.list_jobs(models.ListJobsRequest(tags={"owner": "ci"})).body.jobs

    assert {job.job_id for job in tagged} == {job_id, copy}


def test_5_stopping_is_for_good(emulator, client):
    job_id = submit(client)
    emulator.turn(5)
    client.stop_job(job_id)
    emulator.turn(2)

    assert get(client, job_id).status == "Stopped"
    assert not [name for name in dir(client) if name in {"start_job", "resume_job", "restart_job"}]


def test_5_answers_differ_from_what_was_sent_though_nobody_changed_it(client):
    sent = a_request(user_vpc=models.CreateJobRequestUserVpc(vpc_id="vpc-1", extended_cidrs=["10.0.0.0/8"]))
    read = get(client, client.create_job(sent).body.job_id).to_map()

    assert read["UserVpc"] != sent.to_map()["UserVpc"]
    assert (read["Priority"], read["Accessibility"]) == (1, "PRIVATE")


@pytest.mark.parametrize(("quota", "seconds", "left"), [("", 0, 1), ("q", 60, 1), ("q", 0, 9)])
def test_6_a_priority_is_taken_and_ignored(quota, seconds, left):
    """Without a quota, and once a job runs, UpdateJob says 200 and does nothing."""
    with Emulator(
        clock=Clock.still(), lifecycle=Lifecycle(running=1e6), switches=Switches(check_references=False)
    ) as emulator:
        client = client_of(emulator)
        spec = a_spec(ecs_spec=None, resource_config=models.ResourceConfig(cpu="1")) if quota else a_spec()
        job_id = submit(client, spec=spec, resource_id=quota or None)
        emulator.turn(seconds)
        answer = client.update_job(job_id, models.UpdateJobRequest(priority=9))
        assert (answer.status_code, get(client, job_id).priority) == (200, 1)
        emulator.turn(60)

        assert get(client, job_id).priority == left


def test_7_two_at_once_make_two_jobs(emulator, client):
    other = client_of(emulator)
    looks = [names(one, display_name="train") for one in (client, other)]
    for one, seen in zip((client, other), looks, strict=True):
        if not seen:
            submit(one)

    assert len(emulator.jobs()) == 2


def test_8_a_job_lands_in_the_default_workspace(client):
    assert get(client, submit(client)).workspace_id == "1001"


def test_9_an_ended_job_holds_its_resources():
    shelf = {"quotas": [{"quotaId": "q", "name": "q", "cpu": 1, "memory": 1, "gpu": 0}]}
    with Emulator.from_scenario({"catalogue": shelf}, clock=Clock.still()) as emulator:
        assert emulator.catalogue.quota("q") == Quota("q", "q", 1, 1, 0)
        client, spec = client_of(emulator), a_spec(ecs_spec=None)
        spec.resource_config = models.ResourceConfig(cpu="1")
        settings = models.JobSettings(job_reserved_minutes=60)
        first = submit(client, spec=spec, resource_id="q", settings=settings)
        second = submit(client, spec=spec, resource_id="q")
        emulator.turn(600)

        assert get(client, first).status == "SucceededReserving"
        assert get(client, second).status == "Queuing"


def test_10_public_can_not_be_taken_back(client):
    job_id = submit(client, accessibility="PUBLIC")
    client.update_job(job_id, models.UpdateJobRequest(accessibility="PRIVATE"))

    assert get(client, job_id).accessibility == "PUBLIC"


def test_11_a_discount_in_the_wrong_unit_waits_or_pays_in_full(emulator, client):
    """SpotSpec takes a fraction, ElasticSpotSpecs percent: 80 bids any price, 0.08 bids nobody's."""
    low, high = (
        submit(
            client,
            spec=a_spec(
                spot_spec=models.SpotSpec(spot_strategy="SpotWithPriceLimit", spot_discount_limit=limit)
            ),
        )
        for limit in (0.08, 80.0)
    )
    emulator.turn(1000)

    assert get(client, low).status == "Bidding"
    assert get(client, high).status == "Succeeded"


def test_12_what_was_sent_is_nowhere_to_be_read(client):
    job_id = submit(client, success_policy="AllWorkers", options="a=b", job_max_running_time_minutes=5)
    row = client.list_jobs(models.ListJobsRequest(job_id=job_id)).body.to_map()["Jobs"][0]
    read = get(client, job_id).to_map()

    assert not {"SuccessPolicy", "Options"} & (row.keys() | read.keys())
    assert "JobMaxRunningTimeMinutes" in row
    assert "JobMaxRunningTimeMinutes" not in read


def test_13_the_model_drops_keys_and_adds_empty_lists(emulator, client, call):
    (job_id,) = emulator.seed({"Settings": {"QuotaInstanceTypes": ["a"]}})
    read, raw = get(client, job_id).to_map(), call.get(job_id)

    assert "QuotaInstanceTypes" in raw["Settings"]
    assert "QuotaInstanceTypes" not in read["Settings"]
    assert "LocalMountSpecs" not in raw["JobSpecs"][0]
    assert read["JobSpecs"][0]["LocalMountSpecs"] == []


def test_14_an_error_repeats_what_was_sent(client):
    with pytest.raises(ClientException) as error:
        submit(client, spec=a_spec(type="hush-hush"))

    assert "hush-hush" in str(error.value)


def test_15_a_stop_that_comes_too_late_is_an_error(emulator, client):
    job_id = submit(client)
    emulator.turn(60)

    assert get(client, job_id).status == "Succeeded"
    assert refused(lambda: client.stop_job(job_id)) == (400, "BadRequest")


def test_15_a_job_moves_on_between_the_look_and_the_stop(emulator, client):
    job_id = submit(client)
    emulator.turn(5)
    assert get(client, job_id).status == "Running"
    emulator.turn(5)

    assert refused(lambda: client.stop_job(job_id)) == (400, "BadRequest")


def test_16_a_long_body_is_refused_by_the_server_alone(client):
    assert refused(lambda: submit(client, user_command="x" * 65_536)) == (400, "InvalidParameter")


@pytest.mark.parametrize(
    "changes",
    [
        {"resource_id": "quota1a2b3c4d5e6"},
        {"spec": a_spec(resource_config=models.ResourceConfig(cpu="1"))},
        {"spec": a_spec(ecs_spec=None)},
        {"spec": a_spec(type="PS")},
        {"spec": a_spec(type="worker")},
        {"job_type": "pytorchjob"},
    ],
)
def test_17_what_does_not_fit_together(client, changes):
    assert refused(lambda: submit(client, **changes)) == (400, "InvalidParameter")


def test_17_an_image_that_is_none_fails_only_when_it_is_pulled(emulator, client):
    emulator.configure(switches=Switches(missing_images=("image-*",)))
    job_id = submit(client, spec=a_spec(image="image-0000000000000001"))
    emulator.turn(1000)

    assert (get(client, job_id).status, get(client, job_id).reason_code) == ("Failed", "ImagePullBackOff")


def test_18_instance_types_are_not_sorted_and_ten_a_page(client):
    ask = lambda **query: client.list_ecs_specs(models.ListEcsSpecsRequest(**query)).body  # noqa: E731

    assert refused(lambda: ask(sort_by="GPU")) == (400, "InvalidParameter")
    assert len(ask().ecs_specs) < ask().total_count


def test_19_nothing_ends_a_job_without_a_maximum():
    with Emulator(clock=Clock.still(), lifecycle=Lifecycle(running=float("inf"))) as emulator:
        client = client_of(emulator)
        free, bound = submit(client), submit(client, job_max_running_time_minutes=60)
        emulator.turn(30 * DAY)

        assert (get(client, free).status, get(client, bound).status) == ("Running", "Stopped")
        assert get(client, free).duration > 29 * DAY


@pytest.mark.parametrize(
    ("policy", "answer"),
    [
        ({"required_tags": ("team",)}, (400, "InvalidParameter")),
        ({"pay_as_you_go": False}, (403, "OperationForbidden")),
    ],
)
def test_22_a_workspace_refuses_a_valid_job(policy, answer):
    strict = (Workspace("1001", "strict", is_default=True, **policy),)
    with Emulator(clock=Clock.still(), workspaces=strict) as emulator:
        assert refused(lambda: submit(client_of(emulator))) == answer


def test_22_a_workspace_stops_a_job_of_its_own_accord():
    hasty = (Workspace("1001", "hasty", is_default=True, max_running_minutes=1),)
    with Emulator(clock=Clock.still(), lifecycle=Lifecycle(running=DAY), workspaces=hasty) as emulator:
        client = client_of(emulator)
        job_id = submit(client)
        emulator.turn(3600)

        assert get(client, job_id).status == "Stopped"


def test_22_a_workspace_that_one_is_no_member_of():
    users = {KEY_ID: User(SECRET, "7", workspaces=("1002",))}
    with Emulator(clock=Clock.still(), users=users) as emulator:
        ask = lambda: submit(client_of(emulator), workspace_id="1001")  # noqa: E731
        assert refused(ask) == (403, "NoPermission")


def test_throttling_looks_different_with_and_without_its_header(emulator, client):
    emulator.fault(
        Fault("ListJobs", FaultKind.THROTTLED), Fault("ListJobs", FaultKind.THROTTLED, retry_after_ms=500)
    )
    assert refused(lambda: names(client)) == (429, "Throttling.User")
    with pytest.raises(ThrottlingException) as error:
        names(client)

    assert error.value.retry_after == 500
