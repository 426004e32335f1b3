"""Logs in files: one for each life of a pod, whole under its name, or marked as a part."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

from dlcapply.disk import begin_private, open_private, reason
from dlcapply.errors import DlcapplyError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from dlcapply.operating.pod_lives import Life

PARTIAL = ".partial"
# A run may have more pods than a process may have files.
_MOST_OPEN = 32
_LONGEST_NAME = 200
_PART = "the file is marked as a part; make room, and save again"


@dataclass(slots=True)
class SavedLog:
    """One file: `path` is its name when it is whole, and `is_whole` says whether it is."""

    life: Life
    path: Path
    lines: int = 0
    size: int = 0
    is_whole: bool = False

    @property
    def present_path(self) -> Path:
        return self.path if self.is_whole else self.path.with_name(f"{self.path.name}{PARTIAL}")


@dataclass(slots=True)
class SavedLogs:
    """The files in a folder that logs are saved to, each begun anew; raises DlcapplyError for what can't be.

    Close it: what was not finished stays, marked as a part.
    """

    folder: Path
    _pods: dict[str, list[SavedLog]] = field(default_factory=dict)
    _open: dict[Path, BinaryIO] = field(default_factory=dict)

    @property
    def logs(self) -> tuple[SavedLog, ...]:
        return tuple(log for logs in self._pods.values() for log in logs)

    def add(self, life: Life, lines: Iterable[str]) -> None:
        """The lines are at the end of the life's file."""
        log = self._log(life)
        for line in lines:
            data = f"{line}\n".encode("utf-8", "backslashreplace")
            try:
                self._stream(log).write(data)
            except OSError as error:
                raise _unwritable(log.present_path, error) from error
            log.lines += 1
            log.size += len(data)

    def flush(self) -> None:
        """All that was added is in the files, whatever becomes of the process."""
        for path, stream in self._open.items():
            try:
                stream.flush()
            except OSError as error:
                raise _unwritable(path, error) from error

    def finish(self, life: Life) -> None:
        """The life's file is whole: it has its own name, in the place of an earlier one."""
        log = self._log(life)
        try:
            stream = self._stream(log)
            stream.flush()
            os.fsync(stream.fileno())
            self._open.pop(log.path).close()
            log.present_path.replace(log.path)
        except OSError as error:
            raise _unwritable(log.path, error) from error
        log.is_whole = True

    def close(self) -> None:
        """Nothing is written any more."""
        for path in list(self._open):
            try:
                self._open.pop(path).close()
            except OSError as error:
                raise _unwritable(path, error) from error

    def _log(self, life: Life) -> SavedLog:
        """The life's log, also where it had no uid before; begun, where there is none."""
        logs = self._pods.setdefault(life.pod_id, [])
        for log in logs:
            if log.life.uid == life.uid or (not log.life.uid and log.life.number == life.number):
                log.life = life
                return log
        log = SavedLog(life, self.folder / self._name(life))
        self._put(log, begin_private, hint="remove it, or save to another folder")
        logs.append(log)
        return log

    def _name(self, life: Life) -> str:
        restart = f".restart-{life.number}" if life.number else ""
        name = f"{life.pod_id[:_LONGEST_NAME]}{restart}.log"
        taken = {log.path.name.lower() for log in self.logs}
        return f"{life.uid[:_LONGEST_NAME]}.log" if name.lower() in taken else name

    def _stream(self, log: SavedLog) -> BinaryIO:
        return self._open.get(log.path) or self._put(log, open_private)

    def _put(self, log: SavedLog, opened: Callable[[Path], int], *, hint: str = _PART) -> BinaryIO:
        """The log's file, opened, in the place of the one that has been open for longest."""
        try:
            while len(self._open) >= _MOST_OPEN:
                self._open.pop(next(iter(self._open))).close()
            stream = self._open[log.path] = os.fdopen(opened(log.present_path), "ab")
        except OSError as error:
            raise _unwritable(log.present_path, error, hint=hint) from error
        return stream


def _unwritable(path: Path, error: OSError, *, hint: str = _PART) -> DlcapplyError:
    return DlcapplyError(f"{path}: can't be written: {reason(error)}", hint=hint)
