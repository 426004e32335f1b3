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
from tests.cli.conftest import JOB
from tests.clocks import TurningClock

pytestmark = pytest.mark.sweep

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
NEEDED = {
    "adopt": ["a"],
    "release": ["a"],
    "show": ["plan.json"],
    "apply": ["--yes"],
    "github approved": ["--out=new"],
    "github check": ["plan.json"],
    "github comment": ["plan.json"],
    "github issue": ["plan.json"],
}


def commands(group=cli, above=""):
    """Every command by its words, those of groups too."""
    for name, command in sorted(group.commands.items()):
        if isinstance(command, click.Group):
            yield from commands(command, f"{above}{name} ")
        else:
            yield f"{above}{name}", command


def options():
    """Each option and argument of each command that takes a value."""
    for name, command in commands():
        for parameter in command.params:
            if isinstance(parameter, click.Argument):
                yield name, ""
            elif not parameter.is_flag:
                yield name, parameter.opts[-1]


OPTIONS = list(options())
COMMANDS = list(dict.fromkeys(name for name, _ in OPTIONS))
COUNT = int(os.environ.get("DLCAPPLY_ODD_VALUES", "4"))


def test_every_command_takes_values():
    without = {"github consents"}
    assert {name for name, _ in OPTIONS} == {name for name, _ in commands()} - without


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
        args = [*command.split(), *port, *(NEEDED.get(command, ()) if option else ())]
        args += [f"{option}={value}"] if option else [value]
        shell = Shell({}, TurningClock(folder.emulator))
        code, printed = ran(shell, args)
        assert code in list(ExitCode), args
        assert "Traceback" not in printed
        assert code == 0 or printed.strip(), args


@pytest.mark.parametrize("value", ["\udcff", "a\nb", "\x1b[31m", "\0"])
@pytest.mark.parametrize("name", ["ALIBABA_CLOUD_REGION_ID", "PAI_WORKSPACE_ID"])
def test_an_odd_environment_is_wrong_usage(folder, name, value):
    shell = Shell({name: value}, TurningClock(folder.emulator))
    code, printed = ran(shell, ["plan", "jobs/a.yaml"])
    assert (code, f"${name} has" in printed) == (64, True)


@pytest.mark.parametrize("value", [os.fsdecode(b"\xff"), "\ud800", "a\0b"])
def test_a_value_that_is_not_text_is_refused_before_anything_is_written(folder, value):
    folder.job("b", more="envFrom: [{name: KEY, fromEnv: SOURCE}]\n")
    folder.environ = {"SOURCE": value}
    printed = folder.run("apply", "--yes")
    assert (printed.code, folder.writes) == (1, [])
    assert "not UTF-8 text: SOURCE (envFrom of b); nothing was written" in printed.err


def test_a_commit_that_is_not_text_is_not_told(folder):
    folder.environ = {"GITHUB_SHA": os.fsdecode(b"\xff"), "CI_COMMIT_SHA": "abc"}
    assert folder.run("apply", "--yes").code == 0
    assert folder.emulator.jobs()[0]["Settings"]["Tags"]["dlcapply-from"] == "abc"


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["plan", "--read-timeout", "0"], "no call is answered in no time"),
        (["plan", "--read-timeout", "25h"], "at most 24h"),
        (["apply", "--yes", "--settle", "1e400"], "is not a duration"),
        (["apply", "--yes", "--settle", "9" * 5000], "is too long; at most 366d"),
        (["apply", "--yes", "--wait-timeout", "٣h"], "is not a duration"),
        (["plan", "--expires", "999999999999h"], "is too long"),
        (["plan", "--expires", "367d"], "is too long; at most 366d"),
        (["plan", "--expires", "1w"], "write 90, 90s, 5m, 2h or 90d"),
        (["plan", "--owner", "a\nb"], "can't be printed"),
        (["plan", "--select", "x" * 5000], "has 5,000 characters"),
        (["validate", "--var", "lr=\udcff"], "is not UTF-8 text"),
        (["emulator", "--speed", "nan"], "is not a speed"),
        (["emulator", "--speed", "1e7"], "is not a speed"),
        (["emulator", "--log", "folder"], "is a folder"),
        (["show", "a\0b"], "is not a name"),
    ],
)
def test_what_is_odd_is_said(folder, args, words):
    code, printed = ran(Shell({}, TurningClock(folder.emulator)), args)
    assert (code, words in printed) == (64, True)
    assert len(printed) < 500


def each_with(command, taken_port, value):
    """The words of the command with the value in place of each option's, and of its argument."""
    port = [f"--port={taken_port}"] if command == "emulator" else []
    for option in (option for name, option in OPTIONS if name == command):
        needed = NEEDED.get(command, ()) if option else ()
        yield [*command.split(), *port, *needed, *([option] if option else []), value]


@pytest.mark.parametrize("command", COMMANDS)
def test_what_is_given_empty_is_wrong_usage(folder, taken_port, command):
    for args in each_with(command, taken_port, ""):
        assert ran(Shell({}, TurningClock(folder.emulator)), args)[0] == ExitCode.USAGE, args
    assert folder.writes == []


@pytest.mark.parametrize("command", COMMANDS)
def test_an_over_long_value_is_not_repeated_whole(folder, taken_port, command):
    for args in each_with(command, taken_port, "x y" * 3_000):
        _, printed = ran(Shell({}, TurningClock(folder.emulator)), args)
        assert len(printed) < 5_000, args[:-1]


@pytest.mark.parametrize("args", [["x" * 120_000], ["validate", f"--{'x' * 120_000}"], ["-" * 120_000]])
def test_an_over_long_word_is_not_repeated_whole(folder, args):
    code, printed = ran(Shell({}, TurningClock(folder.emulator)), args)
    assert (code, len(printed) < 2_000, "\n" in printed) == (64, True, True)


def test_closed_standard_input_is_told(folder, monkeypatch):
    monkeypatch.setattr("sys.stdin", None)
    shell = Shell({}, TurningClock(folder.emulator))
    assert ran(shell, ["validate", "-"]) == (1, "error: standard input can't be read: it is closed\n")
    code, printed = ran(shell, ["apply"])
    assert (code, "--yes" in printed) == (64, True)


@pytest.mark.parametrize("data", [b"\xef\xbb\xbf", b""])
def test_standard_input_is_utf8_in_any_locale(project, monkeypatch, data):
    text = (JOB.replace("NAME", "a") + "  Description: é🙂\n").encode()
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(data + text), encoding="latin-1"))
    assert project.run("apply", "--yes", "-").code == 0
    assert [job["Description"] for job in project.emulator.jobs()] == ["é🙂"]


def test_standard_input_is_bounded_as_files_are(project, monkeypatch):
    class Endless(BytesIO):
        def read(self, size=-1):
            assert size > 0
            return b"#" * size

    monkeypatch.setattr("sys.stdin", TextIOWrapper(Endless(), encoding="utf-8"))
    printed = project.run("validate", "-")
    assert (printed.code, "yaml-size" in printed.out) == (4, True)
