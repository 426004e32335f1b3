"""Every file in examples/ is run."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dlcapply.api.clock import SystemClock
from dlcapply.cli.main import main
from dlcapply.cli.shell import Shell
from dlcapply.emulator import Emulator, Switches
from dlcapply.manifest.load import Asked, load

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A copy of manifests/ in the working directory, all of whose environments are one emulator."""
    folder = tmp_path / "manifests"
    shutil.copytree(ROOT / "manifests", folder, ignore=shutil.ignore_patterns(".dlcapply"))
    monkeypatch.chdir(tmp_path)
    with Emulator(switches=Switches(check_references=False)) as emulator:
        project = folder / "dlcapply.yaml"
        text = project.read_text(encoding="utf-8")
        endpoint = f"    endpoint: http://{emulator.endpoint}\n"
        text = text.replace("    endpoint: emulator\n", "").replace("    region:", f"{endpoint}    region:")
        project.write_text(re.sub(r"    limits:.*\n", "", text), encoding="utf-8")
        yield folder


@pytest.mark.usefixtures("repository")
def test_each_command_of_the_workflow_works(capsys):
    workflow = (EXAMPLES / "github-actions.yml").read_text(encoding="utf-8")
    commands = re.findall(r"- run: (?:exec )?dlcapply (.*)", workflow)
    assert len(commands) == 3
    for command in commands:
        assert main(shlex.split(command), shell=Shell(os.environ, SystemClock())) == 0, command
    assert "10 created" in capsys.readouterr().out
    assert Path("plan.json").exists()


def test_the_policies_refuse_what_they_name(repository):
    shutil.copytree(EXAMPLES / "policies", repository / "policies", dirs_exist_ok=True)
    found = {(finding.rule, finding.place.file) for finding in load(Asked(("manifests",))).findings}
    assert found == {("policy:require-team-label", "manifests/jobs/imaging/vit-large-pretrain.yaml")}


@pytest.mark.usefixtures("repository")
def test_the_library_example_prints_a_plan():
    example = [sys.executable, str(EXAMPLES / "library.py"), "manifests"]
    done = subprocess.run(example, capture_output=True, text=True, check=True, env=dict(os.environ))
    lines = done.stdout.splitlines()
    assert len(lines) == 10
    assert lines[0] == "augmentation-search-ray: create, because no run of this job yet"


def test_every_example_is_listed_and_every_listed_one_exists():
    listed = set(re.findall(r"\]\(([^)]+)\)", (EXAMPLES / "README.md").read_text(encoding="utf-8")))
    files = {path.relative_to(EXAMPLES).as_posix() for path in EXAMPLES.rglob("*") if path.is_file()}
    assert listed == files - {"README.md"}
