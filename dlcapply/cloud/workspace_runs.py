"""The runs of a workspace, whoever's they are, for people to look at: bounded, newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dlcapply.cloud.listing import BEGINNING, LAST_PAGE, PAGE_SIZE
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
_MOST_LASTING = 10_000


class WorkspaceRuns(NamedTuple):
    """Runs of a workspace, newest first; of how many, and how many of the rows can't be read."""

    runs: tuple[Run, ...]
    total: int
    unread: int


def lasting_runs(service: JobService, *, newest: int) -> WorkspaceRuns:
    """The runs that have not ended, however old, and at least so many of the newest; raises ServiceError."""
    rows, total = newest_rows(service, most=newest)
    if total <= _MOST_PAGED:
        rows = rows if len(rows) >= total else newest_rows(service, most=_MOST_PAGED)[0]
        return _read(service, rows, total)
    lasting = [
        row for status in _LASTING for row in newest_rows(service, most=_MOST_LASTING, status=status)[0]
    ]
    return _read(service, (*rows, *lasting), total)


def newest_rows(
    service: JobService, *, most: int, status: str = "", since: str = BEGINNING
) -> tuple[tuple[Spec, ...], int]:
    """The rows of the workspace's newest runs, at most so many, newest first; and how many there are.

    Of those with the `status`, if one is given, that were created from `since` on. Raises ServiceError.
    """
    fetch = service.pages(status=status, newest_first=True)
    rows: dict[str, Spec] = {}
    total = 0
    for number in range(1, min(LAST_PAGE, -(-most // PAGE_SIZE)) + 1):
        page = fetch(number, since)
        # What is created meanwhile moves rows to later pages: some come twice, and none is left out.
        rows |= {row["JobId"]: row for row in page.rows if row["JobId"] not in rows}
        total = page.total
        if not page.rows or number * PAGE_SIZE >= total:
            break
    return tuple(rows.values())[:most], total


def _read(service: JobService, rows: tuple[Spec, ...], total: int) -> WorkspaceRuns:
    unique = {row["JobId"]: row for row in rows}
    runs = sorted(service.readable_runs(unique.values()), key=lambda run: run.age_key, reverse=True)
    return WorkspaceRuns(tuple(runs), total, len(unique) - len(runs))
