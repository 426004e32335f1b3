"""`--logs` of apply and wait: what the pods of all runs printed, once each, on stderr beside the rest."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from signal import SIGINT, raise_signal

import pytest

from dlcapply.cli.live import Drawn, Live
from dlcapply.cli.main import main
from dlcapply.cli.shell import Shell
from dlcapply.cli.streams import Teller
from dlcapply.emulator import Clock, Emulator, Fault, FaultKind, Lifecycle, Switches
from dlcapply.errors import ExitCode
from dlcapply.rendering.text.lines import Span
from tests.cli.conftest import Project
from tests.cli.terminal import terminal
from tests.clocks import TurningClock

LINE = re.compile(r"(?P<name>[a-z]+)(?:\[(?P<nth>\d)\])?/(?P<pod>[a-z]+-\d+) +\| (?P<text>.*)")


@contextmanager
def bench(folder, monkeypatch, capsys, **options):
    monkeypatch.chdir(folder)
    known = {"lifecycle": Lifecycle(running=9), "switches": Switches(check_references=False)}
    with Emulator(clock=Clock.still(datetime(2026, 11, 23, tzinfo=UTC)), **(known | options)) as emulator:
        yield Project(folder, emulator, capsys)
        assert (emulator.errors, emulator.unknown_routes) == ((), ())


def told(err):
    """How often each line was told of each pod of each run of a job."""
    found = filter(None, map(LINE.fullmatch, err.splitlines()))
    return Counter((one["name"], int(one["nth"] or 1), one["pod"], one["text"]) for one in found)


def printed(emulator):
    """The same, as the emulator has it."""
    counts, runs = Counter(), Counter()
    for job in sorted(emulator.jobs(), key=lambda job: job["GmtCreateTime"]):
        name, job_id = job["DisplayName"], job["JobId"]
        runs[name] += 1
        for pod in job["Pods"]:
            short = pod["PodId"].removeprefix(f"{job_id}-")
            for line in emulator.pod_log(job_id, pod["PodId"]):
                counts[name, runs[name], short, line.partition("  ")[2].rstrip("\r")] += 1
    return counts


def test_every_line_of_every_run_is_told_once(tmp_path, monkeypatch, capsys):
    rules = {"flaky": Lifecycle(running=8, cause="oom"), "wide": Lifecycle(running=2)}
    switches = Switches(check_references=False, log_lag=5.0)
    with bench(tmp_path, monkeypatch, capsys, lifecycles=rules, switches=switches) as project:
        project.job("flaky", more="run: {retries: 1}\n")
        project.job("train", "PodCount: 1", "PodCount: 2")
        project.job("wide", "PodCount: 1", "PodCount: 33")
        for after in range(5, 105, 20):
            project.emulator.fault(Fault("GetPodLogs", FaultKind.THROTTLED, after=after, times=3))
        done = project.run("apply", "--yes", "--logs")
        assert told(done.err) == printed(project.emulator)
        assert {(name, nth) for name, nth, *_ in told(done.err)} >= {("flaky", 1), ("flaky", 2)}
        assert done.code == ExitCode.RUN_FAILED
        assert "Why flaky failed" in done.out
        ends = re.findall(r"^(\w+): run (\w+) (\w+)", done.err, re.MULTILINE)
        assert Counter((name, status) for name, _, status in ends) == {
            ("flaky", "Failed"): 2,
            ("train", "Succeeded"): 1,
            ("wide", "Succeeded"): 1,
        }
        left = [line for line in done.err.splitlines() if "pods are read at once" in line]
        assert left[0].startswith("the logs of 32 pods are read at once; ")
        assert "wide/worker-" in left[0]
        assert "master-0 |" not in done.out
        looks = [
            datetime.fromisoformat(entry.time)
            for entry in project.emulator.requests
            if "JobIds=" in entry.path or entry.operation == "GetJob"
        ]
        looks.pop()  # of the diagnosis, when nothing is followed any more
        assert min(later - one for one, later in pairwise(looks)) >= timedelta(seconds=1)


def test_a_run_that_can_not_be_seen_when_it_ends_is_told_to_the_end_later(tmp_path, monkeypatch, capsys):
    with bench(tmp_path, monkeypatch, capsys) as project:
        project.job("one")
        project.job("two")
        project.emulator.fault(Fault("GetJob", FaultKind.ERROR, match="two", after=1, times=36))
        done = project.run("apply", "--yes", "--logs")
        seen = [line for line in done.err.splitlines() if "Succeeded after 9s" in line]
        assert [line.split(":")[0] for line in seen] == ["one", "two"]
        assert told(done.err) == printed(project.emulator)
        denied = Fault("GetJob", FaultKind.ERROR, match="one", times=None, status=403, code="NoPermission")
        project.emulator.fault(denied)
        again = project.run("wait", "one", "two", "--logs")
        assert again.code == ExitCode.OK
        assert {name for name, *_ in told(again.err)} == {"two"}
        assert "its logs were not told to the end: " in again.err


def test_a_log_that_may_not_be_read_is_one_warning(tmp_path, monkeypatch, capsys):
    with bench(tmp_path, monkeypatch, capsys) as project:
        project.job("one")
        project.job("two", "PodCount: 1", "PodCount: 2")
        denied = Fault("GetPodLogs", FaultKind.ERROR, times=None, status=403, code="NoPermission")
        project.emulator.fault(denied)
        done = project.run("apply", "--yes", "--logs", "-o", "json")
        assert done.code == ExitCode.OK
        assert {one["status"] for one in json.loads(done.out)["waited"]} == {"Succeeded"}
        told_of = [line for line in done.err.splitlines() if "its logs" in line]
        assert len(told_of) == 1 + 2, "one warning, and at the end what to do for each"
        assert "can't be read: " in told_of[0]
        assert "; dlcapply logs two --job-id dlc" in told_of[2]
        calls = Counter(entry.operation for entry in project.emulator.requests)
        assert calls["GetPodLogs"] <= 4


def test_an_interrupt_ends_the_looking_and_a_wait_begins_anew(tmp_path, monkeypatch, capsys):
    with bench(tmp_path, monkeypatch, capsys, lifecycle=Lifecycle(running=20)) as project:
        project.job("train")
        clock = TurningClock(project.emulator)
        clock.on_sleep = lambda: raise_signal(SIGINT) if len(pods(project, "Running")) else None
        shell = Shell({}, clock)
        assert main(["apply", "--yes", "--logs"], shell=shell) == ExitCode.INTERRUPTED
        assert project.writes == ["CreateJob"]
        assert "wait again:\n  dlcapply apply --wait=finished --logs\n" in capsys.readouterr().err
        done = project.run("wait", "train", "--logs")
        assert done.code == ExitCode.OK
        assert told(done.err) == printed(project.emulator)
        assert told(done.err)["train", 1, "master-0", "Finished: everything is saved."] == 1


def pods(project, status):
    return [pod for job in project.emulator.jobs() for pod in job["Pods"] if pod["Status"] == status]


@pytest.mark.parametrize(
    "words", [("apply", "--yes", "--logs", "--wait=running"), ("wait", "a", "--logs", "--for", "accepted")]
)
def test_logs_are_not_followed_to_less_than_an_end(project, words):
    project.job("a")
    done = project.run(*words)
    assert done.code == ExitCode.USAGE
    assert "logs are followed to the end of a run" in done.err
    assert project.writes == []


@pytest.mark.parametrize("columns", [60, 40])
def test_at_a_terminal_lines_are_whole_and_above_what_is_live(tmp_path, monkeypatch, capsys, columns):
    long = "step " + " ".join(map(str, range(60))) + " " + "x" * 150
    with (
        bench(tmp_path, monkeypatch, capsys, lifecycle=Lifecycle(running=6)) as project,
        terminal(columns, 18) as tty,
    ):
        project.job("a-job-of-a-very-long-name-indeed-so-that-it-is-cut", "python train.py", long)
        frames = []
        clock = TurningClock(project.emulator)
        clock.on_sleep = lambda: frames.append(tty.look())
        monkeypatch.setattr("sys.stderr", tty.file)
        code = main(["apply", "--yes", "--logs"], shell=Shell({"TERM": "xterm"}, clock))
        monkeypatch.undo()
        assert code == ExitCode.OK
        tty.look()
    seen = [*tty.screen.scrolled, *tty.screen.text.splitlines()]
    rows = [row.partition(" | ")[2] if " | " in row else row for row in seen]
    assert long.replace(" ", "") in "".join(rows).replace(" ", "")
    live = [frame.splitlines() for frame in frames if "/master-0" in frame and "NAME" in frame]
    assert live
    for frame in live:
        assert max(number for number, row in enumerate(frame) if " | " in row) < frame.index(
            next(row for row in frame if row.startswith("NAME"))
        )


def test_what_a_reader_does_not_take_in_time_is_told_when_it_does():
    reader, writer = os.pipe()
    lines = "".join(f"{number}\n" for number in range(15_000))
    with os.fdopen(writer, "w") as stream, os.fdopen(reader, "rb", buffering=0) as read:
        live = Live(Shell({}), Teller(stream, is_obeyed=False).impatient(), lambda *_: [])
        assert not live.is_behind()
        live.tell(*(Drawn(one, len(one)) for one in lines.splitlines()))
        live.tell((Span("the end"),), Drawn("of all", 6))
        assert live.is_behind()
        got = b""
        while live.is_behind() or not got.endswith(b"all\n"):
            got += read.read(1 << 16)
        assert got.decode() == f"{lines}the end\nof all\n"
