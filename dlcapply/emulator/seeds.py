"""Jobs as nobody asked for them: written straight into the state, or changed behind everyone's back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dlcapply.emulator.clock import read_time
from dlcapply.emulator.lifecycle import Move, moves_until, pinned_moves, plan_moves
from dlcapply.emulator.projections import service_facts
from dlcapply.emulator.store import Job, job_id_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from dlcapply.emulator.answers import JsonObject
    from dlcapply.emulator.service import Switches

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
_SERVICE_KEYS = frozenset({"JobId", "Status", "GmtCreateTime", "UserId"})


def make_jobs(
    seeds: Iterable[Mapping[str, Any]], *, first: int, now: float, user_id: str, switches: Switches
) -> Iterator[Job]:
    """A job for each seed: a CreateJob body of which anything may be missing, and keys of the service.

    Those are JobId, UserId, GmtCreateTime (now by default) and Status, which then stays as it is.
    """
    for number, seed in enumerate(seeds, first):
        body = {key: value for key, value in seed.items() if key not in _SERVICE_KEYS}
        defaults = {"DisplayName": f"job-{number}", "WorkspaceId": switches.default_workspace}
        body = {**_DEFAULT_BODY, **defaults, **body}
        body["JobSpecs"] = [{"Type": "Worker", "PodCount": 1, **spec} for spec in body["JobSpecs"]]
        created = read_time(seed["GmtCreateTime"]) if "GmtCreateTime" in seed else now
        moves = plan_moves(body, created, switches.lifecycle_of(body["DisplayName"]))
        yield Job(
            job_id=seed.get("JobId") or job_id_of(number),
            user_id=seed.get("UserId", user_id),
            created=created,
            body=body,
            moves=pinned_moves(moves, seed["Status"], now) if "Status" in seed else moves,
        )


def changed(job: Job, facts: Mapping[str, Any], now: float, switches: Switches) -> Job:
    """The job with what a person changed in it: values of its body, or what the service says of it.

    None takes a key away; a Status stays until somebody moves the job on.
    """
    moves, shown = job.moves, dict(job.shown)
    owned = service_facts(job, now, switches)
    body, late = dict(job.body), dict(job.late)
    for key, value in facts.items():
        if key == "Status":
            moves = (*moves_until(moves, now), Move(now, value))
        elif key in owned:
            shown[key] = value
        else:
            body[key] = value
            late.pop(key, None)
    return replace(job, moves=moves, shown=shown, body=body, late=late)
