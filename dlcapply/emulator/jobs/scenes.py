"""The names around one pod of a job, for what its cause says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.emulator.jobs.causes.scene import Scene
from dlcapply.emulator.jobs.pods import first_rank, node_name, pod_ids

if TYPE_CHECKING:
    from dlcapply.emulator.answers import JsonObject
    from dlcapply.emulator.jobs.pods import Incarnation
    from dlcapply.emulator.jobs.table import Job


def scene_of(job: Job, body: JsonObject, rank: int, life: Incarnation) -> Scene:
    pods = list(pod_ids(job.job_id, body["JobType"], body["JobSpecs"]))
    ids = tuple(pod_id for pod_id, _ in pods)
    image = next((spec["Image"] for spec in body["JobSpecs"] if spec.get("Image")), "")
    return Scene(
        cause=life.cause,
        variant=life.variant,
        ids=ids,
        rank=rank,
        first=first_rank(life.cause, ids, life.variant),
        command=body.get("UserCommand") or "",
        image=image,
        node=node_name(ids[rank]),
        data=tuple(one["DataSourceId"] for one in body.get("DataSources") or () if one.get("DataSourceId")),
    )
