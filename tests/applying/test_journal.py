"""What one process noted, and what another makes of it."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from dlcapply.applying.journal import Journal, Write
from dlcapply.errors import DlcapplyError

START = datetime(2026, 11, 23, tzinfo=UTC)
SETTLE = 90.0


class Hand:
    """A clock that is set by hand."""

    def __init__(self):
        self.time = START

    def now(self):
        return self.time

    def turn(self, seconds):
        self.time += timedelta(seconds=seconds)


@pytest.fixture
def clock():
    return Hand()


@pytest.fixture
def make(tmp_path, clock):
    """Journals of different processes, in one file."""
    return lambda where="prod": Journal(tmp_path / "j.ndjson", clock=clock, where=where)


def intend(journal, op="op"):
    journal.intend(op=op, name="train", call="CreateJob")


def test_the_folder_is_made_and_names_are_kept_readable(tmp_path, clock):
    path = tmp_path / "a" / "b" / "j.ndjson"
    Journal(path, clock=clock, where="prod").intend(op="op", name="träin", call="CreateJob")
    assert "träin" in path.read_text("utf-8")


def test_of_two_that_begin_at_once_the_earlier_line_goes_on(make):
    first, second = make(), make()
    intend(first)
    intend(second)
    assert first.rival("op", within=SETTLE) is None
    assert second.rival("op", within=SETTLE) == START


def test_a_rival_that_said_how_it_ended_or_began_too_long_ago_is_none(make, clock):
    dead, other, third = make(), make(), make()
    intend(dead)
    clock.turn(SETTLE)
    intend(other)
    other.conclude(op="op", name="train", result="refused")
    intend(third)
    assert third.rival("op", within=SETTLE) is None
    assert third.rival("op", within=SETTLE + 1) == START


def test_other_operations_are_no_rivals(make):
    first, second = make(), make()
    intend(first, "op-1")
    intend(second, "op")
    assert second.rival("op", within=SETTLE) is None


def test_a_trail_leads_to_the_created_run(make, clock):
    journal = make()
    assert journal.trail("op").since is None
    intend(journal)
    assert (journal.trail("op").job_id, journal.trail("op").since) == ("", START)
    clock.turn(5)
    journal.conclude(op="op", name="train", result="created", job_id="dlc1")
    trail = make().trail("op")
    assert (trail.job_id, trail.since) == ("dlc1", START + timedelta(seconds=5))


def test_what_was_refused_leaves_no_trail_but_another_writers_intent_does(make, clock):
    dead, journal = make(), make()
    intend(dead)
    clock.turn(1)
    intend(journal)
    journal.conclude(op="op", name="train", result="refused")
    assert journal.trail("op").since == START


def test_the_runs_created_since_a_moment(make, clock):
    journal = make()
    for number in range(3):
        intend(journal, f"op-{number}")
        journal.conclude(op=f"op-{number}", name=f"job-{number}", result="created", job_id=f"dlc{number}")
        clock.turn(60)
    assert journal.created_since(START + timedelta(seconds=60)) == {"dlc1": "job-1", "dlc2": "job-2"}
    assert make("dev").created_since(START) == {}


def test_a_run_was_created_in_the_target_of_the_journal_alone(make):
    here, there = make(), make("prod, elsewhere")
    for journal, job_id in ((there, "dlc0"), (here, "dlc1"), (here, ""), (there, "dlc2"), (here, "dlc1")):
        journal.conclude(op="op", name="train", result="created", job_id=job_id)
    here.conclude(op="op", name="train", result="refused", job_id="dlc3")
    assert here.created("op") == ("dlc1",)
    assert there.created("op") == ("dlc0", "dlc2")
    assert here.created("other") == ()


def test_no_later_line_takes_the_place_of_the_first_created_run(make):
    journal = make()
    for number in range(9):
        journal.conclude(op="op", name="train", result="created", job_id=f"dlc{number}")
    assert journal.created("op") == ("dlc0", "dlc1", "dlc2")


def test_what_runs_were_created_for_is_told_of_the_first_few_of_each_name(make):
    journal = make()
    for number in range(1000):
        journal.conclude(op=f"op-{number}", name="train", result="created", job_id=f"dlc{number}", work="w")
    for work, name, result in (("w", "eval", "created"), ("w", "x", "refused"), ("", "x", "created")):
        journal.conclude(op="op", name=name, result=result, job_id=f"dlc-{name}", work=work)
    make("dev").conclude(op="op", name="train", result="created", job_id="dlc-dev", work="w")
    assert journal.paid_for() == {
        "w": {"dlc0": "train", "dlc1": "train", "dlc2": "train", "dlc-eval": "eval"}
    }


def test_what_another_operation_began_for_the_same_is_unclear_until_its_outcome_is_noted(make, clock):
    dead = make()
    dead.intend(op="op", name="train", call="CreateJob", work="w")
    clock.turn(5)

    def unclear(work="w", besides="other", names=("train", "new"), where="prod"):
        return make(where).unclear(work, besides=besides, names=names)

    assert unclear() == START
    for others in ({"work": "v"}, {"besides": "op"}, {"names": ("new",)}, {"where": "dev"}):
        assert unclear(**others) is None
    dead.conclude(op="op", name="train", result="refused")
    assert unclear() is None


def test_of_each_name_only_the_latest_few_runs_are_told(make):
    """Each costs a call, and a journal that was planted may hold thousands."""
    journal = make()
    for number in (*range(1000), 7):
        journal.conclude(op=f"op-{number}", name="train", result="created", job_id=f"dlc{number}")
    journal.conclude(op="op", name="eval", result="created", job_id="dlc-eval")
    expected = {"dlc998": "train", "dlc999": "train", "dlc7": "train", "dlc-eval": "eval"}
    assert journal.created_since(START) == expected


def test_what_was_read_is_not_read_again(make, tmp_path):
    """A hundred creates ask for their operations hundreds of times, of a journal that may be long."""
    journal, path = make(), tmp_path / "j.ndjson"
    intend(journal, "op-1")
    assert [entry["op"] for entry in journal.entries()] == ["op-1"]
    with path.open("r+b") as stream:
        stream.write(path.read_bytes().replace(b"op-1", b"op-9"))
    intend(make(), "op-2")
    assert [entry["op"] for entry in journal.entries()] == ["op-1", "op-2"]
    assert [entry["op"] for entry in make().entries()] == ["op-9", "op-2"]


def test_a_file_that_was_replaced_or_cut_is_read_anew(make, tmp_path):
    journal, path = make(), tmp_path / "j.ndjson"
    for op in ("op-1", "op-2"):
        intend(journal, op)
    assert journal.trail("op-2").since == START
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert (journal.trail("op-1").since, journal.trail("op-2").since) == (START, None)
    path.rename(tmp_path / "old")
    assert journal.trail("op-1").since is None
    for op in ("op-3", "op-4", "op-5"):
        intend(make(), op)
    assert [entry["op"] for entry in journal.entries()] == ["op-3", "op-4", "op-5"]


def test_a_last_line_without_its_end_counts_once_it_is_whole(make, tmp_path):
    """As an editor leaves it, or as another process has written it by half."""
    journal, path = make(), tmp_path / "j.ndjson"
    line = json.dumps(ENTRY | {"event": "intent"}).encode()
    path.write_bytes(line[:40])
    assert journal.trail("op").since is None
    path.write_bytes(line)
    assert (journal.trail("op").since, journal.trail("other").since) == (START, None)
    with path.open("ab") as stream:
        stream.write(b"\n")
    assert [entry["op"] for entry in journal.entries("op")] == ["op"]


def test_only_calls_of_this_process_are_in_flight(make):
    journal, other = make(), make()
    intend(other)
    intend(journal, "op-1")
    intend(journal, "op-2")
    journal.conclude(op="op-1", name="train", result="created", job_id="dlc1")
    assert journal.in_flight == (Write("op-2", "train", "CreateJob"),)


ENTRY = {
    "time": START.isoformat(),
    "where": "prod",
    "by": "x",
    "event": "outcome",
    "op": "op",
    "name": "train",
}


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        '"a"',
        "[" * 10_000,
        '{"event": "intent"}',
        '{"event": "intent", "time": 1}',
        *(json.dumps({**ENTRY, key: value}) for key in ENTRY for value in (None, 1, ["a"], {})),
        *(json.dumps({**ENTRY, key: [1]}) for key in ("call", "result", "job_id", "request_id")),
        json.dumps({**ENTRY, "time": "0001-01-01T00:00:00+14:00"}),
        json.dumps({**ENTRY, "event": "created"}),
    ],
)
def test_lines_that_are_no_entries_are_passed_over(make, tmp_path, line):
    (tmp_path / "j.ndjson").write_text(line + "\n", encoding="utf-8")
    journal = make()
    intend(journal)
    assert [entry["event"] for entry in journal.entries()] == ["intent"]
    assert journal.created_since(START) == {}


FULL_DISK = """
import resource, sys
from datetime import UTC, datetime
from pathlib import Path
from dlcapply.applying.journal import Journal
from dlcapply.errors import DlcapplyError

class Clock:
    def now(self):
        return datetime.now(UTC)

path = Path(sys.argv[1])
journal = Journal(path, clock=Clock(), where="prod")
size = path.stat().st_size + 20
resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
try:
    journal.intend(op="op", name="train", call="CreateJob")
except DlcapplyError as error:
    print(error.message)
print(len(journal.in_flight), path.stat().st_size - size)
"""


def test_an_intent_that_the_disk_takes_in_part_is_an_error(tmp_path, make):
    """The write is short, not refused: 20 bytes of it are in the file."""
    path = tmp_path / "j.ndjson"
    intend(make(), "other")
    done = subprocess.run([sys.executable, "-c", FULL_DISK, path], capture_output=True, text=True, check=True)
    assert done.stdout == f"{path} can't be written: No space left on device\n0 0\n"
    intend(make())
    assert [entry["op"] for entry in make().entries()] == ["other", "op"]


def test_bytes_that_are_no_text_are_passed_over(make, tmp_path):
    (tmp_path / "j.ndjson").write_bytes(b'\xff{"event": "intent"\n')
    journal = make()
    intend(journal)
    assert journal.trail("op").since == START


def test_a_file_that_cannot_be_read_or_written_is_an_error(tmp_path, clock):
    journal = Journal(tmp_path, clock=clock, where="prod")
    with pytest.raises(DlcapplyError, match="can't be read"):
        list(journal.entries())
    with pytest.raises(DlcapplyError, match="can't be written"):
        intend(journal)
    journal.conclude(op="op", name="train", result="created")


def test_a_journal_is_a_file_of_its_own(make, tmp_path):
    keys = tmp_path / "keys"
    keys.write_text("a key\n")
    path = tmp_path / "j.ndjson"
    for plant in (path.symlink_to, path.hardlink_to):
        plant(keys)
        with pytest.raises(DlcapplyError, match="can't be written: it "):
            intend(make())
        path.unlink()
    path.symlink_to(keys)
    with pytest.raises(DlcapplyError, match="can't be read: it is a link"):
        make().trail("op")
    assert keys.read_text() == "a key\n"


def test_a_journal_is_read_within_a_bound(make, tmp_path):
    with (tmp_path / "j.ndjson").open("wb") as stream:
        stream.truncate((64 << 20) + 1)
    with pytest.raises(DlcapplyError, match="larger than any journal"):
        make().trail("op")
