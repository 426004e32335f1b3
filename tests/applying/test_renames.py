"""Renamed jobs, applied: their runs under former names are carried on with, and never doubled."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dlcapply.cloud.gathering import Records
from dlcapply.model.jobs import Identity, OnChange, State
from tests.applying.conftest import Bench
from tests.applying.parts import a_quota_job
from tests.builders import a_job, an_environment

ALLOWED = {"allow_replace": frozenset({"new"})}


def renamed(job, **rules):
    key = replace(job.key, name="new")
    return replace(job, key=key, formerly=(job.name,), rules=replace(job.rules, **rules))


@pytest.mark.parametrize("name", ["long", "short"])
def test_a_rename_with_its_former_name_writes_nothing(bench, name):
    bench.apply(a_job(name))
    bench.emulator.turn(60)
    assert bench.apply(renamed(a_job(name)), prune=True) == {"new": "unchanged"}
    assert bench.writes == ["CreateJob"]


def test_a_rename_without_it_starts_and_stops_nothing(bench):
    bench.apply(a_job("old"))
    names = frozenset({"new"})
    plan = bench.plan(a_job("new"), prune=True, records=Records(names=names), names=names)
    assert {change.name: change.reason.code for change in plan.changes} == {
        "new": "looks-renamed",
        "old": "orphan-looks-renamed",
    }
    outcomes = bench.carry_out(plan, a_job("new"))
    assert {outcome.result for outcome in outcomes} == {"blocked"}
    assert bench.writes == ["CreateJob"]


def test_a_renamed_run_is_stopped_by_its_own_name(bench):
    bench.apply(a_job("old"))
    assert bench.apply(renamed(a_job("old"), state=State.STOPPED)) == {"new": "stopped"}
    assert bench.statuses("old") == ["Stopped"]


def test_a_renamed_run_is_updated_in_place(bench):
    bench.apply(a_quota_job("queued"))
    assert bench.apply(renamed(a_quota_job("queued", Priority=5))) == {"new": "updated"}
    assert bench.writes == ["CreateJob", "UpdateJob"]


def test_a_renamed_run_is_replaced_by_one_of_the_present_name(bench):
    bench.apply(a_job("old"))
    after = renamed(a_job("old", UserCommand="python other.py"), on_change=OnChange.REPLACE)
    assert bench.apply(after, **ALLOWED) == {"new": "replaced"}
    assert (bench.statuses("old"), len(bench.statuses("new"))) == (["Stopped"], 1)
    assert bench.apply(after, prune=True) == {"new": "unchanged"}


def test_a_run_that_appears_under_a_former_name_makes_a_create_stale(bench):
    """Somebody applied the manifest as it was before the rename."""
    plan = bench.plan(renamed(a_job("old")))
    bench.apply(a_job("old"))
    (outcome,) = bench.carry_out(plan, renamed(a_job("old")))
    assert (outcome.result, bench.writes) == ("stale", ["CreateJob"])


def test_a_stranger_s_run_under_a_former_name_is_in_nobody_s_way(bench):
    bench.emulator.seed({"DisplayName": "old", "WorkspaceId": "1001", "Status": "Running"})
    assert bench.apply(renamed(a_job("old"))) == {"new": "created"}


def test_by_name_alone_an_old_run_of_the_present_name_is_not_the_new_one(make_emulator, tmp_path):
    by_name = an_environment(identity=Identity.NAME)
    bench = Bench(make_emulator(), tmp_path, by_name)
    bench.emulator.seed({"DisplayName": "new", "WorkspaceId": "1001", "Status": "Failed"})
    bench.emulator.turn(60)
    bench.apply(a_job("old"))
    bench.emulator.change(bench.emulator.jobs()[-1]["JobId"], Status="Failed")
    after = renamed(a_job("old", UserCommand="python other.py"))
    plan = bench.plan(after)
    bench.journal.intend(op=plan.changes[0].op, name="new", call="CreateJob")  # by a process that died
    (outcome,) = bench.carry_out(plan, after)
    assert (outcome.result, len(bench.writes)) == ("created", 2)
