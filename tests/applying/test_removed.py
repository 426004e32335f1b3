"""Runs that are not there any more: what was paid for once is not paid for again unasked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dlcapply.model.jobs import OnChange, RunRules
from dlcapply.planning.operations import work_id
from tests.applying.conftest import Bench
from tests.builders import ENVIRONMENT, a_job, an_environment

DAY = 86_400


def removed(bench, job):
    """The job's newest run is deleted, and everybody had time to notice."""
    (*_, newest) = bench.service.runs_named(job.name)
    bench.emulator.change(newest.job_id, Status="Failed")
    bench.delete(newest.job_id)
    bench.emulator.turn(DAY)
    return newest.job_id


def asked_again(job, **rules):
    return replace(job, rules=replace(job.rules, **rules))


def lost_op(bench):
    """The operation id of the first create, as the journal notes it."""
    return next(entry["op"] for entry in bench.journal.entries() if entry.get("result") == "created")


RETRIED = a_job(rules=RunRules(retries=3))
REPLACED = a_job(rules=RunRules(on_change=OnChange.REPLACE), UserCommand="python other.py")


def ends(bench, status):
    bench.emulator.change(bench.emulator.jobs()[-1]["JobId"], Status=status)


@pytest.mark.parametrize(
    ("before", "after", "ending", "action"),
    [
        (None, a_job(), "Succeeded", "create"),
        (a_job(), a_job(UserCommand="python other.py"), "Succeeded", "rerun"),
        (RETRIED, RETRIED, "Failed", "rerun"),
        (a_job(), REPLACED, "Running", "replace"),
    ],
    ids=["create", "rerun", "retry", "replace"],
)
def test_a_run_that_was_deleted_is_not_started_again(bench, before, after, ending, action):
    allowed = {"allow_replace": frozenset({"train"})}
    if before:
        bench.apply(before)
        ends(bench, ending)
    plan = bench.plan(after, **allowed)
    assert [change.action for change in plan.changes] == [action]
    bench.journal.conclude(op=plan.changes[0].op, name="train", result="created", job_id="dlcgone")
    (change,) = bench.plan(after, **allowed).changes
    assert (change.action, change.reason.code) == ("blocked", "operation-done")
    assert "dlcgone" in change.reason.text
    assert "run.token" in change.reason.text
    written = len(bench.writes)
    (outcome,) = bench.carry_out(plan, after)  # made before anybody knew
    assert (outcome.result, len(bench.writes)) == ("stale", written)
    assert "dlcgone" in outcome.error.message
    (change,) = bench.plan(asked_again(after, token="2"), **allowed).changes
    assert change.action == action


def test_a_person_who_deletes_a_run_is_asked_for_a_new_token(bench):
    assert bench.apply(a_job()) == {"train": "created"}
    removed(bench, a_job())
    assert bench.apply(a_job()) == {"train": "blocked"}
    assert bench.apply(asked_again(a_job(), token="2")) == {"train": "created"}
    assert bench.writes == ["CreateJob", "DeleteJob", "CreateJob"]


def test_a_planted_entry_can_hold_a_start_back_and_frees_none(bench):
    bench.apply(a_job())
    (strange,) = bench.emulator.seed({"DisplayName": "other", "WorkspaceId": "1001", "Status": "Running"})
    removed(bench, a_job())
    (blocked,) = bench.plan(a_job()).changes
    bench.journal.conclude(op=lost_op(bench), name="train", result="created", job_id=strange)
    assert bench.plan(a_job()).changes == (blocked,)


def test_what_was_created_in_another_target_blocks_nothing(bench, tmp_path):
    bench.apply(a_job())
    removed(bench, a_job())
    elsewhere = Bench(bench.emulator, tmp_path, replace(ENVIRONMENT, name="elsewhere"))
    assert elsewhere.apply(a_job()) == {"train": "created"}


def test_an_operation_whose_run_no_listing_shows_is_recalled_however_old(make_emulator, tmp_path):
    bench = Bench(make_emulator(list_lag=10 * DAY), tmp_path)
    bench.apply(a_job())
    bench.emulator.turn(DAY)
    (change,) = bench.plan(a_job()).changes
    assert (change.action, change.target_id) == ("unchanged", bench.emulator.jobs()[0]["JobId"])


def called(job, name, *, formerly=(), origin=""):
    return replace(job, key=replace(job.key, name=name, origin=origin), formerly=formerly)


def test_a_chain_of_runs_that_are_past_a_retention_is_not_started_again(bench):
    """None of them is listed, so that the newest one seems to follow none."""
    bench.apply(a_job())
    ends(bench, "Succeeded")
    later = a_job(UserCommand="python other.py")
    bench.apply(later)
    ends(bench, "Succeeded")
    for job in bench.emulator.jobs():
        bench.delete(job["JobId"])
    bench.emulator.turn(DAY)
    assert bench.apply(later) == {"train": "blocked"}
    assert bench.apply(a_job()) == {"train": "blocked"}
    assert bench.apply(a_job(UserCommand="python third.py")) == {"train": "created"}


@pytest.mark.parametrize("formerly", [(), ("train",)])
def test_a_run_that_was_deleted_is_not_started_again_under_another_name(bench, formerly):
    bench.apply(a_job())
    lost = removed(bench, a_job())
    (change,) = bench.plan(called(a_job(), "new", formerly=formerly)).changes
    assert (change.action, change.reason.code) == ("blocked", "operation-done")
    assert f"{lost} (as train)" in change.reason.text


def test_a_run_that_was_deleted_holds_back_no_other_job_that_is_its_equal(bench):
    bench.apply(a_job(), a_job("twin"))
    removed(bench, a_job("twin"))
    assert bench.apply(a_job(), a_job("twin"), a_job("third"), names=frozenset({"train", "twin"})) == {
        "third": "created",
        "train": "unchanged",
        "twin": "blocked",
    }


def test_a_failed_run_that_was_deleted_holds_back_no_later_retry(bench):
    bench.apply(RETRIED)
    ends(bench, "Failed")
    first = bench.emulator.jobs()[-1]["JobId"]
    bench.apply(RETRIED)
    ends(bench, "Failed")
    bench.delete(first)
    assert bench.apply(RETRIED) == {"train": "created"}


@pytest.mark.parametrize(("before", "after"), [("host/a", "host/b"), ("", "host/b"), ("host/a", "")])
@pytest.mark.parametrize("former", [(), ("host/a",)])
def test_a_run_that_was_deleted_is_not_started_again_from_a_repository_that_moved(
    bench, tmp_path, before, after, former
):
    here, there = (
        Bench(bench.emulator, tmp_path, an_environment(origin=origin, former_origins=former))
        for origin in (before, after)
    )
    here.apply(called(a_job(), "train", origin=before))
    removed(here, a_job())
    assert there.apply(called(a_job(), "train", origin=after)) == {"train": "blocked"}


@pytest.mark.parametrize(
    ("name", "origin", "code"),
    [("new", "host/a", "looks-renamed"), ("train", "host/b", "looks-moved"), ("train", "host/a", "equal")],
)
def test_a_run_that_no_listing_shows_yet_is_recalled_under_another_name_or_origin(
    make_emulator, tmp_path, name, origin, code
):
    emulator = make_emulator(list_lag=10 * DAY)
    Bench(emulator, tmp_path, an_environment(origin="host/a")).apply(
        called(a_job(), "train", origin="host/a")
    )
    there = Bench(emulator, tmp_path, an_environment(origin=origin))
    changes = there.plan(called(a_job(), name, origin=origin)).changes
    assert {change.name: change.reason.code for change in changes} == {name: code}


def test_planted_entries_cost_a_few_look_ups_and_hide_no_run_of_the_job_s_own_name(bench):
    job = a_job()
    strange = bench.emulator.seed(*({"DisplayName": "other", "Status": "Running"} for _ in range(50)))
    for number, job_id in enumerate(strange):
        bench.journal.conclude(
            op=f"x{number}", name=f"n{number}", result="created", job_id=job_id, work=work_id(job)
        )
    asked = len(bench.emulator.requests)
    assert [change.action for change in bench.plan(job).changes] == ["create"]
    assert [entry.operation for entry in bench.emulator.requests[asked:]].count("GetJob") <= 10
    bench.apply(job)
    removed(bench, job)
    assert bench.apply(job) == {"train": "blocked"}
