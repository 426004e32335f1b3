"""Looking at a workspace once: all runs that a plan is about, in as few calls as that takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dlcapply.cloud.listing import BEGINNING, list_all
from dlcapply.model import Census, Identity
from dlcapply.planning.marks import OWNER_TAG

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from dlcapply.cloud.jobs import JobService
    from dlcapply.cloud.listing import Fetch, Page
    from dlcapply.model import Environment, Run, Spec


@dataclass(frozen=True, slots=True)
class Survey:
    """The rows that were asked for, perhaps among others, and the number of jobs they were sought in."""

    rows: tuple[Spec, ...]
    jobs: int


def take_census(
    service: JobService, *, environment: Environment, names: Collection[str], orphans: bool
) -> tuple[tuple[Run, ...], Census]:
    """Every run of exactly these names and, with `orphans`, every run marked as the environment owner's.

    Oldest first. Raises ServiceError when any page fails or the pages don't add up.
    """
    before = service.calls
    owner = environment.owner if orphans and environment.identity is Identity.MARKS else ""
    wanted = service.wanting(names, owner)
    queries = [service.pages(name=name, wanted=wanted) for name in sorted(names)]
    if owner:
        queries.append(service.pages(tags={OWNER_TAG: owner}, wanted=wanted))
    survey = survey_workspace(service.pages(wanted=wanted), queries)
    return service.runs(survey.rows, names=names, owner=owner), Census(
        jobs=survey.jobs,
        since=BEGINNING,
        workspace_id=environment.workspace_id,
        region=environment.region,
        calls=service.calls - before,
    )


def survey_workspace(workspace: Fetch, queries: Sequence[Fetch]) -> Survey:
    """The rows that the queries give, found by them or by paging the workspace, whichever is shorter."""
    first = workspace(1, BEGINNING)
    answers = _answered(queries, first) if len(queries) < first.rest else None
    if answers is None:
        rows = list_all(workspace, first)
        return Survey(rows, len(rows))
    return Survey(tuple({row["JobId"]: row for row in answers}.values()), first.total)


def _answered(queries: Sequence[Fetch], workspace: Page) -> tuple[Spec, ...] | None:
    """The rows of all queries; None when names that are part of many others would make it the longer way."""
    firsts: list[Page] = []
    for query in queries:
        firsts.append(query(1, BEGINNING))
        if sum(first.rest for first in firsts) > workspace.rest:
            return None
    return tuple(row for query, first in zip(queries, firsts, strict=True) for row in list_all(query, first))
