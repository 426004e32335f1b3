"""Fingerprints: what is part of them, and what is not."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcapply.model.jobs import EnvSource, RunRules
from dlcapply.planning.fingerprints import fingerprint, fingerprints
from dlcapply.planning.quantities import canonical_quantity
from tests.builders import a_job, a_spec


def test_fingerprints_stay_what_they_were():
    """A change here would make every running job look changed: it needs a new version, beside the old."""
    assert fingerprint(a_job()) == "v2:688a118c4c8a74e2b4646cec663c7ca3ef03fe48d0d623ca0be31990587bba7d"
    assert (
        fingerprints(a_job(SuccessPolicy="AllWorkers")).hidden
        == "v2:145f1187862aa58c5958edc87f49a845ffba752f7f98fdf4756a59d4ce7e9000"
    )


def test_fingerprints_of_other_scripts_stay_what_they_were():
    job = a_job(UserCommand="echo 你好", SuccessPolicy="é")
    assert fingerprint(job) == "v2:359b48ab73280a747c812c7931f78292dc2407ae2f1dd77c24d4aed53fa4d997"
    assert fingerprints(job).hidden == "v2:14efe942933462329abfaa47b1a2b72de067cd991158583aec053caf362585d1"


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
    assert fingerprints(a_job(**other)).around != fingerprints(a_job()).around
    assert fingerprints(a_job(UserCommand="other", Priority=3)).around == fingerprints(a_job()).around


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


def with_role(**changes):
    return a_job(JobSpecs=[{**a_spec()["JobSpecs"][0], **changes}])


def test_secrets_are_no_part_of_either_fingerprint():
    """Whoever reads the tags could try passwords against one that they were part of."""
    first, second = (with_role(ImageConfig={"Username": "me", "Password": text}) for text in "ab")
    assert fingerprint(first) == fingerprint(second)
    assert fingerprints(first).hidden == fingerprints(second).hidden == fingerprints(a_job()).hidden


def with_sources(*sources):
    return a_job(DataSources=list(sources))


def test_one_unreadable_field_among_several_items_counts():
    plain, first, second = {"Uri": "a"}, {"Uri": "b", "Options": "1"}, {"Uri": "b", "Options": "2"}
    assert fingerprints(with_sources(plain, first)).hidden != fingerprints(with_sources(plain, second)).hidden
    assert fingerprints(with_sources(plain)).hidden == fingerprints(a_job()).hidden


def test_a_reserved_name_is_left_out_only_where_marks_are():
    assert fingerprint(a_job(Envs={"dlcapply-op": "1"})) != fingerprint(a_job(Envs={"dlcapply-op": "2"}))


SOURCES = (EnvSource("B", "X"), EnvSource("A", "Y"))


def test_only_the_values_of_env_from_are_left_out_of_the_variables():
    def of(value, other="1"):
        return fingerprint(a_job(env_from=SOURCES, Envs={"A": value, "LR": other}))

    assert of("x") == of("y") != of("x", "2")
    assert of("x") == fingerprint(a_job(Envs={"LR": "1"}))
    assert fingerprint(a_job(Envs=None)) == fingerprint(a_job(Envs={})) != of("x")


def test_what_is_made_of_a_job_has_fingerprints_of_its_own():
    job = a_job()
    before = fingerprints(job)
    assert fingerprints(job) is before
    assert fingerprint(replace(job, spec=a_spec(UserCommand="other"))) != before.spec
    assert job == a_job()
    assert repr(job) == repr(a_job())
