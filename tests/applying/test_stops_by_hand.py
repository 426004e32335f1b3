"""Stops and deletions by hand: of the runs that were shown, and of no others, whatever happens meanwhile."""

from __future__ import annotations

import signal
from dataclasses import replace

import pytest

from dlcapply.applying.deleting import delete_shown
from dlcapply.applying.interrupt import Interrupt
from dlcapply.applying.open_writes import open_writes
from dlcapply.applying.signalling import Signalling
from dlcapply.applying.stops_by_hand import Manner, stop_shown
from dlcapply.cli.exits import delete_exit, stop_exit
from dlcapply.cloud.signals import SignalService
from dlcapply.emulator import Fault, FaultKind
from dlcapply.errors import ExitCode
from dlcapply.model.stops import ShownRun
from tests.builders import a_job

SIGNAL = Signalling("SIGUSR1", 60.0)


def shown(bench, *names, by_id=False):
    """The newest run of each name, as a person was shown it."""
    found = []
    for name in names:
        *_, run = bench.service.runs_named(name)
        found.append(ShownRun(name, run, (name,), is_ours=True, by_id=by_id))
    return found


def stop(bench, chosen, *, context=None, **manner):
    """(result, the outcome's message) of each run."""
    signals = SignalService(bench.service._connection)
    outcomes = stop_shown(chosen, context or bench.context(), Manner(**manner), signals)
    return [(str(one.result), one.error.message if one.error else "") for one in outcomes]


def test_a_run_that_appears_before_the_stop_leaves_all_of_its_job_alone(bench):
    bench.apply(a_job(), a_job("other"))
    chosen = shown(bench, "train", "other")
    bench.emulator.clone(chosen[0].job_id)  # a stranger's, and none of the job's
    bench.emulator.seed({"DisplayName": "train", "Settings": {"Tags": {"dlcapply-owner": "vision/local"}}})
    (refused, why), done = stop(bench, chosen)
    assert (refused, done) == ("stale", ("stopped", ""))
    assert "appeared since" in why
    assert [entry.operation for entry in bench.emulator.writes][2:] == ["StopJob"]
    by_id = [replace(chosen[0], by_id=True)]
    assert stop(bench, by_id) == [("stopped", "")]


def test_a_run_that_ended_meanwhile_is_done_and_is_sent_nothing(bench):
    bench.apply(a_job("short"))
    chosen = shown(bench, "short")
    bench.emulator.turn(60)
    assert stop(bench, chosen, signalling=SIGNAL) == [("ended", "")]
    assert bench.writes == ["CreateJob"]


def test_a_run_that_is_another_one_than_was_shown_is_left_alone(bench):
    bench.apply(a_job())
    (chosen,) = shown(bench, "train")
    bench.emulator.change(chosen.job_id, Settings={"Tags": {"dlcapply-owner": "speech/prod"}})
    ((result, why),) = stop(bench, [replace(chosen, by_id=True)])
    assert (result, "not the run that was shown" in why) == ("stale", True)
    assert stop(bench, [replace(chosen, by_id=True)], signalling=SIGNAL)[0][0] == "stale"
    assert bench.writes == ["CreateJob"]


@pytest.mark.parametrize("kind", [FaultKind.LOST, FaultKind.HTML, FaultKind.THROTTLED])
def test_an_answer_that_was_lost_makes_no_stop_fail(bench, kind):
    bench.apply(a_job())
    bench.emulator.fault(Fault("StopJob", kind, effect=kind is not FaultKind.THROTTLED))
    assert stop(bench, shown(bench, "train")) == [("stopped", "")]
    assert bench.journal.has_stopped(bench.emulator.jobs()[0]["JobId"])
    assert open_writes(bench.journal.entries()) == ()


def test_what_is_refused_in_a_status_that_nobody_knows_is_not_called_stopped(bench):
    bench.apply(a_job())
    (chosen,) = shown(bench, "train")
    bench.emulator.change(chosen.job_id, Status="Hibernating")
    assert [result for result, _ in stop(bench, [replace(chosen, by_id=True)])] == ["refused"]


def test_an_interrupt_while_runs_have_their_time_stops_none_of_them(bench):
    bench.apply(a_job())
    bench.emulator.turn(60)
    interrupt = Interrupt()
    context = bench.context(interrupt=interrupt)
    bench.clock.on_sleep = lambda: bench.emulator.signals() and interrupt.ask(signal.SIGINT)
    chosen = shown(bench, "train")
    ((result, why),) = stop(bench, chosen, context=context, signalling=SIGNAL)
    assert (result, bench.writes) == ("not-done", ["CreateJob", "CreateSignal"])
    assert "its processes got the signal" in why


def test_a_run_that_ended_is_done_though_nobody_knows_whether_its_signal_came(bench):
    bench.apply(a_job())
    bench.emulator.turn(60)
    chosen = shown(bench, "train")
    bench.emulator.fault(Fault("GetSignal", FaultKind.ERROR, times=None))
    assert stop(bench, chosen, signalling=SIGNAL)[0][0] == "not-signalled"
    bench.clock.on_sleep = lambda: bench.emulator.change(chosen[0].job_id, Status="Succeeded")
    assert stop(bench, chosen, signalling=SIGNAL) == [("ended", "")]
    assert "StopJob" not in bench.writes


def test_a_stop_that_takes_long_is_told_as_one_that_goes_on(bench):
    bench.apply(a_job("slow-to-stop"), a_job())
    chosen = shown(bench, "slow-to-stop", "train")
    signals = SignalService(bench.service._connection)
    outcomes = stop_shown(chosen, bench.context(), Manner(), signals)
    assert [str(one.result) for one in outcomes] == ["stopping", "stopped"]
    assert stop_exit(outcomes, Interrupt()) is ExitCode.NOT_IN_TIME
    assert stop_exit(outcomes, Interrupt(), waits=False) is ExitCode.OK
    assert stop_exit(outcomes, Interrupt(), left=1) is ExitCode.PARTIAL
    assert stop_exit((), Interrupt(), left=1) is ExitCode.FAILED
    assert stop(bench, chosen[:1], waits=False) == [("stopping", "")]
    assert bench.writes.count("StopJob") == 2  # it was told once


def test_what_a_journal_can_not_note_is_not_sent(bench, tmp_path):
    bench.apply(a_job())
    chosen = shown(bench, "train")
    (tmp_path / "journal.ndjson").unlink()
    (tmp_path / "journal.ndjson").mkdir()
    ((result, why),) = stop(bench, chosen)
    assert (result, "can't be" in why, bench.writes) == ("failed", True, ["CreateJob"])
    bench.emulator.turn(60)
    ((result, why),) = stop(bench, chosen, signalling=SIGNAL)
    assert (result, "can't be" in why, bench.writes) == ("not-signalled", True, ["CreateJob"])


def ended(bench, *names):
    bench.apply(*(a_job(name) for name in names))
    bench.emulator.turn(3600)
    return shown(bench, *names)


def delete(bench, chosen, **changes):
    outcomes = delete_shown(chosen, bench.context(**changes))
    return [str(one.result) for one in outcomes], delete_exit(outcomes, Interrupt())


def test_only_what_has_ended_and_is_what_was_shown_is_deleted(bench):
    chosen = ended(bench, "short-1", "short-2", "short-3", "train")
    bench.delete(chosen[1].job_id)
    bench.emulator.change(chosen[2].job_id, Settings={"Tags": {"dlcapply-owner": "speech/prod"}})
    assert delete(bench, chosen) == (["deleted", "gone", "stale", "stale"], ExitCode.PARTIAL)
    assert bench.writes.count("DeleteJob") == 2  # ours, and the person's
    assert bench.statuses("train") == ["Running"]


@pytest.mark.parametrize("kind", [FaultKind.LOST, FaultKind.THROTTLED])
def test_an_answer_that_was_lost_makes_no_deletion_fail(bench, kind):
    chosen = ended(bench, "short-1")
    bench.emulator.fault(Fault("DeleteJob", kind, effect=kind is not FaultKind.THROTTLED))
    assert delete(bench, chosen) == (["deleted"], ExitCode.OK)
    assert open_writes(bench.journal.entries()) == ()


def test_a_deletion_of_which_nobody_knows_is_left_open_in_the_journal(bench):
    chosen = ended(bench, "short-1")
    bench.emulator.fault(Fault("DeleteJob", FaultKind.LOST))
    assert delete(bench, chosen) == (["failed"], ExitCode.FAILED)
    (left,) = open_writes(bench.journal.entries())
    assert (left.call, left.op, left.name) == ("DeleteJob", chosen[0].job_id, "short-1")
    interrupt = Interrupt()
    interrupt.ask(signal.SIGINT)
    assert delete(bench, chosen, interrupt=interrupt)[0] == ["not-done"]
