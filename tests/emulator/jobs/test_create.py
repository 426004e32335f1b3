"""What CreateJob takes, fills in and refuses."""

import json

import pytest
from alibabacloud_tea_openapi.exceptions import ClientException
from hypothesis import given
from hypothesis import strategies as st

from dlcapply.emulator import Clock, Emulator, Workspace
from dlcapply.emulator.answers import Refusal
from dlcapply.emulator.jobs.validation import checked_create, checked_update

NESTED = json.loads("[" * 60 + "]" * 60)
SPEC = {"Type": "Worker", "PodCount": 1, "Image": "a", "EcsSpec": "ecs.g6.large"}


def test_missing_values_are_filled_in(call, a_body):
    job = call.get(call.create(**a_body(WorkspaceId=None)))

    assert (job["Priority"], job["Accessibility"], job["WorkspaceId"]) == (1, "PRIVATE", "1001")


def test_unknown_keys_come_back_as_sent(call, a_body):
    sent = {"Settings": {"QuotaInstanceTypes": ["a"]}, "Newer": {"Key": [1]}}
    job = call.get(call.create(**a_body(**sent)))

    assert {key: job[key] for key in sent} == sent


def test_the_same_body_twice_is_two_jobs(call, a_body):
    assert call.create(**a_body()) != call.create(**a_body())
    assert call.names() == ["resnet", "resnet"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"DisplayName": None}, "DisplayName is required"),
        ({"JobType": None}, "JobType is required"),
        ({"JobSpecs": []}, "JobSpecs is required"),
        ({"UserCommand": ""}, "UserCommand is required"),
        ({"DisplayName": "a b"}, "DisplayName must be"),
        ({"DisplayName": "a" * 257}, "DisplayName must be"),
        ({"DisplayName": 7}, "DisplayName must be a string"),
        ({"JobType": "pytorchjob"}, "JobType pytorchjob is not one of"),
        ({"Accessibility": "public"}, "Accessibility public is not one of"),
        ({"Priority": 0}, "Priority must be from 1 to 9"),
        ({"Priority": 10}, "Priority must be from 1 to 9"),
        ({"Priority": True}, "Priority must be an integer"),
        ({"JobMaxRunningTimeMinutes": 0}, "JobMaxRunningTimeMinutes must be from 1"),
        ({"Envs": {"A": 1}}, "Envs.A must be a string"),
        ({"Envs": {"1A": "1"}}, "Envs.1A is not the name of a variable"),
        ({"JobMaxRunningTimeMinutes": 60.0}, "JobMaxRunningTimeMinutes must be an integer"),
        ({"Settings": {"TerminationGracePeriodSeconds": 2**63}}, "must be an integer"),
        ({"JobType": "FlinkBatchJob"}, "JobType FlinkBatchJob is not one of"),
        ({"Settings": {"Tags": {"aliyun-a": "1"}}}, "Settings.Tags aliyun-a is not allowed"),
        ({"Settings": {"Tags": {"a": "1" * 129}}}, "Settings.Tags a has a value of more than 128"),
        ({"Settings": {"Tags": {str(number): "1" for number in range(21)}}}, "not have more than 20 tags"),
        (
            {"Settings": {"AdvancedSettings": {"customPortList": "1", "customPortNumPerWorker": 1}}},
            "AdvancedSettings takes one of",
        ),
        ({"Settings": {"Tags": {"a": 1}}}, "Settings.Tags.a must be a string"),
        ({"Settings": {"JobReservedPolicy": "Never"}}, "Settings.JobReservedPolicy Never is not one of"),
        ({"UserVpc": {"DefaultRoute": "eth2"}}, "UserVpc.DefaultRoute eth2 is not one of"),
        ({"JobSpecs": ["Worker"]}, "JobSpecs[0] must be an object"),
        ({"JobSpecs": [{**SPEC, "Type": "worker"}]}, "JobSpecs[0].Type worker is not a role of PyTorchJob"),
        ({"JobSpecs": [{**SPEC, "Type": ""}], "JobType": "SlurmJob"}, "is not a role of SlurmJob"),
        ({"JobSpecs": [{**SPEC, "PodCount": 0}]}, "JobSpecs[0].PodCount must be from 1 to 10000"),
        ({"JobSpecs": [{**SPEC, "Image": ""}]}, "JobSpecs[0].Image is required"),
        (
            {"JobSpecs": [{**SPEC, "ResourceConfig": {"CPU": "1"}}]},
            "exactly one of EcsSpec and ResourceConfig",
        ),
        ({"JobSpecs": [{**SPEC, "EcsSpec": ""}]}, "exactly one of EcsSpec and ResourceConfig"),
        (
            {"JobSpecs": [{**SPEC, "EcsSpec": "", "ResourceConfig": {"CPU": 1}}]},
            "JobSpecs[0].ResourceConfig.CPU must be a string",
        ),
        ({"ResourceId": "quota1"}, "a job with ResourceId takes ResourceConfig"),
        ({"JobSpecs": [{**SPEC, "PodCount": None}]}, "JobSpecs[0].PodCount is required"),
        ({"JobSpecs": [{**SPEC, "PodCount": 6000}] * 2}, "more than 10000 pods"),
        ({"JobSpecs": [{**SPEC, "IsChief": True}, {**SPEC, "IsCheif": True}]}, "more than one chief"),
        (
            {"JobSpecs": [{**SPEC, "AutoScalingSpec": {"MinReplicas": 2, "MaxReplicas": 1}}]},
            "JobSpecs[0].AutoScalingSpec.MinReplicas is more than MaxReplicas",
        ),
        (
            {"JobSpecs": [{**SPEC, "SpotSpec": {"SpotDiscountLimit": 0.5, "SpotPriceLimit": 1}}]},
            "takes one of SpotDiscountLimit and SpotPriceLimit",
        ),
        (
            {"JobSpecs": [{**SPEC, "SpotSpec": {"SpotStrategy": "Cheap"}}]},
            "JobSpecs[0].SpotSpec.SpotStrategy Cheap is not one of SpotWithPriceLimit",
        ),
        ({"JobSpecs": [{**SPEC, "LocalMountSpecs": [{"MountPath": "ssd"}]}]}, "must be an absolute path"),
        (
            {"JobSpecs": [{**SPEC, "LocalMountSpecs": [{"MountMode": "Block", "MountPath": "/mnt"}]}]},
            "JobSpecs[0].LocalMountSpecs[0].MountPath must be below /dev/",
        ),
        (
            {"JobSpecs": [{**SPEC, "LocalMountSpecs": [{"MountMode": "Block", "LocalPath": "/ssd"}]}]},
            "LocalPath has no place beside Block",
        ),
        ({"CodeSource": {"Branch": "main"}}, "CodeSource.CodeSourceId is required"),
        (
            {"DataSources": [{"Uri": "oss://b/", "Options": "{"}]},
            "DataSources[0].Options must be JSON, as a string",
        ),
        (
            {"DataSources": [{"Uri": uri, "MountPath": "/mnt"} for uri in ("oss://a/", "oss://b/")]},
            "DataSources mount /mnt twice",
        ),
        ({"Odd": {"a": [[[{}]]]} | {"b": NESTED}}, "nested too deeply"),
        ({"DataSources": [{"MountPath": "/mnt"}]}, "exactly one of DataSourceId and Uri"),
        (
            {"DataSources": [{"DataSourceId": "d-1", "Uri": "oss://b/"}]},
            "exactly one of DataSourceId and Uri",
        ),
        (
            {"DataSources": [{"Uri": "oss://b/", "MountAccess": "rw"}]},
            "DataSources[0].MountAccess rw is not one of",
        ),
    ],
)
def test_what_is_not_valid_is_refused(call, a_body, refusal, changes, message):
    with pytest.raises(ClientException) as error:
        call.create(**a_body(**changes))

    assert refusal(error) == (400, "InvalidParameter")
    assert message in error.value.message
    assert call.names() == []


@pytest.mark.parametrize(
    ("job_type", "role"),
    [("PyTorchJob", "Master"), ("TFJob", "PS"), ("RayJob", "Worker-gpu"), ("SlurmJob", "Anything")],
)
def test_roles_depend_on_the_job_type(call, a_body, job_type, role):
    job_id = call.create(**a_body(JobType=job_type, JobSpecs=[{**SPEC, "Type": role}]))

    assert call.get(job_id)["JobSpecs"][0]["Type"] == role


def test_a_body_of_65536_bytes_is_the_longest(call, a_body, refusal):
    room = 65_536 - len(json.dumps(a_body(UserCommand="x"), separators=(",", ":"))) + 1
    call.create(**a_body(UserCommand="x" * room))

    with pytest.raises(ClientException) as error:
        call.create(**a_body(UserCommand="x" * (room + 1)))
    assert refusal(error) == (400, "InvalidParameter")


def test_a_body_that_is_no_object_is_refused(call, refusal):
    with pytest.raises(ClientException) as error:
        call("POST", "/jobs", ["a"])

    assert refusal(error) == (400, "InvalidParameter")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 12) | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text("ab", max_size=2), inner, max_size=2),
    max_leaves=6,
)
BODY_KEYS = st.sampled_from(
    ["Envs", "Settings", "DataSources", "UserVpc", "Priority", "Accessibility", "JobSpecs", "JobType"]
)
SPEC_KEYS = st.sampled_from(["Type", "PodCount", "Image", "EcsSpec", "ResourceConfig", "RestartPolicy"])


def verdict(check, body):
    try:
        check(body)
    except Refusal as refusal:
        return refusal.code
    return "taken"


@given(st.dictionaries(BODY_KEYS, JSON), st.dictionaries(SPEC_KEYS, JSON))
def test_any_json_is_taken_or_refused(changes, spec_changes):
    body = {
        "DisplayName": "a",
        "JobType": "RayJob",
        "UserCommand": "a",
        "JobSpecs": [{**SPEC, **spec_changes}],
    }

    for check in (checked_create, checked_update):
        assert verdict(check, {**body, **changes}) in {"taken", "InvalidParameter"}


def test_without_a_default_workspace_one_must_be_named(connect, a_body, refusal):
    with Emulator(clock=Clock.still(), workspaces=(Workspace("268", "vision"),)) as emulator:
        call = connect(emulator)
        with pytest.raises(ClientException) as error:
            call.create(**a_body(WorkspaceId=None))

        assert refusal(error) == (403, "OperationForbidden")
        assert call.get(call.create(**a_body(WorkspaceId="268")))["WorkspaceName"] == "vision"


def test_odd_characters_come_back(call, a_body):
    envs = {"A": "snow ☃, 中文"}

    assert call.get(call.create(**a_body(Envs=envs)))["Envs"] == envs
