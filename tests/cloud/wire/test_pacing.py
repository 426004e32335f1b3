from __future__ import annotations

import itertools
import threading
from collections import Counter

import pytest

from dlcapply.cloud.wire.pacing import HIGHEST_RATE, LONGEST_PAUSE, LOWEST_RATE, SHORTEST_PAUSE, Pacer, pause
from tests.clocks import SetBack


def test_calls_follow_each_other_at_the_rate(clock):
    pacer = Pacer(clock, rate=10)
    slots = [pacer.wait() for _ in range(5)]
    gaps = [later - earlier for earlier, later in itertools.pairwise(slots)]
    assert gaps == pytest.approx([0.1] * 4, abs=1e-6)


def test_the_first_call_does_not_wait(clock):
    Pacer(clock, rate=0.5).wait()
    assert clock.sleeps == []


def test_an_idle_pacer_saves_up_nothing(clock):
    pacer = Pacer(clock, rate=10)
    pacer.wait()
    clock.sleep(60)
    first, second = pacer.wait(), pacer.wait()
    assert second - first == pytest.approx(0.1, abs=1e-6)


def test_the_pace_grows_while_nothing_is_throttled(clock):
    pacer = Pacer(clock, rate=10)
    for _ in range(10):
        pacer.went_through()
    assert pacer.rate == 20


def test_the_pace_has_a_top(clock):
    pacer = Pacer(clock, rate=HIGHEST_RATE)
    pacer.went_through()
    assert pacer.rate == HIGHEST_RATE


def test_throttling_halves_at_once_and_growth_is_slow_near_what_was_too_fast(clock):
    pacer = Pacer(clock, rate=20)
    pacer.was_throttled(pacer.wait(), 0)
    assert pacer.rate == 10
    for _ in range(8):
        pacer.went_through()
    assert pacer.rate == 18
    pacer.went_through()
    assert pacer.rate == pytest.approx(18.01)


def test_growth_is_steep_again_well_above_what_was_too_fast(clock):
    pacer = Pacer(clock, rate=1)
    pacer.was_throttled(pacer.wait(), 0)
    for _ in range(100):
        pacer.went_through()
    assert pacer.rate > 50


def test_a_burst_is_cut_once(clock):
    pacer = Pacer(clock, rate=20)
    slots = [pacer.wait() for _ in range(8)]
    for slot in slots:
        pacer.was_throttled(slot, 0)
    assert pacer.rate == 10
    pacer.was_throttled(pacer.wait(), 0)
    assert pacer.rate == 10


def test_what_is_throttled_after_a_burst_is_cut_again(clock):
    pacer = Pacer(clock, rate=20)
    pacer.was_throttled(pacer.wait(), 0)
    clock.sleep(1)
    pacer.was_throttled(pacer.wait(), 0)
    assert pacer.rate == 5


def test_growth_within_a_burst_is_taken_back(clock):
    pacer = Pacer(clock, rate=20)
    pacer.was_throttled(pacer.wait(), 0)
    pacer.went_through()
    pacer.was_throttled(pacer.wait(), 0)
    assert pacer.rate == 10


def test_the_pace_has_a_floor(clock):
    pacer = Pacer(clock, rate=LOWEST_RATE)
    pacer.was_throttled(pacer.wait(), 0)
    assert pacer.rate == LOWEST_RATE


@pytest.mark.parametrize(("named", "waited"), [(5.0, 5.0), (86_400.0, LONGEST_PAUSE)])
def test_the_pause_that_pai_names_is_kept_within_reason(clock, named, waited):
    pacer = Pacer(clock, rate=10)
    slot = pacer.wait()
    pacer.was_throttled(slot, named)
    assert pacer.wait() - slot == pytest.approx(waited)


def test_threads_share_one_pace(clock):
    pacer = Pacer(clock, rate=10)
    slots = []
    threads = [threading.Thread(target=lambda: slots.append(pacer.wait())) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(slots) == 20
    slots.sort()
    assert all(later - earlier > 0.099 for earlier, later in itertools.pairwise(slots))


class Watched:
    """A clock that tells when somebody begins to sleep on it."""

    def __init__(self, clock, on_sleep):
        self.now, self.monotonic = clock.now, clock.monotonic
        self._clock = clock
        self._on_sleep = on_sleep

    def sleep(self, seconds):
        self._on_sleep()
        self._clock.sleep(seconds)


@pytest.mark.parametrize(("named", "waited"), [(0, SHORTEST_PAUSE), (5, 5)])
def test_throttling_puts_off_those_who_wait_already(clock, named, waited):
    answers = iter([named])
    pacer = Pacer(Watched(clock, lambda: [pacer.was_throttled(first, still) for still in answers]), rate=10)
    first = pacer.wait()
    assert pacer.wait() - first == pytest.approx(waited)


class Limit:
    """Lets through so many calls a second, and as many at once as it saved up."""

    def __init__(self, clock, *, rate, saved):
        self._clock = clock
        self._rate = rate
        self._most = self._left = saved
        self._since = clock.now()

    def admits(self):
        now = self._clock.now()
        self._left += (now - self._since).total_seconds() * self._rate
        self._left, self._since = min(self._most, self._left), now
        admitted = self._left >= 1
        self._left -= admitted
        return admitted


def call_for(seconds, clock, pacer, admits, *, retry_after=0.0):
    """How many calls got through (True) and not (False); fails where two follow each other too closely."""
    seen, earliest = Counter(), 0.0
    end = clock.now().timestamp() + seconds
    while (slot := pacer.wait()) < end:
        assert slot > earliest - 1e-5
        earliest = slot + 1 / pacer.rate
        admitted = admits()
        seen[admitted] += 1
        if admitted:
            pacer.went_through()
        else:
            pacer.was_throttled(slot, retry_after)
            earliest = max(earliest, slot + retry_after)
    return seen


@pytest.mark.parametrize("saved", ["little", "a second's worth"])
@pytest.mark.parametrize("rate", [5, 10, 20, 40, 80, 100])
def test_any_pace_that_is_allowed_is_found(clock, rate, saved):
    limit = Limit(clock, rate=rate, saved=2 if saved == "little" else rate)
    seen = call_for(60, clock, Pacer(clock), limit.admits)
    assert seen[True] >= 0.9 * rate * 60
    assert seen[False] <= 20


def test_a_limit_by_the_second_is_kept_too(clock):
    count = Counter()

    def admits():
        count[clock.now().replace(microsecond=0)] += 1
        return count[clock.now().replace(microsecond=0)] <= 40

    seen = call_for(60, clock, Pacer(clock), admits)
    assert seen[True] >= 0.9 * 40 * 60
    assert seen[False] <= 20


def test_named_pauses_are_kept_by_all(clock):
    limit = Limit(clock, rate=10, saved=10)
    seen = call_for(60, clock, Pacer(clock), limit.admits, retry_after=2.0)
    assert seen[False] <= 20


def test_after_a_storm_the_pace_comes_back(clock):
    pacer = Pacer(clock)
    call_for(20, clock, pacer, lambda: False)
    assert pacer.rate == LOWEST_RATE
    limit = Limit(clock, rate=40, saved=40)
    call_for(60, clock, pacer, limit.admits)
    assert pacer.rate > 30


def test_an_interrupt_does_not_shorten_a_pause(woken_clock):
    before = woken_clock.monotonic()
    pause(woken_clock, 0.05)
    assert woken_clock.monotonic() - before >= 0.05


def test_an_interrupt_does_not_quicken_the_pace(woken_clock):
    pacer = Pacer(woken_clock, rate=20)
    pacer.wait()
    slot = pacer.wait()
    assert woken_clock.monotonic() >= slot


def test_a_clock_that_is_set_back_makes_nobody_wait_longer(clock):
    set_back = SetBack(clock)
    pacer = Pacer(set_back, rate=10)
    for _ in range(5):
        pacer.wait()
    pacer.was_throttled(pacer.wait(), 2.0)
    pacer.wait()
    assert set_back.slept == pytest.approx(0.5 + 2.0)
