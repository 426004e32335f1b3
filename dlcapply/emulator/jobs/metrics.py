"""GetJobMetrics and GetMetrics: curves that look like those of a training run, the same at each question.

GetMetrics hands on what CloudMonitor has. Of its metrics one is emulated: the only one that a public program
uses and says the meaning of.
"""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import replace
from typing import TYPE_CHECKING

from dlcapply.emulator.jobs.access import readable_job
from dlcapply.emulator.jobs.lifecycle import moves_until
from dlcapply.emulator.jobs.pods import incarnations, pod_ids
from dlcapply.emulator.jobs.table import visible_body
from dlcapply.emulator.jobs.time_window import Window

if TYPE_CHECKING:
    from dlcapply.emulator.answers import JsonObject
    from dlcapply.emulator.call import Call
    from dlcapply.emulator.jobs.pods import Incarnation
    from dlcapply.emulator.jobs.table import Job

# The level around which each metric moves: percent, or bytes a second.
LEVELS = {
    "GpuCoreUsage": 82.0,
    "GpuMemoryUsage": 71.0,
    "CpuCoreUsage": 45.0,
    "MemoryUsage": 38.0,
    "NetworkInputRate": 120e6,
    "NetworkOutputRate": 90e6,
    "DiskReadRate": 60e6,
    "DiskWriteRate": 8e6,
}
# What is told of accelerators of a kind for which there is no such metric is 0.
_UNITS_OF_USE = {"percent": 1, "fraction": 0.01, "zero": 0}
_KEPT = frozenset({"GpuMemoryUsage", "MemoryUsage"})
STEP = r"([1-9]\d{0,5})([smh])"
_UNITS = {"s": 1, "m": 60, "h": 3600}
_MAX_POINTS = 1_000  # of each pod; how many the service gives is unknown
_HOUR = 3600.0
MOST_POINTS = 5_000  # of an answer of CloudMonitor
_OF_CLOUD_MONITOR = {"JOB_GPU_ACCELERATOR_DUTTY_UTIL": "GpuCoreUsage"}


def get_job_metrics(call: Call) -> JsonObject:
    """The values of one metric in each pod while it ran."""
    job = readable_job(call)
    step = _read_step(call.query.get("TimeStep") or "5m")
    is_kept = call.switches.metrics_of_quota_jobs or not job.body.get("ResourceId")
    curves = _curves(call, job, call.query["MetricType"], step) if is_kept else {}
    pods = [{"PodId": pod_id, "Metrics": points} for pod_id, points in curves.items()]
    return {"JobId": job.job_id, "PodMetrics": pods}


def _curves(call: Call, job: Job, metric: str, step: int) -> dict[str, list[JsonObject]]:
    """The points of each pod in the window that is asked for."""
    window = Window.of(call, default=_HOUR)
    body, lives = visible_body(job, call.now), incarnations(moves_until(job.moves, call.now))
    pods = pod_ids(job.job_id, body["JobType"], body["JobSpecs"])
    times = [(at, life.quiet) for life in lives for at in _times(life, window, step)][-_MAX_POINTS:]
    unit = _UNITS_OF_USE[call.switches.accelerator_use] if metric == "GpuCoreUsage" else 1
    return {pod_id: [_point(pod_id, metric, *time, unit) for time in times] for pod_id, _ in pods}


def get_metrics(call: Call) -> JsonObject:
    """The points of a metric of CloudMonitor, as JSON within a string; none of a metric that is not known."""
    named = (one.get("jobId") for one in json.loads(call.query["Dimensions"]))
    job_id = call.query.get("JobId") or next((one for one in named if isinstance(one, str)), "")
    job = readable_job(replace(call, path={"JobId": job_id}))
    metric, period = _OF_CLOUD_MONITOR.get(call.query.get("MetricName", "")), call.number("Period", 60)
    curves = list(_curves(call, job, metric, period).values()) if metric else []
    points = [_mean(job_id, at_once) for at_once in zip(*curves, strict=True)]
    start, length = call.number("NextToken", 0), call.number("Length", 1_000)
    more = {"NextToken": str(start + length)} if start + length < len(points) else {}
    shown = json.dumps(points[start : start + length])
    return {"Code": "200", "Success": True, "Period": str(period), "DataPoints": shown, **more}


def _mean(job_id: str, points: tuple[JsonObject, ...]) -> JsonObject:
    """One point of all pods, in the form that CloudMonitor has for every product."""
    mean = sum(point["Value"] for point in points) / len(points)
    return {"timestamp": points[0]["Time"], "jobId": job_id, "Average": round(mean, 2)}


def _read_step(text: str) -> int:
    return int(text[:-1]) * _UNITS[text[-1]]


def _times(life: Incarnation, window: Window, step: int) -> list[float]:
    """The newest points of one life within the window, on whole steps."""
    if life.started is None:
        return []
    end = window.end if life.ended is None else min(window.end, life.ended)
    first, last = math.ceil(max(life.started, window.start) / step), math.floor(end / step)
    return [float(number * step) for number in range(max(first, last - _MAX_POINTS + 1), last + 1)]


def _point(pod_id: str, metric: str, at: float, quiet: float, unit: float) -> JsonObject:
    """The value at a time; from `quiet` on nothing is done, and only memory stays as it was."""
    seed = hashlib.sha256(f"{pod_id} {metric} {at}".encode(errors="surrogatepass")).digest()
    wave = 0.05 * math.sin(at / 600) + 0.05 * (seed[0] / 255 - 0.5)
    is_idle = quiet and at >= quiet and metric not in _KEPT
    return {
        "Time": round(at * 1000),
        "Value": round(LEVELS[metric] * (1 + wave) * (0.01 if is_idle else 1) * unit, 4 if unit < 1 else 2),
    }
