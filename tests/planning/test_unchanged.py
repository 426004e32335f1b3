"""Which unchanged jobs have a run that is not what anybody wished for."""

from __future__ import annotations

import pytest

from dlcapply.model.jobs import RerunOn, RunRules, State
from dlcapply.model.runs import PHASES
from dlcapply.planning.unchanged import counts, failed, fell_short, stopped
from tests.builders import a_job, a_plan, a_run

FAILED = {"Failed", "FailedReserving"}
STOPPED = {"Stopped"}
QUIET = RunRules(rerun_on=RerunOn.TOKEN)


def names(changes):
    return [change.name for change in changes]


@pytest.mark.parametrize("status", list(PHASES))
def test_an_unchanged_job_is_judged_by_the_status_of_its_run(status):
    job = a_job()
    changes = a_plan(job, live=(a_run(job, status),)).changes
    assert names(failed(changes)) == ["train"] * (status in FAILED)
    assert names(stopped(changes)) == ["train"] * (status in STOPPED)
    assert names(fell_short(changes)) == ["train"] * (status in FAILED | STOPPED)
    assert list(counts(changes).values()) == [int(status in FAILED), int(status in STOPPED)]


@pytest.mark.parametrize("status", sorted(FAILED | STOPPED))
def test_a_job_that_is_declared_stopped_is_as_it_was_wished(status):
    job = a_job(rules=RunRules(state=State.STOPPED))
    assert fell_short(a_plan(job, live=(a_run(job, status),)).changes) == ()


def test_what_runs_again_does_not_count_and_what_only_should_does():
    run = a_run(a_job(), "Failed")
    retried = a_job(rules=RunRules(retries=1))
    reserving = a_run(a_job(), "FailedReserving")
    assert names(failed(a_plan(retried, live=(reserving,)).changes)) == ["train"]
    assert fell_short(a_plan(retried, live=(run,)).changes) == ()
    assert fell_short(a_plan(a_job(UserCommand="other"), live=(run,)).changes) == ()
    assert names(failed(a_plan(a_job(UserCommand="other", rules=QUIET), live=(run,)).changes)) == ["train"]
