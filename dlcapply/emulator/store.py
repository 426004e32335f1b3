"""The state of the service in SQLite: jobs, their moves, and the clock."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from dlcapply.emulator.lifecycle import Move

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from dlcapply.emulator.answers import JsonObject
    from dlcapply.emulator.clock import Clock

FORMAT = 1
_SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  job_id TEXT NOT NULL UNIQUE,
  user_id TEXT NOT NULL,
  workspace_id TEXT NOT NULL,
  name TEXT NOT NULL,
  job_type TEXT NOT NULL,
  accessibility TEXT NOT NULL,
  tags TEXT NOT NULL,
  created REAL NOT NULL,
  body TEXT NOT NULL,
  late TEXT NOT NULL,
  shown TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS jobs_by_workspace ON jobs (workspace_id, created);
CREATE TABLE IF NOT EXISTS moves (
  seq INTEGER NOT NULL,
  at REAL NOT NULL,
  status TEXT NOT NULL,
  code TEXT NOT NULL,
  message TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS moves_by_job ON moves (seq, at);
CREATE TABLE IF NOT EXISTS clock (speed REAL NOT NULL, emulated REAL NOT NULL, machine REAL NOT NULL);
"""
_COLUMNS = "seq, job_id, user_id, created, body, late, shown"
# Keys of every body that are columns too, to be searched.
_SEARCHED = {
    "workspace_id": "WorkspaceId",
    "name": "DisplayName",
    "job_type": "JobType",
    "accessibility": "Accessibility",
}


class StateError(Exception):
    """The state file cannot be used."""


class Late(NamedTuple):
    """A value that the service has taken but shows only from `at` on."""

    value: Any
    at: float


@dataclass(frozen=True, slots=True)
class Job:
    """A stored job: the body it was created with, and all that happened or will happen to it.

    `shown` overrides what the service says of it; None, there and in the body, hides a key.
    """

    job_id: str
    user_id: str
    created: float
    body: JsonObject
    moves: tuple[Move, ...]
    late: Mapping[str, Late] = field(default_factory=dict)
    shown: JsonObject = field(default_factory=dict)
    seq: int = 0


class Store:
    """One connection to the state; every use of it is a transaction."""

    def __init__(self, path: Path | None, clock: Clock) -> None:
        self._lock = threading.RLock()
        self._connection = _connect(path)
        with self.transaction():
            self._set_clock(clock)

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    @contextmanager
    def transaction(self, *, write: bool = True) -> Iterator[None]:
        """Commits what the block did, or, when it raises, nothing of it."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE" if write else "BEGIN")
            try:
                yield
            except BaseException:
                self._connection.rollback()
                raise
            self._connection.commit()

    def now(self) -> float:
        with self._lock:
            row = self._connection.execute("SELECT speed, emulated, machine FROM clock").fetchone()
        speed, emulated, machine = row
        return float(emulated + speed * (time.time() - machine))

    def turn(self, seconds: float) -> None:
        self._connection.execute("UPDATE clock SET emulated = emulated + ?", (seconds,))

    def _set_clock(self, clock: Clock) -> None:
        """Emulated time goes on from where the state left it, at the speed of `clock`."""
        known = self._connection.execute("SELECT speed FROM clock").fetchone()
        if known and known[0] == clock.speed:
            return
        machine = time.time()
        emulated = self.now() if known else clock.start.timestamp() if clock.start else machine
        self._connection.execute("DELETE FROM clock")
        self._connection.execute("INSERT INTO clock VALUES (?, ?, ?)", (clock.speed, emulated, machine))

    def next_number(self) -> int:
        row = self._connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'jobs'").fetchone()
        return row[0] + 1 if row else 1

    def add(self, jobs: Iterable[Job]) -> None:
        for job in jobs:
            values = {**_columns(job), "job_id": job.job_id, "user_id": job.user_id, "created": job.created}
            names = ", ".join(values)
            marks = ", ".join(f":{name}" for name in values)
            cursor = self._connection.execute(f"INSERT INTO jobs ({names}) VALUES ({marks})", values)  # noqa: S608 - names of ours
            self._add_moves(cursor.lastrowid or 0, job.moves)

    def replace(self, job: Job) -> None:
        """Stores the job's body, late and shown values, and its moves."""
        values = _columns(job)
        changes = ", ".join(f"{name} = :{name}" for name in values)
        self._connection.execute(f"UPDATE jobs SET {changes} WHERE seq = :seq", {**values, "seq": job.seq})  # noqa: S608 - names of ours
        self._connection.execute("DELETE FROM moves WHERE seq = ?", (job.seq,))
        self._add_moves(job.seq, job.moves)

    def find(self, job_id: str) -> Job | None:
        return next(self.select("WHERE job_id = :job_id", {"job_id": job_id}), None)

    def select(self, clause: str = "ORDER BY seq", values: Mapping[str, Any] | None = None) -> Iterator[Job]:
        rows = self._connection.execute(f"SELECT {_COLUMNS} FROM jobs {clause}", values or {}).fetchall()  # noqa: S608 - clauses of ours
        return (self._job(row) for row in rows)

    def count(self, clause: str, values: Mapping[str, Any]) -> int:
        row = self._connection.execute(f"SELECT count(*) FROM jobs {clause}", values).fetchone()  # noqa: S608 - clauses of ours
        return int(row[0])

    def _add_moves(self, seq: int, moves: Sequence[Move]) -> None:
        self._connection.executemany(
            "INSERT INTO moves VALUES (?, ?, ?, ?, ?)", ((seq, *move) for move in moves)
        )

    def _moves(self, seq: int) -> tuple[Move, ...]:
        rows = self._connection.execute(
            "SELECT at, status, code, message FROM moves WHERE seq = ? ORDER BY at, rowid", (seq,)
        )
        return tuple(Move(*row) for row in rows)

    def _job(self, row: Sequence[Any]) -> Job:
        seq, job_id, user_id, created, body, late, shown = row
        return Job(
            job_id=job_id,
            user_id=user_id,
            created=created,
            body=json.loads(body),
            moves=self._moves(seq),
            late={key: Late(*value) for key, value in json.loads(late).items()},
            shown=json.loads(shown),
            seq=seq,
        )


def job_id_of(number: int) -> str:
    """`dlc` and 16 characters: the same for the same place in the history of a state."""
    digest = int.from_bytes(hashlib.sha256(f"job {number}".encode()).digest())
    alphabet = "0123456789abcdefghijklmnopqrstuvwxyz"
    return "dlc" + "".join(alphabet[digest // 36**place % 36] for place in range(16))


def _columns(job: Job) -> JsonObject:
    settings = job.body.get("Settings") or {}
    return {
        **{column: str(job.body[key]) for column, key in _SEARCHED.items()},
        "tags": json.dumps(settings.get("Tags") or {}),
        "body": json.dumps(job.body),
        "late": json.dumps(job.late),
        "shown": json.dumps(job.shown),
    }


def _connect(path: Path | None) -> sqlite3.Connection:
    if path:
        path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(
        path or ":memory:", timeout=30, isolation_level=None, check_same_thread=False
    )
    try:
        _prepare(connection)
    except sqlite3.DatabaseError as error:
        connection.close()
        raise StateError(f"{path} cannot be used as the state of the emulator: {error}") from error
    except StateError:
        connection.close()
        raise
    return connection


def use_wal(
    connection: sqlite3.Connection, *, tries: int = 100, pause: Callable[[float], None] = time.sleep
) -> None:
    """Readers and a writer no longer wait for each other.

    SQLite may call the file locked at once, without its time-out, where several connections ask for this.
    """
    try:
        connection.execute("PRAGMA journal_mode = WAL")
    except sqlite3.OperationalError as error:
        if not tries or error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise
        pause(0.05)
        use_wal(connection, tries=tries - 1, pause=pause)


def _prepare(connection: sqlite3.Connection) -> None:
    use_wal(connection)
    connection.execute("PRAGMA synchronous = NORMAL")
    found = connection.execute("PRAGMA user_version").fetchone()[0]
    if found not in {0, FORMAT}:
        raise StateError(f"the state has format {found}; this emulator reads format {FORMAT}")
    connection.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version = {FORMAT}; COMMIT;")
