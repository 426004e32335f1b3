"""When text is styled: as --color says, for errors and wrong usage too, else as the environment does."""

from __future__ import annotations

import io

import pytest

from dlcapply.cli.shell import Shell, is_able_terminal, is_colored
from dlcapply.cli.streams import Teller

ESCAPE = "\x1b["


class Terminal(io.StringIO):
    def isatty(self):
        return self.writable()  # raises once it is closed


@pytest.mark.parametrize(
    ("environ", "on_terminal", "elsewhere"),
    [
        ({}, True, False),
        ({"TERM": "xterm-256color"}, True, False),
        ({"TERM": "dumb"}, False, False),
        ({"TERM": "unknown"}, False, False),
        ({"NO_COLOR": "1"}, False, False),
        ({"NO_COLOR": ""}, True, False),
        ({"CLICOLOR": "0"}, False, False),
        ({"CLICOLOR": "1"}, True, False),
        ({"CLICOLOR_FORCE": "1"}, True, True),
        ({"CLICOLOR_FORCE": "0"}, True, False),
        ({"FORCE_COLOR": "1"}, True, True),
        ({"FORCE_COLOR": "0"}, True, False),
        ({"FORCE_COLOR": "1", "TERM": "dumb"}, True, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, False),
    ],
)
def test_the_environment_says_where_there_is_colour(environ, on_terminal, elsewhere):
    terminal, file = (Teller(stream, is_obeyed=False) for stream in (Terminal(), io.StringIO()))
    shell = Shell(environ)
    assert (is_colored(terminal, shell), is_colored(file, shell)) == (on_terminal, elsewhere)
    for color, colored in (("always", True), ("never", False)):
        assert is_colored(terminal, Shell(environ, color=color)) is colored
        assert is_colored(file, Shell(environ, color=color)) is colored


def test_a_closed_stream_is_no_terminal():
    closed = Terminal()
    closed.close()
    for stream in (None, closed):
        assert not is_able_terminal(Teller(stream, is_obeyed=False), Shell({}))


@pytest.mark.parametrize(
    "words",
    [
        ("plan", "no/such/path"),
        ("plan", "--frobnicate"),
        ("validate", "--fail-on", "nothing"),
        ("status", "-o", "yaml"),
        ("apply", "--yes", "--plan", "none.json"),
    ],
)
@pytest.mark.parametrize("at", ["first", "last"])
def test_color_is_for_errors_and_wrong_usage_too(project, words, at):
    for color, colored in (("always", True), ("never", False), ("auto", False)):
        given = ("--color", color)
        line = (words[0], *given, *words[1:]) if at == "first" else (*words, *given)
        printed = project.run(*line)
        assert printed.code != 0
        assert (ESCAPE in printed.err) is colored


def test_a_styled_plan_survives_no_color_where_it_was_asked_for(project):
    project.environ["NO_COLOR"] = "1"
    project.job("a")
    assert ESCAPE in project.run("plan", "--color", "always").out
    assert ESCAPE not in project.run("plan").out


def test_where_there_is_nothing_to_say_there_is_no_empty_line(project):
    project.job("a")
    project.run("apply", "--yes")
    assert project.run("apply", "--yes", "--color", "always").err == ""
