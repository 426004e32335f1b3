"""The lines of a journal as entries: each is read once, however often somebody asks."""

from __future__ import annotations

import errno
import json
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from dlcapply.disk import read_on

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

INTENT = "intent"
OUTCOME = "outcome"
_KEYS = ("where", "by", "op", "name")
_OTHER_KEYS = ("call", "result", "job_id", "request_id", "from", "work", "identity", "set")

Entry = dict[str, Any]


@dataclass(slots=True)
class _Read:
    """The whole lines of a file up to `end`, and where those of each operation and work are among them."""

    file: tuple[int, int] = (0, 0)
    end: int = 0
    lines: list[bytes] = field(default_factory=list)
    by_op: dict[str, list[int]] = field(default_factory=dict)
    by_work: dict[str, list[int]] = field(default_factory=dict)

    def take(self, lines: Iterable[bytes]) -> None:
        for line in lines:
            if (entry := _parsed(line)) is not None:
                self.by_op.setdefault(entry["op"], []).append(len(self.lines))
                if work := entry.get("work"):
                    self.by_work.setdefault(work, []).append(len(self.lines))
                self.lines.append(line)


class JournalReader:
    """What a file of at most `limit` bytes holds by now; who asks again reads only what was appended since.

    A file that took the place of another, or became shorter, is read anew. Lines are kept as they are: as
    values they take many times the room.
    """

    def __init__(self, path: Path, *, limit: int) -> None:
        self._path = path
        self._limit = limit
        self._lock = threading.Lock()
        self._read = _Read()

    def of(self, op: str) -> Iterator[Entry]:
        """Every whole entry of the operation, its time in UTC, oldest first.

        Raises OSError where the file can't be read, or is longer than the limit.
        """
        with self._lock:
            last = self._catch_up()
            lines = [self._read.lines[place] for place in self._read.by_op.get(op, ())]
        return (
            entry for line in (*lines, last) if (entry := _parsed(line)) is not None and entry["op"] == op
        )

    def for_work(self, work: str) -> Iterator[Entry]:
        """Every whole entry that names the work, as `of` gives them."""
        with self._lock:
            last = self._catch_up()
            lines = [self._read.lines[place] for place in self._read.by_work.get(work, ())]
        parsed = map(_parsed, (*lines, last))
        return (entry for entry in parsed if entry is not None and entry.get("work") == work)

    def all(self) -> Iterator[Entry]:
        """Every whole entry of the file, as `of` gives them."""
        with self._lock:
            last = self._catch_up()
            lines = [*self._read.lines, last]
        return (entry for line in lines if (entry := _parsed(line)) is not None)

    def _catch_up(self) -> bytes:
        """What was appended is read; returns the last line while its end is not there yet."""
        try:
            found, data = read_on(self._path, self._read.end, self._limit)
            if (found.st_dev, found.st_ino) != self._read.file or found.st_size < self._read.end:
                self._read = _Read((found.st_dev, found.st_ino))
                _, data = read_on(self._path, 0, self._limit)
        except FileNotFoundError:
            self._read = _Read()
            return b""
        if self._read.end + len(data) > self._limit:
            raise OSError(errno.EFBIG, "it is larger than any journal", str(self._path))
        whole, newline, last = data.rpartition(b"\n")
        self._read.take((whole + newline).splitlines())
        self._read.end += len(whole) + len(newline)
        return last


def _parsed(line: bytes) -> Entry | None:
    """The entry with its time as a time; None for a line that is not an entry, as after an edit by hand."""
    try:
        entry = json.loads(line.decode("utf-8", "replace"))
        when = datetime.fromisoformat(entry["time"]).astimezone(UTC)
        is_whole = entry["event"] in {INTENT, OUTCOME} and all(isinstance(entry[key], str) for key in _KEYS)
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return None
    optional = (entry.get(key, "") for key in _OTHER_KEYS)
    return {**entry, "time": when} if is_whole and all(isinstance(text, str) for text in optional) else None
