"""Where the documents are silent, a switch shows each reading."""

from dataclasses import replace

import pytest
from alibabacloud_tea_openapi.exceptions import ClientException

from dlcapply.emulator import CATALOGUE, Clock, Dataset, Emulator, Switches, Workspace


@pytest.fixture
def start(connect):
    """An emulator with these switches, and a caller."""
    running = []

    def begin(**switches):
        emulator = Emulator(clock=Clock.still(), switches=Switches(**switches))
        running.append(emulator.__enter__())
        return emulator, connect(emulator)

    yield begin
    for emulator in running:
        emulator.__exit__(None, None, None)


def update(call, job_id, **body):
    return call("PUT", f"/jobs/{job_id}", body)


def test_defaults_may_be_filled_in(start, a_body):
    _, call = start(fill_defaults=True)
    job = call.get(call.create(**a_body(Settings={"EnableRDMA": True})))

    assert job["Settings"] == {"EnableRDMA": True, "EnableSanityCheck": False, "JobReservedMinutes": 0}
    assert job["JobSpecs"][0]["ResourceConfig"] == {
        "CPU": "8",
        "Memory": "30Gi",
        "GPU": "1",
        "GPUType": "NVIDIA A10",
    }


def test_lists_may_come_back_in_another_order(start, a_body):
    _, call = start(reverse_lists=True)
    job_id = call.create(**a_body(ThirdpartyLibs=["a", "b"]))

    assert call.get(job_id)["ThirdpartyLibs"] == call.list()["Jobs"][0]["ThirdpartyLibs"] == ["b", "a"]


@pytest.mark.parametrize(("blanks", "shown"), [(True, ""), (False, "hush")])
def test_secrets_may_be_blanked(start, a_body, blanks, shown):
    _, call = start(blank_secrets=blanks)
    body = a_body()
    body["JobSpecs"][0]["ImageConfig"] = {"Username": "me", "Password": "hush"}

    assert call.get(call.create(**body))["JobSpecs"][0]["ImageConfig"] == {
        "Username": "me",
        "Password": shown,
    }


def test_answers_may_have_keys_that_nobody_knows(start, a_body):
    _, call = start(unknown_keys={"Shiny": 1})
    job_id = call.create(**a_body())

    assert call.get(job_id)["Shiny"] == call.list()["Jobs"][0]["Shiny"] == 1


def test_a_new_job_may_be_unreadable_for_a_while(start, a_body, refusal):
    emulator, call = start(get_lag=5)
    job_id = call.create(**a_body())
    with pytest.raises(ClientException) as error:
        call.get(job_id)
    assert refusal(error) == (404, "NotFound")

    emulator.turn(5)
    assert call.get(job_id)["JobId"] == job_id


def test_updates_may_show_late(start, a_body):
    emulator, call = start(update_lag=30)
    job_id = call.create(**a_body(Description="old"))
    update(call, job_id, Description="new", Accessibility="PUBLIC")
    emulator.turn(29)
    assert (call.get(job_id)["Description"], call.get(job_id)["Accessibility"]) == ("old", "PRIVATE")

    emulator.turn(1)
    assert (call.get(job_id)["Description"], call.get(job_id)["Accessibility"]) == ("new", "PUBLIC")


def test_stopping_may_be_refused_while_a_job_is_created(start, a_body, refusal):
    emulator, call = start(stoppable=frozenset({"Running", "Queuing"}))
    job_id = call.create(**a_body())
    with pytest.raises(ClientException, match="because it is Creating") as error:
        call("POST", f"/jobs/{job_id}/stop")
    assert refusal(error) == (400, "BadRequest")

    emulator.turn(1)
    call("POST", f"/jobs/{job_id}/stop")


def test_active_jobs_may_be_deleted(start, a_body, refusal):
    _, call = start(delete_active=True)
    call("DELETE", f"/jobs/{call.create(**a_body())}")

    _, strict = start()
    with pytest.raises(ClientException, match="because it is Creating") as error:
        strict("DELETE", f"/jobs/{strict.create(**a_body())}")
    assert refusal(error) == (400, "BadRequest")


@pytest.mark.parametrize(("reading", "left"), [("ignore", "PUBLIC"), ("allow", "PRIVATE")])
def test_narrowing_accessibility(start, a_body, reading, left):
    _, call = start(narrow_accessibility=reading)
    job_id = call.create(**a_body(Accessibility="PUBLIC"))
    update(call, job_id, Accessibility="PRIVATE")

    assert call.get(job_id)["Accessibility"] == left


def test_narrowing_accessibility_may_be_refused(start, a_body, refusal):
    _, call = start(narrow_accessibility="refuse")
    job_id = call.create(**a_body(Accessibility="PUBLIC"))
    with pytest.raises(ClientException) as error:
        update(call, job_id, Accessibility="PRIVATE")

    assert refusal(error) == (400, "InvalidParameter")


@pytest.mark.parametrize(
    ("reading", "shown"),
    [("merge", [("Master", 1), ("Worker", 4)]), ("replace", [("Worker", 4)])],
)
def test_elastic_specs_are_merged_or_replaced(start, a_body, reading, shown):
    _, call = start(job_specs_update=reading)
    (spec,) = a_body()["JobSpecs"]
    elastic = {**spec, "AutoScalingSpec": {"MinReplicas": 1, "MaxReplicas": 4}}
    job_id = call.create(**a_body(JobSpecs=[{**spec, "Type": "Master", "PodCount": 1}, elastic]))
    update(call, job_id, JobSpecs=[{"Type": "Worker", "PodCount": 4}])

    assert [(one["Type"], one["PodCount"]) for one in call.get(job_id)["JobSpecs"]] == shown


def test_the_size_limit_may_count_characters(start, a_body, refusal):
    _, strict = start()
    _, lenient = start(size_limit_counts="characters")
    body = a_body(UserCommand="ä" * 40_000)
    lenient.create(**body)
    with pytest.raises(ClientException) as error:
        strict.create(**body)

    assert refusal(error) == (400, "InvalidParameter")


@pytest.mark.parametrize(
    "body",
    [
        {"WorkspaceId": "9999"},
        {"CodeSource": {"CodeSourceId": "code-none"}},
        {"DataSources": [{"DataSourceId": "d-none", "MountPath": "/mnt"}]},
        {"JobSpecs": [{"Type": "Worker", "PodCount": 1, "Image": "a", "EcsSpec": "ecs.none"}]},
        {
            "ResourceId": "quota-none",
            "JobSpecs": [{"Type": "Worker", "PodCount": 1, "Image": "a", "ResourceConfig": {"CPU": "1"}}],
        },
    ],
)
def test_what_a_job_refers_to_must_exist(start, a_body, refusal, body):
    _, strict = start()
    with pytest.raises(ClientException, match="is not found") as error:
        strict.create(**a_body(**body))
    assert refusal(error) == (400, "InvalidParameter")

    _, lenient = start(check_references=False)
    lenient.create(**a_body(**body))


def test_a_catalogue_of_ones_own_is_what_jobs_may_refer_to(connect, a_body):
    own = replace(CATALOGUE, datasets=(Dataset("d-mine", "mine", "oss://mine/"),))
    with Emulator(clock=Clock.still(), catalogue=own) as emulator:
        connect(emulator).create(**a_body(DataSources=[{"DataSourceId": "d-mine", "MountPath": "/mnt"}]))


@pytest.mark.parametrize(
    ("policy", "body", "answer"),
    [
        ({"required_tags": ("team",)}, {"Settings": {"Tags": {"other": "1"}}}, (400, "InvalidParameter")),
        ({"pay_as_you_go": False}, {}, (403, "OperationForbidden")),
    ],
)
def test_a_workspace_refuses_what_its_policies_rule_out(connect, a_body, refusal, policy, body, answer):
    workspaces = (Workspace("1001", "strict", is_default=True, **policy),)
    with Emulator(clock=Clock.still(), workspaces=workspaces) as emulator:
        call = connect(emulator)
        with pytest.raises(ClientException) as error:
            call.create(**a_body(**body))
        assert refusal(error) == answer
        assert emulator.jobs() == ()


def test_a_clone_carries_the_tags_of_the_original(emulator, call, a_body):
    job_id = call.create(**a_body(Settings={"Tags": {"team": "vision"}}))
    clone = call.get(emulator.clone(job_id))

    assert clone["JobId"] != job_id
    assert clone["DisplayName"] == "resnet"
    assert clone["Settings"]["Tags"] == {"team": "vision", "CloneFromJobID": job_id}
    with pytest.raises(KeyError):
        emulator.clone("dlcnone")


def test_tags_and_job_types_may_go_beyond_the_documents(start, a_body):
    _, call = start(check_tags=False, more_job_types=("FlinkBatchJob",))
    tags = {f"acs:{number}": "1" * 500 for number in range(30)}
    role = {"JobSpecs": [{**a_body()["JobSpecs"][0], "Type": "TaskManager"}]}
    job = call.get(call.create(**a_body(JobType="FlinkBatchJob", Settings={"Tags": tags}, **role)))

    assert (job["JobType"], job["Settings"]["Tags"]) == ("FlinkBatchJob", tags)


def test_the_consoles_own_tag_is_taken(start, a_body):
    _, call = start()
    tags = {"CloneFromJobID": "dlc1"}

    assert call.get(call.create(**a_body(Settings={"Tags": tags})))["Settings"]["Tags"] == tags
