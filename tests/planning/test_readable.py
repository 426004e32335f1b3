"""What an answer shows of a run in another shape: an error where it decides, nothing where it does not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlcapply.errors import ServiceError
from dlcapply.model.plans import Behaviour, FieldKind
from dlcapply.planning.diff import differences
from dlcapply.planning.readable import sound
from dlcapply.planning.run_progress import spent_by
from dlcapply.planning.spend import instance_types, spend_of
from tests.builders import NOW, a_job, a_run, an_environment, only_change, without_marks

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
KEYS = (
    *("JobSpecs", "DataSources", "Envs", "Settings", "UserVpc", "CodeSource", "ResourceId", "Priority"),
    *("UserCommand", "JobType", "Duration", "GmtRunningTime", "CustomEnvs", "ElasticSpec", "Unheard"),
)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"JobSpecs": "x"}, "JobSpecs is text that can't be used"),
        ({"JobSpecs": [None]}, r"JobSpecs\[\] is missing"),
        ({"JobSpecs": [["Worker"]]}, r"JobSpecs\[\] is a list"),
        ({"JobSpecs": [{"Type": "Worker", "PodCount": []}]}, r"JobSpecs\[\].PodCount is a list"),
        ({"Envs": []}, "Envs is a list"),
        ({"Envs": {"LR": {"": 1}}}, "Envs.LR is a map"),
        ({"Envs": {"LR": "1e-4", "NEW": []}}, "Envs.NEW is a list"),
        ({"UserCommand": "\ud800"}, "UserCommand is text that can't be used"),
        ({"UserCommand": "x" * 70_000}, "UserCommand is text that can't be used"),
        ({"JobMaxRunningTimeMinutes": float("inf")}, "JobMaxRunningTimeMinutes is a number out of any range"),
        ({"JobMaxRunningTimeMinutes": 10**40}, "JobMaxRunningTimeMinutes is a number out of any range"),
    ],
)
def test_what_decides_and_can_not_be_read_is_one_error(change, problem):
    job = a_job()
    with pytest.raises(ServiceError, match=f"^GetJob dlc001: {problem}$") as failure:
        differences(desired=job, live=a_run(job, **change))
    assert failure.value.hint
    with pytest.raises(ServiceError, match=f"^ListJobs dlc001: {problem}$"):
        differences(desired=job, live=a_run(job, detailed=False, **change))


@pytest.mark.parametrize(
    "change",
    [
        {"UserVpc": "x"},
        {"ElasticSpec": []},
        {"CodeSource": 7},
        {"DataSources": "none"},
        {"ResourceId": {"": 1}},
        {"Unheard": {"of": [float("inf"), 10**40, "\ud800"]}},
        {"\ud800": 1},
    ],
)
def test_what_the_manifest_does_not_ask_for_may_be_odd(change):
    job = a_job()
    assert differences(desired=job, live=a_run(job, **change)) == ()


def test_where_the_mark_decides_nothing_else_has_to_be_read():
    live = a_run(a_job(), JobSpecs="x", Envs=7)
    fields = differences(desired=a_job(UserCommand="other"), live=live)
    assert {field.behaviour for field in fields} == {Behaviour.NEEDS_RUN}
    assert FieldKind.CHANGED in {field.kind for field in fields}


def test_an_ended_run_of_this_spec_may_be_odd():
    job = a_job()
    assert only_change(job, live=(a_run(job, "Succeeded", JobSpecs="x"),)).action == "unchanged"


def test_a_rival_is_shown_as_far_as_it_can_be_read():
    job = a_job()
    rival = without_marks(a_run(job, JobSpecs=[7, {"Type": "Worker", "PodCount": {}}], Envs="x"))
    change = only_change(job, live=(rival,))
    assert (change.action, change.reason.code) == ("blocked", "name-taken")


def test_a_priority_on_a_quota_that_can_not_be_read_is_not_changed_in_place():
    job = a_job(Priority=5)
    (field,) = differences(desired=job, live=a_run(job, "Queuing", Priority=1, ResourceId=["quota1"]))
    assert field.behaviour is Behaviour.IGNORED


@pytest.mark.parametrize(
    ("body", "hours"),
    [
        ({"GmtRunningTime": "2026-11-23T11:00:00Z"}, 2.0),
        ({"GmtRunningTime": "2026-11-23T11:00:00"}, 2.0),
        ({"GmtRunningTime": "soon"}, None),
        ({"GmtRunningTime": []}, None),
        ({"GmtRunningTime": "2026-11-23T11:00:00Z", "JobSpecs": 7}, None),
        ({"GmtRunningTime": "2026-11-23T11:00:00Z", "JobSpecs": [{"PodCount": "x", "EcsSpec": []}]}, 0.0),
    ],
)
def test_hours_spent_are_told_as_far_as_they_are_known(body, hours):
    known = {"ecs.gn7i-c8g1.2xlarge": 1}
    assert spent_by(a_run(a_job(), **body), accelerators=known, now=NOW).accelerator_hours == hours


@pytest.mark.parametrize("gpus", ["²", "1/2", "-1", "many"])
def test_gpus_that_are_no_number_bound_nothing(gpus):
    spec = {"JobMaxRunningTimeMinutes": 60, "JobSpecs": [{"PodCount": 1, "ResourceConfig": {"GPU": gpus}}]}
    assert spend_of(spec, accelerators={}).hours is None


@settings(max_examples=60)
@given(st.dictionaries(st.sampled_from(KEYS), JSON, min_size=1, max_size=3), st.booleans())
def test_no_answer_is_more_than_an_error(odd, changed):
    live = a_run(a_job(), **odd)
    wanted = a_job(UserCommand="other") if changed else a_job()
    spent_by(live, accelerators={}, now=NOW)
    instance_types([sound(live.body)])
    assert (live.duration_seconds is None) or live.duration_seconds >= 0
    try:
        for field in differences(desired=wanted, live=live):
            assert field.path
    except ServiceError as error:
        assert error.message.startswith("GetJob dlc001: ")  # noqa: PT017  either way is right


@given(JSON)
def test_tags_are_a_map_whatever_settings_are(value):
    run = replace(a_run(a_job()), body={"Settings": value})
    assert isinstance(run.tags, dict)
    assert only_change(a_job(), environment=an_environment()).action == "create"
