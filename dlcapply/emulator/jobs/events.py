"""GetJobEvents and GetPodEvents: what happened, in lines that begin with the time."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING

from dlcapply.emulator.clock import text_time
from dlcapply.emulator.jobs.access import readable_job
from dlcapply.emulator.jobs.causes.job_events import failure_text, waiting_text
from dlcapply.emulator.jobs.causes.outcomes import NEVER_STARTS, OUTCOMES
from dlcapply.emulator.jobs.causes.pod_events import pod_events
from dlcapply.emulator.jobs.lifecycle import FAILED, RECLAIMED, arrival, moves_until
from dlcapply.emulator.jobs.pod_lookup import find_pod
from dlcapply.emulator.jobs.pods import first_pod, pod_ids
from dlcapply.emulator.jobs.scenes import scene_of
from dlcapply.emulator.jobs.table import visible_body
from dlcapply.emulator.jobs.time_window import Window

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dlcapply.emulator.answers import JsonObject
    from dlcapply.emulator.call import Call
    from dlcapply.emulator.jobs.lifecycle import Move
    from dlcapply.emulator.jobs.pod_lookup import FoundPod
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
    events = sorted(_pod_events(job, body, pod, call.now), key=itemgetter(0))
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
        if failure := _failure(job, body, move):
            yield move.at, failure
    if shortage:
        yield shortage


def _failure(job: Job, body: JsonObject, move: Move) -> str:
    """Which pod a cause has struck first, where its container has run."""
    if not move.cause or move.status not in {*FAILED, "Restarting"}:
        return ""
    exit_code = OUTCOMES[move.cause].exit_code
    first = first_pod(job.job_id, body, move.cause, move.variant)
    return failure_text(move.variant, first, exit_code) if exit_code and first else ""


def _shortage(call: Call, job: Job) -> Event | None:
    """The event of a job that had to wait for limited resources, in the words of Alibaba's diagnosis."""
    due = arrival(job.created, call.world.lifecycle_of(job.body["DisplayName"]))
    cause, variant = job.moves[0].cause, job.moves[0].variant
    left = next((move.at for move in job.moves[2:]), None)
    is_late = call.now > due and (left is None or left > due)
    if not is_late or not (job.pools or cause in NEVER_STARTS):
        return None
    names = {"quota": job.body.get("ResourceId") or "default", "type": _instance_type(job.body)}
    text = waiting_text(cause, variant, names)
    return (due, text) if text else None


def _instance_type(body: JsonObject) -> str:
    return next((spec["EcsSpec"] for spec in body["JobSpecs"] if spec.get("EcsSpec")), "any type")


def _pod_events(job: Job, body: JsonObject, pod: FoundPod, now: float) -> Iterator[Event]:
    if pod.own is None:
        return
    if not pod.own.life.cause:
        yield from _plain_events(body, pod.pod_id, pod.own.life)
        return
    life = pod.own.life
    yield life.created, f"Created pod: {pod.pod_id}"
    anchors = {"created": life.created, "started": life.started, "ended": pod.own.ended}
    for event in pod_events(scene_of(job, body, pod.rank, life), pod.own.exit_code):
        at = anchors[event.anchor]
        if at is not None and at + event.after <= min(now, pod.own.ended or now):
            yield at + event.after, event.text(life.variant)


def _plain_events(body: JsonObject, pod_id: str, life: Incarnation) -> Iterator[Event]:
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
