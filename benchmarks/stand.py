"""What the benchmarks of plan and apply stand on: a project, and dlcapply and the emulator as processes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dlcapply.emulator import KEY_ID, SECRET

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WORKSPACE = "1001"
_PROXIES = frozenset({"http_proxy", "https_proxy"})
ENVIRON = {
    **{name: value for name, value in os.environ.items() if name.lower() not in _PROXIES},
    "ALIBABA_CLOUD_ACCESS_KEY_ID": KEY_ID,
    "ALIBABA_CLOUD_ACCESS_KEY_SECRET": SECRET,
}

_PROJECT = f"""\
apiVersion: dlcapply/v1
kind: Project
metadata: {{name: benchmark}}
manifests: ["jobs/*.yaml"]
defaultEnvironment: local
environments:
  local: {{endpoint: emulator, region: cn-hangzhou, workspaceId: "{WORKSPACE}"}}
"""
_JOB = """\
apiVersion: dlcapply/v1
kind: Job
metadata: {{name: {name}}}
spec:
  JobType: PyTorchJob
  JobMaxRunningTimeMinutes: 60
  UserCommand: python train.py --seed {number}
  JobSpecs:
    - {{Type: Worker, PodCount: 1, EcsSpec: ecs.gn7i-c8g1.2xlarge, Image: "registry.example.com/train:1"}}
"""


def write_project(folder: Path, *, jobs: int) -> None:
    (folder / "jobs").mkdir(parents=True)
    (folder / "dlcapply.yaml").write_text(_PROJECT, encoding="utf-8")
    for number in range(jobs):
        name = f"train-{number:05}"
        (folder / "jobs" / f"{name}.yaml").write_text(_JOB.format(name=name, number=number), encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Ended:
    """What a process took, in seconds of the clock and of the processor, and what it printed."""

    seconds: float
    cpu_seconds: float
    printed: str


def run(*words: str, folder: Path) -> Ended:
    """Runs a Python module or script to its end; leaves the benchmark where it fails."""
    out, start = folder / "printed", time.perf_counter()
    with out.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, *words], cwd=folder, env=ENVIRON, stdout=file, stderr=subprocess.DEVNULL
        )
        _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(words)} ended with {process.returncode}: {out.read_text(encoding='utf-8')}")
    return Ended(seconds, usage.ru_utime + usage.ru_stime, out.read_text(encoding="utf-8"))


@dataclass(slots=True)
class Service:
    """An emulator that runs; `fresh` requests are those since it was last asked for them."""

    address: str
    folder: Path
    _seen: int = 0

    def dlcapply(self, *words: str) -> Ended:
        where = ("-e", "local", "--endpoint", f"http://{self.address}", "-o", "json")
        return run("-m", "dlcapply", *words, *where, folder=self.folder)

    def fresh(self) -> list[dict[str, Any]]:
        lines = (self.folder / "requests.ndjson").read_text(encoding="utf-8").splitlines()
        fresh, self._seen = lines[self._seen :], len(lines)
        return [json.loads(line) for line in fresh]


@contextmanager
def emulator(folder: Path, *words: str) -> Iterator[Service]:
    """`dlcapply emulator` in a process of its own, its requests logged."""
    log = folder / "requests.ndjson"
    process = subprocess.Popen(
        [sys.executable, "-m", "dlcapply", "emulator", "--port", "0", "--log", str(log), *words],
        env=ENVIRON,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        address = re.search(r"http://([\w.:]+)", _first_line(process))
        if address is None:
            sys.exit("the emulator did not start")
        yield Service(address[1], folder)
    finally:
        process.terminate()
        process.communicate()


def _first_line(process: subprocess.Popen[str]) -> str:
    return process.stdout.readline() if process.stdout else ""
