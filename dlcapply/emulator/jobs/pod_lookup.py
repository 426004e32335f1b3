"""Which pod, and which life of it, a question is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dlcapply.emulator.answers import not_found
from dlcapply.emulator.jobs.access import readable_job
from dlcapply.emulator.jobs.lifecycle import moves_until
from dlcapply.emulator.jobs.pods import PodLife, incarnations, pod_ids, pod_life, pod_uid
from dlcapply.emulator.jobs.table import visible_body

if TYPE_CHECKING:
    from dlcapply.emulator.call import Call
    from dlcapply.emulator.jobs.pods import Incarnation
    from dlcapply.emulator.jobs.table import Job


class FoundPod(NamedTuple):
    """A pod, and one life of it; None before it is created. `rank` counts all pods of the job."""

    pod_id: str
    rank: int
    uid: str
    own: PodLife | None


def find_pod(call: Call) -> FoundPod:
    """The pod of the path, in the life of PodUid, otherwise the newest; raises Refusal for an unknown one."""
    job = readable_job(call)
    body, pod_id = visible_body(job, call.now), call.path["PodId"]
    ids = [known for known, _ in pod_ids(job.job_id, body["JobType"], body["JobSpecs"])]
    if pod_id not in ids:
        raise not_found("Pod", pod_id)
    rank, lives = ids.index(pod_id), check_life(call, job, pod_id)
    uid = call.query.get("PodUid") or next(reversed(lives), pod_uid(pod_id))
    life = lives.get(uid)
    return FoundPod(pod_id, rank, uid, pod_life(ids, rank, life, call.now) if life else None)


def check_life(call: Call, job: Job, pod_id: str) -> dict[str, Incarnation]:
    """The lives of the pod by their uid; raises Refusal where PodUid names none of them."""
    lives = {pod_uid(pod_id, one.number): one for one in incarnations(moves_until(job.moves, call.now))}
    if call.query.get("PodUid") and call.query["PodUid"] not in lives:
        raise not_found("Pod", call.query["PodUid"])
    return lives
