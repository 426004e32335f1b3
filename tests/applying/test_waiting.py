"""Following runs: to their end or to a deadline, and never to their stop."""

from __future__ import annotations

import pytest

from dlcapply.applying.waiting import Until, follow
from tests.builders import a_job


def test_waiting_follows_runs_to_their_end_and_reports_each_status(bench):
    job = a_job("short")
    (outcome,) = bench.carry_out(bench.plan(job), job)
    seen = []
    (waited,) = follow(
        [("short", outcome.job_id)],
        bench.means(),
        until=Until.FINISHED,
        timeout=None,
        report=lambda run: seen.append(run.status),
    )
    assert (waited.reached, waited.failed, waited.run.status) == (True, False, "Succeeded")
    assert seen[-1] == "Succeeded"
    assert len(seen) == len(set(seen))


@pytest.mark.parametrize(("until", "status"), [(Until.ACCEPTED, None), (Until.RUNNING, "Running")])
def test_waiting_ends_where_it_was_told_to(bench, until, status):
    (outcome,) = bench.carry_out(bench.plan(a_job()), a_job())
    (waited,) = follow(
        [("train", outcome.job_id)], bench.means(), until=until, timeout=60, report=lambda _: None
    )
    assert waited.reached
    assert status in {None, waited.run.status}


def test_waiting_ends_in_time_and_never_stops_the_run(bench):
    (outcome,) = bench.carry_out(bench.plan(a_job()), a_job())
    (waited,) = follow(
        [("train", outcome.job_id)], bench.means(), until=Until.FINISHED, timeout=30, report=lambda _: None
    )
    assert not waited.reached
    assert bench.statuses("train") == ["Running"]


def test_waiting_outlives_a_run_that_cannot_be_read(bench):
    (waited,) = follow(
        [("ghost", "dlcghost")], bench.means(), until=Until.ACCEPTED, timeout=5, report=lambda _: None
    )
    assert (waited.run, waited.reached, waited.failed) == (None, False, False)
