"""The newest runs of a few names: page after page, no further than it takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dlcapply.cloud.listing import BEGINNING, PAGE_SIZE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from dlcapply.cloud.jobs import JobService
    from dlcapply.model.runs import Run

# A name may be part of thousands of others, whose rows ListJobs gives too: who asks for more narrows in vain.
MOST_PAGES = 100


@dataclass(frozen=True, slots=True)
class NewestRuns:
    """The runs, newest first; `is_all` is whether there are no older ones. `looked_at` counts listed rows."""

    runs: tuple[Run, ...]
    is_all: bool
    looked_at: int


def newest_runs(
    service: JobService, names: Iterable[str], *, enough: Callable[[Sequence[Run]], bool]
) -> NewestRuns:
    """The newest runs of exactly these names, until there are `enough` of each or none is left.

    Raises ServiceError.
    """
    of_names = [_newest_of(service, name, enough) for name in names]
    found = {run.job_id: run for one in of_names for run in one.runs}
    ordered = sorted(found.values(), key=lambda run: run.age_key, reverse=True)
    is_all = all(one.is_all for one in of_names)
    return NewestRuns(tuple(ordered), is_all, sum(one.looked_at for one in of_names))


def _newest_of(service: JobService, name: str, enough: Callable[[Sequence[Run]], bool]) -> NewestRuns:
    """Rows that move to the next page while pages are read come twice, and none is missed."""
    fetch = service.pages(name=name, wanted=service.wanting([name]), newest_first=True)
    found: dict[str, Run] = {}
    seen: set[str] = set()
    for number in range(1, MOST_PAGES + 1):
        page = fetch(number, BEGINNING)
        known = len(seen)
        seen.update(row["JobId"] for row in page.rows)
        found |= {run.job_id: run for run in service.runs(page.rows, names=[name])}
        if number * PAGE_SIZE >= page.total:
            return NewestRuns(tuple(found.values()), is_all=True, looked_at=len(seen))
        if len(seen) == known or enough(tuple(found.values())):
            break
    return NewestRuns(tuple(found.values()), is_all=False, looked_at=len(seen))
