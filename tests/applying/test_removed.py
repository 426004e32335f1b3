"""Runs that are not there any more: what was paid for once is not paid for again unasked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dlcapply.model import OnChange, RunRules
from tests.applying.conftest import Bench
from tests.builders import ENVIRONMENT, a_job

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
