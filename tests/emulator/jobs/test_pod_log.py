"""A log of any size: every window of it is a part of the whole, and costs what it shows."""

import json
import math
import urllib.request
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlcapply.emulator import Clock, Emulator, Lifecycle, Switches
from dlcapply.emulator.clock import wire_time
from dlcapply.emulator.jobs.causes.training import chatter
from dlcapply.emulator.jobs.pod_log import Line, PodLog
from tests.emulator.conftest import Caller

START = datetime(2026, 1, 5, 8, tzinfo=UTC)
LOGS = st.builds(
    lambda started, lasted, rate, extra: PodLog(
        started,
        started + lasted,
        rate,
        str,
        (
            Line(started, 0, 0, "begin"),
            Line(started + extra, 2, 0, "said"),
            Line(started + lasted, 3, 0, "end"),
        ),
    ),
    st.floats(0, 1e9),
    st.floats(0, 60),
    st.sampled_from([0.0, 0.1, 1.0, 3.0, 7.5, 100.0]),
    st.floats(0, 60),
)


@settings(max_examples=60)
@given(LOGS, st.lists(st.floats(0, 60), max_size=4), st.integers(1, 50))
def test_windows_make_up_the_whole(log, cuts, wanted):
    edges = [-math.inf, *sorted(log.started + cut for cut in cuts), math.inf]
    whole = list(log.all())
    windows = [log.newest(10_000, start, math.nextafter(end, -math.inf)) for start, end in pairwise(edges)]

    assert [line for window in windows for line in window] == whole
    assert log.newest(wanted, -math.inf, math.inf) == whole[-wanted:]
    assert [line.at for line in whole] == sorted(line.at for line in whole)


def test_only_what_is_shown_is_made():
    made = []

    def line(number):
        made.append(number)
        return str(number)

    log = PodLog(0, 1e9, 1000, line, ())

    assert [one.text for one in log.newest(3, 5, 6)] == ["5998", "5999", "6000"]
    assert made == [5998, 5999, 6000]


def test_lines_repeat_break_and_grow_long():
    lines = [chatter(number) for number in range(1, 4100)]

    assert lines.count("gradients are finite") > 300
    assert lines[6] == lines[7]
    assert "" in lines
    assert max(map(len, lines)) > 10_000
    assert any("\n" in line for line in lines)
    assert any("\x1b" in line for line in lines)


@pytest.fixture
def busy():
    """A job that has printed 100 lines a second for 20 seconds, by 08:00:23.5."""
    rules = Lifecycle(running=1000, log_lines_per_second=100)
    with Emulator(clock=Clock.still(START), lifecycle=rules) as emulator:
        (job_id,) = emulator.seed({"JobSpecs": [{"PodCount": 2}]})
        emulator.turn(23.5)
        yield emulator, Caller(emulator), f"/jobs/{job_id}/pods/{job_id}-worker-0/logs"
        assert emulator.errors == ()


def test_the_whole_log_is_what_a_client_can_have(busy):
    emulator, call, path = busy
    _, _, job_id, _, pod_id, _ = path.split("/")
    whole = list(emulator.pod_log(job_id, pod_id))
    address = f"http://{emulator.endpoint}/_emulator/jobs/{job_id}/pods/{pod_id}/log"

    assert len(whole) == 2051
    assert call("GET", path, MaxLines=9999)["Logs"] == whole
    assert call("GET", path)["Logs"] == whole[-2000:]
    with urllib.request.urlopen(address) as answer:
        assert json.load(answer)["lines"] == whole
    for wrong in (("none", pod_id), (job_id, "none"), (job_id, pod_id, "none")):
        with pytest.raises(KeyError):
            emulator.pod_log(*wrong)


@pytest.mark.parametrize(
    ("switches", "count"),
    [
        (Switches(), 101),
        (Switches(log_window_end="open"), 100),
        (Switches(log_window_end="second"), 200),
        (Switches(log_lag=13), 51),
        (Switches(most_log_lines=7), 7),
    ],
)
def test_where_a_window_ends_is_a_switch(busy, switches, count):
    emulator, call, path = busy
    emulator.configure(switches=switches)
    window = {"StartTime": "2026-01-05T08:00:10Z", "EndTime": "2026-01-05T08:00:11Z"}

    assert len(call("GET", path, **window)["Logs"]) == count


def test_a_quiet_pod_prints_its_beginning_and_its_end(busy):
    emulator, call, path = busy
    emulator.configure(lifecycle=Lifecycle(running=1000, log_lines_per_second=0))
    assert call("GET", path)["Logs"] == ["2026-01-05 08:00:03  Started: python train.py"]
    emulator.turn(1000)
    window = {"StartTime": wire_time(emulator.now() - 600)}

    assert call("GET", path, **window)["Logs"] == ["2026-01-05 08:16:43  Finished: everything is saved."]
