"""Runs of ours that were started for a spec, under whatever name: found by the mark of the spec.

Above `census`, and below `gathering`. Whether the filter of ListJobs by tags sees `Settings.Tags` is not
documented: what it does not find counts only once it has found something that is known to be there.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from dlcapply.cloud.job_rows import owner_of, tags_of
from dlcapply.cloud.listing import BEGINNING, LAST_PAGE, PAGE_SIZE, list_all
from dlcapply.planning.marks import SPEC_TAG

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from dlcapply.cloud.census import CensusResult
    from dlcapply.cloud.jobs import JobService
    from dlcapply.model.jobs import Spec

_Sample = tuple["Spec", str]


def rows_of_specs(
    service: JobService, marks: Collection[str], *, owner: str, seen: CensusResult, may_page: bool
) -> tuple[Spec, ...]:
    """Every row of the owner with one of the marks: among what was seen, by the filter, or else by paging.

    Without `may_page`, none where the filter does not prove itself. Raises ServiceError as listings do.
    """
    rows = seen.rows if seen.has_all_of_ours else _asked(service, marks, seen, may_page=may_page)
    return tuple(row for row in rows if owner_of(row) == owner and _mark(row) in marks)


def _asked(
    service: JobService, marks: Collection[str], seen: CensusResult, *, may_page: bool
) -> Iterable[Spec]:
    def wanted(row: Spec) -> bool:
        return _mark(row) in marks

    is_shorter = len(marks) < -(-seen.census.jobs // PAGE_SIZE)
    if (is_shorter or not may_page) and _is_proven(service, seen):
        queries = (service.pages(tags={SPEC_TAG: mark}, wanted=wanted) for mark in sorted(marks))
        return [row for query in queries for row in list_all(query)]
    return list_all(service.pages(wanted=wanted)) if may_page else ()


def _is_proven(service: JobService, seen: CensusResult) -> bool:
    """Whether the filter finds a row, and no others, by a tag that another answer shows it with."""
    sample = _marked(seen.rows) or _tagged(_newest(service, seen.census.jobs))
    return sample is not None and _finds(service, *sample)


def _finds(service: JobService, row: Spec, tag: str) -> bool:
    """Looks at no more than two pages, the first and the last: a sample is the newest of its kind."""
    value = tags_of(row)[tag]
    fetch = service.pages(tags={tag: value})
    first = fetch(1, BEGINNING)
    last = fetch(min(first.rest + 1, LAST_PAGE), BEGINNING) if first.rest else first
    rows = (*first.rows, *last.rows)
    is_filtering = all(tags_of(one).get(tag) == value for one in rows)
    return is_filtering and row["JobId"] in {one["JobId"] for one in rows}


def _marked(rows: Sequence[Spec]) -> _Sample | None:
    """The newest row with the mark of a spec that few others have, and the mark's tag."""
    counts = Counter(filter(None, map(_mark, rows)))
    rarest = min(counts, key=lambda mark: (counts[mark], mark), default="")
    found = [row for row in rows if rarest and _mark(row) == rarest]
    return (max(found, key=_created), SPEC_TAG) if found else None


def _tagged(rows: Sequence[Spec]) -> _Sample | None:
    """The newest row with a tag of text, whoever's, and the tag: a spec's mark, if any row has one."""
    if sample := _marked(rows):
        return sample
    tagged = [
        (row, tag) for row in rows for tag, value in tags_of(row).items() if value and isinstance(value, str)
    ]
    return max(tagged, key=lambda one: _created(one[0]), default=None)


def _newest(service: JobService, jobs: int) -> tuple[Spec, ...]:
    """The last page of the workspace: where anybody writes tags, the newest jobs have some."""
    last = min(max(1, -(-jobs // PAGE_SIZE)), LAST_PAGE)
    return service.pages()(last, BEGINNING).rows


def _created(row: Spec) -> str:
    return str(row.get("GmtCreateTime"))


def _mark(row: Spec) -> str:
    mark = tags_of(row).get(SPEC_TAG)
    return mark if isinstance(mark, str) else ""
