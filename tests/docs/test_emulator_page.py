"""docs/emulator.md tells what is so."""

import re
import subprocess
import sys
from dataclasses import MISSING, fields
from pathlib import Path

import pytest
import yaml

from dlcapply.emulator import CAUSES, Emulator, FaultKind, Switches
from dlcapply.emulator.wire.control import _HANDLERS
from dlcapply.emulator.wire.routing import OPERATIONS

PAGE = Path(__file__).parents[2] / "docs/emulator.md"
TEXT = PAGE.read_text("utf-8")
FLAT = " ".join(TEXT.split())


def block(language, word):
    blocks = re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)
    return next(text for text in blocks if word in text)


def rows(heading):
    section = TEXT.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in section.splitlines() if "|" in line][
        2:
    ]


def test_the_example_test_passes(tmp_path):
    (tmp_path / "test_example.py").write_text(block("python", "def test_a_job_succeeds"), "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_example.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout
    assert "2 passed" in done.stdout


def test_the_scenario_is_played():
    document = yaml.safe_load(block("yaml", "kind: Scenario"))
    with Emulator.from_scenario(document) as emulator:
        emulator.turn(60)
        statuses = {job["DisplayName"]: job["Status"] for job in emulator.jobs()}

    assert statuses == {"yesterday": "Succeeded", "serve-a": "Running"}


def test_every_switch_is_told_with_its_default():
    told = {name: default for name, default, _ in rows("Switches")}
    assert list(told) == [f"`{one.name}`" for one in fields(Switches)]
    for one in fields(Switches):
        default = one.default_factory() if one.default is MISSING else one.default
        assert told[f"`{one.name}`"] in {f"`{default!r}`", "every active status"}


def test_every_cause_is_told():
    told = re.findall(r"`([\w-]+)`", " ".join(name for name, _ in rows("Causes")))

    assert sorted(told) == sorted(CAUSES)


def test_every_fault_and_control_route_is_told():
    section = TEXT.split("\n## Turn the clock")[1].split("\n## ")[0]
    assert [
        row[0] for row in rows("Turn the clock, seed, break things") if row[0].strip("`") in set(FaultKind)
    ] == [f"`{kind}`" for kind in FaultKind]
    for method, *path in _HANDLERS:
        assert f"`{method} {'/'.join(path).replace('*', 'ID')}" in section


@pytest.mark.parametrize("operation", [one.name for one in OPERATIONS.values()])
def test_every_operation_is_told(operation):
    families = {"JobTemplate": "operations on job templates", "Workspace": "workspaces", "Image": "images"}
    families |= {"Dataset": "datasets", "CodeSource": "code sources", "Tensorboard": "TensorBoards"}
    family = next((words for part, words in families.items() if part in operation), None)

    assert (family or operation) in FLAT
