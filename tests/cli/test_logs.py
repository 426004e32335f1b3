"""`dlcapply logs`: what reaches stdout is what the pods printed, whole, and nothing that a terminal obeys.

`DLCAPPLY_LOG_LINES=100000` makes the followed run long, by hand: so many lines of each of its ten pods.
"""

from __future__ import annotations

import io
import json
import os
import re
import resource
from collections import Counter
from contextlib import contextmanager
from datetime import UTC, datetime

from dlcapply.cli.main import main
from dlcapply.cli.shell import Shell
from dlcapply.emulator import Clock, Emulator, Fault, FaultKind, Lifecycle, Switches
from dlcapply.errors import ExitCode
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
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        code = logs(emulator, "train", "--follow", "-o", "json")
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        assert out.counts == kept(emulator, job_id)
        assert {len(pod["HistoryPods"]) for pod in pods_of(emulator, job_id)} == {LIVES - 1}
        assert code == ExitCode.RUN_FAILED
        assert grown < 200 * 1024
    told = capsys.readouterr().err.splitlines()
    assert f"train: run {job_id} Failed" in told[-1]
    assert len([line for line in told if "restarted" in line]) == LIVES - 1
