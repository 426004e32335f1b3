"""Logs and events: what is asked, what is read from odd answers, and the time in a line in any form."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from dlcapply.cloud.pod_texts import event_line, job_events, log_line, pod_events, pod_logs
from dlcapply.emulator import Clock, Emulator, Switches
from dlcapply.errors import ServiceError

AT = datetime(2026, 1, 5, 8, 1, 2, tzinfo=UTC)


@pytest.fixture
def emulator():
    still = Clock.still(datetime(2026, 1, 5, 8, tzinfo=UTC))
    with Emulator(clock=still, switches=Switches(check_references=False)) as running:
        yield running
        assert running.unknown_routes == ()


def test_what_the_service_keeps(emulator, connection, job_body):
    (job_id,) = emulator.seed(job_body("train"))
    emulator.turn(60)
    lines = pod_logs(connection, job_id, f"{job_id}-master-0", most=3)
    assert [line.text for line in lines][-1] == "Finished: everything is saved."
    assert len(lines) == 3
    last = lines[-1].at
    window = pod_logs(connection, job_id, f"{job_id}-master-0", since=last, until=last)
    assert {line.at for line in window} == {last}
    events = job_events(connection, job_id)
    assert len(events) > 3  # the metadata's default is one
    assert events[0].text.startswith("Job is Creating")
    assert pod_events(connection, job_id, f"{job_id}-master-0")[0].text.startswith("Created pod")


def asked(connected, box, http, answer, ask=pod_logs, **options):
    there = box(http(200, json.dumps(answer)))
    words = ("dlc1",) if ask is job_events else ("dlc1", "dlc1-worker-0")
    return ask(connected(there.endpoint), *words, **options), there.requests[0].split(" ")[1]


def test_times_are_whole_seconds_and_names_are_quoted(connected, box, http):
    after = AT + timedelta(milliseconds=300)
    _, path = asked(connected, box, http, {}, since=after, until=after, uid="a/b", most=7)
    start, end = "StartTime=2026-01-05T08%3A01%3A02Z", "EndTime=2026-01-05T08%3A01%3A03Z"
    assert path.startswith("/api/v1/jobs/dlc1/pods/dlc1-worker-0/logs?")
    assert {start, end, "MaxLines=7", "PodUid=a%2Fb"} == set(path.partition("?")[2].split("&"))


@pytest.mark.parametrize("ask", [pod_logs, pod_events, job_events])
def test_an_answer_that_says_nothing_says_that_there_are_none(connected, box, http, ask):
    key = "Logs" if ask is pod_logs else "Events"
    assert asked(connected, box, http, {key: None}, ask)[0] == ()
    lines, path = asked(connected, box, http, {key: ["a", 7, None, {"b": [1]}]}, ask)
    assert [line.text for line in lines] == ["a", "7", '{"b": [1]}']
    assert path.partition("?")[2] == ("MaxLines=2000" if ask is pod_logs else "MaxEventsNum=2000")
    one_text = asked(connected, box, http, {key: "a\n\nb\n"}, ask)[0]
    assert [line.text for line in one_text] == ["a", "", "b"]
    assert asked(connected, box, http, {key: ""}, ask)[0] == ()
    for odd in ({key: 7}, {key: {"0": "a"}}, {key: ["a"], "JobId": "dlcother"}):
        with pytest.raises(ServiceError, match="PAI's answer"):
            asked(connected, box, http, odd, ask)


@pytest.mark.parametrize("ask", [pod_logs, pod_events, job_events])
def test_the_oldest_comes_first_also_where_the_service_has_it_last(connected, box, http, ask):
    key = "Logs" if ask is pod_logs else "Events"
    newest_first = [f"2026-01-05 08:01:0{second}  {what}" for second, what in ((3, "c"), (2, "b"), (2, "a"))]
    for given in (newest_first, newest_first[::-1]):
        lines, _ = asked(connected, box, http, {key: given}, ask)
        assert [line.text for line in lines] == ["a", "b", "c"]
    jumbled = [newest_first[1], newest_first[0], newest_first[2]]
    assert [line.text for line in asked(connected, box, http, {key: jumbled}, ask)[0]] == ["b", "c", "a"]


def test_an_entry_that_joins_others_is_so_many(connected, box, http):
    joined = "2026-01-05 08:01:02  one\ntwo\n2026-01-05 08:01:03  three\n"
    lines, _ = asked(connected, box, http, {"Logs": [joined, "four\n2026-01-05 08:01:03  five"]})
    assert [line.text for line in lines] == ["one\ntwo", "three\n", "four\n2026-01-05 08:01:03  five"]
    assert [line.at for line in lines] == [AT, AT + timedelta(seconds=1), None]


def test_another_life_than_was_asked_for_is_not_taken_for_it(connected, box, http):
    with pytest.raises(ServiceError, match="another PodUid"):
        asked(connected, box, http, {"Logs": ["a"], "PodUid": "new"}, uid="old")
    assert asked(connected, box, http, {"Logs": ["a"], "PodUid": "new"})[0][0].raw == "a"


MILLIS = AT + timedelta(milliseconds=250)


@pytest.mark.parametrize(
    ("raw", "at", "text"),
    [
        ("2026-01-05 08:01:02  epoch 1", AT, "epoch 1"),
        ("2026-01-05 08:01:02  2026-01-05 08:01:02 INFO x", AT, "2026-01-05 08:01:02 INFO x"),
        ("2026-01-05T08:01:02.250000000Z epoch 1", MILLIS, "epoch 1"),
        ("2026-01-05T16:01:02.250000000+08:00 stderr F epoch 1", MILLIS, "epoch 1"),
        ("2026-01-05T08:01:02.250000000Z stdout P ", MILLIS, ""),
        # What a program writes itself stays.
        ("2026-01-05 08:01:02,250 INFO x", MILLIS, None),
        ("[2026-01-05 08:01:02,250] x", MILLIS, None),
        ("2026/01/05 08:01:02 x", AT, None),
        ("2026-01-05T08:01:02Z x", AT, None),
        ("2026-01-05 16:01:02 +0800 CST x", AT, None),
        ("2026-01-05T08:01:02 UTC x", AT, None),
        ("2026-01-05 08:01:02", AT, None),
        # No time that anybody can tell.
        ("epoch 1 at 2026-01-05 08:01:02", None, None),
        ("2026-13-45 08:01:02  x", None, None),
        ("0000-01-05 08:01:02  x", None, None),
        ("0001-01-01 00:00:00+14:00  x", None, None),
        ("2026-01-05 08:01:02:33 x", None, None),
        ("٢٠٢٦-01-05 08:01:02  x", None, None),
        ("", None, None),
    ],
)
def test_the_time_of_a_line(raw, at, text):
    line = log_line(raw)
    assert (line.at, line.text) == (at, raw if text is None else text)


@pytest.mark.parametrize(
    "raw",
    [
        "2026-01-05 08:01:02 {}",
        "2026-01-05T08:01:02Z: {}",
        "[2026-01-05 16:01:02+08:00] {}",
        "2026/01/05 08:01:02\t{}",
    ],
)
def test_the_time_of_an_event_is_no_part_of_its_text(raw):
    line = event_line(raw.format("Created pod: a"))
    assert (line.at, line.text) == (AT, "Created pod: a")
    assert event_line("Created pod").text == "Created pod"
