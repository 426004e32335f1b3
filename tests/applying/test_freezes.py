"""A freeze that begins after the plan was made: nothing is created in it, nor stopped for what it holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from dlcapply.applying.interrupt import Interrupt
from dlcapply.cli.exits import apply_exit
from dlcapply.emulator import Fault, FaultKind
from dlcapply.model.jobs import Freeze, OnChange, RunRules, State
from tests.builders import a_job

CONSENT = frozenset({"train"})
REPLACED = a_job(UserCommand="other", rules=RunRules(on_change=OnChange.REPLACE))


class SetAhead:
    """A clock that somebody sets ahead while anybody sleeps on it."""

    def __init__(self, clock):
        self._clock = clock
        self._offset = timedelta()
        self.monotonic = clock.monotonic

    def now(self):
        return self._clock.now() + self._offset

    def sleep(self, seconds):
        self._clock.sleep(seconds)
        self._offset = timedelta(minutes=10)


def freeze(bench, *, after, lasting=3600):
    """From so many seconds on, nothing starts."""
    start = bench.clock.now() + timedelta(seconds=after)
    window = Freeze(start, start + timedelta(seconds=lasting), "audit")
    bench.environment = replace(bench.environment, freezes=(window,))


def test_no_run_is_created_in_a_freeze_that_began_after_the_plan(bench):
    job = a_job()
    freeze(bench, after=10)
    plan = bench.plan(job)
    bench.emulator.turn(10)
    (outcome,) = bench.carry_out(plan, job)
    assert (outcome.result, outcome.error.code, bench.writes) == ("waiting", "frozen", [])
    assert outcome.error.message == "nothing starts before 2026-11-23 01:00 UTC (audit)"
    assert bench.apply(job) == {"train": "waiting"}
    bench.emulator.turn(3600)
    assert bench.apply(job) == {"train": "created"}


def test_a_create_that_is_sent_again_is_not_sent_into_a_freeze(bench):
    bench.emulator.fault(Fault("CreateJob", FaultKind.THROTTLED, times=3))
    job = a_job()
    freeze(bench, after=1)
    assert bench.apply(job) == {"train": "waiting"}
    assert not bench.emulator.jobs()


def test_a_run_that_an_earlier_apply_created_is_found_in_a_freeze(bench):
    """Nothing is started by looking: a lost answer is told as what it was."""
    job = a_job()
    plan = bench.plan(job)
    bench.emulator.fault(Fault("CreateJob", FaultKind.LOST, effect=True))
    bench.carry_out(plan, job)
    freeze(bench, after=0)
    (outcome,) = bench.carry_out(plan, job)
    assert (outcome.result, len(bench.emulator.jobs())) == ("created", 1)


@pytest.mark.parametrize("after", [0, 5, 149])
def test_no_run_is_stopped_for_one_that_a_freeze_would_hold(bench, after):
    """The stop takes up to a minute here, and an unclear create ninety seconds more."""
    bench.apply(a_job())
    plan = bench.plan(REPLACED, allow_replace=CONSENT)
    freeze(bench, after=after)
    (outcome,) = bench.carry_out(plan, REPLACED)
    assert (outcome.result, outcome.error.code, bench.writes) == ("waiting", "frozen", ["CreateJob"])


def test_a_replace_goes_on_where_the_freeze_is_far(bench):
    bench.apply(a_job())
    freeze(bench, after=300)
    assert bench.apply(REPLACED, allow_replace=CONSENT) == {"train": "replaced"}


def test_a_replace_that_a_freeze_cuts_in_half_says_so_and_is_partly_applied(bench):
    bench.apply(a_job())
    freeze(bench, after=300)
    plan = bench.plan(REPLACED, allow_replace=CONSENT)
    ahead = bench.context(clock=SetAhead(bench.clock))
    (outcome,) = bench.carry_out(plan, REPLACED, context=ahead)
    (old,) = (job["JobId"] for job in bench.emulator.jobs())
    assert (outcome.result, outcome.stopped_job_id) == ("waiting", old)
    assert outcome.error.message.startswith(f"{old} was stopped, and then: nothing starts before ")
    assert apply_exit((outcome,), (), Interrupt()) == 7


def test_a_freeze_holds_no_stop_and_no_update(bench):
    bench.apply(a_job("a"), a_job("b"), a_job("old", UserCommand="gone"))
    freeze(bench, after=0)
    stopped, updated = a_job("a", rules=RunRules(state=State.STOPPED)), a_job("b", Description="x")
    done = bench.apply(stopped, updated, a_job("new", UserCommand="n"), prune=True, allow_stops=2)
    assert done == {"a": "stopped", "b": "updated", "new": "waiting", "old": "stopped"}
