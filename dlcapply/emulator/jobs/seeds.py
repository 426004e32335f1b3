"""Jobs that no request made: seeded, cloned as in the console, or changed by someone else."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dlcapply.emulator.clock import check_time, read_time
from dlcapply.emulator.jobs.body_schema import BODY
from dlcapply.emulator.jobs.lifecycle import WAITING, Move, moves_until, pinned_moves
from dlcapply.emulator.jobs.representations import service_facts
from dlcapply.emulator.jobs.schedule import plan_moves, pools_of
from dlcapply.emulator.jobs.schema_check import check_types
from dlcapply.emulator.jobs.table import Job, job_id_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from dlcapply.emulator.answers import JsonObject
    from dlcapply.emulator.world.world import World

_DEFAULT_BODY: JsonObject = {
    "JobType": "PyTorchJob",
    "UserCommand": "python train.py",
    "JobSpecs": [
        {
            "Type": "Worker",
            "PodCount": 1,
            "EcsSpec": "ecs.gn7i-c8g1.2xlarge",
            "Image": "registry.example.com/train:1",
        }
    ],
    "Priority": 1,
    "Accessibility": "PRIVATE",
}
_SERVICE_KEYS = {"JobId": str, "Status": str, "GmtCreateTime": str, "UserId": str}
_MAX_PODS = 10_000  # each is in every answer


def make_jobs(
    seeds: Iterable[Mapping[str, Any]], *, first: int, now: float, user_id: str, world: World
) -> Iterator[Job]:
    """A job for each seed: a CreateJob body of which anything may be missing, and keys of the service.

    Those are JobId, UserId, GmtCreateTime (now by default) and Status, which then stays as it is.
    """
    workspace_id = next((one.workspace_id for one in world.workspaces if one.is_default), "1001")
    for number, given in enumerate(seeds, first):
        seed = {key: value for key, value in given.items() if value is not None}
        check_types({key: seed[key] for key in _SERVICE_KEYS if key in seed}, _SERVICE_KEYS)
        body = {key: value for key, value in seed.items() if key not in _SERVICE_KEYS}
        defaults = {"DisplayName": f"job-{number}", "WorkspaceId": workspace_id}
        body = {**_DEFAULT_BODY, **defaults, **body}
        body["JobSpecs"] = [{"Type": "Worker", "PodCount": 1, **spec} for spec in body["JobSpecs"]]
        check_types(body, BODY)
        if sum(spec["PodCount"] for spec in body["JobSpecs"]) > _MAX_PODS:
            raise ValueError(f"JobSpecs must not have more than {_MAX_PODS} pods")
        created = read_time(seed["GmtCreateTime"]) if "GmtCreateTime" in seed else now
        check_time(created)
        job_id = seed.get("JobId") or job_id_of(number)
        moves = plan_moves(body, created, world, job_id)
        if "Status" in seed:
            moves = pinned_moves(moves, seed["Status"], now)
        yield Job(
            job_id=job_id,
            user_id=seed.get("UserId", user_id),
            created=created,
            body=body,
            moves=moves,
            pools={} if seed.get("Status") in WAITING else pools_of(body, world),
        )


def cloned(job: Job, *, number: int, now: float, world: World) -> Job:
    """A console's clone of a job: the same body, tags included, and a tag that names the original."""
    settings = job.body.get("Settings") or {}
    tags = {**(settings.get("Tags") or {}), "CloneFromJobID": job.job_id}
    seed = {**job.body, "Settings": {**settings, "Tags": tags}}
    return next(make_jobs([seed], first=number, now=now, user_id=job.user_id, world=world))


def changed(job: Job, facts: Mapping[str, Any], now: float, world: World) -> Job:
    """The job with `facts` changed: values of its body, or what the service says of it.

    None takes a key away; a Status stays until a later change or a stop. A value of a wrong type is shown
    all the same: clients must survive any answer.
    """
    moves, shown, pools = job.moves, dict(job.shown), job.pools
    owned = service_facts(job, now, world)
    body, late = dict(job.body), dict(job.late)
    for key, value in facts.items():
        shown.pop(key, None)
        if key == "Status" and isinstance(value, str):
            moves = (*moves_until(moves, now), Move(now, value))
            pools = {} if value in WAITING else pools
        elif key in owned or not _fits(key, value):
            shown[key] = value
        else:
            body[key] = value
            late.pop(key, None)
    return replace(job, moves=moves, shown=shown, body=body, late=late, pools=pools)


def _fits(key: str, value: Any) -> bool:
    try:
        check_types({key: value}, BODY)
    except ValueError:
        return False
    if key == "JobSpecs":
        return bool(value) and all({"Type", "PodCount"} <= spec.keys() for spec in value)
    return value is not None or key not in BODY
