"""A run is idle only where every accelerator was measured through the whole window, and used too little."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcapply.diagnosis.idleness import Idleness, Measured, Use, judged, running_since
from dlcapply.model.jobs import Utilization
from dlcapply.model.runs import Run

NOW = datetime(2026, 11, 29, 8, 0, 30, tzinfo=UTC)
STEP = timedelta(minutes=5)
ASKED = Utilization(10.0, timedelta(hours=1))
KNOWN = {"ecs.gpu": 1, "ecs.cpu": 0}
PODS = ["dlc1-master-0", "dlc1-worker-0"]


def a_run(status="Running", started="2026-11-29T06:30:00Z", pods=PODS, **body):
    spec = {"Type": "Worker", "PodCount": 2, "EcsSpec": "ecs.gpu"}
    shown = {
        "GmtRunningTime": started,
        "JobSpecs": [spec],
        "Pods": [{"PodId": one, "Type": one.split("-")[1].capitalize()} for one in pods],
    }
    return Run("dlc1", "train", status, "2026-11-29T06:00:00Z", shown | body)


def a_pod_that_started(at):
    pods = [{"PodId": one, "Type": one.split("-")[1].capitalize()} for one in PODS]
    return a_run(Pods=[pods[0], pods[1] | {"GmtStartTime": at}])


def points(*values, end=datetime(2026, 11, 29, 8, 0, tzinfo=UTC), step=STEP):
    """The values, the last of them at the end."""
    times = [end - step * number for number in range(len(values) - 1, -1, -1)]
    return tuple(zip(times, values, strict=True))


def judge(*measured, run=None, asked=ASKED, **others):
    series = [Measured(pod, one) for pod, one in zip(PODS, measured, strict=False)]
    return judged(asked, run or a_run(), series, accelerators=KNOWN, **{"step": STEP, "now": NOW} | others)


IDLE = points(*[1.0] * 12)
BUSY = points(*[60.0] * 12)


def test_a_run_whose_pods_all_use_too_little_is_below():
    assert judge(IDLE, points(*[3.0] * 11, 9.0)) == Idleness(Use.BELOW, 2.25, 9.0, 2)


def test_the_mean_over_pods_and_window_decides():
    assert judge(IDLE, BUSY).use is Use.ENOUGH
    assert judge(IDLE, points(*[0.0] * 11, 100.0)).use is Use.BELOW  # one point of an hour
    assert judge(points(*[10.0] * 12), points(*[10.0] * 12)).use is Use.ENOUGH  # as much as it has to


@pytest.mark.parametrize(
    ("run", "why"),
    [
        (a_run("Queuing"), "it is Queuing"),
        (a_run("Restarting"), "it is Restarting"),
        (a_run("SomethingNew"), "it is SomethingNew"),
        (a_run(started="2026-11-29T07:30:00Z"), "it runs for less than the window"),
        (a_run(started="soon"), "since when it runs can't be read"),
        (a_run(started=None), "since when it runs can't be read"),
        (
            a_run(StatusHistory=[{"Status": "Running", "StartTime": "2026-11-29T07:40:00Z"}]),
            "it runs for less than the window",
        ),
        (a_run(StatusHistory=[{"Status": "Running"}]), "since when it runs can't be read"),
        (a_run(StatusHistory="odd"), "since when it runs can't be read"),
        (a_run(Pods=None), "its pods can't be read"),
        (a_run(Pods=[]), "its pods can't be read"),
        (a_run(Pods=[{"PodId": 7, "Type": "Worker"}]), "its pods can't be read"),
        (a_run(JobSpecs="odd"), "its pods can't be read"),
        (
            a_run(JobSpecs=[{"Type": "Worker", "EcsSpec": "ecs.unheard"}]),
            "how many accelerators dlc1-master-0 has is not known",
        ),
        (a_run(JobSpecs=[{"Type": "Worker", "EcsSpec": "ecs.cpu"}]), "it has no accelerators"),
        (a_run(JobSpecs=[{"Type": "Worker", "ResourceConfig": {"CPU": "8"}}]), "it has no accelerators"),
        (a_run(pods=PODS[:1]), "1 of its 2 worker pods are shown"),
        (a_run(pods=PODS[:1] * 2), "1 of its 2 worker pods are shown"),
        (
            a_run(JobSpecs=[{"Type": "Worker", "PodCount": "two", "EcsSpec": "ecs.gpu"}]),
            "how many pods it has can't be read",
        ),
        (
            a_run(
                JobSpecs=[
                    {"Type": "Master", "PodCount": 1, "EcsSpec": "ecs.gpu"},
                    {"Type": "Worker", "PodCount": 1, "EcsSpec": "ecs.gpu"},
                    {"Type": "Worker", "PodCount": 1, "EcsSpec": "ecs.cpu"},
                ]
            ),
            "its pods can't be read",
        ),
        (a_pod_that_started("2026-11-29T07:40:00Z"), "it runs for less than the window"),
        (a_pod_that_started("lately"), "since when it runs can't be read"),
        (a_run(RestartRecord=[{"OccurTime": "2026-11-29T07:40:00Z"}]), "it runs for less than the window"),
        (a_run(pods=[*PODS, "dlc1-worker-1"]), "the metrics of dlc1-worker-1 do not cover the window"),
    ],
)
def test_what_is_not_known_for_certain_is_never_idle(run, why):
    assert judge(IDLE, IDLE, run=run) == Idleness(Use.UNKNOWN, why=why)


@pytest.mark.parametrize(
    "one",
    [
        (),
        points(1.0),
        points(*[1.0] * 8),  # less than four fifths of the window
        points(*[1.0] * 12, end=datetime(2026, 11, 29, 7, 40, tzinfo=UTC)),  # nothing new
        points(*[1.0] * 6) + points(*[1.0] * 6, end=datetime(2026, 11, 29, 7, 10, tzinfo=UTC)),  # a gap
        tuple((at, float("nan")) for at, _ in IDLE),
        tuple((at, -1.0) for at, _ in IDLE),
        tuple((at, 1e6) for at, _ in IDLE),  # not a percentage
        points(*[1.0] * 12, end=NOW + timedelta(days=1)),
    ],
)
def test_data_that_is_missing_or_odd_is_not_idleness(one):
    assert judge(IDLE, one).use is Use.UNKNOWN


def test_roles_without_accelerators_are_not_asked_about():
    roles = [{"Type": "Master", "EcsSpec": "ecs.cpu"}, {"Type": "Worker", "ResourceConfig": {"GPU": "8"}}]
    assert judge((), IDLE, run=a_run(JobSpecs=roles)) == Idleness(Use.BELOW, 1.0, 1.0, 1)


def test_a_window_of_one_step_has_two_points():
    short = replace(ASKED, window=timedelta(minutes=5))
    run = a_run()
    found = judged(
        short,
        run,
        [Measured(pod, points(0.0, 0.0)) for pod in PODS],
        accelerators=KNOWN,
        step=STEP,
        now=datetime(2026, 11, 29, 8, 0, tzinfo=UTC),
    )
    assert found.use is Use.BELOW


def test_a_restart_begins_anew():
    history = [
        {"Status": "Running", "StartTime": "2026-11-29T06:30:00Z"},
        {"Status": "Restarting", "StartTime": "2026-11-29T07:00:00Z"},
        {"Status": "Running", "StartTime": "2026-11-29T07:05:00Z"},
    ]
    assert running_since(a_run(StatusHistory=history)) == datetime(2026, 11, 29, 7, 5, tzinfo=UTC)


VALUES = st.one_of(st.floats(0, 100), st.just(0.0), st.floats(allow_nan=True))


@given(st.lists(st.tuples(st.integers(0, 80), VALUES), max_size=40))
def test_a_run_of_which_any_part_was_busy_or_unseen_is_not_below(drawn):
    """Whatever is among the points: who is below has a low mean of points that cover the window."""
    one = tuple((NOW - timedelta(minutes=minute), value) for minute, value in drawn)
    found = judge(one, run=a_run(pods=PODS[:1]))
    if found.use is Use.BELOW:
        seen = sorted({minute for minute, value in drawn if minute <= 60 and 0 <= value <= 100})
        assert len(seen) >= 10
        assert max(later - earlier for earlier, later in zip([0, *seen], [*seen, 60], strict=True)) <= 15
        assert found.percent < 10
