"""What a command works out once for each job, however many runs and steps there are."""

from __future__ import annotations

from dlcapply.model.jobs import RunRules
from dlcapply.planning import fingerprints
from dlcapply.planning.ended_runs import ended_runs
from dlcapply.planning.history import histories
from dlcapply.planning.operations import operation_id
from tests.builders import a_job
from tests.counting import calls_of


def some_jobs(command="python train.py"):
    """Of each kind: runs that end and that go on, and a job without one."""
    retried = RunRules(retries=3)
    return [
        a_job("short-one", UserCommand=command),
        a_job("short-two", UserCommand=f"{command} --two", rules=retried),
        a_job("long-one", UserCommand=command, Description="described"),
        a_job("long-two", Envs={"A": command}),
    ]


def plan_and_apply(bench, jobs):
    plan = bench.plan(*jobs)
    bench.carry_out(plan, *jobs)
    return plan


def test_each_job_has_its_fingerprints_taken_once_in_a_whole_apply(bench):
    for command in ("python train.py", "python other.py", "python other.py"):
        jobs = [*some_jobs(command), a_job(f"new-{command[7:-3]}")]
        counted = calls_of(lambda jobs=jobs: plan_and_apply(bench, jobs), fingerprints._of_spec)
        assert counted == {"_of_spec": len(jobs)}


def test_a_plan_has_one_history_and_one_situation_of_each_job(bench):
    plan_and_apply(bench, some_jobs())
    bench.clock.sleep(3600)
    jobs = [*some_jobs(), a_job("new")]
    counted = calls_of(lambda: bench.plan(*jobs), histories, ended_runs)
    # Once where the runs are read, and once more after one was read in full, for its Description.
    assert counted == {"histories": 2, "ended_runs": len(jobs)}


def test_an_operation_is_named_once_where_runs_are_looked_for_and_once_where_they_are_planned(bench):
    plan_and_apply(bench, some_jobs())
    jobs = some_jobs("python other.py")
    assert calls_of(lambda: bench.plan(*jobs), operation_id)["operation_id"] <= 2 * len(jobs)
