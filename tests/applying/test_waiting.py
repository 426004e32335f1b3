"""Following runs: to their end or to a deadline, and never to their stop."""

from __future__ import annotations

import pytest

from dlcapply.applying.waiting import LossReason, Milestone, follow
from dlcapply.emulator import Fault, FaultKind
from tests.applying.conftest import Bench
from tests.builders import a_job
from tests.clocks import SetBack


@pytest.fixture
def removable(make_emulator, tmp_path):
    """Runs may be deleted while they are under way."""
    return Bench(make_emulator(delete_active=True), tmp_path)


def test_waiting_follows_runs_to_their_end_and_reports_each_status(bench):
    job = a_job("short")
    (outcome,) = bench.carry_out(bench.plan(job), job)
    seen = []
    (waited,) = follow(
        [("short", outcome.job_id)],
        bench.context(),
        until=Milestone.FINISHED,
        timeout=None,
        report=lambda one: seen.append(one.run.status),
    )
    assert (waited.reached, waited.failed, waited.run.status) == (True, False, "Succeeded")
    assert seen[-1] == "Succeeded"
    assert len(seen) == len(set(seen))


@pytest.mark.parametrize(("until", "status"), [(Milestone.ACCEPTED, None), (Milestone.RUNNING, "Running")])
def test_waiting_ends_where_it_was_told_to(bench, until, status):
    (outcome,) = bench.carry_out(bench.plan(a_job()), a_job())
    (waited,) = follow(
        [("train", outcome.job_id)], bench.context(), until=until, timeout=60, report=lambda _: None
    )
    assert waited.reached
    assert status in {None, waited.run.status}


def test_waiting_ends_in_time_and_never_stops_the_run(bench):
    (outcome,) = bench.carry_out(bench.plan(a_job()), a_job())
    (waited,) = follow(
        [("train", outcome.job_id)],
        bench.context(),
        until=Milestone.FINISHED,
        timeout=30,
        report=lambda _: None,
    )
    assert not waited.reached
    assert bench.statuses("train") == ["Running"]


def test_waiting_outlives_a_run_that_cannot_be_read(bench):
    (waited,) = follow(
        [("ghost", "dlcghost")], bench.context(), until=Milestone.ACCEPTED, timeout=5, report=lambda _: None
    )
    assert (waited.run, waited.reached, waited.failed) == (None, False, False)


def a_run(bench, name="train"):
    (outcome,) = bench.carry_out(bench.plan(a_job(name)), a_job(name))
    return outcome.job_id


@pytest.mark.parametrize("until", list(Milestone))
def test_a_run_that_was_removed_is_given_up_after_the_settle_window(removable, until):
    job_id = a_run(removable)
    removable.delete(job_id)
    warned = []
    (waited,) = follow(
        [("train", job_id)],
        removable.context(settle=90),
        until=until,
        timeout=None,
        report=lambda _: None,
        warn=lambda one: warned.append(one.lost),
    )
    assert (waited.lost, waited.reached, waited.failed) == (LossReason.REMOVED, False, True)
    assert warned == [LossReason.NO, LossReason.REMOVED]


def test_a_run_that_is_removed_while_it_is_followed_keeps_its_last_status(removable):
    job_id = a_run(removable)
    (waited,) = follow(
        [("train", job_id)],
        removable.context(),
        until=Milestone.FINISHED,
        timeout=None,
        report=lambda one: removable.delete(one.job_id) if one.run.status == "Running" else None,
    )
    assert (waited.run.status, waited.lost, waited.failed) == ("Running", LossReason.REMOVED, True)


@pytest.mark.parametrize(
    ("status", "failed"),
    [
        ("Succeeded", False),
        ("SucceededReserving", False),
        ("Failed", True),
        ("FailedReserving", True),
        ("Stopped", True),
    ],
)
def test_a_run_that_ends_otherwise_than_it_should_have_failed(bench, status, failed):
    job_id = a_run(bench)
    bench.emulator.change(job_id, Status=status)
    (waited,) = follow(
        [("train", job_id)], bench.context(), until=Milestone.FINISHED, timeout=None, report=lambda _: None
    )
    assert (waited.reached, waited.failed) == (True, failed)


def test_a_status_that_says_deleted_is_an_end(bench):
    job_id = a_run(bench)
    bench.emulator.change(job_id, Status="Deleted")
    (waited,) = follow(
        [("train", job_id)], bench.context(), until=Milestone.FINISHED, timeout=None, report=lambda _: None
    )
    assert (waited.lost, waited.failed) == (LossReason.REMOVED, True)


@pytest.mark.parametrize(("status", "code"), [(403, "NoPermission"), (404, "InvalidAction.NotFound")])
def test_a_run_that_nobody_may_see_any_more_is_given_up_and_not_called_failed(bench, status, code):
    job_id = a_run(bench)
    bench.emulator.fault(Fault("GetJob", FaultKind.ERROR, times=None, status=status, code=code))
    (waited,) = follow(
        [("train", job_id)], bench.context(), until=Milestone.FINISHED, timeout=None, report=lambda _: None
    )
    assert (waited.lost, waited.failed) == (LossReason.UNREADABLE, False)
    assert code in waited.trouble


@pytest.mark.parametrize(
    "trouble",
    [
        Fault("GetJob", FaultKind.LOST, times=100),
        Fault("GetJob", FaultKind.ERROR, times=100, status=503),
        Fault("GetJob", FaultKind.ERROR, times=3, status=404, code="NotFound"),
    ],
)
def test_what_may_pass_is_waited_out(bench, trouble):
    job_id = a_run(bench, "short")
    bench.emulator.fault(trouble)
    (waited,) = follow(
        [("short", job_id)], bench.context(), until=Milestone.FINISHED, timeout=None, report=lambda _: None
    )
    assert (waited.reached, waited.failed) == (True, False)


def test_a_clock_that_is_set_back_makes_no_wait_longer(bench):
    job_id, clock = a_run(bench), SetBack(bench.clock)
    (waited,) = follow(
        [("train", job_id)],
        bench.context(clock=clock),
        until=Milestone.FINISHED,
        timeout=25,
        report=lambda _: None,
    )
    assert (waited.is_over, clock.slept) == (False, pytest.approx(25, abs=0.2))
