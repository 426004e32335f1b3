"""An apply whose predecessor left no journal: what that began, and PAI does not list yet, is waited for."""

from __future__ import annotations

import os
import re
import signal
import threading
from dataclasses import replace
from datetime import datetime

import pytest

import dlcapply
from dlcapply.cli.main import main
from dlcapply.cli.shell import Shell
from tests.clocks import TurningClock

SETTLE = 90
APPLY = ("apply", "--yes", "--state-dir")
REPLACED = "run: {onChange: replace}\n"


@pytest.fixture
def lost(project):
    """`lost(…)` applies from a machine that never saw the project, and says how long it took."""

    def apply(*words):
        before = project.emulator.now()
        printed = project.run(*APPLY, "another-machine", "--journal-lost", *words)
        return printed, project.emulator.now() - before

    return apply


def when(entry):
    return datetime.fromisoformat(entry.time).timestamp()


def lag(project, seconds):
    project.emulator.configure(switches=replace(project.emulator.switches, list_lag=seconds))


def test_a_run_that_nobody_noted_and_no_listing_shows_yet_is_waited_for(project, lost):
    project.job("a")
    lag(project, 60.0)
    assert project.run("apply", "--yes").code == 0
    printed, took = lost()
    assert (printed.code, took >= SETTLE) == (0, True)
    assert project.writes == ["CreateJob"]
    assert project.emulator.jobs()[0]["JobId"] in printed.out


def test_without_the_option_such_a_run_is_started_twice(project):
    """What the option is for: nothing else tells of that run."""
    project.job("a")
    lag(project, 60.0)
    assert project.run("apply", "--yes").code == 0
    project.run(*APPLY, "another-machine")
    assert project.writes == ["CreateJob", "CreateJob"]


def test_a_run_of_another_spec_that_shows_in_the_meantime_makes_the_start_stale(project, lost):
    project.job("a", "train.py", "other.py")
    lag(project, 60.0)
    assert project.run("apply", "--yes").code == 0
    project.job("a")
    printed, _ = lost()
    assert (printed.code, project.writes) == (6, ["CreateJob"])
    assert "appeared after the plan was made" in printed.out


def test_all_starts_wait_once_and_say_until_when(project, lost):
    for number in range(12):
        project.job(f"a{number}")
    printed, took = lost("--parallelism", "3")
    assert (printed.code, project.writes) == (0, ["CreateJob"] * 12)
    assert SETTLE <= took < SETTLE + 10
    until = "the journal is lost: no run is created before 00:01:30 UTC, in 90 s; by then PAI lists"
    assert printed.err.count(until) == 1


def test_reruns_and_replaces_wait_too_and_nothing_is_stopped_before(project, lost):
    project.job("short")
    project.job("long", more=REPLACED)
    assert project.run("apply", "--yes").code == 0
    project.emulator.turn(600)
    project.job("short", "train.py", "other.py")
    project.job("long", "train.py", "other.py", more=REPLACED)
    begun, known = project.emulator.now(), len(project.emulator.writes)
    printed, took = lost("--allow-replace", "long")
    assert (printed.code, took < SETTLE + 30) == (0, True)
    later = project.emulator.writes[known:]
    assert [entry.operation for entry in later] == ["CreateJob", "StopJob", "CreateJob"]
    assert all(when(entry) > begun + SETTLE - 1 for entry in later)  # whole seconds are logged


@pytest.mark.parametrize("change", ["", "Description: new\n", "state: stopped"])
def test_it_costs_nothing_where_nothing_starts(project, lost, change):
    project.job("a")
    assert project.run("apply", "--yes").code == 0
    if change:
        more = f"run: {{{change}}}\n" if "state" in change else f"  {change}"
        project.job("a", more=more)
    printed, took = lost()
    assert (printed.code, took < 10) == (0, True)
    assert "the journal is lost" not in printed.err


def test_the_window_is_the_one_of_settle(project, lost):
    project.job("a")
    assert 20 <= lost("--settle", "20")[1] < 30
    project.job("b")
    assert lost("--settle", "0")[1] < 10


def test_it_counts_from_the_begin_of_the_apply(project):
    project.job("a")
    clock = TurningClock(project.emulator)
    manifests, begun, notes = dlcapply.load(), project.emulator.now(), []
    with dlcapply.connect(manifests, clock=clock) as service:
        dlcapply.apply(
            manifests,
            service,
            consent=lambda _: project.emulator.turn(70) or True,
            note=notes.append,
            journal_lost=True,
        )
    assert (
        SETTLE - 1 < when(project.emulator.writes[0]) - begun < SETTLE + 60
    )  # and not from the consent: 70 more
    (seconds,) = re.findall(r"in (\d+) s", notes[-1])
    assert 0 < int(seconds) <= SETTLE - 70


@pytest.mark.parametrize("replaces", [False, True])
def test_an_interrupt_ends_the_wait_and_nothing_is_begun(project, capsys, replaces):
    project.job("a", more=REPLACED)
    if replaces:
        assert project.run("apply", "--yes").code == 0
        project.job("a", "train.py", "other.py", more=REPLACED)
    known, asked, clock = len(project.writes), threading.Event(), TurningClock(project.emulator)
    begun = project.emulator.now()

    def interrupt():
        if not asked.is_set() and project.emulator.now() - begun >= SETTLE:
            os.kill(os.getpid(), signal.SIGINT)
            assert asked.wait(60)

    clock.on_sleep = interrupt
    words = [*APPLY, "another-machine", "--journal-lost", "--allow-replace", "a"]
    assert main(words, shell=Shell({}, clock, asked.set)) == 130
    assert len(project.writes) == known
    assert "not-done" in capsys.readouterr().out
