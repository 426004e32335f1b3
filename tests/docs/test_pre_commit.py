"""The pre-commit hook runs what it says, on a change of any file that manifests depend on."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from dlcapply.cli.main import cli

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def hook():
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    return hook


@pytest.fixture
def repository(tmp_path):
    shutil.copytree(ROOT / "manifests", tmp_path / "manifests", ignore=shutil.ignore_patterns(".dlcapply"))
    return tmp_path


def run(hook, folder):
    """The hook as pre-commit runs it: in the repository's root, with the user's args behind the entry."""
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    command = [*shlex.split(hook["entry"]), "manifests"]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_the_entry_is_a_command_of_ours_and_gets_no_file_names(hook):
    program, command, *_ = shlex.split(hook["entry"])
    assert program == "dlcapply"
    assert command in cli.commands
    assert (hook["language"], hook["pass_filenames"]) == ("python", False)


@pytest.mark.parametrize(
    ("file", "runs"),
    [
        ("manifests/jobs/a.yaml", True),
        ("manifests/bases/b.yml", True),
        ("manifests/policies/p.schema.json", True),
        ("train.py", False),
        ("notes-on-yaml.md", False),
    ],
)
def test_it_runs_on_a_change_of_yaml_and_policies(hook, file, runs):
    assert bool(re.search(hook["files"], file)) is runs


def test_a_valid_repository_passes_in_silence(hook, repository):
    done = run(hook, repository)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_mistake_in_a_parent_fails_it(hook, repository):
    parent = repository / "manifests/bases/pytorch-a10.yaml"
    parent.write_text(
        parent.read_text(encoding="utf-8").replace("PodCount: 1", "PodCounts: 1"), encoding="utf-8"
    )
    done = run(hook, repository)
    assert done.returncode == 4
    assert "manifests/bases/pytorch-a10.yaml:9:7" in done.stdout
