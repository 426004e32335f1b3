"""Following runs to a point of their life."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from dlcapply.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dlcapply.applying.means import Means
    from dlcapply.model import Run

_PAUSES = (1.0, 2.0, 3.0, 5.0, 10.0)
_FAILED_STATUSES = frozenset({"Failed", "FailedReserving", "Stopped"})


class Until(StrEnum):
    """How far a run is followed."""

    ACCEPTED = "accepted"  # PAI shows it
    RUNNING = "running"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class Waited:
    """How a waited-for run was last seen; `run` is None when PAI never showed it."""

    job_id: str
    name: str
    run: Run | None
    reached: bool

    @property
    def failed(self) -> bool:
        return self.run is not None and self.run.status in _FAILED_STATUSES


def follow(
    runs: Iterable[tuple[str, str]],
    means: Means,
    *,
    until: Until,
    timeout: float | None,
    report: Callable[[Run], None],
) -> tuple[Waited, ...]:
    """How each run (name, JobId) ended up; `report` is called at every new status.

    Returns early when interrupted; a run is never stopped for it.
    """
    seen = {job_id: Waited(job_id, name, None, reached=False) for name, job_id in runs}
    deadline = None if timeout is None else means.clock.now() + timedelta(seconds=timeout)
    pauses = iter(_PAUSES)
    pause = next(pauses)
    while True:
        for waited in [one for one in seen.values() if not one.reached]:
            seen[waited.job_id] = _look(waited, means, until, report)
        expired = deadline is not None and means.clock.now() >= deadline
        if expired or means.interrupt.is_asked or all(one.reached for one in seen.values()):
            return tuple(seen.values())
        means.clock.sleep(pause)
        pause = next(pauses, pause)


def _look(waited: Waited, means: Means, until: Until, report: Callable[[Run], None]) -> Waited:
    try:
        run = means.service.get(waited.job_id)
    except ServiceError:  # a run that can't be read now may be read at the next look
        return waited
    if waited.run is None or waited.run.status != run.status:
        report(run)
    return Waited(waited.job_id, waited.name, run, reached=_has_reached(run, until))


def _has_reached(run: Run, until: Until) -> bool:
    match until:
        case Until.ACCEPTED:
            return True
        case Until.RUNNING:
            return run.status == "Running" or run.is_terminal
        case Until.FINISHED:
            return run.is_terminal
