"""Waits are as long as they should be, although somebody sets the machine's clock meanwhile."""

from __future__ import annotations

import pytest

from dlcapply.emulator import Fault, FaultKind
from dlcapply.model.jobs import OnChange, RunRules, State
from tests.applying.parts import a_quota_job
from tests.builders import a_job
from tests.clocks import SetBack


@pytest.fixture
def clock(bench):
    return SetBack(bench.clock)


def slept_for(clock, seconds):
    return clock.slept == pytest.approx(seconds, rel=0.1)


def test_the_settle_window(bench, clock):
    plan = bench.plan(a_job())
    bench.emulator.fault(Fault("CreateJob", FaultKind.LOST))
    (outcome,) = bench.carry_out(plan, a_job(), context=bench.context(clock=clock, settle=90))
    assert (outcome.result, bench.writes) == ("unknown", ["CreateJob"])
    assert slept_for(clock, 90)


def test_what_is_left_of_the_settle_window_after_a_crash(bench, clock):
    plan = bench.plan(a_job())
    bench.journal.intend(op=plan.changes[0].op, name="train", call="CreateJob")
    bench.emulator.turn(60)
    (outcome,) = bench.carry_out(plan, a_job(), context=bench.context(clock=clock, settle=90))
    assert outcome.result == "created"
    assert slept_for(clock, 30 + 2)


def test_an_intent_that_lies_in_the_future(bench, clock):
    """Noted before the clock was set back: no more than one window is waited."""
    plan = bench.plan(a_job())
    bench.emulator.turn(3600)
    bench.journal.intend(op=plan.changes[0].op, name="train", call="CreateJob")
    clock.sleep(0)
    (outcome,) = bench.carry_out(plan, a_job(), context=bench.context(clock=clock, settle=90))
    assert outcome.result == "created"
    assert slept_for(clock, 90 + 2)


def test_the_end_of_a_stop(bench, clock):
    bench.apply(a_job("slow-to-stop"))
    after = a_job("slow-to-stop", rules=RunRules(state=State.STOPPED))
    (outcome,) = bench.carry_out(bench.plan(after), after, context=bench.context(clock=clock, patience=60))
    assert outcome.result == "waiting"
    assert slept_for(clock, 60)


def test_the_end_of_the_old_run_of_a_replace(bench, clock):
    bench.apply(a_job("slow-to-stop"))
    after = a_job("slow-to-stop", UserCommand="other", rules=RunRules(on_change=OnChange.REPLACE))
    plan = bench.plan(after, allow_replace=frozenset({"slow-to-stop"}))
    (outcome,) = bench.carry_out(plan, after, context=bench.context(clock=clock, stop_patience=60))
    assert outcome.result == "waiting"
    assert slept_for(clock, 60)


def test_the_reading_back_of_an_update(bench, clock):
    bench.apply(a_quota_job("deaf"))
    after = a_quota_job("deaf", Priority=7)
    (outcome,) = bench.carry_out(bench.plan(after), after, context=bench.context(clock=clock, patience=60))
    assert outcome.result == "failed"
    assert slept_for(clock, 60)


def test_a_pause_that_an_answer_asks_for_is_bounded(bench, clock):
    plan = bench.plan(a_job())
    day = 24 * 3600 * 1000
    bench.emulator.fault(Fault("CreateJob", FaultKind.THROTTLED, retry_after_ms=day))
    (outcome,) = bench.carry_out(plan, a_job(), context=bench.context(clock=clock))
    assert outcome.result == "created"
    assert clock.slept < 200
