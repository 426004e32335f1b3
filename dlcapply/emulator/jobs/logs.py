"""GetPodLogs: what a pod prints."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from dlcapply.emulator.answers import JsonObject, Refusal, not_found
from dlcapply.emulator.clock import text_time
from dlcapply.emulator.jobs.access import readable_job
from dlcapply.emulator.jobs.lifecycle import FAILED, RECLAIMED, SUCCEEDED, exit_code
from dlcapply.emulator.jobs.pod_lookup import find_pod
from dlcapply.emulator.jobs.table import visible_body
from dlcapply.emulator.jobs.time_window import Window

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dlcapply.emulator.call import Call
    from dlcapply.emulator.jobs.lifecycle import Move
    from dlcapply.emulator.jobs.pods import Incarnation

_CONTAINER = "main"
_ROWS_PER_SHARD = 4096
_STEPS_PER_EPOCH = 100
_SHARD_JOBS = frozenset({"DataJuicerJob", "RayJob"})


def get_pod_logs(call: Call) -> JsonObject:
    """The newest lines of one life of the pod, one for every second that it has run."""
    job, pod = readable_job(call), find_pod(call)
    asked = [one.strip() for one in call.query.get("Containers", "").split(",") if one.strip()]
    if others := [one for one in asked if one != _CONTAINER]:
        raise not_found("Container", others[0])
    if call.flag("DownloadToFile", default=False):
        raise Refusal(501, "NotImplemented", "The emulator makes no files of logs.")
    wanted = call.number("MaxLines", 2000)
    body, window = visible_body(job, call.now), Window.of(call)
    lines = (
        f"{text_time(at)}  {text}" for at, text in _lines(body, pod.life, window, wanted) if window.holds(at)
    )
    return {
        "JobId": job.job_id,
        "PodId": pod.pod_id,
        "PodUid": pod.uid,
        "Logs": list(lines)[-wanted:],
        "ContainerInfo": {"MainContainer": _CONTAINER, "SidecarContainers": []},
    }


def _lines(
    body: JsonObject, life: Incarnation | None, window: Window, wanted: int
) -> Iterator[tuple[float, str]]:
    """Enough lines for the newest `wanted`: a job may have run for weeks."""
    if life is None or life.started is None:
        return
    started, last = life.started, window.end if life.ended is None else min(life.ended, window.end)
    seconds = max(math.floor(last - started), 0)
    first = max(1, seconds - wanted + 1)
    if first == 1:
        yield started, f"Started: {body['UserCommand'].partition(chr(10))[0]}"
    for second in range(first, seconds + 1):
        yield started + second, _progress_line(body["JobType"], second)
    if life.ended is not None:
        yield from ((life.ended, line) for line in _ending(life.move, body["UserCommand"]))


def _progress_line(job_type: str, second: int) -> str:
    if job_type in _SHARD_JOBS:
        return f"shard {second} done, {second * _ROWS_PER_SHARD} rows"
    loss = 0.2 + 2.1 * math.exp(-second / 20)
    if job_type == "XGBoostJob":
        return f"[{second}] train-rmse:{loss:.5f}"
    return f"epoch {second} step {second * _STEPS_PER_EPOCH} loss {loss:.4f}"


# What programs print on their way to an exit code; Alibaba's own diagnosis of failed jobs names the codes.
_LAST_WORDS = {
    126: "bash: permission denied",
    127: "bash: command not found",
    137: "Killed",
    139: "Segmentation fault (core dumped)",
    143: "Received SIGTERM; shutting down.",
    245: "[E ProcessGroupNCCL.cpp] Watchdog caught collective operation timeout.",
    255: "ssh: connect to host: Connection refused",
}


def _ending(last: Move, command: str) -> tuple[str, ...]:
    if last.status in SUCCEEDED:
        return ("Finished: everything is saved.",)
    if last.status not in {*FAILED, "Restarting"} or last.message == RECLAIMED:
        return ("Received SIGTERM; shutting down.",)
    code = exit_code(command) or 1
    if code in _LAST_WORDS:
        return (_LAST_WORDS[code],)
    return (
        "Traceback (most recent call last):",
        f"subprocess.CalledProcessError: the command returned non-zero exit status {code}.",
    )
