"""GetPodLogs: what a pod prints."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from dlcapply.emulator.answers import JsonObject, Refusal, not_found
from dlcapply.emulator.jobs.access import readable_job
from dlcapply.emulator.jobs.lifecycle import moves_until
from dlcapply.emulator.jobs.pod_log import pod_log
from dlcapply.emulator.jobs.pod_lookup import find_pod
from dlcapply.emulator.jobs.pods import incarnations, pod_ids, pod_life, pod_uid
from dlcapply.emulator.jobs.signal_table import SignalTable, said_on_signals
from dlcapply.emulator.jobs.table import visible_body
from dlcapply.emulator.jobs.time_window import Window

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dlcapply.emulator.call import Call
    from dlcapply.emulator.jobs.pod_log import PodLog
    from dlcapply.emulator.jobs.pods import PodLife
    from dlcapply.emulator.jobs.table import Job
    from dlcapply.emulator.state.database import Database
    from dlcapply.emulator.world.world import World

_CONTAINER = "main"


def get_pod_logs(call: Call) -> JsonObject:
    """The newest lines of one life of the pod within a window of time."""
    job, pod = readable_job(call), find_pod(call)
    asked = [one.strip() for one in call.query.get("Containers", "").split(",") if one.strip()]
    if others := [one for one in asked if one != _CONTAINER]:
        raise not_found("Container", others[0])
    if call.flag("DownloadToFile", default=False):
        raise Refusal(501, "NotImplemented", "The emulator makes no files of logs.")
    log = _log_of(job, pod.pod_id, pod.own, call.world, call.database, call.now)
    start, end = _window(call)
    most = min(call.number("MaxLines", 2000), call.switches.most_log_lines or math.inf)
    lines = log.newest(int(most), start, end) if log else []
    return {
        "JobId": job.job_id,
        "PodId": pod.pod_id,
        "PodUid": pod.uid,
        "Logs": [str(line) for line in lines],
        "ContainerInfo": {"MainContainer": _CONTAINER, "SidecarContainers": []},
    }


def _window(call: Call) -> tuple[float, float]:
    """From when until when lines are looked for; those of the last `log_lag` seconds are not there yet."""
    window, switches = Window.of(call), call.switches
    end = window.end
    if switches.log_window_end == "open" and call.query.get("EndTime"):
        end = math.nextafter(end, -math.inf)
    if switches.log_window_end == "second":
        end = math.nextafter(math.floor(end) + 1, -math.inf)
    return window.start, min(end, call.now - switches.log_lag)


def whole_log(job: Job, pod_id: str, uid: str, world: World, database: Database, now: float) -> Iterator[str]:
    """Every line of a pod as GetPodLogs writes it: of the life `uid`, otherwise of all its lives in turn.

    Raises KeyError for a pod or a life that the job does not have.
    """
    body = visible_body(job, now)
    ids = [known for known, _ in pod_ids(job.job_id, body["JobType"], body["JobSpecs"])]
    if pod_id not in ids:
        raise KeyError(pod_id)
    lives = {pod_uid(pod_id, one.number): one for one in incarnations(moves_until(job.moves, now))}
    if uid and uid not in lives:
        raise KeyError(uid)
    logs = []
    for life in [lives[uid]] if uid else lives.values():
        own = pod_life(ids, ids.index(pod_id), life, now)
        logs.append(_log_of(job, pod_id, own, world, database, now))
    return (str(line) for log in logs if log for line in log.all())


def _log_of(
    job: Job, pod_id: str, own: PodLife | None, world: World, database: Database, now: float
) -> PodLog | None:
    if own is None:
        return None
    body, rules = visible_body(job, now), world.lifecycle_of(job.body["DisplayName"])
    ids = [known for known, _ in pod_ids(job.job_id, body["JobType"], body["JobSpecs"])]
    uid = pod_uid(pod_id, own.life.number)
    said = said_on_signals(SignalTable(database).of_job(job.job_id), pod_id, uid, rules)
    return pod_log(job, body, ids.index(pod_id), own, rules, now, said)
