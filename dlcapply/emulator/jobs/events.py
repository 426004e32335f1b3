"""GetJobEvents and GetPodEvents: what happened, in lines that begin with the time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.emulator.clock import text_time
from dlcapply.emulator.jobs.access import readable_job
from dlcapply.emulator.jobs.lifecycle import RECLAIMED, arrival, moves_until
from dlcapply.emulator.jobs.pod_lookup import find_pod
from dlcapply.emulator.jobs.pods import pod_ids
from dlcapply.emulator.jobs.table import visible_body
from dlcapply.emulator.jobs.time_window import Window

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dlcapply.emulator.answers import JsonObject
    from dlcapply.emulator.call import Call
    from dlcapply.emulator.jobs.pods import Incarnation
    from dlcapply.emulator.jobs.table import Job

Event = tuple[float, str]


def get_job_events(call: Call) -> JsonObject:
    """The newest events in the order of time; by default only one, as the API's metadata says."""
    job = readable_job(call)
    return {"JobId": job.job_id, "Events": _newest(call, _job_events(call, job))}


def get_pod_events(call: Call) -> JsonObject:
    """The newest events of one life of a pod."""
    job, pod = readable_job(call), find_pod(call)
    body = visible_body(job, call.now)
    events = _pod_events(body, pod.pod_id, pod.life) if pod.life else ()
    return {
        "JobId": job.job_id,
        "PodId": pod.pod_id,
        "PodUid": pod.uid,
        "Events": _newest(call, events),
    }


def _newest(call: Call, events: Iterable[Event]) -> list[str]:
    wanted = call.number("MaxEventsNum", call.switches.default_max_events)
    window = Window.of(call)
    return [f"{text_time(at)} {text}" for at, text in events if window.holds(at)][-wanted:]


def _job_events(call: Call, job: Job) -> Iterator[Event]:
    body, history = visible_body(job, call.now), moves_until(job.moves, call.now)
    shortage = _shortage(call, job)
    for move in history:
        if shortage and move.at > shortage[0]:
            yield shortage
            shortage = None
        yield move.at, f"Job is {move.status}. {move.message}".strip()
        if move.status == "EnvPreparing":
            for pod_id, _ in pod_ids(job.job_id, body["JobType"], body["JobSpecs"]):
                yield move.at, f"Created pod: {pod_id}"
    if shortage:
        yield shortage


def _shortage(call: Call, job: Job) -> Event | None:
    """The event of a job that had to wait for limited resources, in the words of Alibaba's diagnosis."""
    due = arrival(job.created, call.world.lifecycle_of(job.body["DisplayName"]))
    left = next((move.at for move in job.moves[2:]), None)
    is_late = call.now > due and (left is None or left > due)
    return (due, "Job is waiting: resource type is not enough.") if job.pools and is_late else None


def _pod_events(body: JsonObject, pod_id: str, life: Incarnation) -> Iterator[Event]:
    images = {spec["Image"] for spec in body["JobSpecs"] if spec.get("Image")}
    yield life.created, f"Created pod: {pod_id}"
    if life.started is not None:
        yield life.started, "Pulled image; started container main."
    elif life.move.status in {"EnvPreparing", "Failed"}:
        yield life.created, f"Pulling image {', '.join(sorted(images))}"
    if life.move.code == "ImagePullBackOff":
        yield life.move.at, f"ImagePullBackOff: {life.move.message}"
    if life.ended is not None:
        why = "Evicted: " if life.move.message == RECLAIMED else ""
        yield life.ended, f"{why}Pod has ended. {life.move.message}".strip()
