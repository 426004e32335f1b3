"""The record of every request: in memory, and as lines of JSON where a file is named."""

from __future__ import annotations

import json
import threading
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from dlcapply.emulator.answers import JsonObject

# Of ImageConfig and CredentialConfig.
_SECRET_KEYS = frozenset({"Password", "Auth", "SecurityToken"})


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """One request; `path` holds the query too, `status` is 0 where no answer was sent.

    `body` is that of a write, without its secrets.
    """

    time: str
    operation: str
    method: str
    path: str
    user: str
    status: int
    body: JsonObject | None = None


class RequestLog:
    """Safe to write from one thread and to read from others."""

    def __init__(self, path: Path | None) -> None:
        self._lock = threading.Lock()
        self._entries: list[LoggedRequest] = []
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("a", encoding="utf-8") if path else None

    def add(self, entry: LoggedRequest) -> None:
        with self._lock:
            self._entries.append(entry)
            if self._file:
                self._file.write(json.dumps(asdict(entry)) + "\n")
                self._file.flush()

    @property
    def entries(self) -> tuple[LoggedRequest, ...]:
        with self._lock:
            return tuple(self._entries)

    def close(self) -> None:
        with self._lock:
            if self._file:
                self._file.close()


def without_secrets(body: Any) -> Any:
    match body:
        case dict():
            return {key: without_secrets(value) for key, value in body.items() if key not in _SECRET_KEYS}
        case list():
            return [without_secrets(value) for value in body]
        case _:
            return body
