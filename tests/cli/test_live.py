from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from dlcapply.cli.live import Drawn, Live
from dlcapply.cli.shell import Shell
from dlcapply.cli.streams import Teller
from dlcapply.rendering.text.lines import Span, Style, line
from tests.cli.terminal import terminal

SHELL = Shell(environ={"TERM": "xterm"})


class Rows:
    """What is drawn: as many rows as are given, and what the region was asked for."""

    def __init__(self, *texts):
        self.texts = texts
        self.asked = []

    def __call__(self, width, height):
        self.asked.append((width, height))
        return [line(text) for text in self.texts]


def test_a_region_is_redrawn_in_place_and_stays():
    rows = Rows("one", "two")
    with terminal() as tty:
        tty.stream.write("$ dlcapply\r\n")
        with Live(SHELL, tty.stream, rows, stays=True) as live:
            live.draw()
            assert tty.look() == "$ dlcapply\none\ntwo"
            rows.texts = ("three",)
            live.draw()
            assert tty.look() == "$ dlcapply\nthree"
        tty.stream.write("after\r\n")
        assert tty.look() == "$ dlcapply\nthree\nafter"
        assert tty.screen.modes == {"7", "25"}


def test_a_region_that_does_not_stay_leaves_what_was_told():
    with terminal() as tty:
        with Live(SHELL, tty.stream, Rows("one", "two")) as live:
            live.tell(line("resnet50 failed"))
            assert tty.look() == "resnet50 failed\none\ntwo"
        assert tty.look() == "resnet50 failed"


def test_whoever_writes_there_has_the_lines_above_it_and_loses_no_character():
    rows = Rows("one", "two")
    with terminal(20, 8) as tty, Live(SHELL, tty.stream, rows, stays=True) as live:
        live.draw()
        live.tell(line("a-name-of-a-job-that-is-longer-than-the-screen"))
        Teller(tty.file, is_obeyed=False).impatient().write("interrupted: once more!\n")
        told = "a-name-of-a-job-that\n-is-longer-than-the-\nscreen\ninterrupted: once mo\nre!"
        assert tty.look() == f"{told}\none\ntwo"


def test_what_somebody_typed_moves_the_region_and_leaves_nothing_behind(monkeypatch):
    rows = Rows("one", "two")
    with terminal() as tty, open(tty.slave, encoding="utf-8", closefd=False) as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        with Live(SHELL, tty.stream, rows, stays=True) as live:
            live.draw()
            tty.type("abc\n\n")
            assert tty.look() == "one\ntwo\nabc"
            rows.texts = ("three", "four")
            live.draw()
            assert tty.look() == "three\nfour"


def test_after_a_stop_it_goes_on_below_what_was_done_meanwhile():
    with terminal() as tty, Live(SHELL, tty.stream, Rows("one"), stays=True) as live:
        live.draw()
        os.write(tty.slave, b"$ fg\r\n")
        signal.raise_signal(signal.SIGCONT)
        assert tty.look() == "one\n$ fg\none"


# Draws, hands the terminal to another group of processes, as `bg` and a prompt do, and draws again.
SENT_TO_THE_BACKGROUND = """
import fcntl, os, signal, subprocess, sys, termios
from dlcapply.cli.live import Drawn, Live
from dlcapply.cli.shell import Shell
from dlcapply.cli.streams import Teller
from dlcapply.cli.streams import stdout
from dlcapply.rendering.text.lines import line
fcntl.ioctl(1, termios.TIOCSCTTY, 0)
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
with Live(Shell({"TERM": "xterm"}), stdout(), lambda *_: [line("one")], stays=True) as live:
    live.draw()
    shell = subprocess.Popen([sys.executable, "-Sc", "input()"], stdin=subprocess.PIPE, process_group=0)
    os.tcsetpgrp(1, shell.pid)
    live.draw()
    live.tell(line("told"))
os.write(1, b"end")
shell.communicate()
"""


def test_in_the_background_nothing_is_drawn_over_what_goes_on_there():
    with terminal() as tty:
        words = [sys.executable, "-c", SENT_TO_THE_BACKGROUND]
        subprocess.run(words, check=True, stdout=tty.slave, start_new_session=True, timeout=60)
        told = tty.written()
    assert told.count("one") == 1
    assert told.endswith("told\r\nend")


def test_what_has_not_changed_is_not_written_again():
    with terminal() as tty, Live(SHELL, tty.stream, Rows("one")) as live:
        live.draw()
        assert tty.written()
        live.draw()
        assert tty.written() == ""


def test_it_is_never_taller_than_the_screen():
    with terminal(40, 5) as tty:
        rows = Rows(*(f"row {number}" for number in range(30)))
        with Live(SHELL, tty.stream, rows) as live:
            for number in range(3):
                rows.texts = (f"first {number}", *rows.texts[1:])
                live.draw()
            assert tty.look() == "first 2\nrow 1\nrow 2\nrow 3"
            assert tty.screen.scrolled == []
        assert rows.asked[0] == (40, 4)


def test_no_line_wraps_and_a_full_one_keeps_its_last_character():
    with terminal(10, 5) as tty, Live(SHELL, tty.stream, Rows("x" * 10, "y" * 30, "訓" * 8)) as live:
        live.draw()
        assert tty.look().splitlines()[0] == "x" * 10
        assert len(tty.look().splitlines()) <= 4
        assert tty.screen.scrolled == []


def test_it_is_drawn_anew_when_the_terminal_is_resized():
    rows = Rows("one")
    with terminal(80, 24) as tty, Live(SHELL, tty.stream, rows) as live:
        live.draw()
        tty.resize(30, 10)
        signal.raise_signal(signal.SIGWINCH)
        assert tty.look() == "one"
        assert rows.asked[-1] == (30, 9)


def test_what_draws_may_be_interrupted_by_what_draws():
    with terminal() as tty:
        depth = []

        def lines(*_):
            if len(depth) < 2:
                depth.append(1)
                signal.raise_signal(signal.SIGWINCH)
            return [line(f"drawn {len(depth)}")]

        with Live(SHELL, tty.stream, lines) as live:
            live.draw()
            assert tty.look() == "drawn 2"


@pytest.mark.parametrize("environ", [{"TERM": "dumb"}, {"TERM": "dumb", "FORCE_COLOR": "1"}])
def test_where_there_is_no_able_terminal_lines_are_told_one_by_one(environ):
    with terminal() as tty, Live(Shell(environ=environ, color="never"), tty.stream, Rows("one")) as live:
        live.draw()
        live.tell(line("resnet50 ", Span("failed", Style.BAD)))
        assert not live.is_on
        assert tty.written() == "resnet50 failed\r\n"


def test_without_colours_nothing_is_coloured_and_all_is_drawn():
    with terminal() as tty:
        shell = Shell(environ={"TERM": "xterm", "NO_COLOR": "1"})
        with Live(shell, tty.stream, lambda *_: [line(Span("failed", Style.BAD))]) as live:
            live.draw()
            written = tty.written()
        assert "failed" in written
        assert "m" not in written.replace("\x1b[?", "").split("failed", maxsplit=1)[0]


def test_a_frame_that_was_cut_short_leaves_no_mode_behind():
    def interrupted(*_):
        os.write(tty.slave, b"\x1b[?2026h\x1b[?25l\x1b[?7lhalf a fra")
        raise KeyboardInterrupt

    with terminal() as tty:
        tty.stream.write("$ dlcapply\r\n")
        with pytest.raises(KeyboardInterrupt), Live(SHELL, tty.stream, interrupted) as live:
            live.draw()
        assert tty.look().startswith("$ dlcapply")
        assert tty.screen.modes == {"7", "25"}
        assert signal.getsignal(signal.SIGWINCH) is signal.SIG_DFL


def test_what_several_threads_tell_a_slow_reader_is_whole_and_told_once():
    reader, writer = os.pipe()
    first = [f"line {number}" for number in range(15_000)]
    told = [f"{name}-{number}" for name in "abcd" for number in range(200)]
    with os.fdopen(writer, "w") as stream, os.fdopen(reader, "rb", buffering=0) as read:
        live = Live(Shell({}), Teller(stream, is_obeyed=False).impatient(), lambda *_: [])
        live.tell(*(Drawn(text, len(text)) for text in first))
        with ThreadPoolExecutor(4) as pool:
            tells = [pool.submit(live.tell, line(text)) for text in told]
            os.set_blocking(reader, False)  # a tell that is not done may have nothing more to write
            got = b""
            while not all(one.done() for one in tells) or live.is_behind():
                got += read.read(1 << 12) or b""
        got += read.read(1 << 16) or b""
    lines = got.decode().splitlines()
    assert lines[: len(first)] == first
    assert sorted(lines[len(first) :]) == sorted(told)
