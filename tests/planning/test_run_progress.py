from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcapply.model.runs import Run
from dlcapply.planning.run_progress import Pods, RunProgress, progress_of, spent_by

TYPE = "ecs.gn7i-c8g1.2xlarge"
BEGAN = datetime(2026, 1, 2, tzinfo=UTC)
BODY = {
    "JobMaxRunningTimeMinutes": 120,
    "JobSpecs": [{"Type": "Worker", "PodCount": 4, "EcsSpec": TYPE}],
}


def at(minutes):
    return (BEGAN + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


def history(*steps):
    """Statuses with the minute in which each begins; the last goes on."""
    ends = [*(minute for _, minute in steps[1:]), None]
    return [
        {"Status": status, "StartTime": at(minute), "EndTime": "" if end is None else at(end)}
        for (status, minute), end in zip(steps, ends, strict=True)
    ]


def seen(status, *, minutes=90, accelerators=None, detailed=False, **body):
    run = Run("dlc1", "x", status, at(0), {**BODY, **body}, detailed=detailed)
    known = {TYPE: 2} if accelerators is None else accelerators
    return progress_of(run, accelerators=known, now=BEGAN + timedelta(minutes=minutes))


def test_of_a_run_that_goes_on_times_and_hours_are_those_of_now():
    steps = history(("Queuing", 0), ("EnvPreparing", 20), ("Running", 30))
    pods = [{"Status": "Running"}] * 3 + [{"Status": "Pending"}]
    told = seen("Running", StatusHistory=steps, GmtRunningTime=at(30), Pods=pods, RestartTimes="1")
    assert told == RunProgress(
        queued_seconds=1200,
        run_seconds=3600,
        started=BEGAN + timedelta(minutes=30),
        pods=Pods(4, 3, 0),
        accelerators=8,
        hours=8.0,
        ceiling_hours=16.0,
        restarts=1,
    )


def test_waits_before_restarts_count_and_a_run_that_waits_uses_nothing():
    steps = history(("Queuing", 0), ("Running", 10), ("Restarting", 20), ("Queuing", 21), ("Running", 40))
    assert seen("Running", StatusHistory=steps, GmtRunningTime=at(10)).queued_seconds == 29 * 60
    waiting = seen("Queuing", StatusHistory=history(("Queuing", 0)))
    assert (waiting.queued_seconds, waiting.run_seconds, waiting.hours) == (5400, None, 0.0)
    assert seen("Queuing").queued_seconds == 5400  # from the times alone


def test_of_a_run_that_has_ended_they_are_those_of_its_end():
    steps = history(("Running", 10), ("Failed", 40))
    told = seen("Failed", StatusHistory=steps, GmtRunningTime=at(10), Duration=1800, RestartTimes="2/10")
    assert (told.run_seconds, told.hours, told.ended) == (1800, 4.0, BEGAN + timedelta(minutes=40))
    assert told.restarts == 2
    assert seen("Failed", GmtRunningTime=at(10), GmtFinishTime=at(40)).hours == 4.0
    assert seen("Failed", GmtRunningTime=at(10)).hours is None  # nobody says when it ended
    assert seen("Failed", StatusHistory=history(("Queuing", 0), ("Failed", 5))).hours == 0.0


def test_a_reserved_end_still_uses_what_the_run_did():
    told = seen("SucceededReserving", GmtRunningTime=at(0), GmtFinishTime=at(30), Duration=1800)
    assert (told.run_seconds, told.hours, told.ended) == (1800, 12.0, None)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, (16.0, False)),
        ({"JobMaxRunningTimeMinutes": None}, (None, True)),
        ({"JobSpecs": [{"PodCount": 4, "EcsSpec": "ecs.unheard-of"}]}, (None, False)),
        ({"JobSpecs": [{"PodCount": 1, "ResourceConfig": {"CPU": "8"}}]}, (0.0, False)),
    ],
)
def test_a_ceiling_is_told_unknown_or_none_at_all(body, expected):
    told = seen("Running", GmtRunningTime=at(0), **body)
    assert (told.ceiling_hours, told.is_unbounded) == expected


def test_getjob_alone_does_not_tell_the_ceiling():
    body = {key: value for key, value in BODY.items() if key != "JobMaxRunningTimeMinutes"}
    run = Run("dlc1", "x", "Running", at(0), body, detailed=True)
    told = progress_of(run, accelerators={TYPE: 2}, now=BEGAN)
    assert (told.ceiling_hours, told.is_unbounded) == (None, False)


def test_without_a_time_nothing_is_guessed():
    run = Run("dlc1", "x", "Running", at(0), {**BODY, "GmtRunningTime": at(10)})
    told = progress_of(run, accelerators={TYPE: 2}, now=None)
    assert (told.run_seconds, told.hours, told.queued_seconds) == (None, None, 600)


odd = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just(at(5)),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["Status", "StartTime"]), inner)
    ),
    max_leaves=5,
)
keys = st.sampled_from(
    [
        *("StatusHistory", "Pods", "RestartTimes", "RetryCount", "GmtRunningTime", "GmtFinishTime"),
        *("Duration", "JobSpecs", "JobMaxRunningTimeMinutes", "Settings"),
    ]
)


@given(st.dictionaries(keys, odd), st.sampled_from(["Running", "Failed", "Queuing", "Hibernating"]))
def test_an_answer_may_hold_anything(body, status):
    told = seen(status, **body)
    for number in (told.queued_seconds, told.run_seconds, told.hours, told.ceiling_hours, told.restarts):
        assert number is None or number >= 0


@pytest.mark.parametrize(
    ("status", "body", "hours"),
    [
        ("Running", {"GmtRunningTime": at(30)}, 8.0),
        ("Failed", {"GmtRunningTime": at(30), "GmtFinishTime": at(60)}, 4.0),
        ("Failed", {"GmtRunningTime": at(30), "GmtFailedTime": at(60)}, 4.0),
        ("FailedReserving", {"GmtRunningTime": at(30), "GmtFinishTime": at(60)}, 8.0),
        ("Stopped", {"StatusHistory": history(("Queuing", 0), ("Stopped", 5))}, 0.0),
        ("Stopped", {}, None),
    ],
)
def test_what_is_lost_is_what_is_shown_as_used_up(status, body, hours):
    run = Run("dlc1", "x", status, at(0), {**BODY, **body})
    now = BEGAN + timedelta(minutes=90)
    lost = spent_by(run, accelerators={TYPE: 2}, now=now).accelerator_hours
    assert lost == progress_of(run, accelerators={TYPE: 2}, now=now).hours == hours
