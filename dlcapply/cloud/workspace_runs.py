"""The runs of a workspace, whoever's they are, for people to look at: bounded, newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dlcapply.model.runs import PHASES, Phase

if TYPE_CHECKING:
    from dlcapply.cloud.jobs import JobService
    from dlcapply.model.jobs import Spec
    from dlcapply.model.runs import Run

# Of a workspace with more, what has not ended is asked for by its status: a call for each, at least.
_MOST_PAGED = 1_000
# In these a run holds what it costs, or waits for it; a status that nobody knows shows among the newest.
_LASTING = tuple(
    status
    for status, phase in PHASES.items()
    if phase in {Phase.ACTIVE, Phase.STOPPING} or status.endswith("Reserving")
)
MOST_LASTING = 10_000


class WorkspaceRuns(NamedTuple):
    """Runs of a workspace, newest first; of how many, and how many of the rows can't be read."""

    runs: tuple[Run, ...]
    total: int
    unread: int


def newest_runs(service: JobService, *, most: int) -> WorkspaceRuns:
    """The newest runs, at most so many. Raises ServiceError where the service gives no answer."""
    rows, total = service.newest(most=most)
    return _read(service, rows, total)


def lasting_runs(service: JobService, *, newest: int) -> WorkspaceRuns:
    """The runs that have not ended, however old, and at least so many of the newest; raises ServiceError."""
    rows, total = service.newest(most=newest)
    if total <= _MOST_PAGED:
        rows = rows if len(rows) >= total else service.newest(most=_MOST_PAGED)[0]
        return _read(service, rows, total)
    lasting = [row for status in _LASTING for row in service.newest(most=MOST_LASTING, status=status)[0]]
    return _read(service, (*rows, *lasting), total)


def _read(service: JobService, rows: tuple[Spec, ...], total: int) -> WorkspaceRuns:
    unique = {row["JobId"]: row for row in rows}
    runs = sorted(service.readable_runs(unique.values()), key=lambda run: run.age_key, reverse=True)
    return WorkspaceRuns(tuple(runs), total, len(unique) - len(runs))
