"""SIGKILL and SIGINT in the middle of an apply, from outside."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time

import pytest

from dlcapply.emulator import Fault, FaultKind
from tests.cli.conftest import project_of
from tests.cli.process import COMMAND
from tests.cli.started import Started

JOBS = 4


@pytest.fixture
def project(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    with project_of(tmp_path, capsys, jobs=[f"job-{number}" for number in range(JOBS)]) as project:
        yield project


def begin(*args):
    return Started("apply", "--yes", *args, hasty=False)


def wait_for(happened, process):
    """Another process reaches a point; that takes real time, but none is counted on."""
    while not happened():
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)


def runs(project):
    names = [job["DisplayName"] for job in project.emulator.jobs()]
    return {name: names.count(name) for name in sorted(set(names))}


@pytest.mark.parametrize("position", range(JOBS))
def test_a_killed_apply_leaves_one_run_per_job_when_it_is_repeated(project, position):
    project.emulator.fault(Fault("CreateJob", FaultKind.SLOW, after=position, seconds=20))
    process = begin("--parallelism", "1")
    wait_for(lambda: len(project.emulator.jobs()) == position + 1, process)
    process.kill()
    process.communicate()
    assert project.run("apply", "--yes").code == 0
    assert runs(project) == {f"job-{number}": 1 for number in range(JOBS)}
    assert project.run("plan", "--detailed-exitcode").code == 0


def test_an_interrupt_lets_the_call_in_flight_end_and_begins_nothing_new(project):
    project.emulator.fault(Fault("CreateJob", FaultKind.SLOW, after=1, seconds=1))
    process = begin("--parallelism", "1", "-o", "json")
    wait_for(lambda: len(project.emulator.jobs()) == 2, process)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate()
    assert process.returncode == 130
    results = [outcome["result"] for outcome in json.loads(out)["outcomes"]]
    assert results == ["created", "created", "not-done", "not-done"]
    assert b"interrupted" in err
    assert b"Traceback" not in err


def test_a_wait_that_is_interrupted_leaves_the_runs_alone(project):
    process = begin("--wait")
    wait_for(lambda: any("JobIds=" in entry.path for entry in project.emulator.requests), process)
    process.send_signal(signal.SIGTERM)
    process.communicate()
    assert process.returncode == 143
    assert project.writes == ["CreateJob"] * JOBS


@pytest.mark.parametrize(("before", "code"), [([], 143), (["nohup"], 11)])
def test_a_terminal_that_is_closed_asks_for_an_end_unless_nohup_says_otherwise(project, before, code):
    command = [*before, *COMMAND, "apply", "--yes", "--wait", "--wait-timeout", "30s"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    wait_for(lambda: len(project.emulator.jobs()) == JOBS, process)
    process.send_signal(signal.SIGHUP)
    process.communicate()
    assert process.returncode == code
    assert project.writes == ["CreateJob"] * JOBS


def test_an_apply_that_lacks_a_variable_asks_nothing(project):
    project.job("job-0", more="envFrom: [{name: KEY, fromEnv: SOURCE_OF_KEY}]\n")
    ours, theirs = os.openpty()
    process = Started("apply", "--color", "never", stdin=theirs, stderr=theirs)
    process.communicate()
    os.close(theirs)
    said = os.read(ours, 65536)
    os.close(ours)
    assert (process.returncode, project.writes) == (1, [])
    assert b"not set here: SOURCE_OF_KEY" in said
    assert b"Apply these changes?" not in said


def test_a_second_signal_leaves_at_once_and_names_what_is_unknown(project):
    """GitHub Actions sends SIGINT, then SIGTERM, then kills: the last lines say what is to be looked up."""
    project.emulator.fault(Fault("CreateJob", FaultKind.SLOW, after=1, seconds=60))
    process = begin("--parallelism", "1")
    wait_for(lambda: len(project.emulator.jobs()) == 2, process)
    process.send_signal(signal.SIGINT)
    wait_for(lambda: b"interrupted" in os.read(process.stderr.fileno(), 65536), process)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate()
    assert process.returncode == 143
    words, _, command = err.decode().strip().splitlines()[-1].partition("; dlcapply ")
    assert words == "job-1: nobody knows whether the run was created"
    resolved = project.run(*command.split())
    assert (resolved.code, "job-1" in resolved.out) == (0, True)
    assert project.run("apply", "--yes").code == 0
    assert runs(project) == {f"job-{number}": 1 for number in range(JOBS)}


@pytest.mark.parametrize(("answer", "code", "created"), [(b"\n", 1, 0), (b"y\n", 0, JOBS)])
def test_on_a_terminal_nothing_is_written_before_a_yes(project, answer, code, created):
    ours, theirs = os.openpty()
    os.write(ours, answer)
    process = Started("apply", "--color", "never", stdin=theirs, stderr=theirs)
    out, _ = process.communicate()
    os.close(theirs)
    os.close(ours)
    assert (process.returncode, len(project.emulator.jobs())) == (code, created)
    assert b"4 to create" in out
