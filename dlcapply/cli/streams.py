"""Standard output and error as streams that never fail: telling must not decide about doing.

What can't be told is noted, for the exit code at the end.
"""

from __future__ import annotations

import errno
import io
import os
import select
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dlcapply.runners import Disarming, disarmed, obeys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import TextIO

UTF8 = "utf-8"
# What is written to a pipe at once once it is ready (POSIX has at least this), so that the write can't block.
_PIECE = 512
_WIDEST_STATUS = 79
# How long news waits for a reader that does not read; in milliseconds.
_PATIENCE = 1_000
_NO_TIME = 100


class _StatusLine:
    """A line at the foot of the terminal, gone before anything else is written."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._shown = ""

    def show(self, text: str) -> None:
        with self._lock:
            if text != self._shown and not _REGIONS:
                self._put(f"\r{text}\x1b[K")
                self._shown = text

    def clear(self) -> None:
        with self._lock:
            if self._shown:
                self._shown = ""
                self._put("\r\x1b[2K")

    def _put(self, text: str) -> None:
        stderr().impatient()._send(text, UTF8)  # noqa: SLF001  past the clearing


_STATUS = _StatusLine()


@dataclass(frozen=True, slots=True)
class Region:
    """A part of a terminal that is redrawn in place: what is written there otherwise is given to `above`.

    `over` ends whatever mode of the terminal a frame may have begun.
    """

    terminal: int
    above: Callable[[str], None]
    over: str


_REGIONS: list[Region] = []


def _region_of(descriptor: int | None) -> Region | None:
    if not _REGIONS or descriptor is None:
        return None
    return _REGIONS[-1] if terminal_of(descriptor) == _REGIONS[-1].terminal else None


def terminal_of(descriptor: int) -> int | None:
    """Which terminal it is; None for anything else."""
    try:
        return os.fstat(descriptor).st_rdev if os.isatty(descriptor) else None
    except OSError:
        return None


class _Bytes:
    """UTF-8 for a stream of text."""

    def __init__(self, teller: Teller) -> None:
        self._teller = teller

    def write(self, data: bytes) -> int:
        self._teller.write(data.decode(UTF8))
        return len(data)

    def flush(self) -> None: ...


class Teller(io.TextIOBase):
    """A text stream that takes everything; `failure` is the first thing that went wrong.

    Nothing is buffered, so that a failure is known at once and none comes when the process ends. One that is
    impatient drops what its reader does not take in time.
    """

    def __init__(self, stream: TextIO | None, *, is_obeyed: bool, is_impatient: bool = False) -> None:
        self._stream = stream
        self._descriptor = _descriptor(stream)
        self._disarming = Disarming() if is_obeyed else None
        self._patience = _PATIENCE if is_impatient else None
        self.failure: OSError | ValueError | None = None
        self.has_written = False

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return getattr(self._stream, "encoding", None) or UTF8

    @property
    def errors(self) -> str:  # type: ignore[override]
        return "backslashreplace"

    @property
    def is_obeyed(self) -> bool:
        """Whether a runner may obey what is written."""
        return self._disarming is not None

    def isatty(self) -> bool:
        try:
            return self._stream is not None and self._stream.isatty()
        except ValueError:  # closed
            return False

    def fileno(self) -> int:
        if self._descriptor is None:
            raise io.UnsupportedOperation("fileno")
        return self._descriptor

    def writable(self) -> bool:
        return True

    @property
    def buffer(self) -> _Bytes:
        """Where click writes its completion scripts, as bytes."""
        return _Bytes(self)

    def write(self, text: str) -> int:
        if not isinstance(text, str):  # click asks every stream in this way whether it takes bytes
            raise TypeError(f"a text stream takes no {type(text).__name__}")
        region = _region_of(self._descriptor)
        if region is None:
            self.put(text)
        elif text:
            region.above(text)
        return len(text)

    def put(self, text: str) -> None:
        """The text is written where the cursor is, whatever else is drawn there."""
        _STATUS.clear()
        self._send(self._disarming.of(text) if self._disarming else text, self.encoding)

    def put_last(self, text: str) -> None:
        """The same, as the process ends here and now."""
        region = _region_of(self._descriptor)
        self.put(f"{region.over}{text}" if region else text)

    def write_document(self, text: str, *, is_command: bool = False) -> None:
        """The text is written in UTF-8, whatever the locale; commands to a runner as they are."""
        _STATUS.clear()
        armless = self._disarming is None or is_command
        self._send(text if armless else disarmed(text), UTF8)

    def is_read(self) -> bool:
        """Whether somebody may still read it; a reader that has gone is a failure, told or not."""
        if self._descriptor is not None and self.failure is None:
            poll = select.poll()
            poll.register(self._descriptor, 0)
            if poll.poll(0):
                self.failure = BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))
        return self.failure is None

    def impatient(self) -> Teller:
        """The same stream for news that may be dropped."""
        return Teller(self._stream, is_obeyed=self.is_obeyed, is_impatient=True)

    def encoded(self, text: str) -> bytes:
        """The text as it is written, for `offer`."""
        armless = self._disarming.of(text) if self._disarming else text
        return armless.encode(self.encoding, "backslashreplace")

    def offer(self, data: bytes) -> bytes:
        """What the reader does not take in time, to be offered again; of one that has gone, nothing."""
        _STATUS.clear()
        self.has_written |= bool(data)
        try:
            return self._put(data, self.encoding)
        except (OSError, ValueError) as error:
            self.failure = self.failure or error
            return b""

    def is_taken(self) -> bool:
        """Whether the reader takes something by now, or in no time."""
        return self._descriptor is None or bool(_await(self._descriptor, _NO_TIME))

    def _send(self, text: str, encoding: str) -> None:
        self.has_written |= bool(text)
        try:
            self._put(text.encode(encoding, "backslashreplace"), encoding)
        except (OSError, ValueError) as error:  # ValueError: the stream was closed
            self.failure = self.failure or error

    def _put(self, data: bytes, encoding: str) -> bytes:
        """What is left of the data."""
        if self._descriptor is not None:
            return bytes(self._pour(self._descriptor, memoryview(data)))
        if self._stream is not None:
            self._stream.write(data.decode(encoding))
            self._stream.flush()
        elif data:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        return b""

    def _pour(self, descriptor: int, data: memoryview) -> memoryview:
        piece = len(data) if self._patience is None else _PIECE
        while data and (self._patience is None or self._is_ready(descriptor)):
            try:
                data = data[os.write(descriptor, data[:piece]) :]
            except BlockingIOError:  # somebody else made the stream non-blocking
                _await(descriptor, self._patience)
        return data

    def _is_ready(self, descriptor: int) -> bool:
        """Whether the reader takes something; one that let us wait once is not waited for again."""
        ready = bool(_await(descriptor, self._patience))
        self._patience = _PATIENCE if ready else 0
        return ready


def _await(descriptor: int, milliseconds: int | None = None) -> list[tuple[int, int]]:
    poll = select.poll()
    poll.register(descriptor, select.POLLOUT)
    return poll.poll(milliseconds)


def _descriptor(stream: TextIO | None) -> int | None:
    try:
        return stream.fileno() if stream is not None else None
    except (OSError, ValueError):
        return None


def tell_without_failing(environ: Mapping[str, str]) -> None:
    """Standard output and error never fail from now on, and hold nothing that a runner would obey."""
    sys.stdout, sys.stderr = (_teller(stream, environ) for stream in (sys.stdout, sys.stderr))


@contextmanager
def telling(environ: Mapping[str, str]) -> Iterator[None]:
    """The same within the block."""
    before = sys.stdout, sys.stderr
    tell_without_failing(environ)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def _teller(stream: TextIO | Teller | None, environ: Mapping[str, str]) -> Teller:
    return stream if isinstance(stream, Teller) else Teller(stream, is_obeyed=obeys(environ))


def stdout() -> Teller:
    return _teller(sys.stdout, {})


def stderr() -> Teller:
    return _teller(sys.stderr, {})


def room_for_status() -> int:
    """The columns that such a line may have: one that fills the last column wraps on some terminals."""
    try:
        columns = os.get_terminal_size(stderr().fileno()).columns
    except (OSError, ValueError):
        columns = 0
    return min(columns - 1, _WIDEST_STATUS) if columns > 1 else _WIDEST_STATUS


def show_status(text: str) -> None:
    """The text, of printable characters, is the last line of the terminal that standard error is."""
    _STATUS.show(text)


@contextmanager
def drawn_on(region: Region) -> Iterator[None]:
    """Within the block the region shows what happens, so that there is no such line."""
    clear_status()
    _REGIONS.append(region)
    try:
        yield
    finally:
        _REGIONS.remove(region)


def clear_status() -> None:
    """The line that `show_status` wrote is gone, if it is there."""
    _STATUS.clear()


def fill_closed_descriptors() -> None:
    """Descriptors 0 to 2 are open, if on nothing: else the next file would become standard output."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number, which is this one
    sys.stdin = sys.stdin or os.fdopen(0, encoding=UTF8, closefd=False)
