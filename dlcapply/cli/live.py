"""A region of the terminal that is redrawn in place, while lines that stay go above it.

No mode of the terminal outlives a frame: whatever ends the process, the terminal is as it was.
"""

from __future__ import annotations

import os
import re
import select
import signal
import sys
import threading
from collections import deque
from contextlib import ExitStack
from typing import TYPE_CHECKING, NamedTuple, Self

from dlcapply.cli.printing import console_of
from dlcapply.cli.shell import is_able_terminal, is_colored, is_terminal
from dlcapply.cli.streams import Region, drawn_on, terminal_of
from dlcapply.rendering.text.lines import cells, to_rich, to_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from dlcapply.cli.shell import Shell
    from dlcapply.cli.streams import Teller
    from dlcapply.rendering.text.lines import Line

    # What the region shows in so many columns and rows; never more rows than those.
    Draft = Callable[[int, int], Sequence[Line]]

# A terminal that does not say how large it is.
_USUAL = os.terminal_size((80, 24))
# A frame: shown at once where the terminal can (mode 2026), no cursor (25); in the region nothing wraps (7).
_BEGIN = "\x1b[?2026h\x1b[?25l"
_NO_WRAP = "\x1b[?7l"
_END = "\x1b[?7h\x1b[?25h\x1b[?2026l"
_REST_OF_LINE = "\x1b[K"
_REST_OF_SCREEN = "\x1b[J"
_MOST_UNREAD = 5_000  # lines that wait for somebody who does not read; more are dropped
_A_LINE = 4096  # no terminal hands over a longer one
_LOOKS = re.compile("\x1b\\[[0-9;]*m")


class Drawn(NamedTuple):
    """A line as the terminal gets it, and the columns that it takes."""

    text: str
    width: int


class Live:
    """The region within the block, where `lines` says what is in it; drawn when told to, and when resized.

    It is off where the stream is no able terminal: then `draw` does nothing, and `tell` writes its lines all
    the same. Whatever is written to that terminal meanwhile, by whomever, goes above the region and stays. In
    the background nothing is drawn over what somebody else does there. What is drawn last stays where it
    `stays`; otherwise it is gone. Nothing waits here for a lock: threads and signal handlers may draw and
    tell.
    """

    def __init__(self, shell: Shell, stream: Teller, lines: Draft, *, stays: bool = False) -> None:
        self._shell = shell
        self._stream = stream
        self._lines = lines
        self._stays = stays
        self._busy = threading.Lock()
        self._asked = False
        self._told: deque[Line | Drawn | str] = deque()
        self._rest = b""
        self._drawn: list[Drawn] = []
        self._size = _USUAL
        self._was_away = False
        self._left = ExitStack()
        self.is_on = False

    def __enter__(self) -> Self:
        self.is_on = is_able_terminal(self._stream, self._shell)
        if self.is_on and (terminal := _terminal_of(self._stream)) is not None:
            self._left.enter_context(drawn_on(Region(terminal, self._above, f"{_END}\r\n")))
        if self.is_on and threading.current_thread() is threading.main_thread():
            self._handle(signal.SIGWINCH, self.draw)
            self._handle(signal.SIGCONT, self._return)
        return self

    def _handle(self, number: signal.Signals, act: Callable[[], None]) -> None:
        self._left.callback(signal.signal, number, signal.signal(number, lambda *_: act()))

    def _return(self) -> None:
        """Whoever stopped the process has used the terminal since: the region is drawn below all that."""
        self._was_away = True
        self.draw()

    def __exit__(self, *_: object) -> None:
        if not self.is_on:
            self.tell()
            return
        with self._left:
            self._put("")
            self.is_on = False
            above = self._rows_of(self._taken(), self._size.columns)
            if not _is_in_front(self._stream):
                self._write_plainly(above)
                return
            if above or not self._stays:
                self._write(above, self._drawn if self._stays else [], self._size)
            # A frame may have been cut short; and a terminal shows ^C where the cursor is.
            self._put(f"{_END}\r{_REST_OF_LINE}")

    def tell(self, *lines: Line | Drawn) -> None:
        """The lines are told, above the region, and stay."""
        if len(self._told) < _MOST_UNREAD:
            self._told.extend(lines)
        self._act()

    def _above(self, text: str) -> None:
        """Somebody else writes where the region is drawn."""
        if len(self._told) < _MOST_UNREAD:
            self._told.append(text)
        self.draw()

    def _tell_plainly(self) -> None:
        if self._is_stuck():
            return
        told = self._taken()
        if self.is_on or is_terminal(self._stream) or is_colored(self._stream, self._shell):
            self._write_plainly(self._rows_of(told, self.columns))
        else:  # nobody needs rich for that
            self._put("".join(map(_plain, told)))

    def _write_plainly(self, rows: Sequence[Drawn]) -> None:
        self._put("".join(f"{one.text}\n" for one in rows))

    @property
    def columns(self) -> int:
        """How wide the terminal is."""
        return _size_of(self._stream).columns

    def _put(self, text: str) -> None:
        """The text is written as it is; what its reader does not take in time goes before what comes next."""
        self._rest = self._stream.offer(self._rest + self._stream.encoded(text))

    def is_behind(self) -> bool:
        """Whether its reader has not taken yet what there was to read."""
        if self._rest or self._told:
            self.tell()
        return bool(self._rest or self._told) or not self._stream.is_taken()

    def _is_stuck(self) -> bool:
        if self._rest:
            self._put("")
        return bool(self._rest)

    def draw(self) -> None:
        """The region shows what there is to show now."""
        if self.is_on:
            self._act()

    def _act(self) -> None:
        self._asked = True
        # Who writes already sees that it was asked again: a handler may have interrupted this very line.
        while self._asked and self._busy.acquire(blocking=False):
            try:
                self._asked = False
                self._draw() if self.is_on else self._tell_plainly()
            finally:
                self._busy.release()

    def _draw(self) -> None:
        width, height = size = _size_of(self._stream)
        rows = max(1, height - 1)
        if not _is_in_front(self._stream):
            self._was_away = True
            self._tell_plainly()
            return
        if self._is_stuck():
            return
        above = self._rows_of(self._taken(), width)
        region = self._rendered(self._lines(width, rows), width)[:rows]
        if above or region != self._drawn or size != self._size or self._was_away:
            self._write(above, region, size)

    def _write(self, above: list[Drawn], region: list[Drawn], size: os.terminal_size) -> None:
        up = self._rows_up(size)
        back = f"\r\x1b[{up}A" if up else "\r"
        told = "".join(f"{_ended(one, size, wraps=True)}\r\n" for one in above)
        lines = "".join(f"{_ended(one, size, wraps=False)}\r\n" for one in region)
        self._drawn, self._size = region, size
        self._put(f"{_BEGIN}{back}{told}{_NO_WRAP}{lines}{_REST_OF_SCREEN}{_END}")

    def _rows_up(self, size: os.terminal_size) -> int:
        """How far up the region begins: in a terminal that became narrower, its lines take more rows."""
        typed = _rows_typed()
        if self._was_away:
            self._was_away = False
            return 0
        rows = sum(max(1, -(-line.width // size.columns)) for line in self._drawn)
        return min(rows + typed, size.lines - 1)

    def _rows_of(self, told: Iterable[Line | Drawn | str], width: int) -> list[Drawn]:
        return [row for one in told for row in self._row_of(one, width)]

    def _row_of(self, told: Line | Drawn | str, width: int) -> list[Drawn]:
        match told:
            case str():
                return [Drawn(one, cells(_LOOKS.sub("", one))) for one in told.splitlines()]
            case Drawn():
                return [told]
            case _:
                return self._rendered([told], width)

    def _taken(self) -> list[Line | Drawn | str]:
        return [self._told.popleft() for _ in range(len(self._told))]

    def _rendered(self, lines: Sequence[Line], width: int) -> list[Drawn]:
        if not lines:
            return []
        console, text = console_of(self._stream, self._shell), to_rich(lines, width=width)
        with console.capture() as captured:
            console.print(text, soft_wrap=True)
        texts = captured.get().removesuffix("\n").split("\n")
        return [Drawn(one, cells(plain)) for one, plain in zip(texts, text.plain.split("\n"), strict=True)]


def _plain(told: Line | Drawn | str) -> str:
    match told:
        case str():
            return told
        case Drawn():
            return f"{told.text}\n"
        case _:
            return to_text([told])


def _ended(line: Drawn, size: os.terminal_size, *, wraps: bool) -> str:
    """Behind a line that fills its row there is nothing to erase: it would be its last character."""
    behind = line.width % size.columns if wraps else size.columns - line.width
    fills = line.width and behind <= 0
    return line.text if fills else line.text + _REST_OF_LINE


def _terminal_of(stream: Teller) -> int | None:
    try:
        return terminal_of(stream.fileno())
    except OSError:
        return None


def _is_in_front(stream: Teller) -> bool:
    """Whether the terminal is ours to draw on; one that does not control us is nobody else's."""
    try:
        return os.tcgetpgrp(stream.fileno()) == os.getpgrp()
    except OSError:
        return True


def _rows_typed() -> int:
    """How far down somebody who typed has moved the cursor: a terminal shows each Enter.

    What was typed is taken: nobody has asked for it, and the shell would run it later.
    """
    rows = 0
    try:
        while is_terminal(sys.stdin) and select.select([sys.stdin], [], [], 0)[0]:
            typed = os.read(sys.stdin.fileno(), _A_LINE)
            rows += typed.count(b"\n")
            if not typed:  # Ctrl-D, which moves nothing
                break
    except (OSError, ValueError):
        pass
    return rows


def _size_of(stream: Teller) -> os.terminal_size:
    try:
        size = os.get_terminal_size(stream.fileno())
    except (OSError, ValueError):
        return _USUAL
    return os.terminal_size((size.columns or _USUAL.columns, size.lines or _USUAL.lines))
