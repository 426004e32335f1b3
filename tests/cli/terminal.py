"""A terminal with somebody in front: what a process writes to it, as it is seen on the screen."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import termios
import unicodedata
from contextlib import contextmanager

from dlcapply.cli.streams import Teller

_TOKEN = re.compile(r"\x1b\[(\??)([0-9;]*)([A-Za-z])|(.)", re.DOTALL)
_WRAPS = "7"
_MARK = b"\x05"


class Screen:
    """What xterm shows of the few sequences that dlcapply writes; anything else is an error.

    `scrolled` are the lines that left the screen at its top.
    """

    def __init__(self, columns, lines):
        self.columns, self.lines = columns, lines
        self.rows = [[" "] * columns for _ in range(lines)]
        self.scrolled = []
        self.modes = {_WRAPS, "25"}
        self._row = self._column = 0

    @property
    def text(self):
        return "\n".join("".join(row).rstrip() for row in self.rows).rstrip("\n")

    def feed(self, written):
        for is_private, numbers, command, char in _TOKEN.findall(written):
            if char:
                self._put(char)
            elif is_private:
                (self.modes.add if command == "h" else self.modes.discard)(numbers)
            else:
                self._obey(command, int(numbers.split(";")[0] or 0))

    def _put(self, char):
        if char == "\r":
            self._column = 0
        elif char == "\n":
            self._line_feed()
        else:
            width = 1 + (unicodedata.east_asian_width(char) in "FW")
            if self._column + width > self.columns and _WRAPS in self.modes:
                self._column = 0
                self._line_feed()
            at = min(self._column, self.columns - width)
            self.rows[self._row][at : at + width] = [char, *[""] * (width - 1)]
            self._column = at + width

    def _line_feed(self):
        if self._row + 1 < self.lines:
            self._row += 1
            return
        self.scrolled.append("".join(self.rows.pop(0)).rstrip())
        self.rows.append([" "] * self.columns)

    def _obey(self, command, number):
        match command:
            case "A":
                self._row = max(0, self._row - (number or 1))
            case "K":
                at = min(self._column, self.columns - 1)
                self.rows[self._row][at:] = [" "] * (self.columns - at)
            case "J":
                self._obey("K", 0)
                self.rows[self._row + 1 :] = [[" "] * self.columns for _ in self.rows[self._row + 1 :]]
            case "m":
                pass
            case _:
                raise AssertionError(f"no terminal obeys {command!r}")


class Terminal:
    """A pseudo terminal of so many columns and lines, and the stream of who writes to it."""

    def __init__(self, columns=80, lines=24):
        self._master, self.slave = pty.openpty()
        self.screen = Screen(columns, lines)
        self._set_size(columns, lines)
        self.file = os.fdopen(self.slave, "w", encoding="utf-8", closefd=False)
        self.stream = Teller(self.file, is_obeyed=False)

    def look(self):
        """What is on the screen now."""
        self.screen.feed(self.written().replace("\r\r\n", "\r\n"))
        return self.screen.text

    def written(self):
        """All that was written since."""
        os.write(self.slave, _MARK)  # what is before it has arrived once it has
        read = b""
        while not read.endswith(_MARK):
            read += os.read(self._master, 1 << 20)
        return read.removesuffix(_MARK).decode()

    def resize(self, columns, lines):
        """Another size, on an empty screen."""
        self.look()
        self.screen = Screen(columns, lines)
        self._set_size(columns, lines)

    def close(self):
        os.close(self._master)
        os.close(self.slave)

    def _set_size(self, columns, lines):
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))


@contextmanager
def terminal(columns=80, lines=24):
    opened = Terminal(columns, lines)
    try:
        yield opened
    finally:
        opened.close()
