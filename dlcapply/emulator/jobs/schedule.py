"""When jobs get their resources: at once, or where those are limited, in the order of a queue.

No job moves by itself. A write that may free or claim limited resources plans all waiting jobs again, by
playing through what is planned to happen; until the next write nothing can turn out otherwise.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from dlcapply.emulator.jobs.causes.outcomes import variant_of
from dlcapply.emulator.jobs.demand import instances, requested
from dlcapply.emulator.jobs.lifecycle import (
    WAITING,
    Conditions,
    arrival,
    ending,
    first_moves,
    is_spot,
    moves_until,
    never_starts,
    run_moves,
)
from dlcapply.emulator.jobs.pods import first_pod, node_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dlcapply.emulator.answers import JsonObject
    from dlcapply.emulator.jobs.lifecycle import Move
    from dlcapply.emulator.jobs.table import Job, JobTable
    from dlcapply.emulator.world.catalogue import Catalogue
    from dlcapply.emulator.world.world import Lifecycle, World

_OFFICIAL_IMAGES = "dsw-registry*.cr.aliyuncs.com/pai*/*"
_IDLE_RESOURCES = frozenset({"AcceptQuotaOverSold", "ForceQuotaOverSold"})


def plan_moves(body: JsonObject, created: float, world: World, job_id: str = "") -> tuple[Move, ...]:
    """The whole future of a job that nothing limits."""
    conditions, rules = conditions_of(body, world, job_id), world.lifecycle_of(body["DisplayName"])
    start = math.inf if conditions.outbid or never_starts(rules) else arrival(created, rules)
    return _joined(first_moves(created, conditions, rules), start, conditions, world, body)


def _joined(
    past: tuple[Move, ...], start: float, conditions: Conditions, world: World, body: JsonObject
) -> tuple[Move, ...]:
    if not math.isfinite(start):
        return past
    return (*past, *run_moves(start, conditions, world.lifecycle_of(body["DisplayName"])))


def conditions_of(body: JsonObject, world: World, job_id: str = "") -> Conditions:
    rules = world.lifecycle_of(body["DisplayName"])
    variant = variant_of(body["DisplayName"], rules.variant) if rules.cause else 0
    settings = body.get("Settings") or {}
    limits = (body.get("JobMaxRunningTimeMinutes"), world.workspace(body["WorkspaceId"]).max_running_minutes)
    return Conditions(
        body,
        limit=min((60.0 * limit for limit in limits if limit), default=math.inf),
        image_is_missing=any(_is_missing(spec.get("Image", ""), world) for spec in body["JobSpecs"]),
        reclaimable=is_spot(body) or settings.get("OversoldType") in _IDLE_RESOURCES,
        outbid=rules.cause == "bid-too-low"
        or any(_is_outbid(spec, world.catalogue) for spec in body["JobSpecs"]),
        variant=variant,
        words=_words(job_id, body, rules, variant) if rules.cause else {},
    )


def _words(job_id: str, body: JsonObject, rules: Lifecycle, variant: int) -> dict[str, str]:
    """What the reasons of a cause name: the pod that fails first, its node and image, and a limit."""
    first = first_pod(job_id, body, rules.cause, variant)
    allowed = body.get("JobMaxRunningTimeMinutes") if rules.cause == "time-limit" else None
    minutes = allowed or (math.ceil(rules.running / 60) if math.isfinite(rules.running) else 0)
    image = next((spec["Image"] for spec in body["JobSpecs"] if spec.get("Image")), "")
    return {"pod": first, "node": node_name(first), "image": image, "minutes": str(minutes)}


def _is_missing(image: str, world: World) -> bool:
    """Whether the image can't be pulled: one of `missing_images`, or official and not in the catalogue."""
    if any(fnmatchcase(image, glob) for glob in world.switches.missing_images):
        return True
    is_official = fnmatchcase(image, _OFFICIAL_IMAGES)
    return world.switches.check_references and is_official and world.catalogue.image(image) is None


def _is_outbid(spec: JsonObject, catalogue: Catalogue) -> bool:
    bid = (spec.get("SpotSpec") or {}).get("SpotDiscountLimit")
    kind = catalogue.instance_type(spec.get("EcsSpec", ""))
    if bid is None or kind is None or kind.spot_discount is None:
        return False
    return bool(bid < kind.spot_discount)


def pools_of(body: JsonObject, world: World) -> dict[str, float]:
    """How much of each limited resource a job needs; nothing where no bid of it is accepted."""
    if conditions_of(body, world).outbid or never_starts(world.lifecycle_of(body["DisplayName"])):
        return {}
    limits = capacity(world)
    pools: dict[str, float] = dict(instances(body["JobSpecs"]))
    demand = requested(body["JobSpecs"], world.catalogue)
    if quota_id := body.get("ResourceId"):
        pools |= {f"{quota_id}/{name}": size for name, size in demand._asdict().items()}
    return {name: size for name, size in pools.items() if size and name in limits}


def capacity(world: World) -> dict[str, float]:
    """How much there is of each limited resource: sizes of quotas, and stocks of instance types."""
    limited = (kind for kind in world.catalogue.instance_types if kind.stock is not None)
    stocks = {kind.name: float(kind.stock or 0) for kind in limited}
    sizes = {
        f"{quota.quota_id}/{name}": float(getattr(quota, name))
        for quota in world.catalogue.quotas
        for name in ("cpu", "gpu", "memory")
    }
    return stocks | sizes


def reschedule(table: JobTable, now: float, world: World) -> None:
    """Every waiting job is planned to start as soon as its resources are free, in the order of the queue."""
    jobs = table.in_pools(now)
    waiting = [job for job in jobs if moves_until(job.moves, now)[-1].status in WAITING]
    if not waiting:
        return
    names = {job.job_id for job in waiting}
    held = [(ending(job.moves), job.pools) for job in jobs if job.job_id not in names]
    for job, moves in _played(waiting, held, now, world):
        if moves != job.moves:
            table.replace(replace(job, moves=moves))


def _played(
    waiting: Iterable[Job], held: list[tuple[float, Mapping[str, float]]], now: float, world: World
) -> list[tuple[Job, tuple[Move, ...]]]:
    """Each waiting job with its new plan, found by going from event to event."""
    queue, free, planned = list(waiting), _free(held, world), []
    releases = [(end, number, pools) for number, (end, pools) in enumerate(held) if math.isfinite(end)]
    heapq.heapify(releases)
    at = now
    while queue:
        for job in _startable(queue, free, at, world):
            moves = _started(job, at, world)
            queue.remove(job)
            planned.append((job, moves))
            heapq.heappush(releases, (ending(moves), job.seq + len(held), job.pools))
        at = _next_event(queue, releases, at, world)
        if not math.isfinite(at):
            break
        while releases and releases[0][0] <= at:
            free.update(heapq.heappop(releases)[2])
    return planned + [(job, _started(job, math.inf, world)) for job in queue]


def _free(held: Iterable[tuple[float, Mapping[str, float]]], world: World) -> Counter[str]:
    free: Counter[str] = Counter(capacity(world))
    for _, pools in held:
        free.subtract(pools)
    return free


def _startable(queue: list[Job], free: Counter[str], at: float, world: World) -> list[Job]:
    """The jobs whose turn it is; one that has to wait lets no other past to what it waits for."""
    chosen, blocked = [], set[str]()
    for job in sorted(queue, key=lambda job: queue_order(job, at)):
        if _arrival(job, world) > at:
            continue
        if blocked & job.pools.keys() or any(size > free[name] for name, size in job.pools.items()):
            blocked |= job.pools.keys()
            continue
        free.subtract(job.pools)
        chosen.append(job)
    return chosen


def queue_order(job: Job, at: float) -> tuple[int, float, int]:
    """The smaller, the sooner: jobs of a higher Priority, then older ones."""
    return -_priority(job, at), job.created, job.seq


def _priority(job: Job, at: float) -> int:
    late = job.late.get("Priority")
    return int(late.value if late and late.at <= at else job.body.get("Priority", 1))


def _arrival(job: Job, world: World) -> float:
    return arrival(job.created, world.lifecycle_of(job.body["DisplayName"]))


def _next_event(
    queue: Iterable[Job], releases: list[tuple[float, int, Mapping[str, float]]], at: float, world: World
) -> float:
    arrivals = [_arrival(job, world) for job in queue]
    priorities = [job.late["Priority"].at for job in queue if "Priority" in job.late]
    ends = [releases[0][0]] if releases else []
    return min((time for time in (*arrivals, *priorities, *ends) if time > at), default=math.inf)


def _started(job: Job, start: float, world: World) -> tuple[Move, ...]:
    conditions = conditions_of(job.body, world, job.job_id)
    rules = world.lifecycle_of(job.body["DisplayName"])
    return _joined(first_moves(job.created, conditions, rules), start, conditions, world, job.body)
