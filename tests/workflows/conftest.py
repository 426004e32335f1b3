from __future__ import annotations

import platform
import sys
from datetime import UTC, datetime
from math import inf
from pathlib import Path

import pytest

from dlcapply.emulator import Clock, Emulator, Lifecycle, Switches
from tests.forge.fake_github import FakeGitHub
from tests.workflows.installed import lay, place_of, python_folder
from tests.workflows.rig import Company, Runner, copy_of_ours


@pytest.fixture(scope="session")
def program():
    """Where a program of the tests' environment is; the test is skipped where there is no wheel of it."""

    def find(name):
        path = Path(sys.prefix, "bin", name)
        if not path.exists():
            pytest.skip(f"there is no {name} for {sys.platform} on {platform.machine()}")
        return str(path)

    return find


@pytest.fixture(scope="session")
def python(tmp_path_factory):
    """A folder for PATH with the Python of the tests."""
    return python_folder(tmp_path_factory.mktemp("python") / "bin")


@pytest.fixture(scope="session")
def runner(program, python, tmp_path_factory):
    """What runs workflows; it is skipped where `act` is not to be had."""
    act = program("act")
    folder = tmp_path_factory.mktemp("runner")
    ours = copy_of_ours(folder / "own")
    return Runner(folder, act, python, ours, lay(folder / "installed" / place_of(python, ours, folder).name))


@pytest.fixture(scope="session")
def company(runner, tmp_path_factory):
    """The company that the workflows' tests share, each with jobs and pull requests of its own."""
    with (
        FakeGitHub("team/jobs") as github,
        Emulator(
            clock=Clock.still(datetime.now(UTC)),
            lifecycle=Lifecycle(running=inf),
            switches=Switches(check_references=False),
        ) as emulator,
    ):
        yield Company(tmp_path_factory.mktemp("company"), runner, github, emulator)
