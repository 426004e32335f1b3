"""Marks at their edges: what they hold, what they leave out, and what they prove."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dlcapply.model import EnvSource, Identity, Ownership, RunRules
from dlcapply.planning.ended_runs import recall
from dlcapply.planning.marks import (
    create_body,
    fields_left,
    fingerprint,
    hidden_changed,
    hidden_fingerprint,
    marks_for,
    operation_id,
    secret_names,
    spec_changed,
    token_changed,
)
from dlcapply.planning.ownership import classify, is_still_ours
from tests.builders import ENVIRONMENT, a_job, a_run, a_spec, an_environment, without_marks

SOURCES = (EnvSource("B", "X"), EnvSource("A", "Y"))


def test_fingerprints_of_other_scripts_stay_what_they_were():
    job = a_job(UserCommand="echo 你好", SuccessPolicy="é")
    assert fingerprint(job) == "v2:359b48ab73280a747c812c7931f78292dc2407ae2f1dd77c24d4aed53fa4d997"
    assert hidden_fingerprint(job) == "v2:14efe942933462329abfaa47b1a2b72de067cd991158583aec053caf362585d1"


def with_role(**changes):
    return a_job(JobSpecs=[{**a_spec()["JobSpecs"][0], **changes}])


def test_secrets_are_no_part_of_either_fingerprint():
    """Whoever reads the tags could try passwords against one that they were part of."""
    first, second = (with_role(ImageConfig={"Username": "me", "Password": text}) for text in "ab")
    assert fingerprint(first) == fingerprint(second)
    assert hidden_fingerprint(first) == hidden_fingerprint(second) == hidden_fingerprint(a_job())


def with_sources(*sources):
    return a_job(DataSources=list(sources))


def test_one_unreadable_field_among_several_items_counts():
    plain, first, second = {"Uri": "a"}, {"Uri": "b", "Options": "1"}, {"Uri": "b", "Options": "2"}
    assert hidden_fingerprint(with_sources(plain, first)) != hidden_fingerprint(with_sources(plain, second))
    assert hidden_fingerprint(with_sources(plain)) == hidden_fingerprint(a_job())


def test_a_reserved_name_is_left_out_only_where_marks_are():
    assert fingerprint(a_job(Envs={"dlcapply-op": "1"})) != fingerprint(a_job(Envs={"dlcapply-op": "2"}))


def test_only_the_values_of_env_from_are_left_out_of_the_variables():
    def of(value, other="1"):
        return fingerprint(a_job(env_from=SOURCES, Envs={"A": value, "LR": other}))

    assert of("x") == of("y") != of("x", "2")
    assert of("x") == fingerprint(a_job(Envs={"LR": "1"}))
    assert fingerprint(a_job(Envs=None)) == fingerprint(a_job(Envs={})) != of("x")


def test_a_plain_job_has_no_marks_but_those_that_every_run_has():
    tags = {f"dlcapply-{name}" for name in ("owner", "spec", "around", "hidden", "token", "op")}
    assert set(marks_for(a_job(), op="op1")) == tags


def test_nothing_is_sent_that_nobody_asked_for():
    job = a_job(Envs=None)
    assert create_body(job, marks={}, env={}) == {**job.spec, "DisplayName": "train"}
    assert create_body(job, marks={}, env={"FOO": "1"})["Envs"] == {"FOO": "1"}
    assert create_body(a_job(Settings=None), marks={"m": "1"}, env={})["Settings"] == {"Tags": {"m": "1"}}


@pytest.mark.parametrize(("length", "names"), [(126, ("A", "N" * 126)), (127, ("*",)), (1, ("A", "N"))])
def test_the_names_are_marked_as_far_as_a_tag_holds_them(length, names):
    run = a_run(a_job(env_from=(EnvSource("N" * length, "X"), EnvSource("A", "Y"))))
    assert secret_names(run) == names


def test_a_run_without_the_mark_names_no_secrets():
    assert not any(secret_names(a_run(a_job())))


def test_the_fields_that_a_manifest_no_longer_sets():
    run = a_run(a_job(Priority=3, Description="x"))
    assert fields_left(run, spec=a_spec()) == ("Description", "Priority")
    assert fields_left(run, spec=a_spec(Priority=5)) == ("Description",)
    assert fields_left(run, spec=a_spec(Priority=5, Description="y", Accessibility="PUBLIC")) == ()
    assert fields_left(a_run(a_job()), spec=a_spec()) == ()


OLD = a_job(UserCommand="older")
TOKEN = a_job(rules=RunRules(token="2"))


@pytest.mark.parametrize(
    ("runs", "used"),
    [
        ([], 0),
        ([(a_job(), "Failed")], 0),
        ([(a_job(), "Failed"), (a_job(), "Failed")], 1),
        ([(a_job(), "Stopped"), (a_job(), "FailedReserving"), (a_job(), "Failed")], 2),
        ([(a_job(), "Failed"), (a_job(), "Running")], 0),
        ([(a_job(), "Failed"), (a_job(), "Stopping")], 0),
        ([(a_job(), "Failed"), (a_job(), "Hibernating")], 0),
        ([(OLD, "Failed"), (OLD, "Failed"), (a_job(), "Failed")], 0),
        ([(TOKEN, "Failed"), (TOKEN, "Failed"), (a_job(), "Failed")], 0),
    ],
)
def test_a_retry_is_an_ended_run_of_the_same_spec_and_token_after_the_first(runs, used):
    live = [a_run(job, status, number=number) for number, (job, status) in enumerate(runs, 1)]
    assert recall(live, job=a_job()).retries_used == used


def test_what_marks_say_of_a_run():
    run = a_run(a_job(SuccessPolicy="AllWorkers"))
    assert not spec_changed(run, job=a_job(SuccessPolicy="AllWorkers", Priority=3))
    assert spec_changed(run, job=a_job(SuccessPolicy="ChiefWorker"))
    assert hidden_changed(run, job=a_job(SuccessPolicy="ChiefWorker"))
    assert not hidden_changed(run, job=a_job(SuccessPolicy="AllWorkers", UserCommand="other"))
    assert token_changed(run, job=TOKEN)
    assert not token_changed(run, job=a_job(UserCommand="other"))


def test_a_run_without_marks_says_nothing():
    bare = without_marks(a_run(a_job(SuccessPolicy="AllWorkers")))
    assert not spec_changed(bare, job=OLD)
    assert not hidden_changed(bare, job=OLD)
    assert not token_changed(bare, job=TOKEN)


def without_op(run):
    tags = {tag: value for tag, value in run.tags.items() if tag != "dlcapply-op"}
    return replace(run, body={**run.body, "Settings": {"Tags": tags}})


def test_runs_without_an_operation_are_no_copies_of_each_other():
    runs = [without_op(a_run(a_job(), number=number)) for number in (1, 2)]
    runs += [replace(without_marks(run), job_id=f"{run.job_id}-bare") for run in runs]
    assert list(classify(runs, environment=ENVIRONMENT).values()).count(Ownership.OURS) == 2
    assert list(classify(runs, environment=ENVIRONMENT).values()).count(Ownership.UNMARKED) == 2


def test_the_earliest_run_of_an_operation_is_no_copy_whoever_comes_first_in_a_listing():
    first = a_run(a_job(), number=1)
    copies = [replace(first, job_id=f"dlc00{n}", created=f"2026-11-0{n}T00:00:00Z") for n in (2, 3)]
    owners = classify([copies[1], first, copies[0]], environment=ENVIRONMENT)
    assert owners == {"dlc001": Ownership.OURS, "dlc002": Ownership.CLONE, "dlc003": Ownership.CLONE}


def test_by_name_alone_every_run_of_the_name_is_ours():
    environment = an_environment(identity=Identity.NAME)
    runs = [without_marks(a_run(a_job())), a_run(a_job(), number=2, tags={"CloneFromJobID": "dlc001"})]
    assert set(classify(runs, environment=environment).values()) == {Ownership.OURS}
    assert is_still_ours(runs[0], names=("train",), environment=environment)
    assert not is_still_ours(runs[0], names=("other",), environment=environment)


def test_an_operation_is_named_by_region_workspace_and_owner_too():
    job = a_job()
    keys = [{}, {"region": "cn-beijing"}, {"workspace_id": "1002"}, {"owner": "vision/prod"}]
    ids = {operation_id(replace(job, key=replace(job.key, **key)), newest=None) for key in keys}
    assert len(ids) == len(keys)
    assert {len(op) for op in ids} == {32}
