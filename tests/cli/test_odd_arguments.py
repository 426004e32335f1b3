"""Whatever is typed, the answer is an exit code of the table and a line that says what is wrong."""

from __future__ import annotations

import os
import random
import socket
from contextlib import redirect_stderr, redirect_stdout
from io import BytesIO, TextIOWrapper

import click
import pytest

from dlcapply.cli.main import cli, main
from dlcapply.cli.shell import Shell
from dlcapply.errors import ExitCode
from tests.clocks import TurningClock

VALUES = (
    "",
    " ",
    "-",
    ".",
    "x",
    "*",
    "[",
    "**/*",
    "=",
    "a=b",
    "=b",
    "lr=",
    "0",
    "-1",
    "1e400",
    "9" * 400,
    "999999999999h",
    "nan",
    "json=",
    "json=no/such/file",
    "x" * 300,
    "x" * 5000,
    "a\nb",
    "\x1b[31m",
    "a\0b",
    "\udcff",
    "lr=\udcff",
    "\ud800",
    "é\u202e🙂",
    "folder",
    "pipe",
    "loop",
    "binary",
    "/dev/null",
    "/dev/full",
    "/dev/zero",
    "/proc/x/y",
    "planted/x",
    "json=folder",
    "json=pipe",
    "json=loop/x",
    "json=/dev/full",
    "http://[::1",
    "http://user:password@host:99999/path?query#fragment",
    "local",
    "jobs/a.yaml",
    "::error::x",
)
NEEDED = {"adopt": ["a"], "release": ["a"], "show": ["plan.json"], "apply": ["--yes"]}


def options():
    """Each option and argument of each command that takes a value."""
    for name, command in sorted(cli.commands.items()):
        for parameter in command.params:
            if isinstance(parameter, click.Argument):
                yield name, ""
            elif not parameter.is_flag:
                yield name, parameter.opts[-1]


OPTIONS = list(options())
COUNT = int(os.environ.get("DLCAPPLY_ODD_VALUES", "4"))


def test_every_command_takes_values():
    assert {name for name, _ in OPTIONS} == set(cli.commands)


@pytest.fixture
def folder(project):
    project.job("a")
    project.configure()
    root = project.folder
    (root / "folder").mkdir()
    os.mkfifo(root / "pipe")
    (root / "loop").symlink_to("loop")
    (root / "planted").symlink_to("/proc")
    (root / "binary").write_bytes(bytes(range(256)))
    return project


@pytest.fixture
def taken_port():
    """Where no emulator can be served, so that none is."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def ran(shell, args):
    """The exit code, and what was printed, by a process of any locale."""
    out, err = (TextIOWrapper(BytesIO(), encoding="utf-8", errors="backslashreplace") for _ in range(2))
    with redirect_stdout(out), redirect_stderr(err):
        code = main(args, shell=shell)
    for stream in (out, err):
        stream.flush()
    return code, out.buffer.getvalue().decode() + err.buffer.getvalue().decode()


@pytest.mark.parametrize(("command", "option"), OPTIONS, ids=lambda word: word or "argument")
def test_no_odd_value_is_a_bug(folder, taken_port, monkeypatch, command, option):
    values = random.Random(f"{command} {option}").sample(VALUES, min(COUNT, len(VALUES)))  # noqa: S311
    for value in values:
        if (option, value) == ("--port", "0"):
            continue  # it would serve until it is interrupted
        monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(b"\xff")))
        port = [f"--port={taken_port}"] if command == "emulator" and option != "--port" else []
        args = [command, *port, *(NEEDED.get(command, ()) if option else ())]
        args += [f"{option}={value}"] if option else [value]
        shell = Shell({}, TurningClock(folder.emulator))
        code, printed = ran(shell, args)
        assert code in list(ExitCode), args
        assert "Traceback" not in printed
        assert code == 0 or printed.strip(), args
