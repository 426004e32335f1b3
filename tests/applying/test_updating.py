"""Updates: what is changed in place is read back, and nothing else is sent."""

from __future__ import annotations

import signal

import pytest

from dlcapply.applying.interrupt import Interrupt
from dlcapply.emulator import Fault, FaultKind
from dlcapply.model.jobs import RunRules, State
from tests.applying.parts import a_quota_job


def test_updates_are_read_back(bench):
    bench.apply(a_quota_job(Description="old"))
    after = a_quota_job(Description="new", Priority=7, Accessibility="PUBLIC")
    assert bench.apply(after) == {"queued": "updated"}
    assert bench.apply(after) == {"queued": "unchanged"}
    (run,) = bench.emulator.jobs()
    assert (run["Description"], run["Priority"], run["Accessibility"]) == ("new", 7, "PUBLIC")
    assert bench.writes == ["CreateJob", "UpdateJob"]


def test_an_update_that_pai_ignores_is_never_called_updated(bench):
    bench.apply(a_quota_job("deaf"))
    plan = bench.plan(a_quota_job("deaf", Priority=7))
    (outcome,) = bench.carry_out(plan, a_quota_job("deaf", Priority=7))
    assert (outcome.result, outcome.error.code) == ("failed", "not-applied")
    assert "Priority" in outcome.error.message


def test_an_update_whose_window_closed_is_stale(bench):
    bench.apply(a_quota_job())
    plan = bench.plan(a_quota_job(Priority=7))
    bench.emulator.change(plan.changes[0].target.job_id, Status="Running")
    (outcome,) = bench.carry_out(plan, a_quota_job(Priority=7))
    assert (outcome.result, bench.writes) == ("stale", ["CreateJob"])


def test_a_lost_answer_to_an_update_is_settled_by_reading(bench):
    bench.apply(a_quota_job(Description="old"))
    plan = bench.plan(a_quota_job(Description="new"))
    bench.emulator.fault(Fault("UpdateJob", FaultKind.LOST, effect=True))
    (outcome,) = bench.carry_out(plan, a_quota_job(Description="new"))
    assert outcome.result == "updated"


def test_a_throttled_update_is_sent_again_and_a_refused_one_is_not(bench):
    bench.apply(a_quota_job(Description="old"))
    plan = bench.plan(a_quota_job(Description="new"))
    bench.emulator.fault(Fault("UpdateJob", FaultKind.THROTTLED, times=2))
    (outcome,) = bench.carry_out(plan, a_quota_job(Description="new"))
    assert outcome.result == "updated"
    assert bench.writes.count("UpdateJob") == 3


def test_an_update_over_what_somebody_else_changed_since_the_plan_is_stale(bench):
    bench.apply(a_quota_job(Priority=3))
    plan = bench.plan(a_quota_job(Priority=7))
    bench.emulator.change(plan.changes[0].target.job_id, Priority=5)
    (outcome,) = bench.carry_out(plan, a_quota_job(Priority=7))
    assert (outcome.result, bench.writes) == ("stale", ["CreateJob"])


def test_what_the_manifest_does_not_set_any_more_goes_back_to_its_default(bench):
    bench.apply(a_quota_job(Priority=7, Description="x"))
    assert bench.apply(a_quota_job(Priority=None)) == {"queued": "updated"}
    (run,) = bench.emulator.jobs()
    assert (run["Priority"], run["Description"]) == (1, "")
    assert bench.apply(a_quota_job(Priority=None)) == {"queued": "unchanged"}


def test_an_interrupt_ends_the_wait_for_an_update_and_says_that_nobody_saw_it(bench):
    bench.apply(a_quota_job("deaf"))
    plan, interrupt = bench.plan(a_quota_job("deaf", Priority=7)), Interrupt()
    bench.clock.on_sleep = lambda: interrupt.ask(signal.SIGTERM)
    seen = len(bench.emulator.requests)
    (outcome,) = bench.carry_out(
        plan, a_quota_job("deaf", Priority=7), context=bench.context(interrupt=interrupt)
    )
    assert (outcome.result, outcome.error.code) == ("unknown", "not-seen")
    assert len(bench.emulator.requests) - seen < 6


@pytest.mark.parametrize("operation", ["UpdateJob", "StopJob"])
def test_what_was_sent_is_told_even_when_it_can_not_be_read_back(bench, operation):
    bench.apply(a_quota_job(Description="old"))
    after = (
        a_quota_job(Description="new")
        if operation == "UpdateJob"
        else a_quota_job(Description="old", rules=RunRules(state=State.STOPPED))
    )
    plan = bench.plan(after)
    bench.emulator.fault(Fault("GetJob", FaultKind.ERROR, after=1, times=None))
    (outcome,) = bench.carry_out(plan, after)
    result, words = {
        "UpdateJob": ("unknown", "UpdateJob was sent, and nobody saw yet whether Description changed"),
        "StopJob": ("waiting", "PAI was told to stop it, and it has not ended yet"),
    }[operation]
    assert outcome.result == result
    assert words in outcome.error.message


def test_the_journal_tells_what_became_of_each_call(bench):
    bench.apply(a_quota_job(Description="old"))
    bench.apply(a_quota_job(Description="new"))
    bench.apply(a_quota_job(Description="new", rules=RunRules(state=State.STOPPED)))
    (job_id,) = (job["JobId"] for job in bench.emulator.jobs())
    told = [entry for entry in bench.journal.entries() if entry["event"] == "outcome"]
    assert [(entry["result"], entry["job_id"]) for entry in told] == [
        ("created", job_id),
        ("updated", job_id),
        ("stopped", job_id),
    ]
    assert told[0]["request_id"]
    assert told[2]["request_id"]
    assert bench.journal.in_flight == ()


@pytest.mark.parametrize("operation", ["UpdateJob", "StopJob"])
def test_each_write_is_noted_before_it_is_sent(bench, operation):
    bench.apply(a_quota_job(Description="old"))
    rules = RunRules(state=State.STOPPED if operation == "StopJob" else State.PRESENT)
    after = a_quota_job(Description="old" if operation == "StopJob" else "new", rules=rules)
    bench.emulator.fault(Fault(operation, FaultKind.ERROR, status=400, code="BadRequest"))
    (outcome,) = bench.carry_out(bench.plan(after), after)
    noted = [(entry["event"], entry.get("call"), entry.get("result")) for entry in bench.journal.entries()]
    assert outcome.result == "refused"
    assert noted[2:] == [("intent", operation, None), ("outcome", None, "refused")]


def test_a_run_that_is_not_ours_any_more_is_not_updated(bench):
    bench.apply(a_quota_job(Description="old"))
    plan = bench.plan(a_quota_job(Description="new"))
    bench.emulator.change(plan.changes[0].target.job_id, Settings={"Tags": {"dlcapply-owner": "other"}})
    (outcome,) = bench.carry_out(plan, a_quota_job(Description="new"))
    assert (outcome.result, bench.writes) == ("stale", ["CreateJob"])
    assert "is not a run of this job any more" in outcome.error.message


@pytest.mark.parametrize("state", [State.STOPPED, State.PRESENT])
def test_after_an_interrupt_nothing_is_stopped_or_updated(bench, state):
    bench.apply(a_quota_job(Description="old"))
    interrupt, after = Interrupt(), a_quota_job(Description="new", rules=RunRules(state=state))
    plan = bench.plan(after)
    interrupt.ask(signal.SIGTERM)
    (outcome,) = bench.carry_out(plan, after, context=bench.context(interrupt=interrupt))
    assert (outcome.result, bench.writes) == ("not-done", ["CreateJob"])
