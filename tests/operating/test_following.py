"""Following runs: to their end or to a deadline, many in a call, and never to their stop."""

from __future__ import annotations

import pytest

from dlcapply.api.waiting.progress import Forgiving, Silent
from dlcapply.api.waiting.watching import watch
from dlcapply.cloud.jobs import JobService
from dlcapply.emulator import Fault, FaultKind
from dlcapply.operating.following import Following, LossReason, Milestone
from tests.applying.conftest import Bench
from tests.builders import a_job
from tests.clocks import SetBack


class Told(Silent):
    """Keeps what it is told; `on_status` is called for each new status."""

    def __init__(self, on_status=lambda _: None):
        self.statuses, self.lost, self.on_status = [], [], on_status

    def status(self, waited):
        self.statuses.append(waited.run.status)
        self.on_status(waited)

    def trouble(self, waited):
        self.lost.append(waited.lost)


def followed(bench, *runs, until=Milestone.FINISHED, timeout=None, told=None, clock=None, settle=90):
    """How each run (name, JobId) ended up."""
    clock = clock or bench.clock
    following = Following(bench.service, clock, until=until, settle=settle)
    for name, job_id in runs:
        following.add(name, job_id)
    watch(
        following,
        clock=clock,
        timeout=timeout,
        is_interrupted=lambda: False,
        keepers=[],
        told=Forgiving(told or Told()),
    )
    return following.runs


def a_run(bench, name="train"):
    (outcome,) = bench.carry_out(bench.plan(a_job(name)), a_job(name))
    return outcome.job_id


@pytest.fixture
def removable(make_emulator, tmp_path):
    """Runs may be deleted while they are under way."""
    return Bench(make_emulator(delete_active=True), tmp_path)


def test_runs_are_followed_to_their_end_and_each_status_is_told_once(bench):
    told = Told()
    (waited,) = followed(bench, ("short", a_run(bench, "short")), told=told)
    assert (waited.reached, waited.failed, waited.run.status) == (True, False, "Succeeded")
    assert told.statuses[-1] == "Succeeded"
    assert len(told.statuses) == len(set(told.statuses))


@pytest.mark.parametrize(("until", "status"), [(Milestone.ACCEPTED, None), (Milestone.RUNNING, "Running")])
def test_waiting_ends_where_it_was_told_to(bench, until, status):
    (waited,) = followed(bench, ("train", a_run(bench)), until=until, timeout=60)
    assert waited.reached
    assert status in {None, waited.run.status}


def test_waiting_ends_in_time_and_never_stops_the_run(bench):
    (waited,) = followed(bench, ("train", a_run(bench)), timeout=30)
    assert not waited.reached
    assert bench.statuses("train") == ["Running"]


def test_waiting_outlives_a_run_that_nobody_has_seen(bench):
    (waited,) = followed(bench, ("ghost", "dlcghost"), until=Milestone.ACCEPTED, timeout=5)
    assert (waited.run, waited.reached, waited.failed) == (None, False, False)


@pytest.mark.parametrize("until", list(Milestone))
def test_a_run_that_was_removed_is_given_up_after_the_settle_window(removable, until):
    job_id, told = a_run(removable), Told()
    removable.delete(job_id)
    (waited,) = followed(removable, ("train", job_id), until=until, told=told)
    assert (waited.lost, waited.reached, waited.failed) == (LossReason.REMOVED, False, True)
    assert told.lost == [LossReason.NO, LossReason.REMOVED]


def test_a_run_that_is_removed_while_it_is_followed_keeps_its_last_status(removable):
    told = Told(lambda one: removable.delete(one.job_id) if one.run.status == "Running" else None)
    (waited,) = followed(removable, ("train", a_run(removable)), told=told)
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
    (waited,) = followed(bench, ("train", job_id))
    assert (waited.reached, waited.failed) == (True, failed)


def test_a_status_that_says_deleted_is_an_end(bench):
    job_id = a_run(bench)
    bench.emulator.change(job_id, Status="Deleted")
    (waited,) = followed(bench, ("train", job_id))
    assert (waited.lost, waited.failed) == (LossReason.REMOVED, True)


@pytest.mark.parametrize(("status", "code"), [(403, "NoPermission"), (404, "InvalidAction.NotFound")])
def test_a_run_that_nobody_may_see_any_more_is_given_up_and_not_called_failed(bench, status, code):
    job_id = a_run(bench)
    for operation in ("ListJobs", "GetJob"):
        bench.emulator.fault(Fault(operation, FaultKind.ERROR, times=None, status=status, code=code))
    (waited,) = followed(bench, ("train", job_id))
    assert (waited.lost, waited.failed) == (LossReason.UNREADABLE, False)
    assert code in waited.trouble


def test_where_nothing_may_be_listed_each_run_is_asked_for(bench):
    job_id = a_run(bench, "short")
    bench.emulator.fault(Fault("ListJobs", FaultKind.ERROR, times=None, status=403, code="Forbidden.Access"))
    (waited,) = followed(bench, ("short", job_id))
    assert (waited.reached, waited.failed) == (True, False)


@pytest.mark.parametrize(
    "trouble",
    [
        Fault("ListJobs", FaultKind.LOST, times=100),
        Fault("ListJobs", FaultKind.ERROR, times=100, status=503),
        Fault("GetJob", FaultKind.ERROR, times=3, status=404, code="NotFound"),
    ],
)
def test_what_may_pass_is_waited_out(bench, trouble):
    job_id = a_run(bench, "short")
    if trouble.operation == "GetJob":  # which is asked only for what no listing shows
        bench.emulator.fault(Fault("ListJobs", FaultKind.ERROR, times=3, status=403, code="Forbidden"))
    bench.emulator.fault(trouble)
    (waited,) = followed(bench, ("short", job_id))
    assert (waited.reached, waited.failed) == (True, False)


def test_a_clock_that_is_set_back_makes_no_wait_longer(bench):
    job_id, clock = a_run(bench), SetBack(bench.clock)
    (waited,) = followed(bench, ("train", job_id), clock=clock, timeout=25)
    assert (waited.is_over, clock.slept) == (False, pytest.approx(25, abs=0.2))


class Counted:
    """The service, and when it was asked for how much."""

    def __init__(self, service: JobService, clock):
        self._service, self._clock = service, clock
        self.listed, self.alone, self.times = [], [], []

    def runs_by_id(self, job_ids):
        self.times.append(self._clock.monotonic())
        self.listed.append(len(job_ids))
        return self._service.runs_by_id(job_ids)

    def find(self, job_id):
        self.times.append(self._clock.monotonic())
        self.alone.append(job_id)
        return self._service.find(job_id)


def test_a_thousand_runs_cost_ten_calls_a_round_and_no_two_in_one_second(bench):
    """GetJob is asked only for what no listing shows, ten in a round, by turns."""
    job_ids = bench.emulator.seed(*({"DisplayName": f"run-{number:04}"} for number in range(990)))
    service = Counted(bench.service, bench.clock)
    following = Following(service, bench.clock, until=Milestone.FINISHED, settle=600)
    for number, job_id in enumerate(job_ids):
        following.add(f"run-{number:04}", job_id)
    for number in range(12):
        following.add(f"gone-{number}", f"dlcgone{number}")
    rounds = [list(following.look()) for _ in range(2)]
    assert [len(round_) for round_ in rounds] == [990 + 10, 990 + 10]
    assert service.listed == [100] * 10 + [2] + [100] * 10 + [2]
    assert len(set(service.alone)) == 12
    assert min(b - a for a, b in zip(service.times, service.times[1:], strict=False)) >= 1.0
