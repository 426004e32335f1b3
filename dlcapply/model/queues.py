"""Quotas, what runs on them, and the queue in front of each."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Amount:
    """Accelerators, CPUs and GiB of memory; None for what is not known."""

    accelerators: float | None = None
    cpus: float | None = None
    memory: float | None = None

    def less(self, other: Amount) -> Amount:
        """What is left of it, at least nothing."""
        return Amount(
            _less(self.accelerators, other.accelerators),
            _less(self.cpus, other.cpus),
            _less(self.memory, other.memory),
        )


UNKNOWN_AMOUNT = Amount()


def _less(whole: float | None, part: float | None) -> float | None:
    return None if whole is None or part is None else max(0.0, whole - part)


@dataclass(frozen=True, slots=True)
class Quota:
    """A quota as PaiStudio shows it: how much jobs may have, and how much of it they hold."""

    quota_id: str
    name: str = ""
    resource_type: str = ""
    status: str = ""
    strategy: str = ""
    size: Amount = UNKNOWN_AMOUNT
    held: Amount = UNKNOWN_AMOUNT

    @property
    def free(self) -> Amount:
        return self.size.less(self.held)


@dataclass(frozen=True, slots=True)
class Workload:
    """A job, or an instance of another product, on a quota.

    `position` is its place among those that wait, as PAI counts; None where it does not say. `code` and
    `reason` are PAI's words for why it waits.
    """

    workload_id: str
    name: str = ""
    product: str = ""
    status: str = ""
    is_waiting: bool = False
    position: int | None = None
    priority: int | None = None
    asks: Amount = UNKNOWN_AMOUNT
    code: str = ""
    reason: str = ""
    user: str = ""
    workspace_id: str = ""
    enqueued: datetime | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a workload stands in a queue: who is ahead of it, the first first.

    `unseen` is how many more must be ahead, by its position, than the queue shows.
    """

    workload: Workload
    ahead: tuple[Workload, ...]
    unseen: int = 0

    @property
    def number(self) -> int:
        """Its place, counted from 1."""
        return len(self.ahead) + self.unseen + 1


@dataclass(frozen=True, slots=True)
class Queue:
    """The workloads of a quota; `is_whole` is whether PAI showed all that it counted."""

    quota_id: str
    workloads: tuple[Workload, ...] = ()
    is_whole: bool = True

    @property
    def waiting(self) -> tuple[Workload, ...]:
        """Those that wait, in the order of their positions; those without one come last."""
        found = [one for one in self.workloads if one.is_waiting]
        return tuple(sorted(found, key=lambda one: (one.position is None, one.position or 0)))

    @property
    def running(self) -> tuple[Workload, ...]:
        """Those that have what they asked for."""
        return tuple(one for one in self.workloads if not one.is_waiting)

    def place_of(self, workload_id: str) -> Place | None:
        """Where the workload waits; None for one that does not, or whose position PAI does not tell."""
        pairs = zip(self.waiting, self.places(), strict=True)
        return next((place for one, place in pairs if one.workload_id == workload_id), None)

    def places(self) -> Iterator[Place | None]:
        """The same of each that waits, in their order: queues are long, and this looks through them once."""
        waiting = self.waiting
        positions = [one.position for one in waiting if one.position is not None]
        # Whether positions count from 0 or from 1 is not documented: one of 0 tells.
        first = 0 if 0 in positions else 1
        for one in waiting:
            if one.position is None:
                yield None
                continue
            ahead = waiting[: bisect_left(positions, one.position)]
            yield Place(one, ahead, max(0, one.position - first - len(ahead)))
