"""Looking at a workspace once: all runs that a plan is about, in as few calls as that takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dlcapply.cloud.job_rows import owner_of
from dlcapply.cloud.listing import BEGINNING, list_all, survey_workspace
from dlcapply.model.jobs import Identity
from dlcapply.model.runs import Census
from dlcapply.planning.marks import OWNER_TAG

if TYPE_CHECKING:
    from collections.abc import Collection

    from dlcapply.cloud.jobs import JobService
    from dlcapply.cloud.listing import Survey
    from dlcapply.model.jobs import Environment, Spec
    from dlcapply.model.runs import Run


@dataclass(frozen=True, slots=True)
class CensusResult:
    """The runs that were asked for, and the rows they are among.

    `has_all_of_ours`: every row with the owner's mark is among them, whatever its name.
    """

    runs: tuple[Run, ...]
    rows: tuple[Spec, ...]
    has_all_of_ours: bool
    census: Census


def take_census(
    service: JobService, *, environment: Environment, names: Collection[str], orphans: bool
) -> CensusResult:
    """Every run of exactly these names and, with `orphans`, every run marked as the environment owner's.

    Oldest first. Raises ServiceError when any page fails or the pages don't add up.
    """
    before = service.calls
    owner = environment.owner if environment.identity is Identity.MARKS else ""
    wanted = service.wanting(names, owner)
    queries = [service.pages(name=name, wanted=wanted) for name in sorted(names)]
    if owner and orphans:
        queries.append(service.pages(tags={OWNER_TAG: owner}, wanted=wanted))
    survey = survey_workspace(service.pages(wanted=wanted), queries)
    return CensusResult(
        service.runs(survey.rows, names=names, owner=owner if orphans else ""),
        survey.rows,
        bool(owner) and _has_all(survey, names, owner, orphans=orphans),
        Census(
            jobs=survey.jobs,
            since=BEGINNING,
            workspace_id=environment.workspace_id,
            region=environment.region,
            calls=service.calls - before,
        ),
    )


def owned_runs(service: JobService, *, environment: Environment, names: Collection[str]) -> tuple[Run, ...]:
    """Every run of these names and every run of the environment's owner, from listings that show them all.

    Oldest first. The filter by tags alone is not trusted: a run that it missed would cost, or be missed by
    who decides on what is left. Raises ServiceError when any page fails or the pages don't add up.
    """
    seen = take_census(service, environment=environment, names=names, orphans=True)
    if seen.has_all_of_ours or environment.identity is Identity.NAME:
        return seen.runs
    owner = environment.owner
    rows = list_all(service.pages(wanted=service.wanting(names, owner)))
    return service.runs(rows, names=names, owner=owner)


def _has_all(survey: Survey, names: Collection[str], owner: str, *, orphans: bool) -> bool:
    """Whether the rows hold all of the owner's: paging shows them, and so does a filter that proved itself.

    Whether the filter by tags sees `Settings.Tags` is not documented: it must find what was found by name.
    """
    if survey.answers is None or not orphans:
        return survey.answers is None
    *named, tagged = survey.answers
    exact = (row for rows in named for row in rows if row["DisplayName"] in names)
    marked = {row["JobId"] for row in exact if owner_of(row) == owner}
    return bool(marked) and marked <= {row["JobId"] for row in tagged}
