"""The record of every write: an intent before the call, an outcome after it, on disk before either counts."""

from __future__ import annotations

import json
import os
import threading
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from dlcapply.model import Clock

INTENT = "intent"
OUTCOME = "outcome"


class Journal:
    """One NDJSON file that several processes may append to; a line torn by a crash is passed over."""

    def __init__(self, path: Path, *, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._lock = threading.Lock()

    def intend(self, *, op: str, name: str, call: str) -> None:
        """The intent is on disk, so that a crash during the call is known to the next apply."""
        self._append({"event": INTENT, "op": op, "name": name, "call": call})

    def conclude(self, *, op: str, name: str, result: str, job_id: str = "", request_id: str = "") -> None:
        self._append(
            {
                "event": OUTCOME,
                "op": op,
                "name": name,
                "result": result,
                "job_id": job_id,
                "request_id": request_id,
            }
        )

    def open_intent(self, op: str) -> datetime | None:
        """When the newest intent for `op` that has no outcome was written; None where there is none."""
        when = None
        for entry in self.entries():
            if entry.get("op") == op:
                when = datetime.fromisoformat(entry["time"]) if entry["event"] == INTENT else None
        return when

    def entries(self) -> list[dict[str, Any]]:
        try:
            lines = self._path.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return []
        return [entry for line in lines if (entry := _parsed(line)) is not None]

    def _append(self, entry: dict[str, Any]) -> None:
        line = json.dumps({"time": self._clock.now().isoformat(), **entry}, ensure_ascii=False)
        with self._lock:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            # The line starts with a newline of its own: one torn by a crash can't swallow it.
            descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(descriptor, f"\n{line}\n".encode())
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def _parsed(line: str) -> dict[str, Any] | None:
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) and {"event", "time"} <= entry.keys() else None
