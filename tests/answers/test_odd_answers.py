"""Every key of every answer with every odd value: never a traceback, a second run, or a run overlooked.

A seeded sample; `DLCAPPLY_ODD_ANSWERS=all` tries each of some ten thousand, and a number so many of them.
"""

from __future__ import annotations

import copy
import io
import os
import random
import shutil
from collections import Counter
from contextlib import closing, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from dlcapply.cli.main import main
from dlcapply.cli.shell import Shell
from dlcapply.errors import ExitCode
from tests.answers.service import ODD, Service, paths_of

pytestmark = pytest.mark.sweep

SEED = 20261128
SAMPLE = 30
RUN = "dlcold1"

PROJECT = """\
apiVersion: dlcapply/v1
kind: Project
metadata: {{name: vision}}
manifests: ["jobs/*.yaml"]
environments:
  local: {{endpoint: "{endpoint}", region: cn-hangzhou, workspaceId: "1001", limits: {{gpuHours: 100}}}}
"""
JOB = """\
apiVersion: dlcapply/v1
kind: Job
metadata: {name: train, labels: {team: vision}}
run: {onChange: replace}
spec:
  JobType: PyTorchJob
  Description: first
  Priority: 2
  ResourceId: quota1
  JobMaxRunningTimeMinutes: 60
  UserCommand: python train.py
  Envs: {LR: "1e-4"}
  Settings: {AdvancedSettings: {x: "1"}, Tags: {a: b}}
  DataSources: [{DataSourceId: d-1, MountPath: /mnt/d}]
  UserVpc: {VpcId: vpc-1, SecurityGroupId: sg-1, SwitchId: vsw-1, ExtendedCIDRs: ["10.0.0.0/8"]}
  JobSpecs:
    - Type: Worker
      PodCount: 2
      Image: registry.example.com/team/train:1
      ResourceConfig: {CPU: "8", GPU: "1", Memory: 64Gi}
"""


@dataclass(frozen=True)
class Scene:
    """A command; what is live before it, as changes to the manifest's run; and a change of the manifest."""

    command: tuple[str, ...]
    run: dict | None = None
    change: tuple[str, str] = ("", "")
    marked: bool = True
    creates: int = 0


APPLY = ("apply", "--yes", "--settle", "5s", "--wait-timeout", "5s")
QUEUED = {"Status": "Queuing"}
OLD = {"Status": "Failed", "DisplayName": "old", "GmtFinishTime": "2026-11-02T00:00:00Z"}
PODS = [{"PodId": f"{RUN}-worker-0", "PodUid": "u", "NodeName": "node-1", "Status": "Running"}]
_LIFE = {
    "PodId": f"{RUN}-worker-0",
    "Type": "Worker",
    "Status": "Succeeded",
    "GmtCreateTime": "2026-11-01T00:00:30Z",
    "GmtFinishTime": "2026-11-01T00:02:00Z",
}
LIVES = [{**_LIFE, "PodUid": "uid-2", "HistoryPods": [{**_LIFE, "PodUid": "uid-1"}]}]
ENDED = {"Status": "Succeeded", "Pods": LIVES}
GOING = {
    "Pods": PODS,
    "Username": "mia",
    "RestartTimes": "1",
    "GmtRunningTime": "2026-11-01T00:05:00Z",
    "ReasonCode": "X",
    "ReasonMessage": "exit code 3",
    "StatusHistory": [
        {
            "Status": "Queuing",
            "StartTime": "2026-11-01T00:00:00Z",
            "EndTime": "2026-11-01T00:05:00Z",
            "ReasonCode": "",
            "ReasonMessage": "",
        },
        {"Status": "Running", "StartTime": "2026-11-01T00:05:00Z", "EndTime": ""},
    ],
}
_MOVES = [
    {"Status": "SanityChecking", "StartTime": "2026-11-01T00:00:40Z", "ReasonCode": "", "ReasonMessage": ""},
    {"Status": "Failed", "StartTime": "2026-11-01T00:02:00Z", "ReasonMessage": "exit code 137"},
]
FAILED = {
    "Status": "Failed",
    "StatusHistory": _MOVES,
    "RestartRecord": [{"Reason": "exit code 1", "OccurTime": "2026-11-01T00:01:30Z"}],
    "Pods": [{**LIVES[0], "Status": "Failed", "SubStatus": "Normal", "NodeName": "node-1"}],
}
BOARD = ("open", "train", "--yes", "--tensorboard")
SCENES = {
    "plan of nothing": Scene(("plan",)),
    "plan": Scene(("plan", "-o", "json"), {}),
    "plan of a change": Scene(("plan", "--full"), {}, ("train.py", "other.py")),
    "create": Scene((*APPLY, "--wait"), creates=1),
    "nothing to do": Scene((*APPLY, "--wait"), {}),
    "done": Scene(APPLY, {"Status": "Succeeded"}),
    "update": Scene(APPLY, QUEUED, ("Description: first", "Description: second")),
    "replace": Scene((*APPLY, "--allow-replace", "train"), {}, ("train.py", "other.py"), creates=1),
    "declared stop": Scene(APPLY, {}, ("onChange: replace", "state: stopped")),
    "prune": Scene((*APPLY, "--prune"), {"DisplayName": "orphan"}, ("train.py", "other.py"), creates=1),
    "status": Scene(("status",), GOING),
    "status of a workspace": Scene(("status", "--all", "-o", "json"), GOING, marked=False),
    "status of what nobody declares": Scene(("status", "--unmanaged"), {**GOING, "DisplayName": "orphan"}),
    "history": Scene(("history", "train", "--all"), {"Status": "Failed", "ReasonMessage": "why"}),
    "adopt": Scene(("adopt", "train"), {}, marked=False),
    "release": Scene(("release", "train"), {}),
    "stop": Scene(("stop", "train", "--yes", "--signal", "USR1", "--grace", "9", "--wait-timeout", "9"), {}),
    "stop all": Scene(("stop", "--all", "--yes", "-o", "json", "--wait-timeout", "9"), {}),
    "cleanup": Scene(("cleanup", "--delete", "--yes", "--undeclared"), OLD, ("train.py", "other.py")),
    "rerun": Scene(("rerun", "train"), {"Status": "Failed"}),
    "metrics": Scene(("metrics", "train", "--metric", "GpuCoreUsage"), {}),
    "sanity": Scene(("sanity", "train"), {"Pods": PODS}),
    "queue": Scene(("queue",), QUEUED),
    "queue of a quota": Scene(("queue", "quota1", "-o", "json"), QUEUED),
    "open": Scene(("open", "train", "--terminal", "-o", "json"), {"Pods": PODS}),
    "a TensorBoard": Scene((*BOARD, "start", "--summary-path", "/b"), {}),
    "an old TensorBoard": Scene((*BOARD, "stop"), {}),
    "logs": Scene(("logs", "train", "--save", "saved", "--timestamps"), ENDED),
    "logs to the end": Scene(("logs", "train", "--follow", "--tail", "1", "-o", "json"), ENDED),
    "events": Scene(("events", "train"), ENDED),
    "why": Scene(("why", "train"), FAILED),
    "why it waits": Scene(("why", "train", "-o", "json"), QUEUED),
    "why it is silent": Scene(("why", "train", "-o", "markdown"), {"Pods": PODS}),
    "wait": Scene(("wait", "train", "--timeout", "1m"), {"Status": "EnvPreparing", "Pods": PODS}),
    "wait for what failed": Scene(("wait", "train", "--logs"), {"Status": "Failed", "Pods": LIVES}),
}


@dataclass(frozen=True)
class Trial:
    scene: str
    operation: str
    path: tuple
    odd: str
    answers: int  # how many are odd, from the first on

    def __str__(self):
        place = ".".join(map(str, self.path))
        return f"{self.scene}: {self.operation} {place} {self.odd}, {self.answers} times"


class TurningClock:
    def __init__(self):
        self.time = datetime(2026, 11, 23, tzinfo=UTC)

    def now(self):
        return self.time

    def monotonic(self):
        return self.time.timestamp()

    def sleep(self, seconds):
        self.time += timedelta(seconds=seconds)


class Bench:
    """One project against one service, put back before each trial."""

    def __init__(self, folder, service):
        self.folder = folder
        self.service = service
        self.manifest = folder / "jobs" / "train.yaml"
        self.manifest.parent.mkdir()
        (folder / "dlcapply.yaml").write_text(PROJECT.format(endpoint=self.service.endpoint))
        self.manifest.write_text(JOB)
        assert self.run(*APPLY)[0] == ExitCode.OK
        (self.made,) = self.service.jobs.values()

    def stage(self, scene):
        self.service.clear()
        shutil.rmtree(self.folder / ".dlcapply", ignore_errors=True)
        (self.folder / "dlcapply.claims.yaml").unlink(missing_ok=True)
        old, new = scene.change
        assert old in JOB
        self.manifest.write_text(JOB.replace(old, new) if old else JOB)
        if scene.run is not None:
            body = copy.deepcopy(self.made)
            stranger = body | {"DisplayName": "other", "Settings": {"Tags": {"dlcapply-owner": "a/b"}}}
            unmarked = {} if scene.marked else {"Settings": {"Tags": {"team": "vision"}}}
            self.service.seed(RUN, body, **unmarked, **scene.run)
            self.service.seed("dlcother", stranger)

    def run(self, *command):
        """Exit code and everything printed; what is not expected is raised."""
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = main(command, shell=Shell(os.environ, TurningClock()))
        return code, out.getvalue() + err.getvalue()

    def trials(self):
        for name, scene in SCENES.items():
            self.stage(scene)
            self.run(*scene.command)
            answers = self.service.answers.items()
            places = [(operation, path) for operation, answer in answers for path in paths_of(answer)]
            for operation, path in places:
                yield from (Trial(name, operation, path, odd, times) for odd in ODD for times in (1, 1000))


@pytest.fixture
def bench(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with closing(Service()) as service:
        yield Bench(tmp_path, service)


def check(bench, trial, sane):
    scene = SCENES[trial.scene]
    bench.stage(scene)
    bench.service.odd = (trial.operation, trial.path, ODD[trial.odd], trial.answers)
    code, printed = bench.run(*scene.command)
    creates = bench.service.creates
    assert code in set(ExitCode)
    assert "\x1b" not in printed
    assert bench.service.calls.count("CreateTensorboard") <= 1
    is_verbatim = trial.operation == "GetPodLogs"  # what a program prints is never cut
    longest = max(map(len, printed.splitlines()), default=0)
    assert is_verbatim or longest < 2_000, "a line that nobody can read"
    # Where the service itself says that our run is another's, or has another name, the plan names it.
    assert creates <= scene.creates or (creates == 1 and RUN in printed)
    if trial.path[:2] == ("Jobs", 1) and not set(trial.path) & {"JobId", "DisplayName", "WorkspaceId"}:
        assert len(trial.path) == 2 or code == sane[trial.scene]
    bench.service.odd = None
    bench.run(*APPLY, "--allow-replace", "train")
    assert bench.service.creates <= max(creates, scene.creates, 1)
    return code


def test_odd_answers(bench):
    sane = {}
    for name, scene in SCENES.items():
        bench.stage(scene)
        sane[name], _ = bench.run(*scene.command)
        assert bench.service.creates == scene.creates
    wanted = os.environ.get("DLCAPPLY_ODD_ANSWERS", str(SAMPLE))
    trials = list(bench.trials())
    if wanted != "all":
        trials = random.Random(SEED).sample(trials, int(wanted))  # noqa: S311  no secret
    codes, failures = Counter(), []
    for trial in trials:
        try:
            codes[check(bench, trial, sane)] += 1
        except Exception as error:  # noqa: BLE001  all that fail are told, not the first
            failures.append(f"{trial}: {type(error).__name__} {str(error)[:300]}")
    assert failures == [], "\n".join([f"{len(failures)} of {len(trials)}; {codes}", *failures])
    assert len(codes) > 2
