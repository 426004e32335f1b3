"""Drift beside a service: what dlcapply did is told from what a person did, by the marks and the journal."""

from __future__ import annotations

import pytest

from dlcapply.applying.journal import STOP_CALL, Journal
from dlcapply.emulator import Fault, FaultKind
from dlcapply.model.jobs import OnChange, RunRules, State
from dlcapply.planning.drift import Writes
from dlcapply.planning.marks import in_place_print
from tests.applying.parts import a_quota_job
from tests.builders import a_job

STOPPED, PRESENT = RunRules(state=State.STOPPED), RunRules()


def drift(bench, *jobs, journal=True):
    noted = bench.journal
    writes = Writes(noted.has_stopped, noted.moved, noted.created) if journal else Writes()
    return [(row.code, row.name) for row in bench.drift(*jobs, writes=writes)]


def newest(bench):
    return bench.emulator.jobs()[-1]["JobId"]


def test_a_stop_that_the_manifest_asked_for_once_is_no_drift(bench):
    bench.apply(a_job())
    bench.apply(a_job(rules=STOPPED))
    assert drift(bench, a_job(rules=STOPPED)) == []
    assert drift(bench, a_job()) == []
    assert drift(bench, a_job(), journal=False) == [("stopped", "train")]


def test_a_stop_whose_answer_was_lost_is_ours_and_one_by_a_person_is_not(bench):
    bench.apply(a_job(), a_job("other"))
    bench.emulator.fault(Fault("StopJob", FaultKind.LOST, times=None))
    bench.carry_out(bench.plan(a_job(rules=STOPPED), a_job("other")))
    bench.emulator.clear_faults()
    for job in bench.emulator.jobs():
        bench.emulator.change(job["JobId"], Status="Stopped")
    assert drift(bench, a_job(), a_job("other")) == [("stopped", "other")]


def test_a_replace_of_which_the_stop_alone_was_done_is_no_drift(bench):
    bench.apply(a_job())
    after = a_job(UserCommand="other", rules=RunRules(on_change=OnChange.REPLACE))
    bench.emulator.fault(Fault("CreateJob", FaultKind.ERROR, status=400, code="InvalidParameter"))
    assert bench.apply(after, allow_replace=frozenset({"train"})) == {"train": "refused"}
    assert drift(bench, after) == []


def test_a_prune_whose_manifest_came_back_is_no_drift(bench):
    bench.apply(a_job("kept"), a_job("old", UserCommand="old"))
    bench.apply(a_job("kept"), prune=True, allow_stops=1)
    assert drift(bench, a_job("kept"), a_job("old", UserCommand="old")) == []


def test_what_an_update_has_set_is_what_a_value_is_held_against(bench):
    bench.apply(a_quota_job(Priority=3, Description="one"))
    bench.apply(a_quota_job(Priority=5, Description="one"))
    edited = a_quota_job(Priority=7, Description="two")
    assert drift(bench, edited) == []
    bench.emulator.change(newest(bench), Priority=3)
    assert drift(bench, edited) == [("value-changed", "queued")]
    bench.emulator.change(newest(bench), Priority=5, Description="by hand")
    (row,) = bench.drift(edited, writes=Writes(bench.journal.has_stopped, bench.journal.moved))
    assert [field.path for field in row.fields] == ["Description"]
    assert row.code == "value-differs"


@pytest.mark.parametrize("where", ["elsewhere", ""])
def test_a_journal_speaks_of_its_own_target_alone(bench, tmp_path, where):
    other = Journal(tmp_path / "journal.ndjson", clock=bench.clock, where=where)
    other.intend(op="dlc1", name="train", call=STOP_CALL)
    other.conclude(op="dlc1", name="train", result="updated", job_id="dlc1", moved={"Priority": "x"})
    assert (other.has_stopped("dlc1"), other.moved("dlc1")) == (True, {"Priority": "x"})
    assert (bench.journal.has_stopped("dlc1"), bench.journal.moved("dlc1")) == (False, {})
    assert (other.knows_target, bench.journal.knows_target) == (True, False)


def test_of_several_updates_the_last_value_of_each_field_counts(bench):
    bench.apply(a_quota_job(Priority=3, Description="one"))
    bench.apply(a_quota_job(Priority=5, Description="one"))
    bench.apply(a_quota_job(Priority=4, Description="two"))
    assert bench.journal.moved(newest(bench)) == {
        "Priority": in_place_print(4),
        "Description": in_place_print("two"),
    }
