"""docs/library.md: its programs run, and use every function that runs are looked after with."""

from __future__ import annotations

import inspect
import re
from datetime import UTC, datetime
from pathlib import Path

import dlcapply
from dlcapply.emulator import Clock, Emulator, Lifecycle, Switches
from tests.cli.conftest import Project
from tests.clocks import TurningClock

PAGE = (Path(__file__).parents[2] / "docs" / "library.md").read_text("utf-8")
PROGRAMS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
# What is about manifests and plans alone, or about runs that others started.
OTHERS = {"adopt", "release", "validate", "open_plan", "save_plan", "plan_document"}


def test_there_is_an_example_of_every_function():
    functions = {name for name in dlcapply.__all__ if inspect.isfunction(getattr(dlcapply, name))}
    told = {name for program in PROGRAMS for name in re.findall(r"dlcapply\.(\w+)\(", program)}
    assert functions - told == OTHERS


def test_the_programs_run_one_after_the_other(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    with Emulator(
        clock=Clock.still(datetime(2026, 11, 23, tzinfo=UTC)),
        lifecycle=Lifecycle(running=40),
        switches=Switches(check_references=False),
    ) as emulator:
        project = Project(tmp_path / "manifests", emulator, capsys)
        file = tmp_path / "manifests/dlcapply.yaml"
        file.write_text(file.read_text("utf-8").replace("local:", "prod:"), "utf-8")
        project.job("train")
        project.job("evaluate")
        known = {"clock": TurningClock(emulator)}
        printed = []
        for program in PROGRAMS:
            exec(program.replace("connect(manifests)", "connect(manifests, clock=clock)"), known)  # noqa: S102
            printed.append(capsys.readouterr().out)
            emulator.turn(10)
        assert (emulator.errors, emulator.unknown_routes) == ((), ())
    first, looked, acted, waited = printed
    assert "train create" in first
    assert "Started: python train.py" in looked
    assert re.search(r"^dlc\w+ (stopped|ended)$", acted, re.MULTILINE)
    assert "train rerun" in acted
    assert waited.count("train/master-0 Finished: everything is saved.") == 1
    assert "train Succeeded None" in waited
