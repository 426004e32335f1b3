"""A project whose plans are reviewed on a fake GitHub, and the commands that do it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from math import inf
from pathlib import Path

import pytest

from dlcapply.cli.main import main
from dlcapply.cli.shell import Shell
from dlcapply.emulator import Clock, Emulator, Lifecycle, Switches
from tests.cli.conftest import JOB, Printed, project  # noqa: F401  a fixture
from tests.clocks import TurningClock
from tests.forge.fake_github import FakeGitHub

BEGIN = datetime(2026, 11, 23, tzinfo=UTC)
NAME = "dlcapply-plan-prod"
CHECK = "dlcapply vision/prod"
PROJECT = """\
apiVersion: dlcapply/v1
kind: Project
metadata: {{name: vision, origin: github.com/team/jobs}}
manifests: ["jobs/*.yaml"]
environments:
  prod: {{endpoint: "http://{endpoint}", region: cn-hangzhou, workspaceId: "1001"}}
  other: {{endpoint: "http://{endpoint}", region: cn-hangzhou, workspaceId: "1001"}}
"""


@dataclass(frozen=True)
class Planned:
    """Folders of manifests, and the text of a saved plan of each."""

    root: Path
    texts: dict

    def hash_of(self, name):
        return json.loads(self.texts[name])["hash"]


@pytest.fixture(scope="session")
def planned(tmp_path_factory):
    """Saved plans of 90 days: of one job, of two, of a short time, and of another environment."""
    root = tmp_path_factory.mktemp("reviewed")
    clock = Clock.still(BEGIN)
    with Emulator(
        clock=clock, lifecycle=Lifecycle(running=inf), switches=Switches(check_references=False)
    ) as emulator:
        (root / "jobs").mkdir()
        (root / "dlcapply.yaml").write_text(PROJECT.format(endpoint=emulator.endpoint), "utf-8")
        shell = Shell({}, TurningClock(emulator))

        def saved(name, *args):
            command = ["plan", str(root), "--out", str(root / name), *args]
            assert main([*command, "-o", f"json={root / 'all.json'}"], shell=shell) in {0, 3}
            return (root / name).read_bytes()

        _job(root, "train")
        texts = {"one": saved("one", "-e", "prod", "--expires", "2160h")}
        texts["short"] = saved("short", "-e", "prod", "--expires", "60s")
        texts["elsewhere"] = saved("elsewhere", "-e", "other", "--expires", "2160h")
        _job(root, "later")
        texts["two"] = saved("two", "-e", "prod", "--expires", "2160h")
    return Planned(root, texts)


def _job(root, name):
    (root / f"jobs/{name}.yaml").write_text(JOB.replace("NAME", name), "utf-8")


class TimeOfGitHub:
    """A clock for commands: to sleep on it moves GitHub's."""

    def __init__(self, github):
        self._github = github
        self.slept = []

    def now(self):
        return self._github.now()

    def monotonic(self):
        return self._github.now().timestamp()

    def sleep(self, seconds):
        self.slept.append(seconds)
        self._github.turn(seconds)


class Reviews:
    """The fake GitHub, the plans, and the commands as a workflow runs them."""

    def __init__(self, github, planned, folder, capsys):
        self.github = github
        self.planned = planned
        self.folder = folder
        self.clock = TimeOfGitHub(github)
        self.token = github.token()
        self._capsys = capsys

    def run(self, *args, run=None, **environ):
        """The command as a step of the workflow run, or of a push where none is given."""
        run = run or self.github.start_run()
        variables = self.github.environ(run["id"], self.folder, self.token) | environ
        self._capsys.readouterr()
        code = main(["github", *args], shell=Shell(variables, self.clock))
        printed = self._capsys.readouterr()
        return Printed(code, printed.out, printed.err)

    def plan(self, name="one"):
        """The file of the saved plan."""
        return str(self.planned.root / name)

    def review(self, number, plan="one", *, upload=True, check=True, **run):
        """A review of the pull request with its artefact and its check; the run."""
        begun = self.github.start_run(number, **run)
        if upload:
            self.github.upload(begun["id"], NAME, {"plan.json": self.planned.texts[plan].decode()})
        if check:
            self.say(begun["head_sha"], plan)
        return begun

    def say(self, commit, plan="one", **keys):
        external_id = f"dlcapply-plan:{self.planned.hash_of(plan)}"
        return self.github.set_check(commit, CHECK, **{"external_id": external_id, **keys})

    def merged(self, head="topic", plan="one", **pull):
        """A pull request that was reviewed and merged."""
        number = self.github.open_pull(head, **{"files": ["jobs/train.yaml"], **pull})
        self.review(number, plan)
        self.github.turn(60)
        self.github.merge(number)
        return number

    def approved(self, *args, **environ):
        """The command's exit code and words, and the plans that it wrote."""
        out = self.folder / "approvals"
        printed = self.run(
            "approved", str(self.planned.root), "-e", "prod", "--out", str(out), *args, **environ
        )
        files = sorted(out.iterdir()) if out.is_dir() else None
        return printed, files if files is None else [file.read_bytes() for file in files]


@pytest.fixture
def github():
    with FakeGitHub(now=lambda: BEGIN) as one:
        yield one
        assert one.unknown_routes == []


@pytest.fixture
def reviews(github, planned, tmp_path, capsys):
    return Reviews(github, planned, tmp_path, capsys)
