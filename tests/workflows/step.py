"""A step that uses the action, run as GitHub's runner runs one: bash, its script, and files for its words."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import yaml

from tests.workflows.installed import ROOT

ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
(_RUN,) = ACTION["runs"]["steps"]
BASH = shutil.which("bash")
_INPUT = re.compile(r"\$\{\{ inputs\.([a-z-]+) \}\}")
_KEYS = {
    "ALIBABA_CLOUD_ACCESS_KEY_ID": "dlcapply-emulator",
    "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "not-a-secret",
    "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true",
}


def outputs_of(text):
    """The outputs in the file, as the runner reads them: src/Runner.Worker/FileCommandManager.cs."""
    outputs, lines = {}, iter(text.splitlines(keepends=True))
    for line in lines:
        name, equals, value = line.rstrip("\n").partition("=")
        begun, heredoc, delimiter = line.rstrip("\n").partition("<<")
        if heredoc and (not equals or len(begun) < len(name)):
            name, found = begun, []
            for one in lines:
                if one.rstrip("\n") == delimiter:
                    break
                found.append(one)
            else:
                raise ValueError(f"{name} does not end")
            value = "".join(found).removesuffix("\n")
        outputs[name] = value
    return outputs


@dataclass(frozen=True)
class Done:
    code: int
    log: str
    outputs: dict
    summary: str


@dataclass
class Job:
    """A job on a runner: its temporary folder, its checkout, and the steps that follow each other."""

    folder: Path
    python: Path
    action: Path = ROOT
    environ: dict = field(default_factory=dict)
    _steps: count = field(default_factory=count)

    @property
    def temporary(self):
        return self.folder / "temporary"

    @property
    def checkout(self):
        return self.folder / "checkout"

    def __post_init__(self):
        self.temporary.mkdir()
        self.checkout.mkdir()

    def write(self, files):
        for name, text in files.items():
            path = self.checkout / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def begin(self, command, arguments="", **inputs):
        """The process that the runner starts, and signals."""
        inputs = {"command": command, "arguments": arguments} | {
            name.replace("_", "-"): value for name, value in inputs.items()
        }
        given = {name: inputs.get(name, one.get("default")) for name, one in ACTION["inputs"].items()}
        assert set(inputs) <= set(given)
        step = self.folder / f"step-{next(self._steps)}"
        step.mkdir()
        (step / "script.sh").write_text(_RUN["run"], encoding="utf-8")
        for name in ("output", "summary"):
            (step / name).touch()
        environ = {
            "PATH": f"{self.python}:{os.defpath}",
            "HOME": str(self.folder),
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(self.action),
            "GITHUB_OUTPUT": str(step / "output"),
            "GITHUB_STEP_SUMMARY": str(step / "summary"),
            "RUNNER_TEMP": str(self.temporary),
            "GIT_CEILING_DIRECTORIES": str(self.folder),
            "SSL_CERT_FILE": os.environ["SSL_CERT_FILE"],
            **_KEYS,
            **self.environ,
            **{name: _INPUT.sub(lambda found: given[found[1]], text) for name, text in _RUN["env"].items()},
        }
        process = subprocess.Popen(
            [BASH, "--noprofile", "--norc", "-e", "-o", "pipefail", step / "script.sh"],
            cwd=self.checkout,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        process.step = step
        return process

    def end(self, process, said=""):
        rest, _ = process.communicate()
        outputs = outputs_of((process.step / "output").read_text("utf-8"))
        summary = (process.step / "summary").read_text("utf-8")
        return Done(process.returncode, said + rest, outputs, summary)

    def step(self, command, arguments="", **inputs):
        return self.end(self.begin(command, arguments, **inputs))
