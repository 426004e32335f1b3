"""Several repositories whose projects have one name, in one workspace."""

from __future__ import annotations

import os
from dataclasses import replace
from random import Random

import pytest

from dlcapply.model.plans import Action
from tests.applying.conftest import Bench
from tests.builders import a_job, an_environment

NAMES = ("a", "b", "c", "d", "e")
# By hand, with many more: DLCAPPLY_REPOSITORIES=200
REPOSITORIES = int(os.environ.get("DLCAPPLY_REPOSITORIES", "8"))


def of(bench, name, **changes):
    job = a_job(name, **{"UserCommand": f"train {name}", **changes})
    return replace(job, key=replace(job.key, origin=bench.environment.origin))


def bench_of(emulator, folder, origin):
    return Bench(emulator, folder, an_environment(origin=origin))


def origins_of_stopped(emulator):
    tags = {job["JobId"]: job["Settings"]["Tags"] for job in emulator.jobs()}
    stops = [entry.path.split("/")[-2] for entry in emulator.writes if entry.operation == "StopJob"]
    return [tags[job_id]["dlcapply-origin"] for job_id in stops]


@pytest.mark.parametrize("seed", range(2))
def test_no_repository_touches_what_another_one_started(bench, tmp_path, seed):
    """Each prunes what its manifests do not declare any more, in any order."""
    emulator = bench.emulator
    random = Random(seed)  # noqa: S311
    benches = [bench_of(emulator, tmp_path, f"host/{number}") for number in range(REPOSITORIES)]
    for _ in range(3 * REPOSITORIES):
        one = random.choice(benches)
        jobs = [of(one, name) for name in NAMES if random.random() < 0.5]
        stopped = len(origins_of_stopped(emulator))
        plan = one.plan(*jobs, prune=True)
        one.carry_out(plan, *jobs)
        assert set(origins_of_stopped(emulator)[stopped:]) <= {one.environment.origin}
        assert not any("orphan" in finding.rule for finding in plan.findings)
    assert origins_of_stopped(emulator)
    by_name = {}
    for job in emulator.jobs():
        if job["Status"] not in {"Stopped", "Stopping"}:
            by_name.setdefault(job["DisplayName"], set()).add(job["Settings"]["Tags"]["dlcapply-origin"])
    assert all(len(origins) == 1 for origins in by_name.values())


def test_a_run_of_another_repository_that_appears_after_the_plan_holds_the_create_back(bench, tmp_path):
    emulator = bench.emulator
    here, there = bench_of(emulator, tmp_path, "host/here"), bench_of(emulator, tmp_path, "host/there")
    job = of(here, "a")
    plan = here.plan(job)
    assert there.apply(of(there, "a")) == {"a": "created"}
    emulator.change(emulator.jobs()[0]["JobId"], Status="Succeeded")
    (outcome,) = here.carry_out(plan, job)
    assert (outcome.result, len(emulator.jobs())) == ("stale", 1)
    assert "of another repository" in outcome.error.message


def test_a_run_of_another_repository_with_our_operation_is_not_taken_for_ours(bench, tmp_path):
    emulator = bench.emulator
    here, there = bench_of(emulator, tmp_path, "host/here"), bench_of(emulator, tmp_path, "host/there")
    job = of(here, "a")
    plan = here.plan(job)
    (change,) = plan.changes
    assert change.action is Action.CREATE
    there.apply(of(there, "a"))
    (job_id,) = (made["JobId"] for made in emulator.jobs())
    tags = emulator.jobs()[0]["Settings"]["Tags"] | {"dlcapply-op": change.op}
    emulator.change(job_id, Settings={"Tags": tags})
    (outcome,) = here.carry_out(plan, job)
    assert (outcome.result, outcome.job_id == job_id) == ("stale", False)


def test_a_run_says_what_it_was_started_from_and_so_does_the_journal(bench):
    from dlcapply.applying.journal import Journal

    journal = Journal(bench.journal._path, clock=bench.clock, where="local", provenance="abc alice")
    job = a_job("short")
    bench.carry_out(bench.plan(job), job, context=bench.context(provenance="abc alice", journal=journal))
    assert bench.emulator.jobs()[0]["Settings"]["Tags"]["dlcapply-from"] == "abc alice"
    assert {entry["from"] for entry in journal.entries()} == {"abc alice"}
    assert bench.plan(job).changes[0].action is Action.UNCHANGED
