"""The log of every request: in memory, and as lines of JSON where a file is named."""

from __future__ import annotations

import json
import os
import threading
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from dlcapply.emulator.state.database import StateError
from dlcapply.emulator.state.private_files import open_private, reason

if TYPE_CHECKING:
    from pathlib import Path

    from dlcapply.emulator.answers import JsonObject


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """One request; `path` holds the query too, `status` is 0 where no answer was sent.

    `body` is that of a write, with stand-ins for values of variables, passwords and tokens.
    """

    time: str
    operation: str
    method: str
    path: str
    user: str
    status: int
    body: JsonObject | None = None


class RequestLog:
    """Safe to write from one thread and to read from others; the file is for the user alone.

    Raises StateError for a file that can't be written, or can't be made private.
    """

    def __init__(self, path: Path | None) -> None:
        self._lock = threading.Lock()
        self._entries: list[LoggedRequest] = []
        self._file = _opened(path) if path else None

    def add(self, entry: LoggedRequest) -> None:
        """Remembers the request; where its file can't be written, the service goes on without the line."""
        with self._lock:
            self._entries.append(entry)
            if self._file is not None:
                with suppress(OSError):
                    os.write(self._file, json.dumps(asdict(entry)).encode() + b"\n")

    @property
    def entries(self) -> tuple[LoggedRequest, ...]:
        with self._lock:
            return tuple(self._entries)

    def close(self) -> None:
        with self._lock:
            if self._file is not None:
                os.close(self._file)


def _opened(path: Path) -> int:
    try:
        return open_private(path, os.O_WRONLY | os.O_APPEND)
    except OSError as error:
        raise StateError(f"{path} can't be the log of the emulator: {reason(error)}") from error
