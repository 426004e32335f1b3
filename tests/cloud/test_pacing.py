from __future__ import annotations

import itertools
import threading

import pytest

from dlcapply.cloud.pacing import HIGHEST_RATE, LONGEST_PAUSE, LOWEST_RATE, Pacer


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
    assert pacer.rate == pytest.approx(18 + 1 / 18)


def test_many_throttled_at_one_pace_halve_it_once(clock):
    pacer = Pacer(clock, rate=20)
    slots = [pacer.wait() for _ in range(8)]
    for slot in slots:
        pacer.was_throttled(slot, 0)
    assert pacer.rate == 10
    pacer.was_throttled(pacer.wait(), 0)
    assert pacer.rate == 5


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
