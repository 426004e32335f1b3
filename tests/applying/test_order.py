"""What can't be taken back comes last, and is held back where it would lose a run for nothing."""

from __future__ import annotations

import signal
from dataclasses import replace

import pytest

from dlcapply.applying.interrupt import Interrupt
from dlcapply.emulator import Fault, FaultKind
from dlcapply.errors import FailureKind, ServiceError
from dlcapply.model.jobs import OnChange, RunRules, State
from tests.builders import a_job

REPLACE = RunRules(on_change=OnChange.REPLACE)


def of(name, **changes):
    """A job of a spec of its own: nothing looks like another under a new name."""
    return a_job(name, **{"UserCommand": f"train {name}", **changes})


def replacing(*names):
    """Jobs whose runs a changed command replaces, and the consents."""
    jobs = [of(name, UserCommand=f"other {name}", rules=REPLACE) for name in names]
    return jobs, {"allow_replace": frozenset(names)}


def refuse(bench, name, *, status=400, code="InvalidParameter", times=None):
    bench.emulator.fault(
        Fault("CreateJob", FaultKind.ERROR, status=status, code=code, match=name, times=times)
    )


def results(outcomes):
    return {outcome.name: str(outcome.result) for outcome in outcomes}


def is_kept(bench, *names):
    """Whether the one run of each name goes on."""
    kept = [bench.statuses(name) for name in names]
    return all(len(one) == 1 and not one[0].startswith("Stop") for one in kept)


def test_updates_and_declared_stops_then_creates_then_replaces_then_prunes(bench):
    bench.apply(*(of(name) for name in ("0-pruned", "a-replaced", "z-stopped")))
    before = len(bench.writes)
    (replaced,), options = replacing("a-replaced")
    jobs = [replaced, of("m-new"), of("z-stopped", rules=RunRules(state=State.STOPPED))]
    bench.apply(*jobs, prune=True, **options)
    assert bench.writes[before:] == ["StopJob", "CreateJob", "StopJob", "CreateJob", "StopJob"]
    order = [bench.statuses(name) for name in ("0-pruned", "z-stopped", "a-replaced", "m-new")]
    assert order == [["Stopped"], ["Stopped"], ["Stopped", "Running"], ["Running"]]


@pytest.mark.parametrize(
    "fault",
    [
        Fault("CreateJob", FaultKind.ERROR, status=400, code="InvalidParameter", times=None),
        Fault("CreateJob", FaultKind.ERROR, times=None),  # unknown
        Fault("CreateJob", FaultKind.THROTTLED, times=None),
    ],
)
def test_prunes_are_held_back_where_a_planned_start_did_not_happen(bench, fault):
    bench.apply(of("old"))
    plan = bench.plan(of("new"), prune=True)
    bench.emulator.fault(fault)
    new, old = bench.carry_out(plan, of("new"))
    assert new.result in {"refused", "unknown", "failed"}
    assert (old.result, old.error.message) == ("not-done", "its run was not stopped: new did not start")
    assert is_kept(bench, "old")


def test_prunes_are_held_back_where_a_start_is_stale_or_waits(bench):
    bench.apply(of("old"), of("slow-to-stop"))
    jobs, options = replacing("slow-to-stop")
    assert bench.apply(*jobs, prune=True, **options) == {"old": "not-done", "slow-to-stop": "waiting"}
    plan = bench.plan(of("new"), of("slow-to-stop"), prune=True)
    bench.apply(of("new"), of("slow-to-stop"))
    bench.emulator.change(bench.emulator.jobs()[-1]["JobId"], Settings={"Tags": {}})
    assert results(bench.carry_out(plan, of("new")))["old"] == "not-done"
    assert is_kept(bench, "old")


def test_what_does_not_start_anything_holds_no_prune_back(bench):
    bench.apply(of("old"), of("stopped"))
    plan = bench.plan(of("stopped", rules=RunRules(state=State.STOPPED)), prune=True)
    bench.emulator.fault(Fault("StopJob", FaultKind.ERROR, match=plan.changes[1].target_id, times=None))
    assert results(bench.carry_out(plan)) == {"old": "stopped", "stopped": "failed"}


def test_an_interrupt_and_a_failure_with_fail_fast_hold_prunes_back_too(bench):
    bench.apply(of("old"))
    plan, interrupt = bench.plan(of("new"), prune=True), Interrupt()
    interrupt.ask(signal.SIGINT)
    outcomes = bench.carry_out(plan, of("new"), context=bench.context(interrupt=interrupt))
    assert results(outcomes) == {"new": "not-done", "old": "not-done"}
    refuse(bench, "new")
    outcomes = bench.carry_out(plan, of("new"), fail_fast=True)
    assert results(outcomes) == {"new": "refused", "old": "not-done"}
    assert bench.writes == ["CreateJob", "CreateJob"]


@pytest.mark.parametrize(
    ("status", "code", "held"),
    [
        (401, "Unauthorized", True),
        (403, "NoPermission", True),
        (400, "SignatureDoesNotMatch", True),
        (400, "QuotaExceeded", True),
        (400, "InvalidAccountBalance", True),
        (400, "InvalidParameter", False),
    ],
)
def test_a_refusal_that_would_meet_them_too_holds_replaces_back(bench, status, code, held):
    bench.apply(of("a"), of("b"))
    jobs, options = replacing("a", "b")
    plan = bench.plan(*jobs, of("new"), **options)
    refuse(bench, "new", status=status, code=code)
    outcomes = bench.carry_out(plan, *jobs, of("new"))
    expected = "not-done" if held else "replaced"
    assert results(outcomes) == {"a": expected, "b": expected, "new": "refused"}
    if held:
        assert outcomes[0].error.message == (
            f"its run was not stopped: new was refused ({code}), and the new run would be, too"
        )
        assert is_kept(bench, "a", "b")


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (
            Fault("CreateJob", FaultKind.ERROR, times=None),
            "nobody knows whether {} started (ServiceUnavailable), and the new run might not start",
        ),
        (
            Fault("CreateJob", FaultKind.LOST, times=None),
            "nobody knows whether {} started (ambiguous), and the new run might not start",
        ),
        (
            Fault("CreateJob", FaultKind.THROTTLED, times=None),
            "{} did not start (Throttling.User), and the new run might not, either",
        ),
    ],
)
def test_while_pai_takes_no_create_no_more_than_one_run_is_stopped_for_a_new_one(bench, fault, told):
    bench.apply(of("a"), of("b"), of("c"))
    jobs, options = replacing("a", "b", "c")
    plan = bench.plan(*jobs, of("new"), **options)
    bench.emulator.fault(fault)
    outcomes = bench.carry_out(plan, *jobs, of("new"))
    assert [one.result for one in outcomes[:3]] == ["not-done"] * 3
    assert outcomes[0].error.message == f"its run was not stopped: {told.format('new')}"
    assert is_kept(bench, "a", "b", "c")
    outcomes = bench.carry_out(bench.plan(*jobs, **options), *jobs)
    assert [one.result for one in outcomes[1:]] == ["not-done"] * 2
    assert outcomes[1].error.message == f"its run was not stopped: {told.format('a')}"
    assert bench.statuses("a") == ["Stopped"]
    assert is_kept(bench, "b", "c")


def test_the_first_replace_goes_alone_until_a_create_was_taken(bench):
    bench.apply(of("a"), of("b"), of("c"))
    jobs, options = replacing("a", "b", "c")
    plan = bench.plan(*jobs, **options)
    refuse(bench, "", status=403, code="NoPermission")
    first, *others = bench.carry_out(plan, *jobs)
    assert (first.result, first.stopped_job_id) == ("refused", plan.changes[0].target_id)
    assert [one.result for one in others] == ["not-done", "not-done"]
    assert bench.statuses("a") == ["Stopped"]
    assert is_kept(bench, "b", "c")


def test_replaces_go_one_by_one_until_one_of_them_was_taken(bench):
    bench.apply(*(of(name) for name in "abcde"))
    jobs, options = replacing(*"abcde")
    plan = replace(bench.plan(*jobs, **options), held={"a": "nobody has seen it"})
    refuse(bench, "b")
    bench.emulator.fault(Fault("CreateJob", FaultKind.ERROR, status=403, code="NoPermission", match="c"))
    outcomes = bench.carry_out(plan, *jobs)
    assert [one.result for one in outcomes] == ["not-approved", "refused", "refused", "not-done", "not-done"]
    assert is_kept(bench, "a", "d", "e")


@pytest.mark.parametrize(
    ("status", "code", "message", "meets_all"),
    [
        (400, "InvalidParameter", "the quota quota1 does not exist", False),
        (400, "InvalidParameter", "Your account balance is not enough", True),
        (400, "BadRequest", "The GPU quota of the workspace is exceeded", True),
        (400, "BadRequest", "Insufficient resource quota", True),
        (400, "InvalidAccessKeyId.NotFound", "", True),
        (404, "NotFound", "", False),
    ],
)
def test_which_refusals_meet_every_call_and_that_no_answer_does(status, code, message, meets_all):
    error = ServiceError(message, kind=FailureKind.REFUSED, code=code, status=status)
    assert error.meets_all is meets_all
    unclear = ServiceError(message, kind=FailureKind.AMBIGUOUS, code=code, status=status)
    assert unclear.meets_all
