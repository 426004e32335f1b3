"""An idle run is stopped only where its own past shows that its metric works, and that this is no pause."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcapply.diagnosis.idle_proof import doubt
from dlcapply.diagnosis.idleness import Measured
from dlcapply.model.jobs import Utilization

NOW = datetime(2026, 11, 29, 8, 0, 30, tzinfo=UTC)
STEP = timedelta(minutes=5)
SINCE = NOW - timedelta(hours=5)
ASKED = Utilization(10.0, timedelta(hours=1))
WORKS, HANGS, HELD = [80.0] * 24, [0.0] * 24, [70.0] * 12


def curve(values, pod="a", *, step=STEP):
    """The values, the last of them half a minute ago."""
    last = NOW - timedelta(seconds=30)
    return Measured(pod, tuple((last - step * ago, value) for ago, value in enumerate(reversed(values))))


def doubted(used, held=HELD, *, asked=ASKED, pods=("a",)):
    return doubt(asked, pods, [curve(used)], [curve(held)], since=SINCE, step=STEP, now=NOW)


def test_who_worked_and_does_nothing_any_more_is_not_doubted():
    assert doubted([*WORKS, *HANGS]) == ""
    assert doubted([*WORKS, *[0.3] * 24], held=[]) == ""  # measured still, and its memory is not told


@pytest.mark.parametrize(
    "used",
    [
        HANGS,  # from its start: data is loaded, or it is an NPU, or a slice of a GPU
        [],
        [*[0.9] * 24, *HANGS],  # parts of one
        [*[7.2] * 24, *HANGS],  # and these summed over eight cards
        [*[15.0] * 24, *HANGS],
        [*[float("nan")] * 24, *HANGS],
        [*[800.0] * 24, *HANGS],
    ],
)
def test_who_never_worked_may_not_be_measured(used):
    assert "a never used 20 % since it runs" in doubted(used)


def test_each_pod_has_to_show_it():
    assert "b never used 20 %" in doubted([*WORKS, *HANGS], pods=("a", "b"))


def test_what_worked_before_the_last_start_shows_nothing():
    assert "never used" in doubted([*WORKS, *[0.0] * 61])


def test_nothing_but_zeros_may_be_no_measure():
    for held in ([], [0.0] * 12, [70.0] * 8 + [0.0] * 4):
        assert (
            doubted([*WORKS, *HANGS], held) == "all that is measured of a is 0: it may be measured no longer"
        )


def test_who_paused_for_as_long_before_and_went_on_may_pause_again():
    pause = [0.0] * 14
    assert doubted([*WORKS, *pause, 80.0, *HANGS[:20]]) == "it was quiet for 70 min before, and went on"
    assert doubted([*WORKS, *pause, 80.0, *[0.0] * 28]) == ""


def test_who_prepared_for_as_long_before_it_worked_may_prepare_again():
    assert doubted([*[0.0] * 36, *WORKS[:12], *[0.0] * 12]) == "it was quiet for 180 min before, and went on"


@given(st.lists(st.floats(0, 100) | st.just(0.0), max_size=60), st.lists(st.floats(0, 100), max_size=12))
def test_whoever_is_not_doubted_has_worked_is_measured_still_and_is_quiet_for_longer_than_ever(used, held):
    if doubted(used, held) == "":
        assert max(used) >= 20
        assert any(value > 0 for value in [*used[-3:], *held[-3:]])
        busy = [at for at, value in enumerate(used) if value >= 10]
        quiet = len(used) - 1 - busy[-1]
        assert all(quiet + 1 >= 2 * (later - earlier - 1) for earlier, later in pairwise(busy))
