"""A team that reviews paid jobs like code: a git repository, its pull requests, and what workflows keep."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

PROJECT = """\
apiVersion: dlcapply/v1
kind: Project
metadata: {{name: team}}
manifests: ["jobs/*.yaml"]
environments:
  prod: {{endpoint: "http://{address}", region: cn-hangzhou, workspaceId: "1001"}}
"""
JOB = """\
apiVersion: dlcapply/v1
kind: Job
metadata: {{name: {name}}}
run: {{{run}}}
spec:
  JobType: PyTorchJob
  JobMaxRunningTimeMinutes: 6000
  Description: {note}
  UserCommand: python train.py --change {change}
  Envs:
    FIRST: "{first}"
    SIZE: "1"
    RATE: "1e-4"
    DEPTH: "3"
    SECOND: "{second}"
  JobSpecs:
    - Type: Worker
      PodCount: 1
      EcsSpec: ecs.gn7i-c8g1.2xlarge
      Image: registry.example.com/team/train:1
"""
GIT = shutil.which("git")
PERSON = {f"GIT_{role}_{fact}": "a@x" for role in ("AUTHOR", "COMMITTER") for fact in ("NAME", "EMAIL")}
LAUNCHER = Path(__file__).with_name("launcher.py")


def manifest(name, *, run="", note="none", change="0", first="0", second="0"):
    return JOB.format(name=name, run=run, note=note, change=change, first=first, second=second)


@dataclass(frozen=True)
class Change:
    """What a pull request does to a job of its own, whose manifest it may be the first to write."""

    kind: str
    number: int

    @property
    def name(self):
        return f"{_PREFIXES.get(self.kind, 'long')}-{self.number}"

    @property
    def file(self):
        return file_of(self.name)

    @property
    def before(self):
        return None if self.kind == "new" else manifest(self.name, run=_RUNS.get(self.kind, ""))

    @property
    def after(self):
        mark, rules = str(self.number), _RUNS.get(self.kind, "")
        match self.kind:
            case "remove":
                return None
            case "stop":
                return manifest(self.name, run="state: stopped")
            case "update":
                return manifest(self.name, note=f"change {mark}")
            case _:
                return manifest(self.name, run=rules, change=mark)

    @property
    def starts(self):
        return self.kind in {"new", "rerun", "wait", "replace"}

    @property
    def stops(self):
        return self.kind in {"replace", "stop", "remove"}


_PREFIXES = {"rerun": "short", "wait": "waits", "update": "queued"}
_RUNS = {"replace": "onChange: replace", "wait": "onChange: wait"}


def file_of(name):
    return f"jobs/{name}.yaml"


@dataclass(eq=False)
class Pull:
    """A pull request: the files that it writes, or removes where the text is None, and its consents."""

    branch: str
    files: dict
    consents: tuple = ()
    number: int = 0
    commit: str = ""


@dataclass(frozen=True)
class Ended:
    """How a command ended; a negative code is a signal that it did not survive."""

    code: int
    out: str
    err: str


class Commands:
    """dlcapply as processes; `running` is the one that can be signalled."""

    def __init__(self, folder, clock):
        self._folder, self._clock = folder, clock
        self.running = 0

    def __enter__(self):
        self._launcher = subprocess.Popen(
            [sys.executable, "-m", "tests.forge.launcher"],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(self, *_):
        self._launcher.stdin.close()
        self._launcher.wait()
        self._launcher.stdout.close()

    def run(self, *args, folder, environ=None):
        out, err = self._folder / "out", self._folder / "err"
        request = {"args": args, "folder": str(folder), "environ": environ or {}, "clock": self._clock}
        self._launcher.stdin.write(json.dumps({**request, "out": str(out), "err": str(err)}) + "\n")
        self._launcher.stdin.flush()
        self.running = int(self._launcher.stdout.readline())
        code = int(self._launcher.stdout.readline())
        self.running = 0
        return Ended(code, out.read_text("utf-8"), err.read_text("utf-8"))

    def signal(self, number):
        os.kill(self.running, number)


@dataclass
class Repository:
    """A clone with one folder for people, and one that workflows check out into."""

    folder: Path
    runner: Path = field(init=False)

    def __post_init__(self):
        self.runner = self.folder.with_name("runner")
        self.folder.mkdir()
        self.git("init", "-q", "-b", "main")
        self.git("remote", "add", "origin", "https://github.com/team/jobs.git")

    def git(self, *words, folder=None):
        done = subprocess.run(
            [GIT, *words],
            cwd=folder or self.folder,
            env=os.environ | PERSON,
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout.strip()

    def commit(self, files, *, branch="main"):
        """The files are on main, or on a new branch of it."""
        if branch != "main":
            self.git("checkout", "-q", "-B", branch)
        for name, text in files.items():
            path = self.folder / name
            if text is None:
                path.unlink()
            else:
                path.parent.mkdir(exist_ok=True)
                path.write_text(text, encoding="utf-8")
        self.git("add", "-A")
        self.git("commit", "-q", "-m", branch)
        if branch != "main":
            self.git("checkout", "-q", "main")
        return self.git("rev-parse", branch)

    def merge(self, branch):
        """The commit by which main has what is on the branch."""
        self.git("merge", "-q", "--no-ff", "-m", f"merge {branch}", branch)
        return self.git("rev-parse", "main")

    def check_out(self, *, with_branch=""):
        """The runner's folder is main, or what merging the branch into it would be."""
        if not self.runner.exists():
            self.git("worktree", "add", "-q", "--detach", str(self.runner), "main")
        self.git("checkout", "-q", "--detach", "main", folder=self.runner)
        if with_branch:
            self.git("merge", "-q", "--no-ff", "-m", "as merged", with_branch, folder=self.runner)


class Journal:
    """The folder of the state, as caches keep it from one run of the workflow to the next."""

    def __init__(self, folder):
        self.folder, self._before = folder, folder.with_name("state-before")
        self.is_lost = True  # as on the first run of all

    def begin(self):
        """What this run began with is kept, in case that it never comes to keeping more."""
        shutil.rmtree(self._before, ignore_errors=True)
        if self.folder.exists():
            shutil.copytree(self.folder, self._before)

    def end(self, *, kept):
        """The run kept what it noted, or there is what there was before it, and the next one knows that."""
        self.is_lost = not kept
        if not kept:
            shutil.rmtree(self.folder, ignore_errors=True)
            if self._before.exists():
                shutil.copytree(self._before, self.folder)


class Hub:
    """The repository on GitHub: what people open and merge there, and what runs of the review leave.

    `environ` are the variables of a run after a push to main.
    """

    def __init__(self, github, folder):
        self._github = github
        run = github.start_run(event="push", path=".github/workflows/apply.yml")
        token = github.token(dict.fromkeys(("actions", "checks", "contents", "pull_requests"), "read"))
        self.environ = github.environ(run["id"], folder, token)

    def open(self, pull, commit):
        pull.commit = commit
        pull.number = self._github.open_pull(pull.branch, files=list(pull.files), sha=commit)

    def review(self, pull, plan):
        """What the run of the review workflow leaves of the plan in the file."""
        run, text = self._github.start_run(pull.number), plan.read_text("utf-8")
        self._github.upload(run["id"], "dlcapply-plan-prod", {"plan.json": text})
        tie = f"dlcapply-plan:{json.loads(text)['hash']}"
        self._github.set_check(pull.commit, "dlcapply team/prod", external_id=tie)

    def merge(self, pull, commit):
        self._github.merge(pull.number, sha=commit)
