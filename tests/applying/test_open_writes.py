"""What applies left open, what answers for it, and what the next one finds out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from dlcapply.applying.interrupt import Interrupt
from dlcapply.applying.journal import Journal
from dlcapply.applying.open_writes import open_writes
from dlcapply.emulator import Fault, FaultKind
from dlcapply.model.jobs import Identity
from tests.applying.conftest import Bench
from tests.builders import ENVIRONMENT, a_job
from tests.clocks import TurningClock

DAY = 86_400


@pytest.fixture
def journals(bench, tmp_path):
    """Journals of as many processes as are asked for, in the bench's file."""

    def make(where=ENVIRONMENT.name, **more):
        return Journal(tmp_path / "journal.ndjson", clock=TurningClock(bench.emulator), where=where, **more)

    return make


def left_open(journal):
    return [(write.call, write.op) for write in open_writes(journal.entries())]


def begin(journal, op="op", call="CreateJob", name="train"):
    journal.intend(op=op, name=name, call=call)


def end(journal, result, op="op"):
    journal.conclude(op=op, name="train", result=result)


@pytest.mark.parametrize("result", ["created", "refused", "stopped", "updated", "failed", "a new word"])
def test_an_outcome_answers_for_every_intent_of_the_operation_before_it(journals, result):
    killed, later = journals(), journals()
    begin(killed)
    begin(later)
    end(later, result)
    assert left_open(later) == []
    begin(killed)
    assert left_open(later) == [("CreateJob", "op")]


@pytest.mark.parametrize("result", ["not-done", "not-executed"])
def test_that_one_process_sent_nothing_answers_for_no_other(journals, result):
    killed, later = journals(), journals()
    begin(killed)
    begin(later)
    end(later, result)
    assert [write.writer for write in open_writes(later.entries())] == [next(killed.entries())["by"]]


@pytest.mark.parametrize("result", ["ambiguous", "unknown"])
def test_an_outcome_that_tells_nothing_answers_for_nothing(journals, result):
    journal = journals()
    begin(journal, call="StopJob")
    end(journal, result)
    assert left_open(journal) == [("StopJob", "op")]


def test_an_outcome_elsewhere_answers_for_nothing_here(journals):
    here, elsewhere = journals(), journals(where="elsewhere")
    begin(here)
    end(elsewhere, "created")
    assert left_open(here) == [("CreateJob", "op")]


def test_they_are_told_oldest_first_with_all_that_was_noted(bench, journals):
    begin(journals(provenance="abc alice", by_name=True), op="first")
    bench.emulator.turn(60)
    begin(journals(where="elsewhere"), op="second", call="UpdateJob")
    first, second = open_writes(journals().entries())
    assert (first.op, first.provenance, first.by_name, first.is_create) == ("first", "abc alice", True, True)
    assert (second.op, second.where) == ("second", "elsewhere")
    assert not second.by_name
    assert not second.is_create
    assert second.begun - first.begun == timedelta(seconds=60)


def test_a_create_that_turns_out_to_have_happened_is_noted_by_the_next_apply(make_emulator, tmp_path):
    """The plan finds the run, so that no create asks for it again."""
    bench = Bench(make_emulator(list_lag=600.0), tmp_path)
    bench.emulator.fault(Fault("CreateJob", FaultKind.LOST, effect=True))
    assert bench.apply(a_job()) == {"train": "unknown"}
    bench.emulator.turn(600)
    ((_, op),) = left_open(bench.journal)
    assert bench.apply(a_job()) == {"train": "unchanged"}
    assert left_open(bench.journal) == []
    (job,) = bench.emulator.jobs()
    assert bench.journal.created(op) == (job["JobId"],)
    assert bench.writes == ["CreateJob"]


def test_what_is_found_nowhere_is_noted_only_after_the_settle_window(bench, journals):
    begin(journals(), name="gone")
    assert bench.apply(a_job()) == {"train": "created"}
    assert left_open(bench.journal) == [("CreateJob", "op")]
    bench.emulator.turn(DAY)
    assert bench.apply(a_job()) == {"train": "unchanged"}
    assert left_open(bench.journal) == []
    assert list(bench.journal.entries("op"))[-1]["result"] == "not-found"


def test_a_create_that_was_found_nowhere_is_waited_for_and_made_as_ever(bench, journals):
    """That nobody asks any more lets no create happen sooner."""
    plan = bench.plan(a_job())
    begin(journals(), op=plan.changes[0].op)
    bench.emulator.turn(60)
    end(journals(), "not-found", op=plan.changes[0].op)
    before = bench.clock.now()
    (outcome,) = bench.carry_out(plan, a_job())
    assert (outcome.result, bench.clock.now() - before >= timedelta(seconds=30)) == ("created", True)


def test_a_stop_or_an_update_is_answered_by_the_plan_after_it(bench, journals):
    begin(journals(), op="dlc1", call="StopJob")
    begin(journals(), op="dlc2", call="UpdateJob")
    bench.emulator.turn(DAY)
    before = len(bench.emulator.requests)
    bench.apply()
    assert left_open(bench.journal) == []
    assert "GetJob" not in [entry.operation for entry in bench.emulator.requests[before:]]


def test_a_stop_stays_open_while_its_run_goes_on(bench, journals):
    """No plan stops it again where a person stopped it."""
    bench.apply(a_job())
    (job,) = bench.emulator.jobs()
    begin(journals(), op=job["JobId"], call="StopJob")
    bench.emulator.turn(600)
    assert bench.apply(a_job()) == {"train": "unchanged"}
    assert left_open(bench.journal) == [("StopJob", job["JobId"])]
    bench.emulator.change(job["JobId"], Status="Stopped")
    bench.apply(a_job())
    assert left_open(bench.journal) == []


def test_without_operation_ids_the_plan_after_it_answers_for_a_create(bench, journals):
    begin(journals(by_name=True))
    bench.emulator.turn(DAY)
    bench.environment = replace(bench.environment, identity=Identity.NAME, origin="")
    bench.apply()
    assert left_open(bench.journal) == []


def test_what_is_open_elsewhere_is_left_to_who_applies_there(bench, journals):
    begin(journals(where="elsewhere"))
    bench.emulator.turn(DAY)
    bench.apply()
    assert left_open(bench.journal) == [("CreateJob", "op")]


def test_a_look_that_fails_leaves_it_open(bench, journals):
    begin(journals(), name="gone")
    bench.emulator.turn(DAY)
    plan = bench.plan()
    bench.emulator.fault(Fault("ListJobs", FaultKind.ERROR, times=None))
    bench.carry_out(plan)
    assert left_open(bench.journal) == [("CreateJob", "op")]


def test_after_an_interrupt_nothing_is_looked_up(bench, journals):
    begin(journals(), name="gone")
    bench.emulator.turn(DAY)
    plan, interrupt = bench.plan(), Interrupt()
    interrupt.ask(2)
    bench.carry_out(plan, context=bench.context(interrupt=interrupt))
    assert left_open(bench.journal) == [("CreateJob", "op")]


def test_a_journal_full_of_them_costs_few_looks(bench, journals):
    for number in range(50):
        begin(journals(), op=str(number), name=f"gone-{number}")
    bench.emulator.turn(DAY)
    plan = bench.plan()
    before = len(bench.emulator.requests)
    bench.carry_out(plan)
    assert len(bench.emulator.requests) - before == 20
    assert len(left_open(bench.journal)) == 30


def test_a_journal_that_can_not_be_read_any_more_hides_no_outcome(bench, tmp_path):
    plan = bench.plan(a_job())
    context = bench.context()
    bench.clock.on_sleep = lambda: spoil(tmp_path / "journal.ndjson", bench)
    outcomes = bench.carry_out(plan, a_job(), context=context)
    assert [outcome.result for outcome in outcomes] == ["created"]


def spoil(path, bench):
    if "CreateJob" in bench.writes and path.is_file():
        path.unlink()
        path.mkdir()
