"""One shape for a spec, whoever wrote it down."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcapply.planning.normalisation import normalise, unpromote


@pytest.mark.parametrize(
    ("spec", "normal"),
    [
        ({"a": None, "b": {}, "c": [], "d": {"e": None, "f": [], "g": {"h": {}}}}, {}),
        ({"a": 0, "b": False, "c": "", "d": 0.0}, {"a": 0, "b": False, "c": "", "d": 0}),
        ({"a": 60.0, "b": 0.5, "c": True, "d": [1.0, 2.5]}, {"a": 60, "b": 0.5, "c": True, "d": [1, 2.5]}),
        ({"a": [None, {}, {"b": None}, 1]}, {"a": [None, {}, {}, 1]}),
        ({"UserVpc": {"ExtendedCidrs": ["10.0.0.0/8"]}}, {"UserVpc": {"ExtendedCIDRs": ["10.0.0.0/8"]}}),
        ({"ThirdpartyLibs": ["b", "a"]}, {"ThirdpartyLibs": ["a", "b"]}),
        ({"Other": ["b", "a"]}, {"Other": ["b", "a"]}),
        (
            {"JobSpecs": [{"Type": "Worker"}, {"Type": "PS"}]},
            {"JobSpecs": [{"Type": "PS"}, {"Type": "Worker"}]},
        ),
        (
            {"DataSources": [{"Uri": "c"}, {"DataSourceId": "b"}, {"MountPath": "/a", "Uri": "z"}]},
            {"DataSources": [{"MountPath": "/a", "Uri": "z"}, {"DataSourceId": "b"}, {"Uri": "c"}]},
        ),
        (
            {"JobSpecs": [{"ResourceConfig": {"Memory": "1024Mi", "GPUType": "1024Mi"}}]},
            {"JobSpecs": [{"ResourceConfig": {"Memory": "1Gi", "GPUType": "1024Mi"}}]},
        ),
        ({"Envs": {"A": "1024Mi", "ExtendedCidrs": "x"}}, {"Envs": {"A": "1024Mi", "ExtendedCIDRs": "x"}}),
    ],
)
def test_a_spec_in_its_one_shape(spec, normal):
    before = copy.deepcopy(spec)
    assert normalise(spec) == normal
    assert [type(value) for value in normalise(spec).values()] == [type(value) for value in normal.values()]
    assert spec == before


values = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats(-3, 3) | st.sampled_from(["", "8192Mi"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "Type", "b"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["Envs", "UserVpc", "Settings"]), values, max_size=3))
def test_what_has_its_shape_keeps_it(spec):
    once = normalise(spec)
    assert normalise(once) == once


def a_spec(job_type, **pods):
    roles = [{"Type": role, "Image": "x", "PodCount": count} for role, count in pods.items()]
    return {"JobType": job_type, "JobSpecs": roles, "Envs": {"A": "1"}}


@pytest.mark.parametrize("job_type", ["PyTorchJob", "XGBoostJob", "OneFlowJob", "ElasticBatchJob"])
def test_a_promoted_master_is_a_worker_again(job_type):
    wanted = a_spec(job_type, Worker=3)
    assert unpromote(a_spec(job_type, Master=1, Worker=2), desired=wanted) == wanted
    single = a_spec(job_type, Worker=1)
    assert unpromote(a_spec(job_type, Master=1), desired=single) == single
    mixed = a_spec(job_type, PS=1, Worker=3)
    assert unpromote(a_spec(job_type, Master=1, Worker=2, PS=1), desired=mixed) == mixed


def test_a_role_without_a_number_of_pods_has_one():
    live = {"JobType": "PyTorchJob", "JobSpecs": [{"Type": "Master"}, {"Type": "Worker"}]}
    (worker,) = unpromote(live, desired=a_spec("PyTorchJob", Worker=2))["JobSpecs"]
    assert worker == {"Type": "Worker", "PodCount": 2}


@pytest.mark.parametrize(
    ("live", "desired"),
    [
        (a_spec("TFJob", Master=1, Worker=2), a_spec("TFJob", Worker=3)),
        (a_spec("PyTorchJob", Master=1, Worker=2), a_spec("PyTorchJob", Master=1, Worker=2)),
        (a_spec("PyTorchJob", Worker=3), a_spec("PyTorchJob", Worker=3)),
        ({"JobType": "PyTorchJob"}, a_spec("PyTorchJob", Worker=3)),
        ({}, {}),
    ],
)
def test_all_else_is_no_promotion(live, desired):
    assert unpromote(live, desired=desired) is live


def test_workers_of_another_kind_than_the_master_stay_what_they_are():
    live = a_spec("PyTorchJob", Master=1, Worker=2)
    live["JobSpecs"][0]["Image"] = "other"
    merged = unpromote(live, desired=a_spec("PyTorchJob", Worker=3))
    assert merged["JobSpecs"] == [{"Type": "Worker", "Image": "x", "PodCount": 3}]
