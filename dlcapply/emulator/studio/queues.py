"""The jobs on a quota: those that have its resources, and those that wait, in the order of the queue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dlcapply.emulator.jobs.access import may_read
from dlcapply.emulator.jobs.demand import Demand, requested
from dlcapply.emulator.jobs.lifecycle import ENDED, moves_until
from dlcapply.emulator.jobs.schedule import queue_order
from dlcapply.emulator.jobs.table import JobTable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dlcapply.emulator.call import Call
    from dlcapply.emulator.jobs.table import Job
    from dlcapply.emulator.world.catalogue import Quota

_BEFORE = "Creating"  # not in the queue yet
_WAITING = "Queuing"


@dataclass(frozen=True, slots=True)
class Workload:
    """A job on a quota; `position` counts from 1 among those that wait, 0 for one that has its resources."""

    job: Job
    status: str
    demand: Demand
    position: int = 0

    @property
    def is_waiting(self) -> bool:
        return self.position > 0


def workloads_on(call: Call, quota: Quota) -> list[Workload]:
    """Everything on the quota, whoever may see it: what waits first, in the order of the queue."""
    found = list(_on(call, quota))
    waiting = sorted(
        (one for one in found if one.status == _WAITING), key=lambda one: queue_order(one.job, call.now)
    )
    placed = [Workload(one.job, one.status, one.demand, position) for position, one in enumerate(waiting, 1)]
    return placed + [one for one in found if one.status != _WAITING]


def _on(call: Call, quota: Quota) -> Iterator[Workload]:
    clause = "WHERE deleted IS NULL AND (ends IS NULL OR ends > :now) ORDER BY seq"
    for job in JobTable(call.database).select(clause, {"now": call.now}):
        status = moves_until(job.moves, call.now)[-1].status
        if job.body.get("ResourceId") == quota.quota_id and status not in {*ENDED, _BEFORE}:
            yield Workload(job, status, requested(job.body["JobSpecs"], call.world.catalogue))


def is_shown(call: Call, one: Workload) -> bool:
    """Whether the caller sees the workload in the queue."""
    return call.switches.queue_shows_private or may_read(one.job, call)


def total(workloads: Iterable[Workload]) -> Demand:
    """What they ask for together."""
    demand = Demand()
    for one in workloads:
        demand = demand.plus(one.demand)
    return demand
