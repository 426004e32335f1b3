"""The runs of a workspace that have not ended, without paging through those that have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.cloud.listing import list_all
from dlcapply.model.runs import PHASES, TERMINAL

if TYPE_CHECKING:
    from dlcapply.cloud.jobs import JobService
    from dlcapply.model.jobs import Spec
    from dlcapply.model.runs import Run

_ACTIVE = tuple(status for status, phase in PHASES.items() if phase not in TERMINAL)


def active_runs(service: JobService) -> tuple[tuple[Run, ...], int]:
    """Every run of the workspace that the caller may see and that is in a known status of those under way.

    Oldest first, and how many more can't be read. One that changes its status meanwhile may be missed:
    nothing may be decided by its absence.
    Raises ServiceError when any page fails or the pages don't add up.
    """
    rows: dict[str, Spec] = {}
    for status in _ACTIVE:
        rows |= {row["JobId"]: row for row in list_all(service.pages(status=status))}
    runs = sorted(service.readable_runs(rows.values()), key=lambda run: run.age_key)
    return tuple(run for run in runs if not run.is_terminal), len(rows) - len(runs)
