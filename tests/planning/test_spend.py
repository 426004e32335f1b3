"""How much a run can spend, and has spent."""

from __future__ import annotations

import pytest

from dlcapply.model import Run, Spend
from dlcapply.planning.spend import instance_types, spend_of, spent_hours
from tests.builders import NOW

KNOWN = {"gpu2": 2, "gpu8": 8, "cpu": 0}


def of(*roles, minutes=90):
    return spend_of({"JobSpecs": list(roles), "JobMaxRunningTimeMinutes": minutes}, accelerators=KNOWN)


def a_run(**body):
    return Run("dlc1", "train", "Running", "2026-11-23T00:00:00Z", body)


@pytest.mark.parametrize(
    ("roles", "spend"),
    [
        ([{"EcsSpec": "gpu2", "PodCount": 3}], Spend(6, 9.0)),
        ([{"EcsSpec": "gpu2"}], Spend(2, 3.0)),
        ([{"EcsSpec": "gpu2", "PodCount": 1}, {"EcsSpec": "gpu8", "PodCount": 2}], Spend(18, 27.0)),
        ([{"EcsSpec": "cpu", "PodCount": 3}], Spend(0, 0.0)),
        ([], Spend(0, 0.0)),
        ([{"PodCount": 4}], Spend(0, 0.0)),
        ([{"ResourceConfig": {"GPU": "8"}, "PodCount": 2}], Spend(16, 24.0)),
        *(
            ([{"ResourceConfig": {"GPU": text}, "PodCount": 2}], Spend(16, 24.0))
            for text in ("8000m", "8.0", "8e0", " 8 ", 8, 8.0, "7.5")
        ),
        ([{"ResourceConfig": {"GPU": "-8"}}], Spend(0, None, ("",))),
        ([{"ResourceConfig": ["GPU"]}], Spend(0, 0.0)),
        (["x", None, {"EcsSpec": "gpu2"}], Spend(2, 3.0)),
        ([{"ResourceConfig": {"GPU": ""}}], Spend(0, 0.0)),
        ([{"ResourceConfig": None}], Spend(0, 0.0)),
        ([{"EcsSpec": "gpu2", "ResourceConfig": {"GPU": "8"}}], Spend(2, 3.0)),
        ([{"EcsSpec": "gpu2"}, {"EcsSpec": "z"}, {"EcsSpec": "a"}], Spend(2, None, ("a", "z"))),
        ([{"EcsSpec": "gpu2"}, {"ResourceConfig": {"GPU": "1/2"}}], Spend(2, None, ("",))),
    ],
)
def test_pods_times_accelerators_times_hours(roles, spend):
    assert of(*roles) == spend


@pytest.mark.parametrize("minutes", [None, 0])
def test_only_accelerators_make_a_run_without_a_maximum_unbounded(minutes):
    assert of({"EcsSpec": "gpu2"}, minutes=minutes) == Spend(2, None)
    assert of({"EcsSpec": "cpu"}, minutes=minutes) == Spend(0, 0.0)


def test_a_spec_without_roles_spends_nothing():
    assert spend_of({}, accelerators={}) == spend_of({"JobSpecs": None}, accelerators={}) == Spend(0, 0.0)


def test_which_instance_types_must_be_known():
    specs = [{"JobSpecs": [{"EcsSpec": "a"}, {"EcsSpec": ""}, {}]}, {}, {"JobSpecs": None}]
    specs += [{"JobSpecs": "x"}, {"JobSpecs": {"EcsSpec": "c"}}, {"JobSpecs": ["x", {"EcsSpec": ["c"]}]}]
    assert instance_types([*specs, {"JobSpecs": [{"EcsSpec": "b"}, {"EcsSpec": "a"}]}]) == {"a", "b"}


@pytest.mark.parametrize(
    ("started", "hours"),
    [
        ("2026-11-23T10:30:00Z", 3.0),
        ("2026-11-23T12:00:00Z", 0.0),
        ("2026-11-23T13:00:00Z", 0.0),
        ("", 0.0),
        (None, 0.0),
    ],
)
def test_what_a_run_has_spent_since_it_was_running(started, hours):
    run = a_run(GmtRunningTime=started, JobSpecs=[{"EcsSpec": "gpu2"}])
    assert spent_hours(run, accelerators=KNOWN, now=NOW) == hours
    assert spent_hours(a_run(), accelerators=KNOWN, now=NOW) == 0.0
