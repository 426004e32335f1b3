"""A project in the working folder, and the emulator that it is for."""

from __future__ import annotations

from datetime import UTC, datetime
from math import inf

import pytest

from dlcapply.emulator import Clock, Emulator, Lifecycle, Switches
from tests.cli.conftest import Project
from tests.clocks import TurningClock


@pytest.fixture
def project(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    clock = Clock.still(datetime(2026, 11, 23, tzinfo=UTC))
    lifecycles = {"short*": Lifecycle()}
    switches = Switches(check_references=False)
    with Emulator(
        clock=clock, lifecycle=Lifecycle(running=inf), lifecycles=lifecycles, switches=switches
    ) as emulator:
        yield Project(tmp_path, emulator, capsys)
        assert capsys.readouterr() == ("", ""), "what is called from Python prints nothing"
        assert emulator.unknown_routes == ()


@pytest.fixture
def clock(project):
    return TurningClock(project.emulator)
