"""What takes long is told while it lasts; with -v every call is."""

from __future__ import annotations

import re

import pytest

from dlcapply.cli.patience import Patience
from dlcapply.cli.shell import Shell
from dlcapply.cli.streams import show_status, stderr, telling
from dlcapply.emulator import Fault, FaultKind
from dlcapply.model.calls import Answered, Call

LISTING = Call("ListJobs", "page 2")


class Time:
    def __init__(self):
        self.seconds = 0.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def time():
    return Time()


@pytest.fixture
def told(capsys):
    """What has been told on stderr since the last look."""
    with telling({}):
        yield lambda: capsys.readouterr().err


@pytest.fixture
def patience(time, told):
    assert told() == ""
    return Patience(Shell({}), now=time)


def test_a_call_is_told_of_now_and_then_while_it_lasts(patience, time, told):
    patience.began(LISTING)
    for time.seconds in (14.0, 15.0, 16.0, 31.0):
        patience.tick()
    assert told() == "waiting for ListJobs (page 2): 15 s\nwaiting for ListJobs (page 2): 31 s\n"
    patience.ended(LISTING, Answered(31.0, 200))
    time.seconds = 60.0
    patience.tick()
    assert told() == ""


def test_what_is_done_is_told_in_place_of_its_calls(patience, time, told):
    with patience.doing("create of a"), patience.doing("create of b"):
        patience.began(LISTING)
        time.seconds = 20.0
        patience.tick()
    assert told() == "waiting for create of a: 20 s, and 1 more\n"


def test_a_pause_says_why_a_call_is_made_again(patience, time, told):
    patience.began(LISTING)
    patience.ended(LISTING, Answered(0.1, 429, code="Throttling.User"))
    patience.pausing(LISTING, 16.0, "Throttling.User")
    time.seconds = 16.0
    patience.tick()
    assert told() == "waiting for ListJobs (page 2) again after Throttling.User: 16 s\n"


def test_nothing_of_a_strangers_name_reaches_the_terminal_as_it_is(patience, time, told):
    patience.began(Call("ListJobs", "a\x1b[2J\nb"))
    time.seconds = 20.0
    patience.tick()
    assert told().count("\n") == 1
    assert "\x1b" not in told()


def test_a_status_line_is_gone_before_anything_else_is_written(told):
    show_status("waiting")
    stderr().write("news\n")
    assert told() == "\rwaiting\x1b[K\r\x1b[2Knews\n"


def test_with_v_every_call_is_a_line_with_its_request_id(project):
    project.job("a")
    project.emulator.fault(Fault("ListJobs", FaultKind.THROTTLED))
    printed = project.run("status", "-v")
    assert printed.code == 0
    lines = printed.err.splitlines()
    assert re.fullmatch(
        r"ListJobs( \(.*\))?: [0-9.]+ s, 429, Throttling.User, request [0-9A-F-]{36}", lines[0]
    )
    assert re.fullmatch(r"ListJobs( \(.*\))?: again in [0-9.]+ s after Throttling.User", lines[1])
    assert re.fullmatch(r"ListJobs( \(.*\))?: [0-9.]+ s, 200, request [0-9A-F-]{36}", lines[2])
    assert len([line for line in lines if "again in" not in line]) == len(project.emulator.requests)
    assert project.run("status").err == ""
