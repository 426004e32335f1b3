"""Listings that are complete or fail: new jobs shift the pages of ListJobs, and it shows 1,000 at most."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dlcapply.errors import FailureKind, ServiceError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dlcapply.model.jobs import Spec

# Limits of ListJobs (its OpenAPI metadata): 100 rows a page, 1,000 pages.
PAGE_SIZE = 100
LAST_PAGE = 1000

# Before the service existed; without a StartTime ListJobs shows the last seven days (SDK docstring).
BEGINNING = "2000-01-01T00:00:00Z"

# More is not a workspace, but an answer gone wrong: what is listed is kept in memory.
MOST = 2_000_000

TRIES = 3


@dataclass(frozen=True, slots=True)
class Page:
    rows: tuple[Spec, ...]
    total: int

    @property
    def rest(self) -> int:
        """How many more pages a listing has whose first page this is."""
        return max(0, -(-self.total // PAGE_SIZE) - 1)


# The page of this number, from 1, of the jobs created since, oldest first.
Fetch = Callable[[int, str], Page]


def list_all(fetch: Fetch, first: Page | None = None) -> tuple[Spec, ...]:
    """Every row once, oldest first; a listing that does not add up is repeated, then a ServiceError.

    `first` is page 1 from the beginning, if the caller has it.
    """
    for _ in range(TRIES):
        rows = _listed(fetch, first)
        if rows is not None:
            return tuple(rows.values())
        first = None
    raise ServiceError(
        f"ListJobs did not list the jobs that it counted, in {TRIES} tries",
        kind=FailureKind.AMBIGUOUS,
        code="IncompleteListing",
        hint="try again: jobs may be changing quickly; nothing is decided on an incomplete listing",
    )


def _listed(fetch: Fetch, first: Page | None) -> dict[str, Spec] | None:
    """One pass, by JobId; None when it does not add up."""
    rows: dict[str, Spec] = {}
    start, promised = BEGINNING, 0
    for _ in range(MOST // (LAST_PAGE * PAGE_SIZE) + 1):
        segment = _segment(fetch, start, first)
        if segment is None:
            return None
        known = len(rows)
        rows |= {row["JobId"]: row for row in segment.rows}
        promised = promised or segment.total
        if len(segment.rows) == segment.total:
            return rows if len(rows) >= promised else None
        start, first = _next_start(segment.rows, start), None
        if len(rows) == known:
            return None
    return None


def _segment(fetch: Fetch, start: str, first: Page | None) -> Page | None:
    """The rows since `start`, as far as pages go, and their number; None when they do not add up."""
    rows: dict[str, Spec] = {}
    total = 0
    for number in range(1, LAST_PAGE + 1):
        page = first if first and number == 1 else fetch(number, start)
        # A total that fell means that rows moved up, over the border of a page already read.
        if page.total < total:
            return None
        total, known = page.total, len(rows)
        rows |= {row["JobId"]: row for row in page.rows}
        if number * PAGE_SIZE >= total:
            return Page(tuple(rows.values()), total) if len(rows) == total else None
        # A page before the last that shows nothing new: the next ones would show the same, forever.
        if len(rows) == known:
            return None
    return Page(tuple(rows.values()), total) if len(rows) == LAST_PAGE * PAGE_SIZE else None


def _next_start(rows: tuple[Spec, ...], start: str) -> str:
    created = rows[-1].get("GmtCreateTime")
    if not isinstance(created, str) or created <= start:
        raise ServiceError(
            f"ListJobs can't show more than {LAST_PAGE * PAGE_SIZE} jobs created at {start}",
            kind=FailureKind.AMBIGUOUS,
            code="IncompleteListing",
        )
    return created


@dataclass(frozen=True, slots=True)
class Survey:
    """The rows that were asked for, perhaps among others, and the number of jobs they were sought in.

    `answers` are the rows of each query; None where the workspace was paged instead, so that all are there.
    """

    rows: tuple[Spec, ...]
    jobs: int
    answers: tuple[tuple[Spec, ...], ...] | None = None


def survey_workspace(workspace: Fetch, queries: Sequence[Fetch]) -> Survey:
    """The rows that the queries give, found by them or by paging the workspace, whichever is shorter."""
    first = workspace(1, BEGINNING)
    answers = _answered(queries, first) if len(queries) < first.rest else None
    if answers is None:
        rows = list_all(workspace, first)
        return Survey(rows, len(rows))
    found = {row["JobId"]: row for rows in answers for row in rows}
    return Survey(tuple(found.values()), first.total, answers)


def _answered(queries: Sequence[Fetch], workspace: Page) -> tuple[tuple[Spec, ...], ...] | None:
    """The rows of all queries; None when names that are part of many others would make it the longer way."""
    firsts: list[Page] = []
    for query in queries:
        firsts.append(query(1, BEGINNING))
        if sum(first.rest for first in firsts) > workspace.rest:
            return None
    return tuple(list_all(query, first) for query, first in zip(queries, firsts, strict=True))
