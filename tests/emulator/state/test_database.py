"""The state outlives the emulator, and is shared between those that use it at once."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from datetime import UTC, datetime

import pytest

from dlcapply.emulator import KEY_ID, Clock, Emulator, StateError
from dlcapply.emulator.clock import wire_time
from dlcapply.emulator.jobs.table import job_id_of
from dlcapply.emulator.state.database import Database, use_wal

START = datetime(2026, 1, 5, 8, tzinfo=UTC)


@pytest.fixture
def state(tmp_path):
    return tmp_path / "deep" / "emulator.db"


def test_jobs_and_time_outlive_an_emulator(state, connect, a_body):
    with Emulator(state, clock=Clock.still(START)) as emulator:
        job_id = connect(emulator).create(**a_body())
        emulator.turn(2.5)
    with Emulator(state, clock=Clock.still(datetime(1999, 1, 1, tzinfo=UTC))) as emulator:
        assert emulator.now() == START.timestamp() + 2.5
        assert connect(emulator).get(job_id)["Status"] == "EnvPreparing"


def test_a_state_has_an_id_until_another_takes_its_place(state):
    ids = []
    for _ in range(2):
        with Emulator(state) as emulator:
            ids.append(emulator.state_id)
    state.unlink()
    with Emulator(state) as emulator, Emulator() as in_memory:
        assert len({*ids, emulator.state_id, in_memory.state_id}) == 3
    assert ids[0] == ids[1] != ""


def test_two_emulators_share_one_state(state, connect, a_body):
    with Emulator(state, clock=Clock.still()) as one, Emulator(state, clock=Clock.still()) as other:
        job_id = connect(one).create(**a_body())
        other.turn(3)

        assert one.now() == other.now()
        assert connect(other).get(job_id) | {"RequestId": ""} == connect(one).get(job_id) | {"RequestId": ""}
        connect(other)("POST", f"/jobs/{job_id}/stop")
        assert connect(one).get(job_id)["Status"] == "Stopping"


def test_creates_through_two_emulators_at_once_are_all_kept(state, connect, a_body):
    with Emulator(state) as one, Emulator(state) as other:
        made = []

        def create(emulator):
            call = connect(emulator)
            made.extend(call.create(**a_body()) for _ in range(10))

        threads = [threading.Thread(target=create, args=(emulator,)) for emulator in (one, other, one, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(set(made)) == len(made) == 40
        assert {job["JobId"] for job in one.jobs()} == set(made)


SERVE = """
import sys
from pathlib import Path
from dlcapply.emulator import Emulator, serve_forever
serve_forever(Emulator(Path(sys.argv[1])), lambda endpoint: print(endpoint, flush=True))
"""


@pytest.fixture
def process(state):
    with subprocess.Popen(
        [sys.executable, "-c", SERVE, str(state)], stdout=subprocess.PIPE, text=True
    ) as process:
        yield process
        process.kill()


class Address:
    def __init__(self, endpoint):
        self.endpoint = endpoint


def test_what_was_answered_survives_a_kill(state, connect, a_body, process):
    elsewhere = connect(Address(process.stdout.readline().strip()))
    job_id = elsewhere.create(**a_body())
    os.kill(process.pid, signal.SIGKILL)
    process.wait()

    with Emulator(state) as emulator:
        assert connect(emulator).get(job_id)["JobId"] == job_id


def test_many_openings_at_once_agree_on_one_state(state):
    stores = []

    def open_store():
        stores.append(Database(state, Clock.still()))

    threads = [threading.Thread(target=open_store) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    times = {store.now() for store in stores}
    for store in stores:
        store.close()

    assert len(stores) == 8
    assert len(times) == 1


@pytest.fixture
def locked(tmp_path):
    """A file that another connection reads, and a connection that does not wait for it."""
    holder = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    holder.executescript("CREATE TABLE a (b); BEGIN; SELECT * FROM a;")
    connection = sqlite3.connect(tmp_path / "a.db", timeout=0, isolation_level=None)
    yield holder, connection
    connection.close()
    holder.close()


def test_a_locked_file_is_tried_again(locked):
    holder, connection = locked
    use_wal(connection, pause=lambda _: holder.rollback())

    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_file_that_stays_locked_is_an_error(locked):
    _, connection = locked
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        use_wal(connection, tries=3, pause=lambda _: None)


def test_a_real_clock_goes_on_where_a_still_one_stood(state):
    with Emulator(state, clock=Clock.still(START)):
        pass
    with Emulator(state, clock=Clock.real(speed=1000)) as emulator:
        before, after = emulator.now(), emulator.now()

    assert START.timestamp() <= before <= after < START.timestamp() + 600


def test_a_real_clock_is_the_machines_time():
    with Emulator() as emulator:
        assert wire_time(emulator.now())[:13] == datetime.now(UTC).isoformat()[:13]


def turn_and_fail(store):
    with store.transaction():
        store.set_clock(0, 60)
        raise RuntimeError


def test_a_failed_transaction_leaves_nothing(state):
    store = Database(state, Clock.still(START))
    with pytest.raises(RuntimeError):
        turn_and_fail(store)
    now = store.now()
    store.close()

    assert now == START.timestamp()


def test_a_file_that_is_no_state_is_refused(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("not a database, but long enough to look like one" * 100)

    with pytest.raises(StateError, match=r"notes\.txt"), Emulator(path):
        pass


def test_a_state_of_another_format_is_refused(state):
    store = Database(state, Clock.still())
    store.connection.execute("PRAGMA user_version = 99")
    store.close()

    with pytest.raises(StateError, match="99"), Emulator(state):
        pass


@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE clock SET speed = 1e308",
        "UPDATE clock SET emulated = 'x'",
        "UPDATE clock SET emulated = 1e300",
        "UPDATE clock SET machine = -1e300",
        "ALTER TABLE clock DROP COLUMN machine",
    ],
)
def test_a_state_whose_clock_was_edited_is_refused(state, edit):
    store = Database(state, Clock.still())
    store.connection.execute(edit)
    store.close()

    with pytest.raises(StateError, match=r"clock|machine"), Emulator(state, clock=Clock.still()):
        pass


def test_a_taken_port_is_an_error(emulator):
    with pytest.raises(OSError, match="in use"), Emulator(port=int(emulator.endpoint.split(":")[1])):
        pass


def test_job_ids_do_not_repeat():
    assert len({job_id_of(number) for number in range(10_000)}) == 10_000


def test_users_by_default(emulator):
    assert emulator.users[KEY_ID].user_id == "1000000000000001"
