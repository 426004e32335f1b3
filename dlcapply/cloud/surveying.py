"""Rows that several queries ask for, in as few calls as that takes; above `listing`, below `jobs`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dlcapply.cloud.listing import BEGINNING, list_all

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dlcapply.cloud.listing import Fetch, Page
    from dlcapply.model import Spec


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
