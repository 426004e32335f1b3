"""Marks at their edges: what they hold, and what they prove."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dlcapply.model.jobs import EnvSource, RunRules
from dlcapply.planning import marks
from dlcapply.planning.marks import (
    dropped_fields,
    hidden_changed,
    marks_for,
    secret_names,
    spec_changed,
    token_changed,
)
from tests.builders import a_job, a_run, a_spec, without_marks


def test_a_plain_job_has_no_marks_but_those_that_every_run_has():
    tags = {f"dlcapply-{name}" for name in ("owner", "spec", "around", "hidden", "token", "op")}
    assert set(marks_for(a_job(), op="op1")) == tags


def test_too_many_names_for_one_tag_mean_all():
    job = a_job(env_from=tuple(EnvSource(f"VARIABLE_NUMBER_{n}", "X") for n in range(20)))
    assert secret_names(a_run(job)) == ("*",)


@pytest.mark.parametrize(("length", "names"), [(126, ("A", "N" * 126)), (127, ("*",)), (1, ("A", "N"))])
def test_the_names_are_marked_as_far_as_a_tag_holds_them(length, names):
    run = a_run(a_job(env_from=(EnvSource("N" * length, "X"), EnvSource("A", "Y"))))
    assert secret_names(run) == names


def test_a_run_without_the_mark_names_no_secrets():
    assert not any(secret_names(a_run(a_job())))


def test_every_mark_is_reserved():
    job = a_job(env_from=(EnvSource("A", "A"),), rules=RunRules(protect=True))
    assert all(marks.is_reserved(tag) for tag in marks_for(job, op="x", provenance="y"))
    assert all(len(value) <= 128 for value in marks_for(job, op="x" * 32, provenance="y" * 40).values())


def test_every_mark_decides_but_where_the_run_comes_from():
    job = a_job(env_from=(EnvSource("A", "A"),), rules=RunRules(protect=True), Priority=3)
    job = replace(job, key=replace(job.key, origin="github.com/vision/jobs"))
    written = marks_for(job, op="x", provenance="y").keys()
    assert written - {marks.OWNER_TAG, marks.FROM_TAG} == marks.DECIDING_TAGS


def test_the_fields_that_a_manifest_no_longer_sets():
    run = a_run(a_job(Priority=3, Description="x"))
    assert dropped_fields(run, spec=a_spec()) == ("Description", "Priority")
    assert dropped_fields(run, spec=a_spec(Priority=5)) == ("Description",)
    assert dropped_fields(run, spec=a_spec(Priority=5, Description="y", Accessibility="PUBLIC")) == ()
    assert dropped_fields(a_run(a_job()), spec=a_spec()) == ()


OLD = a_job(UserCommand="older")


TOKEN = a_job(rules=RunRules(token="2"))


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


def test_a_mark_of_an_unknown_version_says_nothing():
    future = a_run(a_job(), tags={"dlcapply-spec": "v9:abc"})
    assert not spec_changed(future, job=a_job(UserCommand="other"))
    assert spec_changed(a_run(a_job()), job=a_job(UserCommand="other"))
