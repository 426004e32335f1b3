"""Field differences under what a service may do to an answer."""

from __future__ import annotations

import copy
import sys
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcapply.model.plans import Behaviour
from dlcapply.planning.diff import differences, needs_detail
from dlcapply.planning.masking import MASK
from dlcapply.secrecy import is_secret_name
from tests.builders import a_job, a_run, a_spec

DATA = [
    {"DataSourceId": "d-1", "MountPath": "/a", "MountAccess": "RO", "Options": "{}"},
    {"Uri": "oss://b.e/p/", "MountPath": "/b"},
    {"DataSourceId": "d-2"},
]


def with_body(run, **changes):
    return replace(run, body={**copy.deepcopy(dict(run.body)), **changes})


def test_what_the_service_makes_of_a_spec_is_no_difference():
    job = a_job(
        DataSources=DATA,
        UserVpc={"VpcId": "vpc-1", "SwitchId": "vsw-1", "ExtendedCIDRs": ["10.0.0.0/8"]},
        Settings={"EnableRDMA": True},
    )
    run = with_body(
        a_run(job),
        DataSources=[
            {"DataSourceId": "d-2", "MountPath": "/default", "Uri": "nas://x"},
            {"MountPath": "/b", "Uri": "oss://b.e/p/", "DataSourceId": "d-filled"},
            {"MountPath": "/a", "DataSourceId": "d-1"},
        ],
        UserVpc={
            "VpcId": "vpc-1",
            "SwitchId": "vsw-1",
            "ExtendedCidrs": ["10.0.0.0/8"],
            "DefaultRoute": "eth0",
        },
        ThirdpartyLibs=[],
        ElasticSpec={"EnableEDP": False},
        NewKey={"x": 1},
    )
    settings = {**run.body["Settings"], "Driver": "535", "EnableRDMA": True}
    assert differences(desired=job, live=with_body(run, Settings=settings)) == ()


def test_a_promoted_master_is_folded_back():
    job = a_job()
    worker = a_spec()["JobSpecs"][0]
    promoted = [{**worker, "Type": "Master", "PodCount": 1}, {**worker, "PodCount": 1}]
    assert differences(desired=job, live=with_body(a_run(job), JobSpecs=promoted)) == ()
    single = a_job(JobSpecs=[{**worker, "PodCount": 1}])
    only_master = [{**worker, "Type": "Master", "PodCount": 1}]
    assert differences(desired=single, live=with_body(a_run(single), JobSpecs=only_master)) == ()
    wrong = [*promoted[:1], {**worker, "PodCount": 5}]
    assert [f.path for f in differences(desired=job, live=with_body(a_run(job), JobSpecs=wrong))] == [
        "JobSpecs[Worker].PodCount"
    ]


def test_a_master_that_was_asked_for_is_no_promotion():
    worker = a_spec()["JobSpecs"][0]
    roles = [{**worker, "Type": "Master", "PodCount": 1}, {**worker, "PodCount": 3}]
    job = a_job(JobSpecs=roles)
    assert differences(desired=job, live=a_run(job)) == ()


def test_items_of_keyed_lists_show_by_their_key():
    before = a_job(DataSources=DATA[:1])
    after = a_job(DataSources=[{**DATA[0], "DataSourceId": "d-9"}, DATA[1]])
    shown = {f.path: (f.before, f.after) for f in differences(desired=after, live=a_run(before))}
    assert shown["DataSources[/a].DataSourceId"] == ("d-1", "d-9")
    assert shown["DataSources[/b]"] == (None, DATA[1])
    assert [f.path for f in differences(desired=a_job(), live=a_run(before))] == ["DataSources[/a]"]


def test_other_lists_show_whole():
    before, after = a_job(ThirdpartyLibs=["a", "b"]), a_job(ThirdpartyLibs=["a", "c"])
    (change,) = differences(desired=after, live=a_run(before))
    assert (change.path, change.before, change.after) == ("ThirdpartyLibs", ["a", "b"], ["a", "c"])


def test_deep_differences_show_at_their_leaves():
    def of(**envs):
        return a_job(Envs=envs)

    (first, second) = differences(desired=of(A="1", B="2"), live=a_run(of(C="3")))[:2]
    assert (first.path, second.path) == ("Envs.A", "Envs.B")
    (odd,) = differences(desired=of(**{"A B": "2"}), live=a_run(of(**{"A B": "1"})))
    assert odd.path == "Envs['A B']"


def test_secrets_inside_containers_are_masked():
    role = {**a_spec()["JobSpecs"][0], "Type": "PS", "ImageConfig": {"Username": "me", "Password": "s3cret"}}
    spec = a_spec()
    after = a_job(
        JobSpecs=[*spec["JobSpecs"], role],
        CustomEnvs=[{"Key": "HF_TOKEN", "Value": "s3cret", "Visible": "public"}],
    )
    changes = differences(desired=after, live=a_run(a_job()))
    assert "s3cret" not in repr(changes)
    assert MASK in repr(changes)
    assert "'Username': 'me'" in repr(changes)


def test_what_counts_as_a_secret_name():
    secret = ["HF_TOKEN", "WANDB_API_KEY", "PASSWORD", "MY_SECRET", "AUTH", "HF_TOKEN_2", "KEY1"]
    assert all(is_secret_name(name) for name in secret)
    plain = ["TOKENIZER", "MAX_TOKENS", "AUTHOR", "KEYBOARD", "MONKEY"]
    assert not any(is_secret_name(name) for name in plain)


def test_only_jobs_that_set_such_fields_need_the_detail():
    live = a_run(a_job())
    assert not needs_detail(desired=a_job(), live=live)
    assert needs_detail(desired=a_job(Description="x"), live=live)
    assert needs_detail(desired=a_job(CustomEnvs=[{"Key": "A", "Value": "1"}]), live=live)
    assert needs_detail(desired=a_job(DataSources=[DATA[1]]), live=live)
    assert not needs_detail(desired=a_job(DataSources=[DATA[0]]), live=live)
    assert needs_detail(desired=a_job(), live=a_run(a_job(Description="x")))
    assert not needs_detail(desired=a_job(), live=a_run(a_job(Priority=3)))


def test_a_field_changed_in_place_that_is_removed_goes_back_to_its_default():
    before = a_run(a_job(Priority=7, Description="x", Accessibility="PUBLIC"), "Queuing", ResourceId="q")
    changes = {f.path: (f.before, f.after, f.behaviour) for f in differences(desired=a_job(), live=before)}
    assert changes == {
        "Accessibility": ("PUBLIC", "PRIVATE", Behaviour.IGNORED),
        "Description": ("x", "", Behaviour.IN_PLACE),
        "Priority": (7, 1, Behaviour.IN_PLACE),
    }
    cleared = with_body(before, Priority=1, Description="", Accessibility="PRIVATE")
    assert differences(desired=a_job(), live=cleared) == ()


def test_a_field_that_no_manifest_set_is_left_to_others():
    run = a_run(a_job(), "Queuing", ResourceId="q", Priority=7, Description="by hand")
    assert differences(desired=a_job(), live=run) == ()


names = st.sampled_from(["A", "B", "C_TOKEN", "D"])
envs = st.dictionaries(names, st.sampled_from(["1", "2"]), max_size=3)
commands = st.sampled_from(["python a.py", "python b.py"])


@given(envs, commands, envs, commands, st.booleans())
def test_a_run_differs_exactly_where_the_specs_do(old, command, new, other, detailed):
    before = a_job(Envs=old, UserCommand=command)
    after = a_job(Envs=new, UserCommand=other)
    shown = {f.path for f in differences(desired=after, live=a_run(before, detailed=detailed))}
    expected = {f"Envs.{key}" for key in {*old, *new} if old.get(key) != new.get(key)}
    expected |= {"UserCommand"} if command != other else set()
    assert shown == expected


def test_a_token_is_masked_wherever_it_stands():
    token = "hf_" + "a1B2" * 8
    before, after = a_job(UserCommand="train"), a_job(UserCommand=f"HF={token} train", Envs={"X": token})
    text = repr(differences(desired=after, live=a_run(before)))
    assert token not in text
    assert f"HF={MASK} train" in text


def test_a_variable_with_a_dot_in_its_name_is_masked_too():
    before, after = a_job(Envs={"MY.TOKEN": "old-s3cret"}), a_job(Envs={"MY.TOKEN": "new-s3cret"})
    assert "s3cret" not in repr(differences(desired=after, live=a_run(before)))


def python_calls(function):
    """How many Python functions are called on the way: steps, whatever the machine."""
    count = 0

    def counts(_frame, event, _argument):
        nonlocal count
        count += event == "call"

    sys.setprofile(counts)
    try:
        function()
    finally:
        sys.setprofile(None)
    return count


LONG = {
    "lines of a command": lambda n, salt: {"UserCommand": "\n".join(f"{salt}{at % 90}" for at in range(n))},
    "one line": lambda n, salt: {"UserCommand": f"{salt} " * n},
    "a list of plain values": lambda n, salt: {"ThirdpartyLibs": [f"{salt}{at}" for at in range(n)]},
    "a list of structs": lambda n, salt: {
        "Settings": {"AdvancedSettings": {"x": [{"k": f"{salt}{at}", "v": [at]} for at in range(n)]}}
    },
    "variables": lambda n, salt: {"Envs": {f"K{at}": salt for at in range(n)}},
    "variables of their own kind": lambda n, salt: {
        "CustomEnvs": [{"Key": f"K{at}", "Value": salt} for at in range(n)]
    },
    "sources without a path": lambda n, salt: {
        "DataSources": [
            {"DataSourceId": f"d-{at}", "MountAccess": salt, "MountPath": None} for at in range(n)
        ]
    },
    "alike": lambda n, salt: {"CustomEnvs": [{"Key": "K", "Value": salt} for _ in range(n)]},
}


@pytest.mark.parametrize("name", LONG)
def test_a_difference_takes_steps_in_proportion_to_what_differs(name):
    def compared(n):
        desired, live = a_job(**LONG[name](n, "a")), a_run(a_job(**LONG[name](n, "b")))
        return python_calls(lambda: differences(desired=desired, live=live))

    compared(1)
    few, many = compared(60), compared(240)
    assert many <= 4.5 * few
