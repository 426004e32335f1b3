"""`dlcapply logs`: what reaches stdout is what the pods printed, whole, and nothing that a terminal obeys.

`DLCAPPLY_LOG_LINES=100000` makes the followed run long, by hand: so many lines of each of its ten pods.
"""

from __future__ import annotations

import io
import json
import os
import re
from collections import Counter
from contextlib import contextmanager
from datetime import UTC, datetime
from math import inf
from signal import SIG_IGN, SIGHUP, SIGINT, SIGTERM, getsignal, raise_signal

import pytest

from dlcapply.cli.main import main
from dlcapply.cli.shell import Shell
from dlcapply.emulator import Clock, Emulator, Fault, FaultKind, Lifecycle, Switches
from dlcapply.errors import ExitCode
from dlcapply.manifest.schema.shipped import validator
from tests.clocks import TurningClock

LINES = int(os.environ.get("DLCAPPLY_LOG_LINES", "1200"))
LIVES, SECONDS = 3, 20
WINDOW_END = os.environ.get("DLCAPPLY_LOG_WINDOW_END", "instant")
RESTARTED = {
    "EnableErrorMonitoringInAIMaster": True,
    "ErrorMonitoringArgs": "--enable-job-restart=True --max-num-of-job-restart=2",
}


@contextmanager
def bench(**options):
    with Emulator(
        clock=Clock.still(datetime(2026, 1, 5, 8, 0, 0, 250_000, tzinfo=UTC)),
        **{"switches": Switches(check_references=False), **options},
    ) as emulator:
        yield emulator
        assert emulator.unknown_routes == ()
        assert emulator.errors == ()


def seeded(emulator, name="train", *, pods=1, **keys):
    body = {
        "DisplayName": name,
        "WorkspaceId": "1001",
        "JobType": "PyTorchJob",
        "UserCommand": "python train.py",
        "JobSpecs": [{"Type": "Worker", "PodCount": pods, "EcsSpec": "ecs.g6.large", "Image": "i"}],
        **keys,
    }
    (job_id,) = emulator.seed(body)
    return job_id


def pods_of(emulator, job_id):
    (job,) = [job for job in emulator.jobs() if job["JobId"] == job_id]
    return job["Pods"]


class Out(io.TextIOBase):
    """Where stdout goes: lines are counted as they come, and not kept."""

    def __init__(self):
        self.counts = Counter()
        self._rest = ""

    def write(self, text):
        *lines, self._rest = f"{self._rest}{text}".split("\n")
        for line in lines:
            told = json.loads(line)
            self.counts[told["pod"], told["at"], told["text"]] += 1
        return len(text)


def place(emulator):
    return ["--endpoint", f"http://{emulator.endpoint}", "--region", "cn-hangzhou", "--workspace", "1001"]


def logs(emulator, *words, environ=None, clock=None):
    shell = Shell(environ or {}, clock or TurningClock(emulator))
    return main(["logs", *words, *place(emulator)], shell=shell)


def kept(emulator, job_id):
    counts = Counter()
    for pod in pods_of(emulator, job_id):
        for line in emulator.pod_log(job_id, pod["PodId"]):
            at, _, text = line.partition("  ")
            text = re.sub(r"\x1b\[\d+m", "", text.rstrip("\r"))  # of a progress bar
            counts[pod["PodId"].removeprefix(f"{job_id}-"), f"{at.replace(' ', 'T')}Z", text] += 1
    return counts


def test_ten_pods_over_restarts_lag_and_throttling(monkeypatch, capsys):
    rules = Lifecycle(running=SECONDS, log_lines_per_second=LINES / LIVES / SECONDS)
    switches = Switches(check_references=False, log_lag=5.0, log_window_end=WINDOW_END)
    with bench(lifecycle=rules, switches=switches) as emulator:
        job_id = seeded(emulator, pods=10, UserCommand="exit 137", Settings=RESTARTED)
        for after in range(5, 105, 20):
            emulator.fault(Fault("GetPodLogs", FaultKind.THROTTLED, after=after, times=6))
        monkeypatch.setattr("sys.stdout", out := Out())
        code = logs(emulator, "train", "--follow", "-o", "json")
        assert out.counts == kept(emulator, job_id)
        assert {len(pod["HistoryPods"]) for pod in pods_of(emulator, job_id)} == {LIVES - 1}
        assert code == ExitCode.RUN_FAILED
    told = capsys.readouterr().err.splitlines()
    assert told[-2].startswith("why: dlcapply why train --region cn-hangzhou")
    assert f"train: run {job_id} Failed" in told[-1]
    restarts = [line for line in told if "restarted" in line]  # two at once are one
    assert 1 <= len(restarts) < LIVES
    assert all(line.startswith("restarted: master-0, worker-0, worker-1, and 7 more:") for line in restarts)


def test_pods_have_names_and_one_alone_has_none(capsys):
    with bench(lifecycle=Lifecycle(running=3)) as emulator:
        job_id = seeded(emulator, pods=2)
        assert logs(emulator, "train") == ExitCode.OK
        assert "there are no pods yet: --follow waits for them" in capsys.readouterr().err
        emulator.turn(60)
        assert logs(emulator, "train", "--tail", "2", "--timestamps") == ExitCode.OK
        assert capsys.readouterr().out.splitlines() == [
            "master-0 | 2026-01-05T08:00:06Z epoch 3 step 300 loss 2.0075",
            "master-0 | 2026-01-05T08:00:06Z Finished: everything is saved.",
            "worker-0 | 2026-01-05T08:00:06Z epoch 3 step 300 loss 2.0075",
            "worker-0 | 2026-01-05T08:00:06Z Finished: everything is saved.",
        ]
        assert logs(emulator, job_id, "--role", "worker", "--tail", "1", "--color", "always") == ExitCode.OK
        assert capsys.readouterr().out == "\x1b[32mworker-0 |\x1b[0m Finished: everything is saved.\n"
        assert logs(emulator, "train", "--pod", "worker-0", "--tail", "1") == ExitCode.OK
        printed = capsys.readouterr()
        assert printed.out == "Finished: everything is saved.\n"
        assert printed.err == (
            f"workspace 1001 in cn-hangzhou, at the emulator {emulator.endpoint}\n"
            f"train: run {job_id}, Succeeded, not ours (unmarked)\n"
        )
        assert logs(emulator, "train", "--since", "5s") == ExitCode.OK
        printed = capsys.readouterr()
        assert printed.out == ""
        assert printed.err.endswith("no line in the last 5s: leave --since out for the rest\n")


TOKEN = "wandb_v1_abcdefghijklmnopqrstuv"
HOSTILE = f"\x1b]0;x\x07\x1b[31m::error::it\x1b[0m \x1b[2J\u202eB p4ssw0rd-of-mine {TOKEN}\tend"


def test_what_strangers_print_is_neither_obeyed_nor_are_secrets_in_it(capsys):
    with bench(lifecycle=Lifecycle(running=1)) as emulator:
        seeded(emulator, UserCommand=HOSTILE, Envs={"DB_PASSWORD": "p4ssw0rd-of-mine", "STEP": "epoch 1"})
        emulator.turn(60)
        logs(emulator, "train", "-o", "json")
        first, second, _ = (json.loads(line)["text"] for line in capsys.readouterr().out.splitlines())
        assert first == "Started: ::error::it \\u202eB (masked) (masked)\tend"
        assert second.startswith("epoch 1 ")  # an ordinary value


def test_a_runner_of_a_ci_system_finds_no_command_in_it(capsys):
    with bench(lifecycle=Lifecycle(running=1, cause="error")) as emulator:
        seeded(emulator, UserCommand="##[error]it")
        emulator.turn(60)
        logs(emulator, "train", environ={"GITHUB_ACTIONS": "true"})
        assert "##[" not in capsys.readouterr().out


def test_a_reader_that_leaves_ends_it_quietly(monkeypatch, capsys):
    with bench(lifecycle=Lifecycle(running=30)) as emulator:
        seeded(emulator)
        reader, writer = os.pipe()
        os.close(reader)
        with os.fdopen(writer, "w") as stream:
            monkeypatch.setattr("sys.stdout", stream)
            assert logs(emulator, "train", "--follow") == ExitCode.FAILED
            monkeypatch.undo()
        assert [
            line for line in capsys.readouterr().err.splitlines() if not line.startswith(("work", "train"))
        ] == []


@pytest.mark.parametrize(
    ("number", "code"),
    [(SIGINT, ExitCode.INTERRUPTED), (SIGTERM, ExitCode.TERMINATED), (SIGHUP, ExitCode.TERMINATED)],
)
def test_an_interrupt_ends_the_looking_and_not_the_run(capsys, number, code):
    with bench(lifecycle=Lifecycle(running=inf)) as emulator:
        job_id = seeded(emulator)
        emulator.turn(60)
        clock = TurningClock(emulator)
        turn = clock.sleep

        def sleep(seconds):
            turn(seconds)
            if seconds >= 2:  # between two rounds
                assert getsignal(number) is not SIG_IGN, "whoever started the tests has it ignored"
                raise_signal(number)

        clock.sleep = sleep
        assert logs(emulator, "train", "--follow", "--tail", "1", clock=clock) == code
        printed = capsys.readouterr()
        assert printed.out.startswith("epoch 5")
        assert printed.err.endswith("interrupted: train goes on\n")
        followed = ["events", "train", "--follow", *place(emulator)]
        assert main(followed, shell=Shell({}, clock)) == code
        watching = ["status", "--watch", *place(emulator)]
        assert main(watching, shell=Shell({}, clock)) == code
        assert emulator.writes == ()
        assert pods_of(emulator, job_id)[0]["Status"] == "Running"


def test_whole_logs_in_files(tmp_path, capsys):
    rules = Lifecycle(running=20)
    with bench(lifecycle=rules, lifecycles={"endless": Lifecycle(running=inf)}) as emulator:
        job_id = seeded(emulator, pods=2, UserCommand="exit 137", Settings=RESTARTED)
        emulator.turn(3_600)
        assert logs(emulator, "train", "--save", str(tmp_path / "a")) == ExitCode.OK
        files = sorted(tmp_path.glob("a/*"))
        restarts = ("", ".restart-1", ".restart-2")
        assert [file.name for file in files] == sorted(
            f"{job_id}-{pod}{restart}.log" for pod in ("master-0", "worker-0") for restart in restarts
        )
        whole = "".join(file.read_text() for file in files if "worker" in file.name).splitlines()
        assert whole == [line.partition("  ")[2] for line in emulator.pod_log(job_id, f"{job_id}-worker-0")]
        assert {file.stat().st_mode & 0o777 for file in (*files, tmp_path / "a")} == {0o600, 0o700}
        assert capsys.readouterr().out.splitlines()[0].split() == ["FILE", "LINES", "BYTES", "WHOLE"]
        endless = seeded(emulator, "endless")
        emulator.turn(60)
        assert logs(emulator, "endless", "--save", str(tmp_path / "a"), "-o", "json") == ExitCode.OK
        document = json.loads(capsys.readouterr().out)
        assert validator("saved-logs.v1.schema.json").accepts(document)
        (told,) = document["files"]
        assert (told["file"], told["whole"]) == (str(tmp_path / f"a/{endless}-master-0.log.partial"), False)
        emulator.change(endless, Status="Failed")
        assert logs(emulator, "endless", "--save", str(tmp_path / "a"), "--follow") == ExitCode.RUN_FAILED
        assert not list(tmp_path.glob("a/*.partial"))


def test_nothing_is_written_through_a_link(tmp_path, capsys):
    with bench(lifecycle=Lifecycle(running=1)) as emulator:
        job_id = seeded(emulator)
        emulator.turn(60)
        (tmp_path / "out").mkdir()
        (tmp_path / "victim").write_text("mine")
        (tmp_path / f"out/{job_id}-master-0.log.partial").symlink_to(tmp_path / "victim")
        assert logs(emulator, "train", "--save", str(tmp_path / "out")) == ExitCode.FAILED
        assert "can't be written: it is a link" in capsys.readouterr().err
        (tmp_path / f"out/{job_id}-master-0.log.partial").unlink()
        (tmp_path / f"out/{job_id}-master-0.log").symlink_to(tmp_path / "victim")
        assert logs(emulator, "train", "--save", str(tmp_path / "out")) == ExitCode.OK
        assert (tmp_path / "victim").read_text() == "mine"
        assert "Finished" in (tmp_path / f"out/{job_id}-master-0.log").read_text()
        (tmp_path / "file").touch()
        assert logs(emulator, "train", "--save", str(tmp_path / "file")) == ExitCode.FAILED


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("-f",), ExitCode.USAGE, "--follow goes on until the run has ended"),
        (("--previous", "--follow"), ExitCode.USAGE, "--previous has no --follow"),
        (("--save", "x", "--tail", "3"), ExitCode.USAGE, "--save writes whole logs"),
        (("-o", "json=x"), ExitCode.USAGE, "pipe them, or write files with --save DIR"),
        (("--pod", "worker-9"), ExitCode.FAILED, "its pods: master-0 (Master), worker-0 (Worker)"),
        (("--previous",), ExitCode.FAILED, "no pod of train was restarted"),
    ],
)
def test_what_can_not_be_had(tmp_path, monkeypatch, capsys, words, code, says):
    monkeypatch.chdir(tmp_path)  # an error is written as a document, too
    with bench(lifecycle=Lifecycle(running=1)) as emulator:
        seeded(emulator, pods=2)
        emulator.turn(60)
        assert logs(emulator, "train", *words) == code
        assert says in capsys.readouterr().err


def test_events_are_counted_and_merged_by_time(capsys):
    with bench(lifecycle=Lifecycle(running=20)) as emulator:
        job_id = seeded(emulator, pods=2, UserCommand="exit 137", Settings=RESTARTED)
        emulator.turn(3_600)

        def events(*words):
            code = main(
                ["events", "train", *words, *place(emulator)], shell=Shell({}, TurningClock(emulator))
            )
            printed = capsys.readouterr()
            return code, printed.out or printed.err

        code, out = events("-o", "json")
        document = json.loads(out)
        assert code == ExitCode.OK
        assert validator("events.v1.schema.json").accepts(document)
        rows = document["events"]
        assert [row["last"] for row in rows] == sorted(row["last"] for row in rows)
        created = [row for row in rows if row["text"] == f"Created pod: {job_id}-worker-0"]
        assert [(row["pod"], row["count"]) for row in created] == [("worker-0", LIVES)]
        assert {row["pod"] for row in rows} == {"", "master-0", "worker-0"}
        _, text = events("--pod", "worker-0", "--tail", "2")
        assert text.splitlines()[0].startswith("workspace 1001 in cn-hangzhou")
        assert len(text.splitlines()) == 2 + 2
        assert "(3 times since 2026-01-05 08:00:02)" in events("--pod", "worker-0")[1]
        refused = events("--pod", "worker-9")[1]
        assert "its pods: master-0 (Master), worker-0 (Worker)" in refused
        assert len({line.index(" | ") for line in events("--follow")[1].splitlines()}) == 1
        _, followed = events("--follow", "-o", "json")
        told = [json.loads(line) for line in followed.splitlines()]
        assert all(map(validator("logs.v1.schema.json").accepts, told))
        assert {one["pod"] for one in told} == {"job", "master-0", "worker-0"}
