"""Which pod, and which life of it, a question is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dlcapply.emulator.answers import not_found
from dlcapply.emulator.jobs.access import readable_job
from dlcapply.emulator.jobs.lifecycle import moves_until
from dlcapply.emulator.jobs.pods import Incarnation, incarnations, pod_ids, pod_uid
from dlcapply.emulator.jobs.table import visible_body

if TYPE_CHECKING:
    from dlcapply.emulator.call import Call
    from dlcapply.emulator.jobs.table import Job


class PodLife(NamedTuple):
    """One life of a pod; None before the pod is created."""

    pod_id: str
    uid: str
    life: Incarnation | None


def find_pod(call: Call) -> PodLife:
    """The pod of the path, in the life of PodUid, otherwise the newest; raises Refusal for an unknown one."""
    job = readable_job(call)
    body, pod_id = visible_body(job, call.now), call.path["PodId"]
    if pod_id not in dict(pod_ids(job.job_id, body["JobType"], body["JobSpecs"])):
        raise not_found("Pod", pod_id)
    lives = check_life(call, job, pod_id)
    uid = call.query.get("PodUid") or next(reversed(lives), pod_uid(pod_id))
    return PodLife(pod_id, uid, lives.get(uid))


def check_life(call: Call, job: Job, pod_id: str) -> dict[str, Incarnation]:
    """The lives of the pod by their uid; raises Refusal where PodUid names none of them."""
    lives = {pod_uid(pod_id, one.number): one for one in incarnations(moves_until(job.moves, call.now))}
    if call.query.get("PodUid") and call.query["PodUid"] not in lives:
        raise not_found("Pod", call.query["PodUid"])
    return lives
