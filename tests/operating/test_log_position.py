"""Following one log: late lines, equal lines, failed calls and full seconds lose and repeat nothing."""

from __future__ import annotations

from collections import Counter

from hypothesis import example, given
from hypothesis import strategies as st

from dlcapply.errors import ServiceError
from dlcapply.operating.log_position import LAG, Position
from dlcapply.operating.log_windows import Reader
from tests.operating.kept_log import CLOSED, OPEN, PARTS, THROUGH, WHOLE, KeptLog

START = 1_000
NEW = st.tuples(
    st.floats(0, 1, width=16), st.sampled_from("ab"), st.booleans(), st.sampled_from([0, 0, 1, 5, LAG - 2])
)
# Between two looks: how much time passes, which lines come in it, and how many calls fail.
STEPS = st.lists(
    st.tuples(
        st.sampled_from([1, 2, 5, LAG, 100]), st.lists(NEW, max_size=12), st.sampled_from([0, 0, 0, 1, 2])
    ),
    min_size=1,
    max_size=12,
)
BUSY = [(2, [(0.5, "a", False, 0)] * 12, 0)] * 40


def position(log, most, start=START):
    return Position(Reader(log.ask, beginning=start, most=most), start)


def look(log, place, told):
    try:
        told.extend(line.raw for line in place.new_lines(int(log.now)))
    except ServiceError:
        return False
    return True


def live(log, place, steps):
    """What was told, when all is over and nothing can come late any more."""
    told = []
    log.now = float(START)
    for passing, lines, failures in steps:
        for when, text, prefix, lag in sorted(lines, key=lambda line: line[0]):
            log.add(log.now + passing * when, text, lag=lag, prefix=prefix)
        log.now += passing
        log.failing = failures
        look(log, place, told)
    log.failing = 0
    log.now += LAG
    assert look(log, place, told)
    return told


@given(STEPS, st.sampled_from([CLOSED, OPEN, THROUGH]), st.sampled_from([WHOLE, PARTS]), st.integers(8, 40))
@example(BUSY, CLOSED, PARTS, 13)
@example(BUSY, CLOSED, WHOLE, 9)
def test_all_that_is_written_is_told_once(steps, end, keeps, most):
    log = KeptLog(end=end, keeps=keeps)
    told = live(log, position(log, most), steps)
    assert Counter(told) == Counter(log.texts())


def test_only_what_may_come_late_is_remembered():
    log = KeptLog()
    place = position(log, 2_000)
    for second in range(0, 2_000, 10):
        for number in range(50):
            log.add(START + second + number / 10, f"{second} {number}")
        log.now = START + second + 9.0
        list(place.new_lines(int(log.now)))
        assert place.seen.total() <= 50 * 2 * LAG / 10 + 50
    assert len(log.calls) < 320


def test_a_log_that_is_busier_than_memory_is_remembered_for_a_shorter_time(monkeypatch):
    monkeypatch.setattr("dlcapply.operating.log_position._MOST_REMEMBERED", 100)
    log = KeptLog()
    place, told = position(log, 2_000), []
    for second in range(60):
        for number in range(40):
            log.add(START + second + number / 100, f"{second} {number}")
        log.now = START + second + 0.9
        look(log, place, told)
    assert (told, place.lag) == (log.texts(), 1)


@given(STEPS, st.integers(0, 30), st.sampled_from([CLOSED, OPEN]), st.sampled_from([WHOLE, PARTS]))
def test_from_the_newest_lines_on(steps, count, end, keeps):
    log = KeptLog(end=end, keeps=keeps)
    log.now = float(START)
    for passing, lines, _ in steps:
        for when, text, prefix, _lag in sorted(lines, key=lambda line: line[0]):
            log.add(log.now + passing * when, text, prefix=prefix)
        log.now += passing
    before = log.texts()
    place = position(log, 9)
    log.failing = 1
    try:
        list(place.newest_lines(count, int(log.now)))
    except ServiceError:
        log.failing = 0
    told = [line.raw for line in place.newest_lines(count, int(log.now))]
    assert told == before[len(before) - min(count, len(before)) :]
    rest = live_on(log, place)
    assert rest == log.texts()[len(before) :]


def live_on(log, place):
    told = []
    for number in range(20):
        log.add(log.now + number, "later", prefix=False)
    log.now += 100
    look(log, place, told)
    return told
