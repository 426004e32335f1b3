"""What PAI measured of a run: GetJobMetrics, and CloudMonitor where that has nothing.

GetJobMetrics is kept for pay-as-you-go jobs on general computing resources alone; others have their metrics
in CloudMonitor, which GetMetrics hands on (GetJobMetrics' help page).
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from datetime import timedelta
from statistics import fmean
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from dlcapply.cloud.wire import values
from dlcapply.cloud.wire.failures import not_understood, request_id_of
from dlcapply.cloud.wire.json_reader import loads
from dlcapply.model.answers import maps, text_of
from dlcapply.model.curves import Curve, Curves, Point
from dlcapply.model.durations import seconds_of
from dlcapply.model.times import utc_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from dlcapply.cloud.wire.connection import Connection
    from dlcapply.model.runs import Run

# How many points an answer gives is not documented: no more than this are asked for at once.
POINTS_A_CALL = 300
MOST_CALLS = 12
_STEP = re.compile(r"[1-9][0-9]{0,5}[smh]")
# The periods that CloudMonitor has (SDK, GetMetricsRequest).
_PERIODS = (15, 60, 900, 3600)
_MOST_PAGES = 50
_NAMESPACE = "acs_pai_dlc"
# The only metric of CloudMonitor whose meaning is known: a public program that uses the service calls it the
# utilization of the job's accelerators.
_OF_CLOUD_MONITOR = {"GpuCoreUsage": "JOB_GPU_ACCELERATOR_DUTTY_UTIL"}
_VALUES = ("Average", "Value", "value")


def metrics(
    connection: Connection, job_id: str, metric: str, *, start: datetime, end: datetime, step: str = "5m"
) -> Curves:
    """The curves of the run's pods in that time, as GetJobMetrics has them; raises ServiceError.

    `step` is in PAI's form: `10s`, `5m`, `1h`. A window of more points than an answer may hold is asked for
    in parts. Pods without a point are not there.
    """
    seconds = step_seconds(step)
    found: dict[str, dict[datetime, float]] = {}
    unread = 0
    for first, last in _windows(start, end, seconds):
        query = {
            "MetricType": metric,
            "TimeStep": step,
            "StartTime": utc_text(first),
            "EndTime": utc_text(last),
        }
        path = f"/api/v1/jobs/{quote(job_id, safe='')}/metrics"
        answer = connection.read("GetJobMetrics", path, query)
        if not isinstance(answer.get("PodMetrics"), list | None):
            problem = "has no PodMetrics"
            raise not_understood("GetJobMetrics", problem, request_id=request_id_of(answer))
        for pod in maps(answer.get("PodMetrics")):
            kept = found.setdefault(text_of(pod, "PodId"), {})
            rows = pod.get("Metrics")
            points = list(_points(maps(rows)))
            unread += _length(rows) - len(points)
            for at, value in points:
                kept[at] = max(value, kept.get(at, value))  # a pod may be there once for each card
    return Curves(metric, "GetJobMetrics", start, end, seconds, _curves(metric, found), unread)


def step_seconds(step: str) -> int:
    """The seconds of `10s`, `5m` or `1h`; raises ValueError for any other form."""
    if _STEP.fullmatch(step) is None:
        raise ValueError(step)
    return int(seconds_of(step))


def _windows(start: datetime, end: datetime, step: int) -> Iterator[tuple[datetime, datetime]]:
    """The time in parts, none of more points than an answer may hold, and as many as calls are allowed."""
    length = timedelta(seconds=step * POINTS_A_CALL)
    for number in range(MOST_CALLS):
        first = start + number * length
        if first >= end:
            return
        yield first, min(first + length, end)


def _length(rows: Any) -> int:
    return len(rows) if isinstance(rows, list) else 0


def _points(rows: Iterable[Mapping[str, Any]]) -> Iterator[tuple[datetime, float]]:
    for row in rows:
        at, value = values.milliseconds(row.get("Time")), values.real(row.get("Value"))
        if at is not None and value is not None:
            yield at, value


def _curves(metric: str, found: Mapping[str, Mapping[datetime, float]]) -> tuple[Curve, ...]:
    return tuple(
        Curve(metric, pod_id, tuple(Point(at, points[at]) for at in sorted(points)))
        for pod_id, points in found.items()
        if points
    )


def has_cloud_monitor(metric: str) -> bool:
    """Whether CloudMonitor's name of the metric is known."""
    return metric in _OF_CLOUD_MONITOR


def metrics_or_monitored(
    connection: Connection,
    run: Run,
    metric: str,
    *,
    region: str,
    start: datetime,
    end: datetime,
    step: str,
    monitored_step: float,
) -> Curves:
    """What PAI keeps of the run's pods, otherwise what CloudMonitor has of the run as a whole."""
    kept = metrics(connection, run.job_id, metric, start=start, end=end, step=step)
    if kept.curves or not has_cloud_monitor(metric):
        return kept
    return cloud_monitor(
        connection, run.body, metric, region=region, start=start, end=end, step=monitored_step
    )


def cloud_monitor(
    connection: Connection,
    run: Mapping[str, Any],
    metric: str,
    *,
    region: str,
    start: datetime,
    end: datetime,
    step: float,
) -> Curves:
    """The metric of the run as a whole, as CloudMonitor has it; raises ServiceError.

    `run` is an answer about it. The step is the least of CloudMonitor's that is not finer than `step`.
    """
    period = next((one for one in _PERIODS if one >= step), _PERIODS[-1])
    job_id = text_of(run, "JobId")
    names = {"jobId": job_id, "regionId": region, "userId": _text(run, "UserId")}
    names |= {"workspaceId": _text(run, "WorkspaceId")}
    query = {
        "JobId": job_id,
        "Namespace": _NAMESPACE,
        "MetricName": _OF_CLOUD_MONITOR[metric],
        "Dimensions": json.dumps([{key: name for key, name in names.items() if name}]),
        "Period": str(period),
        "StartTime": utc_text(start),
        "EndTime": utc_text(end),
    }
    told: defaultdict[datetime, list[float]] = defaultdict(list)
    unread = 0
    for at, value in _monitored(connection, query):
        if at is None or value is None:
            unread += 1
        else:
            told[at].append(value)
    points = {at: fmean(of_cards) for at, of_cards in told.items()}
    return Curves(metric, "GetMetrics", start, end, period, _curves(metric, {"": points}), unread)


def _text(run: Mapping[str, Any], key: str) -> str:
    value = run.get(key)
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _monitored(
    connection: Connection, query: Mapping[str, str]
) -> Iterator[tuple[datetime | None, float | None]]:
    """The points of all pages, as far as they can be read; several at one time are of several cards."""
    more = ""
    for _ in range(_MOST_PAGES):
        answer = connection.read(
            "GetMetrics", "/api/v1/cms/metrics", {**query, "NextToken": more} if more else query
        )
        for row in _data_points(answer):
            value = next((one for key in _VALUES if (one := values.real(row.get(key))) is not None), None)
            yield values.milliseconds(row.get("timestamp", row.get("Timestamp"))), value
        more = text_of(answer, "NextToken")
        if not more:
            return


def _data_points(answer: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The points, which are JSON within a string (SDK, GetMetricsResponseBody)."""
    told = answer.get("DataPoints")
    if told is None or told == "":
        return iter(())
    try:
        points = loads(told) if isinstance(told, str) else told
    except ValueError:
        points = None
    if not isinstance(points, list):
        raise not_understood("GetMetrics", "has no DataPoints", request_id=request_id_of(answer))
    return (one if isinstance(one, dict) else {} for one in points)
