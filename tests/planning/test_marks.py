"""Fingerprints, operation ids and ownership."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcapply.model import EnvSource, Ownership, RunRules
from dlcapply.planning import marks
from dlcapply.planning.marks import (
    around_fingerprint,
    create_body,
    fingerprint,
    hidden_fingerprint,
    marks_for,
    operation_id,
    secret_names,
    spec_changed,
)
from dlcapply.planning.ownership import classify, is_still_ours
from dlcapply.planning.quantities import canonical_quantity
from tests.builders import ENVIRONMENT, a_job, a_run, a_spec, without_marks


def test_fingerprints_stay_what_they_were():
    """A change here would make every running job look changed: it needs a new version, beside the old."""
    assert fingerprint(a_job()) == "v2:688a118c4c8a74e2b4646cec663c7ca3ef03fe48d0d623ca0be31990587bba7d"
    assert (
        hidden_fingerprint(a_job(SuccessPolicy="AllWorkers"))
        == "v2:145f1187862aa58c5958edc87f49a845ffba752f7f98fdf4756a59d4ce7e9000"
    )
    assert operation_id(a_job(), newest=None) == "0f24a7d60868a4f09efde50a22e89322"


@pytest.mark.parametrize(
    "other",
    [
        {"JobMaxRunningTimeMinutes": 61},
        {"JobMaxRunningTimeMinutes": None},
        {"Settings": {"JobReservedMinutes": 30}},
        {"Settings": {"SanityCheckArgs": "--x"}},
        {"JobSpecs": [{**a_spec()["JobSpecs"][0], "SpotSpec": {"SpotPriceLimit": 1.5}}]},
    ],
)
def test_circumstances_have_a_fingerprint_of_their_own(other):
    assert around_fingerprint(a_job(**other)) != around_fingerprint(a_job())
    assert around_fingerprint(a_job(UserCommand="other", Priority=3)) == around_fingerprint(a_job())


def test_which_machines_are_taken_and_how_bids_are_made_is_more_than_a_circumstance():
    def spot(**spec):
        return fingerprint(a_job(JobSpecs=[{**a_spec()["JobSpecs"][0], "SpotSpec": spec}]))

    assert spot(SpotStrategy="SpotAsPriceGo") != spot(SpotStrategy="SpotWithPriceLimit")
    assert spot(SpotStrategy="SpotAsPriceGo", SpotPriceLimit=1.0) == spot(SpotStrategy="SpotAsPriceGo")


@pytest.mark.parametrize(
    "same",
    [
        {"Description": "words"},
        {"Priority": 7},
        {"Accessibility": "PUBLIC"},
        {"WorkspaceId": None},
        {"ThirdpartyLibs": [], "Settings": {"Tags": {}}, "CodeSource": {"Branch": None}},
        {"Settings": {"Tags": {"dlcapply-op": "x"}}},
        {"JobMaxRunningTimeMinutes": 61},
        {"JobMaxRunningTimeMinutes": None},
        {"Settings": {"Tags": {"cost-center": "cv-4211"}, "Caller": "ci", "PipelineId": "7"}},
        {"Settings": {"JobReservedMinutes": 30, "EnableSanityCheck": True, "SanityCheckArgs": "--x"}},
        {"labels": {"team": "vision"}},
        {"rules": RunRules(token="2", retries=3)},
        {"Envs": {"LR": "1e-4", "FOO": "literal"}, "env_from": (EnvSource("FOO", "BAR"),)},
    ],
)
def test_what_is_no_part_of_the_spec_leaves_the_fingerprint_alone(same):
    assert fingerprint(a_job(**same)) == fingerprint(a_job())


@pytest.mark.parametrize(
    "other",
    [
        {"UserCommand": "python other.py"},
        {"Envs": {"LR": "1e-3"}},
        {"SuccessPolicy": "AllWorkers"},
        {"Settings": {"QuotaInstanceTypes": ["x"]}},
    ],
)
def test_what_is_part_of_the_spec_changes_it(other):
    assert fingerprint(a_job(**other)) != fingerprint(a_job())


def test_secrets_are_no_part_of_it_and_their_neighbours_are():
    def with_password(user, password):
        role = {**a_spec()["JobSpecs"][0], "ImageConfig": {"Username": user, "Password": password}}
        return fingerprint(a_job(JobSpecs=[role]))

    assert with_password("me", "a") == with_password("me", "b")
    assert with_password("me", "a") != with_password("you", "a")


def test_keyed_lists_have_no_order_and_other_lists_do():
    worker, ps = {"Type": "Worker", "PodCount": 1}, {"Type": "PS", "PodCount": 2}
    assert fingerprint(a_job(JobSpecs=[worker, ps])) == fingerprint(a_job(JobSpecs=[ps, worker]))
    assert fingerprint(a_job(ThirdpartyLibs=["a", "b"])) == fingerprint(a_job(ThirdpartyLibs=["b", "a"]))
    container = {"Name": "init", "Command": ["a", "b"]}
    pods = [{"InitContainers": [{**container, "Command": words}]} for words in (["a", "b"], ["b", "a"])]
    first, second = (a_job(JobSpecs=[{**worker, "ExtraPodSpec": pod}]) for pod in pods)
    assert fingerprint(first) != fingerprint(second)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("8192Mi", "8Gi"),
        ("8Gi", "8Gi"),
        ("0.5Gi", "512Mi"),
        ("10.0", "10"),
        ("1.50", "1.5"),
        ("1G", "1G"),
        ("1024", "1Ki"),
        ("1000", "1k"),
        ("4000m", "4"),
        ("4e0", "4"),
        ("500m", "0.5"),
        ("0Gi", "0"),
        ("lots", "lots"),
        (" 8Gi ", "8Gi"),
        ("2048Gi", "2Ti"),
    ],
)
def test_quantities_have_one_spelling(text, canonical):
    assert canonical_quantity(text) == canonical


def test_quantities_in_another_spelling_are_the_same_spec():
    def of(memory):
        return fingerprint(a_job(JobSpecs=[{"Type": "Worker", "ResourceConfig": {"Memory": memory}}]))

    assert of("8Gi") == of("8192Mi") != of("9Gi")


values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=2), inner, max_size=3),
    max_leaves=8,
)


@given(values)
def test_a_fingerprint_survives_json_and_leaves_its_input_alone(value):
    job = a_job(Extra=value)
    before = json.dumps(job.spec)
    assert fingerprint(job) == fingerprint(replace(job, spec=json.loads(before)))
    assert json.dumps(job.spec) == before


def test_an_operation_follows_the_job_its_spec_its_token_and_its_history():
    job, run = a_job(), a_run(a_job())
    ids = {
        operation_id(job, newest=None),
        operation_id(job, newest=run),
        operation_id(a_job("other"), newest=None),
        operation_id(a_job(UserCommand="x"), newest=None),
        operation_id(a_job(rules=RunRules(token="2")), newest=None),
    }
    assert len(ids) == 5
    assert operation_id(a_job(Description="x"), newest=None) in ids


def test_a_create_body_carries_name_labels_marks_and_environment_values():
    job = a_job(
        labels={"team": "a", "shared": "label"},
        env_from=(EnvSource("FOO", "BAR"),),
        rules=RunRules(protect=True),
        Settings={"EnableRDMA": True, "Tags": {"shared": "tag"}},
    )
    body = create_body(job, marks=marks_for(job, op="op1", provenance="abc"), env={"FOO": "value"})
    assert body["DisplayName"] == "train"
    assert body["Envs"] == {"LR": "1e-4", "FOO": "value"}
    assert body["Settings"]["EnableRDMA"] is True
    assert body["Settings"]["Tags"] == {
        "team": "a",
        "shared": "tag",
        "dlcapply-owner": "vision/local",
        "dlcapply-spec": fingerprint(job),
        "dlcapply-around": around_fingerprint(job),
        "dlcapply-hidden": hidden_fingerprint(job),
        "dlcapply-token": "1",
        "dlcapply-op": "op1",
        "dlcapply-env": "FOO",
        "dlcapply-protect": "true",
        "dlcapply-from": "abc",
    }
    assert "DisplayName" not in job.spec
    assert create_body(a_job(), marks={}, env={}) == {**a_spec(), "DisplayName": "train"}


def test_too_many_names_for_one_tag_mean_all():
    job = a_job(env_from=tuple(EnvSource(f"VARIABLE_NUMBER_{n}", "X") for n in range(20)))
    assert secret_names(a_run(job)) == ("*",)


def test_every_mark_is_reserved():
    job = a_job(env_from=(EnvSource("A", "A"),), rules=RunRules(protect=True))
    assert all(marks.is_reserved(tag) for tag in marks_for(job, op="x", provenance="y"))
    assert all(len(value) <= 128 for value in marks_for(job, op="x" * 32, provenance="y" * 40).values())


def test_every_mark_decides_but_where_the_run_comes_from():
    job = a_job(env_from=(EnvSource("A", "A"),), rules=RunRules(protect=True), Priority=3)
    job = replace(job, key=replace(job.key, origin="github.com/vision/jobs"))
    written = marks_for(job, op="x", provenance="y").keys()
    assert written - {marks.OWNER_TAG, marks.FROM_TAG} == marks.DECIDING_TAGS


def test_whose_a_run_is():
    ours = a_run(a_job())
    clone = replace(ours, job_id="dlc009", created="2026-11-09T00:00:00Z")
    console = a_run(a_job(), number=3, tags={"CloneFromJobID": "dlc001"})
    foreign = a_run(a_job(), number=4, tags={"dlcapply-owner": "other/prod"})
    unmarked = replace(without_marks(a_run(a_job())), job_id="dlc005")
    owners = classify([clone, unmarked, ours, console, foreign], environment=ENVIRONMENT)
    assert owners == {
        "dlc001": Ownership.OURS,
        "dlc009": Ownership.CLONE,
        "dlc003": Ownership.CLONE,
        "dlc004": Ownership.FOREIGN,
        "dlc005": Ownership.UNMARKED,
    }
    assert is_still_ours(ours, names=("train",), environment=ENVIRONMENT)
    assert not is_still_ours(ours, names=("Train",), environment=ENVIRONMENT)
    assert not is_still_ours(foreign, names=("train",), environment=ENVIRONMENT)


def test_a_mark_of_an_unknown_version_says_nothing():
    future = a_run(a_job(), tags={"dlcapply-spec": "v9:abc"})
    assert not spec_changed(future, job=a_job(UserCommand="other"))
    assert spec_changed(a_run(a_job()), job=a_job(UserCommand="other"))
