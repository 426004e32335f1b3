"""Windows of time against every kind of service: each line once, and a gap only where nothing helps."""

from __future__ import annotations

from collections import Counter

from hypothesis import example, given
from hypothesis import strategies as st

from dlcapply.operating.log_windows import Reader
from tests.operating.kept_log import CLOSED, OPEN, PARTS, THROUGH, WHOLE, KeptLog

# Offsets between lines: many in one moment, some in one second, and hours of silence.
PAUSES = st.sampled_from([0, 0, 0, 0.25, 0.5, 1, 1, 3, 60, 7_200])
LINES = st.lists(st.tuples(PAUSES, st.sampled_from("ab"), st.booleans()), max_size=60)
ENDS = st.sampled_from([CLOSED, OPEN, THROUGH])
KEEPS = st.sampled_from([WHOLE, PARTS])


def kept(lines, *, is_prefixed=None, **ways):
    log, at = KeptLog(**ways), 1_000.0
    for pause, text, prefix in lines:
        at += pause
        log.add(at, text, prefix=prefix if is_prefixed is None else is_prefixed)
    log.now = at + 1
    return log


def read(log, most, *, start=990):
    """Every line by windows up to the middle, and the rest from there on; and how many windows have gaps."""
    reader = Reader(log.ask, beginning=start, most=most)
    middle = start + max(1, (int(log.now) - start) // 2)
    windows = list(reader.windows(start, middle))
    before = windows[-1].whole if windows else ()
    windows += reader.rest(middle, int(log.now), before)
    return [line.raw for window in windows for line in window.lines], sum(one.gap for one in windows)


@given(LINES, ENDS, KEEPS, st.integers(8, 20))
@example([(1, "a", False)] * 30, CLOSED, PARTS, 8)
@example([(0.5, "a", False)] * 30, CLOSED, PARTS, 8)
@example([(0.5, "a", True)] * 30, THROUGH, WHOLE, 8)
def test_each_line_once(lines, end, keeps, most):
    log = kept(lines, end=end, keeps=keeps)
    told, gaps = read(log, most)
    assert told == log.texts()
    assert gaps == 0 or log.may_seem_cut(most)


@given(LINES, ENDS, KEEPS, st.booleans())
@example([(0, "a", False)] * 30 + [(1, "b", False)], CLOSED, WHOLE, True)
def test_a_service_that_gives_no_more_than_it_likes(lines, end, keeps, refuses):
    log = kept(lines, end=end, keeps=keeps, most=8, refuses=refuses)
    told, gaps = read(log, 8)
    if log.fullest_second() < 8:
        assert (told, gaps) == (log.texts(), 0)
    missing = len(log.texts()) - len(told)
    assert missing >= 0
    assert bool(gaps) or missing == 0


@given(
    st.lists(st.integers(0, 9), min_size=10, max_size=40), ENDS, KEEPS, st.sampled_from([50, 64, 100, 200])
)
def test_answers_that_are_shorter_than_was_asked_for_are_found_out(counts, end, keeps, most):
    log = KeptLog(end=end, keeps=keeps, most=most)
    for second, count in enumerate(counts):
        for number in range(count * most // 22):
            log.add(1_000 + second + number / 1_000, f"line {number}")
    log.now = 2_000.0
    assert read(log, 5_000) == (log.texts(), 0)


@given(LINES, ENDS, KEEPS)
def test_a_service_that_can_not_be_asked_for_one_moment(lines, end, keeps):
    log = kept(lines, end=end, keeps=keeps, no_instants=True, is_prefixed=True)
    assert read(log, 8)[0] == log.texts()
    log = kept(lines, end=end, keeps=keeps, no_instants=True, is_prefixed=False)
    assert Counter(log.texts()) - Counter(read(log, 8)[0]) == Counter()  # rather twice than never


def test_a_second_fuller_than_an_answer_takes_a_longer_one():
    log = kept([(1, "a", True)] * 5 + [(0.001, "a", True)] * 60 + [(1, "a", True)] * 5)
    assert read(log, 10) == (log.texts(), 0)
    assert max(most for *_, most in log.calls) == 100


def test_seconds_that_fill_an_answer_together_are_read_one_by_one():
    log = kept(
        [(0 if number % 6 else 1, "a", False) for number in range(60)], keeps=WHOLE, most=8, refuses=True
    )
    assert read(log, 8) == (log.texts(), 0)


def test_what_can_not_be_had_is_a_gap_and_the_newest_of_it_is_told():
    log = kept([(1, "a", True)] * 3 + [(0.001, "b", True)] * 300 + [(2, "c", True)], most=100)
    told, gaps = read(log, 2_000)
    assert gaps == 1
    assert sum(line.endswith("b") for line in told) == 100
    assert [line for line in told if not line.endswith("b")] == [
        text for text in log.texts() if text[-1] != "b"
    ]


def test_a_round_number_of_lines_in_a_second_is_no_gap():
    log = kept([(0.001, "a", True)] * 100)
    assert read(log, 2_000) == (log.texts(), 0)


def test_many_lines_take_few_calls():
    log = kept([(0.5, "a", True)] * 3_000)
    assert read(log, 100) == (log.texts(), 0)
    assert len(log.calls) < 120


@given(LINES, ENDS, KEEPS, st.integers(8, 12), st.integers(0, 40))
def test_the_newest_lines(lines, end, keeps, most, count):
    log = kept(lines, end=end, keeps=keeps)
    reader = Reader(log.ask, beginning=990, most=most)
    told = reader.newest(990, int(log.now) + 1, count)
    assert [line.raw for line in told] == log.texts()[len(log.texts()) - min(count, len(log.texts())) :]


@given(LINES, st.integers(1, 40))
def test_one_empty_answer_is_not_believed(lines, at):
    log = kept(lines, is_prefixed=True)
    log.empty_at = {at}
    told, gaps = read(log, 8, start=990)
    assert gaps == 0 or log.may_seem_cut(8)
    assert told == log.texts()
