"""The state of the service in SQLite: its tables, transactions, and the clock."""

from __future__ import annotations

import sqlite3
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from dlcapply.emulator.clock import Clock

FORMAT = 2
# `pools` is empty where nothing limits a job; `ends` is NULL where nothing ends it.
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
  resource_tags TEXT NOT NULL,
  pools TEXT NOT NULL,
  created REAL NOT NULL,
  ends REAL,
  deleted REAL,
  body TEXT NOT NULL,
  late TEXT NOT NULL,
  shown TEXT NOT NULL,
  moves TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS jobs_by_workspace ON jobs (workspace_id, created);
CREATE INDEX IF NOT EXISTS jobs_in_pools ON jobs (ends) WHERE pools != '';
CREATE TABLE IF NOT EXISTS templates (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  template_id TEXT NOT NULL UNIQUE,
  document TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS clock (speed REAL NOT NULL, emulated REAL NOT NULL, machine REAL NOT NULL);
"""


class StateError(Exception):
    """The state file cannot be used."""


class Database:
    """One connection to the state; every use of it is a transaction."""

    def __init__(self, path: Path | None, clock: Clock) -> None:
        self._lock = threading.RLock()
        self.connection = _connect(path)
        with self.transaction():
            self._set_clock(clock)

    def close(self) -> None:
        with self._lock:
            self.connection.close()

    @contextmanager
    def transaction(self, *, write: bool = True) -> Iterator[None]:
        """Commits what the block did, or, when it raises, nothing of it."""
        with self._lock:
            self.connection.execute("BEGIN IMMEDIATE" if write else "BEGIN")
            try:
                yield
            except BaseException:
                self.connection.rollback()
                raise
            self.connection.commit()

    def now(self) -> float:
        with self._lock:
            row = self.connection.execute("SELECT speed, emulated, machine FROM clock").fetchone()
        speed, emulated, machine = row
        return float(emulated + speed * (time.time() - machine))

    def turn(self, seconds: float) -> None:
        self.connection.execute("UPDATE clock SET emulated = emulated + ?", (seconds,))

    @property
    def speed(self) -> float:
        with self._lock:
            row = self.connection.execute("SELECT speed FROM clock").fetchone()
        return float(row[0])

    def set_speed(self, speed: float) -> None:
        """Emulated time goes on from now with this speed; 0 stands still."""
        values = (speed, self.now(), time.time())
        self.connection.execute("UPDATE clock SET speed = ?, emulated = ?, machine = ?", values)

    def _set_clock(self, clock: Clock) -> None:
        """Emulated time goes on from where the state left it, at the speed of `clock`."""
        known = self.connection.execute("SELECT speed FROM clock").fetchone()
        if known and known[0] == clock.speed:
            return
        machine = time.time()
        emulated = self.now() if known else clock.start.timestamp() if clock.start else machine
        self.connection.execute("DELETE FROM clock")
        self.connection.execute("INSERT INTO clock VALUES (?, ?, ?)", (clock.speed, emulated, machine))


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
