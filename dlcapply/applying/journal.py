"""The record of every write: an intent before the call, an outcome after it, on disk before either counts."""

from __future__ import annotations

import json
import os
import threading
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any

from dlcapply.errors import DlcapplyError

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
        """The intent is on disk, so that a crash during the call is known to the next apply.

        Raises DlcapplyError where it can't be written; then the call must not be made.
        """
        try:
            self._append({"event": INTENT, "op": op, "name": name, "call": call})
        except OSError as error:
            raise self._unusable("written", error) from error

    def conclude(self, *, op: str, name: str, result: str, job_id: str = "", request_id: str = "") -> None:
        """The outcome is on disk if it can be; where it is not, the next apply looks for the run first."""
        entry = {"op": op, "name": name, "result": result, "job_id": job_id, "request_id": request_id}
        with suppress(OSError):
            self._append({"event": OUTCOME, **entry})

    def open_intent(self, op: str) -> datetime | None:
        """When the newest intent for `op` that has no outcome was written; None where there is none."""
        when = None
        for entry in self.entries():
            if entry.get("op") == op:
                when = datetime.fromisoformat(entry["time"]) if entry["event"] == INTENT else None
        return when

    def entries(self) -> list[dict[str, Any]]:
        """Every whole entry, oldest first; raises DlcapplyError where the file can't be read."""
        try:
            lines = self._path.read_text(encoding="utf-8", errors="replace").splitlines()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise self._unusable("read", error) from error
        return [entry for line in lines if (entry := _parsed(line)) is not None]

    def _unusable(self, how: str, error: OSError) -> DlcapplyError:
        hint = "without its journal nothing is created or stopped; mend the file, or its folder's permissions"
        return DlcapplyError(f"{self._path} can't be {how}: {error.strerror}", hint=hint)

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
