"""What a job says of itself: events, and the log lines of its pods."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from dlcapply.emulator.answers import JsonObject, not_found
from dlcapply.emulator.clock import text_time
from dlcapply.emulator.jobs.access import readable_job
from dlcapply.emulator.jobs.lifecycle import FAILED, FINISHED, SUCCEEDED, entered, exit_code, moves_until
from dlcapply.emulator.jobs.pods import pod_ids, pod_uid
from dlcapply.emulator.jobs.projections import visible_body

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dlcapply.emulator.call import Call
    from dlcapply.emulator.jobs.table import Job

_WEEK = 7 * 86_400
_ROWS_PER_SHARD = 4096
_STEPS_PER_EPOCH = 100
_SHARD_JOBS = frozenset({"DataJuicerJob", "RayJob"})


def get_job_events(call: Call) -> JsonObject:
    """The newest events, the oldest of them first; one alone by default, as the API's metadata says."""
    job = readable_job(call)
    wanted = call.number("MaxEventsNum", default=call.switches.default_max_events, maximum=10_000)
    events = [f"{text_time(at)} {text}" for at, text in _events(call, job) if _is_asked(call, at)]
    return {"JobId": job.job_id, "Events": events[-wanted:]}


def _events(call: Call, job: Job) -> Iterator[tuple[float, str]]:
    body = visible_body(job, call.now)
    for move in moves_until(job.moves, call.now):
        yield move.at, f"Job is {move.status}. {move.message}".strip()
        if move.status == "EnvPreparing":
            for pod_id, _ in pod_ids(job.job_id, body["JobType"], body["JobSpecs"]):
                yield move.at, f"Created pod: {pod_id}"


def get_pod_logs(call: Call) -> JsonObject:
    """The newest lines, one for every second that the pod has run."""
    job = readable_job(call)
    body, pod_id = visible_body(job, call.now), call.path["PodId"]
    if pod_id not in dict(pod_ids(job.job_id, body["JobType"], body["JobSpecs"])):
        raise not_found("Pod", pod_id)
    wanted = call.number("MaxLines", default=2000, maximum=1_000_000)
    lines = [
        f"{text_time(at)}  {text}" for at, text in _lines(call, job, body, wanted) if _is_asked(call, at)
    ]
    return {
        "JobId": job.job_id,
        "PodId": pod_id,
        "PodUid": call.query.get("PodUid") or pod_uid(pod_id),
        "Logs": lines[-wanted:],
    }


def _lines(call: Call, job: Job, body: JsonObject, wanted: int) -> Iterator[tuple[float, str]]:
    """Enough lines for the newest `wanted`: a job may have run for weeks."""
    history = moves_until(job.moves, call.now)
    started, finished = entered(history, "Running"), entered(history, *FINISHED)
    if started is None:
        return
    end = min(finished or call.now, call.time("EndTime", call.now))
    seconds = math.floor(end - started)
    first = max(1, seconds - wanted + 1)
    if first == 1:
        yield started, f"Started: {body['UserCommand'].partition(chr(10))[0]}"
    for second in range(first, seconds + 1):
        yield started + second, _progress_line(body["JobType"], second)
    if finished is not None:
        yield from ((finished, line) for line in _ending(history[-1].status, body["UserCommand"]))


def _progress_line(job_type: str, second: int) -> str:
    if job_type in _SHARD_JOBS:
        return f"shard {second} done, {second * _ROWS_PER_SHARD} rows"
    loss = 0.2 + 2.1 * math.exp(-second / 20)
    if job_type == "XGBoostJob":
        return f"[{second}] train-rmse:{loss:.5f}"
    return f"epoch {second} step {second * _STEPS_PER_EPOCH} loss {loss:.4f}"


def _ending(status: str, command: str) -> tuple[str, ...]:
    if status in SUCCEEDED:
        return ("Finished: everything is saved.",)
    if status in FAILED:
        code = exit_code(command) or 1
        return (
            "Traceback (most recent call last):",
            f"subprocess.CalledProcessError: the command returned non-zero exit status {code}.",
        )
    return ("Received SIGTERM; shutting down.",)


def _is_asked(call: Call, at: float) -> bool:
    start = call.time("StartTime", call.now - _WEEK)
    return start <= at <= call.time("EndTime", call.now)
