"""Stops, replaces and prunes: only what the plan named, and to its end."""

from __future__ import annotations

import signal

import pytest

from dlcapply.applying.interrupt import Interrupt
from dlcapply.emulator import Fault, FaultKind
from dlcapply.model.jobs import OnChange, RunRules, State
from tests.applying.conftest import Bench
from tests.applying.parts import Frozen, a_quota_job
from tests.builders import a_job


def test_replace_stops_first_and_then_creates(bench):
    bench.apply(a_job())
    after = a_job(UserCommand="other", rules=RunRules(on_change=OnChange.REPLACE))
    assert bench.apply(after, allow_replace=frozenset({"train"})) == {"train": "replaced"}
    assert bench.writes == ["CreateJob", "StopJob", "CreateJob"]
    assert bench.statuses("train")[0] == "Stopped"
    assert bench.apply(after) == {"train": "unchanged"}


def test_a_replace_whose_stop_takes_too_long_creates_nothing_yet(bench):
    bench.apply(a_job("slow-to-stop"))
    after = a_job("slow-to-stop", UserCommand="other", rules=RunRules(on_change=OnChange.REPLACE))
    consent = frozenset({"slow-to-stop"})
    assert bench.apply(after, allow_replace=consent) == {"slow-to-stop": "waiting"}
    assert bench.apply(after) == {"slow-to-stop": "waiting"}
    bench.emulator.turn(1000)
    assert bench.apply(after) == {"slow-to-stop": "created"}
    assert bench.writes == ["CreateJob", "StopJob", "CreateJob"]


def test_state_stopped_stops_and_stays_so(bench):
    bench.apply(a_job())
    stopped = a_job(rules=RunRules(state=State.STOPPED))
    assert bench.apply(stopped) == {"train": "stopped"}
    assert bench.statuses("train") == ["Stopped"]
    assert bench.apply(stopped) == {"train": "unchanged"}
    assert bench.writes == ["CreateJob", "StopJob"]


def test_prune_stops_the_orphan_and_nothing_else(bench):
    bench.apply(a_job("kept"), a_job("old"))
    assert bench.apply(a_job("kept")) == {"kept": "unchanged"}
    assert bench.apply(a_job("kept"), prune=True) == {"kept": "unchanged", "old": "stopped"}
    assert bench.statuses("kept") == ["Running"]


def test_a_run_that_ended_after_the_plan_needs_no_stop(bench):
    bench.apply(a_job("short"))
    plan = bench.plan(a_job("short", rules=RunRules(state=State.STOPPED)))
    bench.emulator.turn(60)
    (outcome,) = bench.carry_out(plan)
    assert (outcome.result, bench.writes) == ("stopped", ["CreateJob"])


def test_a_refused_stop_is_reported_with_code_and_request_id(bench):
    bench.apply(a_job())
    plan = bench.plan(a_job(rules=RunRules(state=State.STOPPED)))
    bench.emulator.fault(Fault("StopJob", FaultKind.ERROR, times=None))
    (outcome,) = bench.carry_out(plan)
    assert outcome.result == "failed"
    assert outcome.error.code == "ServiceUnavailable"
    assert outcome.request_id


@pytest.mark.parametrize(
    "theft", [{"DisplayName": "other"}, {"Settings": {"Tags": {"dlcapply-owner": "other/prod"}}}]
)
def test_a_run_that_is_not_ours_any_more_is_not_stopped(bench, theft):
    bench.apply(a_job())
    plan = bench.plan(a_job(rules=RunRules(state=State.STOPPED)))
    bench.emulator.change(plan.changes[0].target.job_id, **theft)
    (outcome,) = bench.carry_out(plan)
    assert (outcome.result, bench.writes) == ("stale", ["CreateJob"])


def test_an_unknown_status_is_not_stopped(bench):
    bench.apply(a_job())
    plan = bench.plan(a_job(rules=RunRules(state=State.STOPPED)))
    bench.emulator.change(plan.changes[0].target.job_id, Status="Hibernating")
    (outcome,) = bench.carry_out(plan)
    assert (outcome.result, bench.writes) == ("stale", ["CreateJob"])


def test_stops_go_before_creates(bench):
    bench.apply(a_job("a-old"))
    jobs = [a_job("a-old", rules=RunRules(state=State.STOPPED)), a_job("0-new")]
    bench.apply(*jobs)
    assert bench.writes == ["CreateJob", "StopJob", "CreateJob"]


REPLACED = a_job(UserCommand="other", rules=RunRules(on_change=OnChange.REPLACE))


CONSENT = frozenset({"train"})


def test_a_replace_names_the_run_that_it_stopped(bench):
    bench.apply(a_job())
    (outcome,) = bench.carry_out(bench.plan(REPLACED, allow_replace=CONSENT), REPLACED)
    old, new = (job["JobId"] for job in bench.emulator.jobs())
    assert (outcome.result, outcome.job_id, outcome.stopped_job_id) == ("replaced", new, old)


def test_a_replace_whose_create_is_refused_says_that_the_old_run_is_stopped(bench):
    bench.apply(a_job())
    bench.emulator.fault(Fault("CreateJob", FaultKind.ERROR, status=400, code="InvalidParameter"))
    (outcome,) = bench.carry_out(bench.plan(REPLACED, allow_replace=CONSENT), REPLACED)
    (old,) = (job["JobId"] for job in bench.emulator.jobs())
    assert (outcome.result, outcome.job_id, outcome.stopped_job_id) == ("refused", "", old)
    assert outcome.error.message.startswith(f"{old} was stopped, and then: CreateJob failed with 400")
    assert outcome.error.code == "InvalidParameter"


def test_no_run_is_stopped_for_one_that_something_new_keeps_from_starting(bench):
    bench.apply(a_job())
    plan = bench.plan(REPLACED, allow_replace=CONSENT)
    bench.emulator.seed({"DisplayName": "train", "Status": "Running"})
    (outcome,) = bench.carry_out(plan, REPLACED)
    assert (outcome.result, bench.writes) == ("stale", ["CreateJob"])
    assert outcome.error.message.endswith("(Running) of this name is under way")


def test_no_run_is_stopped_for_one_of_which_no_listing_tells_whether_it_may_start(bench):
    bench.apply(a_job())
    plan = bench.plan(REPLACED, allow_replace=CONSENT)
    bench.emulator.fault(Fault("ListJobs", FaultKind.ERROR, times=None))
    (outcome,) = bench.carry_out(plan, REPLACED)
    assert (outcome.result, outcome.stopped_job_id, bench.writes) == ("failed", "", ["CreateJob"])


def test_a_replace_waits_longer_for_the_end_of_the_old_run_than_a_stop_does(bench):
    bench.apply(a_job("slow-to-stop"))
    after = a_job("slow-to-stop", UserCommand="other", rules=RunRules(on_change=OnChange.REPLACE))
    plan = bench.plan(after, allow_replace=frozenset({"slow-to-stop"}))
    (outcome,) = bench.carry_out(plan, after, context=bench.context(patience=10, stop_patience=1200))
    assert outcome.result == "replaced"


def test_a_stop_whose_call_was_lost_before_it_had_an_effect_is_sent_again(bench):
    bench.apply(a_job())
    bench.emulator.fault(Fault("StopJob", FaultKind.LOST))
    assert bench.apply(a_job(rules=RunRules(state=State.STOPPED))) == {"train": "stopped"}
    assert bench.writes == ["CreateJob", "StopJob", "StopJob"]


def test_a_stop_that_takes_long_is_waiting_and_says_what_to_do(bench):
    bench.apply(a_job("slow-to-stop"))
    after = a_job("slow-to-stop", rules=RunRules(state=State.STOPPED))
    plan, seen = bench.plan(after), len(bench.emulator.requests)
    (outcome,) = bench.carry_out(plan, after)
    assert (outcome.result, outcome.error.hint) == ("waiting", "dlcapply status shows when it has")
    assert len(bench.emulator.requests) - seen < 40


def test_an_interrupt_ends_the_wait_for_a_stop(bench):
    bench.apply(a_job("slow-to-stop"))
    after, interrupt = a_job("slow-to-stop", rules=RunRules(state=State.STOPPED)), Interrupt()
    plan, before = bench.plan(after), bench.clock.now()
    bench.clock.on_sleep = lambda: "StopJob" in bench.writes and interrupt.ask(signal.SIGINT)
    (outcome,) = bench.carry_out(plan, after, context=bench.context(interrupt=interrupt))
    assert (outcome.result, bench.writes) == ("waiting", ["CreateJob", "StopJob"])
    assert (bench.clock.now() - before).total_seconds() < 10


@pytest.mark.parametrize("state", [State.STOPPED, State.PRESENT])
def test_a_run_that_can_not_be_looked_at_first_is_neither_stopped_nor_updated(bench, state):
    bench.apply(a_quota_job(Description="old"))
    after = a_quota_job(Description="new", rules=RunRules(state=state))
    plan = bench.plan(after)
    bench.emulator.fault(Fault("GetJob", FaultKind.ERROR, times=None))
    (outcome,) = bench.carry_out(plan, after)
    assert (outcome.result, outcome.error.code) == ("failed", "ServiceUnavailable")
    assert bench.writes == ["CreateJob"]


def test_a_replace_that_comes_second_in_a_race_stops_what_it_made(make_emulator, tmp_path):
    emulator = make_emulator(list_lag=1.0)
    bench, other = Bench(emulator, tmp_path / "one"), Bench(emulator, tmp_path / "two")
    bench.apply(a_job())
    emulator.turn(10)
    plan = bench.plan(REPLACED, allow_replace=CONSENT)
    (first,) = other.carry_out(plan, REPLACED, context=other.context(clock=Frozen(other.clock)))
    (second,) = bench.carry_out(plan, REPLACED)
    assert (first.result, second.result, second.job_id) == ("replaced", "stale", first.job_id)
    assert second.stopped_job_id == plan.changes[0].target_id
    assert bench.statuses("train") == ["Stopped", "Running", "Stopped"]
