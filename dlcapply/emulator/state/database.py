"""The state of the service in SQLite: its tables, transactions, and the clock."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
import uuid
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from dlcapply.emulator.clock import FIRST, LAST, check_speed, check_time
from dlcapply.emulator.state.encryption import NoSeal, Seal, users_key
from dlcapply.emulator.state.private_files import make_private, reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from dlcapply.emulator.clock import Clock

FORMAT = 3
# `pools` is empty where nothing limits a job; `ends` is NULL where nothing ends it; `sealed` holds the values
# of the body, or of the document, that no file may show.
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
  sealed BLOB,
  late TEXT NOT NULL,
  shown TEXT NOT NULL,
  moves TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS jobs_by_workspace ON jobs (workspace_id, created);
CREATE INDEX IF NOT EXISTS jobs_in_pools ON jobs (ends) WHERE pools != '';
CREATE TABLE IF NOT EXISTS templates (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  template_id TEXT NOT NULL UNIQUE,
  document TEXT NOT NULL,
  sealed BLOB
);
CREATE TABLE IF NOT EXISTS signals (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  signal_id TEXT NOT NULL UNIQUE,
  job_id TEXT NOT NULL,
  document TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS signals_by_job ON signals (job_id);
CREATE TABLE IF NOT EXISTS tensorboards (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  tensorboard_id TEXT NOT NULL UNIQUE,
  document TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS clock (speed REAL NOT NULL, emulated REAL NOT NULL, machine REAL NOT NULL);
CREATE TABLE IF NOT EXISTS identity (id TEXT NOT NULL);
"""


class StateError(Exception):
    """The state file cannot be used."""


class Database:
    """One connection to the state; every use of it is a transaction.

    `id` belongs to this state alone: one that takes its place in the same file has another.
    """

    def __init__(self, path: Path | None, clock: Clock) -> None:
        self._lock = threading.RLock()
        self.seal = Seal(partial(users_key, os.environ)) if path else NoSeal()
        self.connection = _connect(path)
        try:
            with self.transaction():
                self._set_clock(clock)
                self._check_key()
                self.id = self._identity()
        except sqlite3.DatabaseError as error:
            self.close()
            raise StateError(f"{path} can't be the state of the emulator: {error}") from error
        except StateError:
            self.close()
            raise

    def close(self) -> None:
        with self._lock:
            self.connection.close()

    @contextmanager
    def transaction(self, *, write: bool = True) -> Iterator[None]:
        """Commits what the block did, or nothing of it when it raises."""
        with self._lock:
            self.connection.execute("BEGIN IMMEDIATE" if write else "BEGIN")
            try:
                yield
            except BaseException:
                self.connection.rollback()
                raise
            self.connection.commit()

    def now(self) -> float:
        """The emulated time; it stands still at the last that can be written."""
        speed, emulated, machine = self._clock()
        return min(max(emulated + speed * (time.time() - machine), FIRST), LAST)

    def _identity(self) -> str:
        known = self.connection.execute("SELECT id FROM identity").fetchone()
        if known:
            return str(known[0])
        made = uuid.uuid4().hex
        self.connection.execute("INSERT INTO identity VALUES (?)", (made,))
        return made

    @property
    def speed(self) -> float:
        return self._clock()[0]

    def _clock(self) -> tuple[float, float, float]:
        with self._lock:
            row = self.connection.execute("SELECT speed, emulated, machine FROM clock").fetchone()
        speed, emulated, machine = row
        return float(speed), float(emulated), float(machine)

    def set_clock(self, speed: float, seconds: float) -> None:
        """Emulated time goes on with this speed, from so many seconds later; 0 stands still.

        Raises ValueError for a time after the last that can be written.
        """
        emulated = self.now() + seconds
        check_time(emulated)
        self.connection.execute(
            "UPDATE clock SET speed = ?, emulated = ?, machine = ?", (speed, emulated, time.time())
        )

    def _set_clock(self, clock: Clock) -> None:
        """Emulated time goes on from where the state left it, at the speed of `clock`."""
        known = self.connection.execute("SELECT speed FROM clock").fetchone()
        if known:
            self._check_clock()
        if known and known[0] == clock.speed:
            return
        machine = time.time()
        emulated = self.now() if known else clock.start.timestamp() if clock.start else machine
        self.connection.execute("DELETE FROM clock")
        self.connection.execute("INSERT INTO clock VALUES (?, ?, ?)", (clock.speed, emulated, machine))

    def _check_key(self) -> None:
        """Raises StateError for a state with values that another key sealed.

        Its jobs would be answered without their variables, and an applier would take all of them for changed.
        """
        sealed = self.connection.execute(
            "SELECT * FROM (SELECT sealed, job_id FROM jobs WHERE sealed IS NOT NULL LIMIT 1)"
            " UNION ALL "
            "SELECT * FROM (SELECT sealed, template_id FROM templates WHERE sealed IS NOT NULL LIMIT 1)"
        )
        if not all(self.seal.fits(ciphertext, name) for ciphertext, name in sealed):
            raise StateError(
                "the state of the emulator was written by another user, or on another machine: the key to its"
                " jobs' variables is not here (XDG_STATE_HOME says where)"
            )

    def _check_clock(self) -> None:
        """Raises StateError for a clock that was edited, and is out of range."""
        try:
            speed, emulated, machine = self._clock()
            check_speed(speed)
            check_time(emulated)
            check_time(machine)
        except (TypeError, ValueError) as error:
            raise StateError(f"the clock of the state can't be read: {error}") from error


def _connect(path: Path | None) -> sqlite3.Connection:
    if path:
        _make_private(path)
    connection = sqlite3.connect(
        path or ":memory:", timeout=30, isolation_level=None, check_same_thread=False
    )
    try:
        _prepare(connection)
    except sqlite3.DatabaseError as error:
        connection.close()
        raise StateError(f"{path} can't be the state of the emulator: {error}") from error
    except StateError:
        connection.close()
        raise
    return connection


def _make_private(path: Path) -> None:
    """The state is for the user alone; SQLite gives the files beside it the modes of the state itself."""
    try:
        make_private(path)
        for suffix in ("-wal", "-shm", "-journal"):
            beside = path.with_name(path.name + suffix)
            if os.path.lexists(beside):
                make_private(beside)
    except OSError as error:
        raise StateError(f"{path} can't be the state of the emulator: {reason(error)}") from error


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
