"""The record of every write: an intent before the call, an outcome after it, on disk before either counts.

A write-ahead log in place of the idempotency token that CreateJob lacks: after a crash or a lost answer, the
next apply knows for which operations a run may exist that no listing shows yet.
"""

from __future__ import annotations

import errno
import json
import os
import threading
import uuid
from collections import Counter, defaultdict
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from dlcapply.applying.journal_reader import INTENT, OUTCOME, JournalReader
from dlcapply.disk import open_private, reason
from dlcapply.errors import DlcapplyError
from dlcapply.model.jobs import Identity
from dlcapply.planning.marks import set_fields, set_mark

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from dlcapply.model.clock import Clock

CREATED = "created"
STOPPED = "stopped"
CREATE_CALL = "CreateJob"
STOP_CALL = "StopJob"
UPDATE_CALL = "UpdateJob"
SIGNAL_CALL = "CreateSignal"
DELETE_CALL = "DeleteJob"
_MAX_BYTES = 64 << 20
# A run that ended, its retry, and one to spare: PAI may list each of them late.
_LATEST = 3
_MEND = "without its journal nothing is created or stopped; mend the file, or its folder's permissions"
_AGAIN = "while no apply is under way, move it out of the folder: a new one is begun"


@dataclass(frozen=True, slots=True)
class Trail:
    """What was noted of one operation: the run it created, and since when it may exist unseen.

    `job_id` is empty where no create is known to have succeeded; `since` is None where none can have.
    """

    job_id: str = ""
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Write:
    """A call that was begun by this process and has no outcome yet."""

    op: str
    name: str
    call: str

    @property
    def is_create(self) -> bool:
        return self.call == CREATE_CALL


class Journal:
    """One NDJSON file that several processes may append to; a line torn by a crash is passed over.

    `where` names the target of the writes, down to the service: environments of one project share the file.
    `provenance` is what the writes are made from, `by_name` that the runs carry no operation ids.
    """

    def __init__(
        self, path: Path, *, clock: Clock, where: str, provenance: str = "", by_name: bool = False
    ) -> None:
        self._path = path
        self._entries = JournalReader(path, limit=_MAX_BYTES)
        self._clock = clock
        self.where = where
        self._notes = {
            **({"from": provenance} if provenance else {}),
            **({"identity": Identity.NAME.value} if by_name else {}),
        }
        self._lock = threading.Lock()
        self._writer = uuid.uuid4().hex
        self._in_flight: dict[str, Write] = {}

    @property
    def in_flight(self) -> tuple[Write, ...]:
        """The calls of this process without an outcome; safe to ask in a signal handler."""
        return tuple(self._in_flight.copy().values())

    def intend(self, *, op: str, name: str, call: str, work: str = "") -> None:
        """The intent is on disk, so that a crash during the call is known to the next apply.

        `work` is what a run that is created is paid for.
        Raises DlcapplyError where it can't be written; then the call must not be made.
        """
        try:
            self._append({"event": INTENT, "op": op, "name": name, "call": call, "work": work})
        except OSError as error:
            raise self._unusable("written", error) from error
        self._in_flight[op] = Write(op, name, call)

    def conclude(
        self,
        *,
        op: str,
        name: str,
        result: str,
        job_id: str = "",
        request_id: str = "",
        work: str = "",
        moved: Mapping[str, str] | None = None,
    ) -> None:
        """The outcome is on disk if it can be; where it is not, the next apply looks for the run first.

        `work` is what a created run is paid for; `moved` are the fields that an update changed, with hashes
        of their values.
        """
        entry = {"op": op, "name": name, "result": result, "job_id": job_id, "request_id": request_id}
        entry |= {"work": work} if work else {}
        entry |= {"set": set_mark(moved)} if moved else {}
        with suppress(OSError):
            self._append({"event": OUTCOME, **entry})
        self._in_flight.pop(op, None)

    def trail(self, op: str) -> Trail:
        """What the entries say of the operation, whoever wrote them."""
        created = [entry for entry in self.entries(op) if entry.get("result") == CREATED]
        times = [*self._begun(op).values(), *(entry["time"] for entry in created)]
        job_id = str(created[-1].get("job_id") or "") if created else ""
        return Trail(job_id, max(times, default=None))

    def created(self, op: str) -> tuple[str, ...]:
        """The JobIds that the operation is noted to have created in this very target, the first few of them.

        One, or two that raced; what is appended later, by whomever, takes the place of none.
        """
        noted = (
            str(entry.get("job_id") or "")
            for entry in self.entries(op)
            if entry.get("result") == CREATED and entry.get("where") == self.where
        )
        return tuple(dict.fromkeys(filter(None, noted)))[:_LATEST]

    def paid_for(self) -> dict[str, dict[str, str]]:
        """By work, the runs that were created for it in this journal's target: of each the name, by JobId.

        Of each name the first few: what is appended later takes the place of none.
        """
        by_work: defaultdict[str, dict[str, str]] = defaultdict(dict)
        counts: Counter[tuple[str, str]] = Counter()
        for entry in self.entries():
            work, name, job_id = (str(entry.get(key) or "") for key in ("work", "name", "job_id"))
            is_created = entry.get("result") == CREATED and entry.get("where") == self.where
            if is_created and work and job_id and counts[work, name] < _LATEST:
                counts[work, name] += job_id not in by_work[work]
                by_work[work].setdefault(job_id, name)
        return by_work

    def rival(self, op: str, *, within: float) -> datetime | None:
        """When another process wrote an intent for `op` before ours, not longer ago than `within` seconds.

        None where there is none, or where its outcome is noted. Of two that write at once, the order of
        their lines decides, and both see the same one.
        """
        earliest = self._clock.now() - timedelta(seconds=within)
        before = takewhile(lambda begun: begun[0] != self._writer, self._begun(op).items())
        return next((when for _, when in before if when > earliest), None)

    def unclear(self, work: str, *, besides: str, names: Collection[str]) -> datetime | None:
        """Since when a run for the work may exist unseen that another operation began under these names."""
        noted = {
            entry["op"]
            for entry in self._noted_for(work)
            if entry["op"] != besides and entry["name"] in names and entry.get("where") == self.where
        }
        return max((when for op in noted for when in self._begun(op).values()), default=None)

    @property
    def knows_target(self) -> bool:
        """Whether anything is noted of this journal's target."""
        return any(entry.get("where") == self.where for entry in self.entries())

    def has_stopped(self, job_id: str) -> bool:
        """Whether the run was told to stop from here, or may have been."""
        return self.stopped_from(job_id) is not None

    def stopped_from(self, job_id: str) -> str | None:
        """What the command was started from that told the run to stop, if it said so; None where none did."""
        stops = [
            entry
            for entry in self._of_run(job_id)
            if entry.get("call") == STOP_CALL or entry.get("result") == STOPPED
        ]
        return str(stops[-1].get("from") or "") if stops else None

    def created_of(self, names: Collection[str]) -> dict[str, dict[str, Any]]:
        """Every creation of a run under these names that is noted of this journal's target, by JobId."""
        return {
            entry["job_id"]: entry
            for entry in self.entries()
            if entry.get("result") == CREATED
            and entry.get("where") == self.where
            and entry["name"] in names
            and entry.get("job_id")
        }

    def moved(self, job_id: str) -> dict[str, str]:
        """The fields of the run that were changed from here, each with the hash of its last value."""
        found: dict[str, str] = {}
        for entry in self._of_run(job_id):
            found |= set_fields(str(entry.get("set") or ""))
        return found

    def _of_run(self, job_id: str) -> Iterator[dict[str, Any]]:
        """What was noted of writes to the run itself, in this journal's target."""
        return (entry for entry in self.entries(job_id) if entry.get("where") == self.where)

    def _noted_for(self, work: str) -> Iterator[dict[str, Any]]:
        try:
            return self._entries.for_work(work)
        except OSError as error:
            raise self._unusable("read", error) from error

    def _begun(self, op: str) -> dict[str, datetime]:
        """The time of each writer's intent for `op` that has no outcome, in the order of their lines."""
        begun: dict[str, datetime] = {}
        for entry in self.entries(op):
            writer = str(entry.get("by") or "")
            if entry["event"] == INTENT:
                begun.setdefault(writer, entry["time"])
            else:
                begun.pop(writer, None)
        return begun

    def created_since(self, when: datetime) -> dict[str, str]:
        """The name of each run that was created since in this journal's target, by JobId.

        Of each name only the latest few: each may cost a call, and any number of them may be planted.
        """
        by_name: dict[str, dict[str, None]] = {}
        for entry in self.entries():
            job_id = str(entry.get("job_id") or "")
            is_created = entry.get("result") == CREATED and entry.get("where") == self.where
            if is_created and job_id and entry["time"] >= when:
                noted = by_name.setdefault(str(entry["name"]), {})
                noted.pop(job_id, None)
                noted[job_id] = None
        return {job_id: name for name, noted in by_name.items() for job_id in [*noted][-_LATEST:]}

    def entries(self, op: str | None = None) -> Iterator[dict[str, Any]]:
        """Every whole entry, or those of one operation, their times in UTC, oldest first.

        Raises DlcapplyError where the file can't be read.
        """
        try:
            return self._entries.all() if op is None else self._entries.of(op)
        except OSError as error:
            raise self._unusable("read", error) from error

    def _unusable(self, how: str, error: OSError) -> DlcapplyError:
        hint = _AGAIN if error.errno == errno.EFBIG and how == "read" else _MEND
        return DlcapplyError(f"{self._path} can't be {how}: {reason(error)}", hint=hint)

    def _append(self, entry: dict[str, Any]) -> None:
        stamp = {"time": self._clock.now().isoformat(), "where": self.where, "by": self._writer}
        line = json.dumps({**stamp, **self._notes, **entry}, ensure_ascii=False)
        with self._lock:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # The line starts with a newline of its own: one torn by a crash can't swallow it.
            descriptor = open_private(self._path)
            try:
                _write_whole(descriptor, f"\n{line}\n".encode())
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def _write_whole(descriptor: int, data: bytes) -> None:
    """All of the data is in the file; OSError where the disk took only a part.

    The rest is not sent after it: another process may have appended in between.
    """
    if os.write(descriptor, data) < len(data):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
