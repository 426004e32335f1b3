"""Commands as black boxes: files in, exit code, stdout, stderr and requests out."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from math import inf
from textwrap import dedent

import pytest

from dlcapply.cli.main import main
from dlcapply.cli.shell import Shell
from dlcapply.emulator import Clock, Emulator, Lifecycle, Switches
from tests.clocks import TurningClock

PROJECT = """\
apiVersion: dlcapply/v1
kind: Project
metadata: {{name: vision}}
manifests: ["jobs/*.yaml"]
environments:
  local: {{endpoint: "http://{endpoint}", region: cn-hangzhou, workspaceId: "1001"{more}}}
"""

EMBEDDED = """\
apiVersion: dlcapply/v1
kind: Project
metadata: {name: vision}
manifests: ["jobs/*.yaml"]
environments:
  local: {endpoint: emulator, region: cn-hangzhou, workspaceId: "1001"}
"""

JOB = """\
apiVersion: dlcapply/v1
kind: Job
metadata: {name: NAME}
spec:
  JobType: PyTorchJob
  JobMaxRunningTimeMinutes: 60
  UserCommand: python train.py
  Envs: {LR: "1e-4"}
  JobSpecs:
    - Type: Worker
      PodCount: 1
      EcsSpec: ecs.gn7i-c8g1.2xlarge
      Image: registry.example.com/team/train:1
"""


@dataclass(frozen=True)
class Printed:
    code: int
    out: str
    err: str


class Project:
    """A folder of manifests, the working directory, and an emulator that it is applied to."""

    def __init__(self, folder, emulator, capsys):
        self.folder = folder
        self.emulator = emulator
        self._capsys = capsys
        self.environ = {}
        self.configure()

    def configure(self, more=""):
        text = PROJECT.format(endpoint=self.emulator.endpoint, more=more)
        self.write("dlcapply.yaml", text)

    def embed(self):
        """From here on, the emulator is the embedded one."""
        self.write("dlcapply.yaml", EMBEDDED)

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")

    def job(self, name, old="", new="", *, more=""):
        """A manifest in which `old` reads `new`, with `more` at its end."""
        text = JOB.replace("NAME", name)
        assert old in text
        self.write(f"jobs/{name}.yaml", (text.replace(old, new) if old else text) + more)

    def run(self, *args):
        shell = Shell(self.environ, TurningClock(self.emulator))
        self._capsys.readouterr()
        code = main(args, shell=shell)
        printed = self._capsys.readouterr()
        return Printed(code, printed.out, printed.err)

    @property
    def writes(self):
        return [entry.operation for entry in self.emulator.writes]

    def statuses(self, name):
        return [job["Status"] for job in self.emulator.jobs() if job["DisplayName"] == name]


@contextmanager
def project_of(folder, capsys, *, jobs):
    """A project of these jobs, whose runs go on for ever, beside commands that are processes."""
    with Emulator(
        clock=Clock.still(datetime.now(UTC)),
        lifecycle=Lifecycle(running=inf),
        switches=Switches(check_references=False),
    ) as emulator:
        project = Project(folder, emulator, capsys)
        for name in jobs:
            project.job(name)
        yield project


@pytest.fixture
def project(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    lifecycles = {"short*": Lifecycle(), "queued*": Lifecycle(queuing=inf)}
    clock = Clock.still(datetime(2026, 11, 23, tzinfo=UTC))
    with Emulator(
        clock=clock,
        lifecycle=Lifecycle(running=inf),
        lifecycles=lifecycles,
        switches=Switches(check_references=False),
    ) as emulator:
        yield Project(tmp_path, emulator, capsys)
        assert emulator.unknown_routes == ()
