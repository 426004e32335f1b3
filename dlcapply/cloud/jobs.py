"""The jobs of one workspace, read whole and written verbatim."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from http import HTTPStatus
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from dlcapply.cloud.job_rows import check_identity, has_id, outline, owner_of, run_of
from dlcapply.cloud.listing import BEGINNING, MOST, PAGE_SIZE, Page, list_all, survey_workspace
from dlcapply.cloud.wire.failures import not_understood, request_id_of
from dlcapply.cloud.wire.json_reader import is_id, is_number_or_text
from dlcapply.errors import ServiceError
from dlcapply.model.outcomes import Receipt
from dlcapply.planning.marks import ORIGIN_TAG, OWNER_TAG
from dlcapply.planning.ownership import claimed
from dlcapply.planning.readable import is_plain

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from dlcapply.cloud.listing import Fetch
    from dlcapply.cloud.wire.connection import Connection
    from dlcapply.model.claims import Claim
    from dlcapply.model.jobs import Spec
    from dlcapply.model.runs import Run

JOBS = "/api/v1/jobs"
# The code of a JobId that PAI does not know; a gateway answers 404 to what never reached it.
_UNKNOWN_JOB = "NotFound"
_LONGEST_NAME = 60
NO_CLAIMS: Mapping[str, Claim] = MappingProxyType({})


class JobService:
    """PAI-DLC jobs of a workspace. Every method raises ServiceError when PAI gives no usable answer.

    Runs that are claimed, by JobId, have the marks of their claims. A row that carries the `owner`'s mark is
    never passed over.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        workspace_id: str,
        owner: str = "",
        claims: Mapping[str, Claim] = NO_CLAIMS,
    ) -> None:
        self._connection = connection
        self._workspace_id = workspace_id
        self._owner = owner
        self.claims = claims

    @property
    def calls(self) -> int:
        """How many requests the connection made so far."""
        return self._connection.calls

    def runs_named(self, *names: str) -> tuple[Run, ...]:
        """Every run of exactly these names, oldest first, in as few calls as that takes."""
        wanted = self.wanting(names)
        queries = [self.pages(name=name, wanted=wanted) for name in names]
        workspace = self.pages(wanted=wanted)
        rows = list_all(queries[0]) if len(queries) == 1 else survey_workspace(workspace, queries).rows
        return self.runs(rows, names=names)

    def runs_by_id(self, job_ids: Iterable[str]) -> tuple[Run, ...]:
        """The runs of these JobIds as ListJobs shows them, a hundred a call; those it does not show lack."""
        wanted = list(dict.fromkeys(job_ids))
        rows = self._rows_by_id(wanted)
        return tuple(self._run(rows[job_id], "ListJobs") for job_id in wanted if job_id in rows)

    def runs_among(self, job_ids: Iterable[str], *, names: Collection[str], owner: str) -> tuple[Run, ...]:
        """Those of the runs of these JobIds that have one of these names, or are marked as the owner's.

        Whatever else is among them is not looked at: odd rows of strangers are no error.
        """
        rows = self._rows_by_id(list(dict.fromkeys(job_ids)))
        return self.runs(rows.values(), names=names, owner=owner)

    def _rows_by_id(self, job_ids: list[str]) -> dict[str, Spec]:
        batches = [job_ids[at : at + PAGE_SIZE] for at in range(0, len(job_ids), PAGE_SIZE)]
        return {row["JobId"]: row for batch in batches for row in self._batch(batch)}

    def _batch(self, job_ids: list[str]) -> tuple[Spec, ...]:
        query = {
            "WorkspaceId": self._workspace_id,
            "ShowOwn": "false",
            "StartTime": BEGINNING,
            "PageSize": str(PAGE_SIZE),
            "JobIds": ",".join(job_ids),
        }
        answer = self._connection.read("ListJobs", JOBS, query)
        return _page(answer, self._workspace_id, self._owner).rows

    def readable_runs(self, rows: Iterable[Spec]) -> tuple[Run, ...]:
        """The runs of the rows, but for those that can't be read: to be shown, not to decide anything by."""
        runs = []
        for row in rows:
            with suppress(ServiceError):
                runs.append(self._run(row, "ListJobs"))
        return tuple(runs)

    def wanting(self, names: Collection[str], owner: str = "") -> Callable[[Spec], bool]:
        """Whether a row may be a run of these names, or one of the owner if one is given."""
        return lambda row: (
            row["DisplayName"] in names or row["JobId"] in self.claims or _is_marked(owner_of(row), owner)
        )

    def pages(
        self,
        *,
        name: str = "",
        tags: Mapping[str, str] | None = None,
        status: str = "",
        wanted: Callable[[Spec], bool] = lambda _: True,
        newest_first: bool = False,
    ) -> Fetch:
        """The workspace's pages of ListJobs; `name` is any part of a name, in any case (SDK docstring).

        Of rows that are not `wanted` only what listing them takes is kept.
        """
        query = {
            "WorkspaceId": self._workspace_id,
            "ShowOwn": "false",  # true unless said otherwise (ListJobs metadata)
            "SortBy": "GmtCreateTime",
            "Order": "desc" if newest_first else "asc",
            "PageSize": str(PAGE_SIZE),
        }
        if name:
            query["DisplayName"] = name
        if status:
            query["Status"] = status
        if tags:
            query["Tags"] = json.dumps(dict(tags), ensure_ascii=False, separators=(",", ":"))

        def fetch(number: int, start: str) -> Page:
            answer = self._connection.read(
                "ListJobs", JOBS, query | {"PageNumber": str(number), "StartTime": start}
            )
            page = _page(answer, self._workspace_id, self._owner)
            return Page(tuple(row if wanted(row) else outline(row) for row in page.rows), page.total)

        return fetch

    def runs(self, rows: Iterable[Spec], *, names: Collection[str], owner: str = "") -> tuple[Run, ...]:
        """The runs of these names, and those of the owner if one is given, oldest first.

        Whatever else is among the rows is not looked at.
        """
        told = (self._run(row, "ListJobs") for row in filter(self.wanting(names, owner), rows))
        chosen = [run for run in told if run.name in names or _is_marked(run.tags.get(OWNER_TAG), owner)]
        return tuple(sorted(chosen, key=lambda run: run.age_key))

    def get(self, job_id: str) -> Run:
        """The run as GetJob shows it."""
        body = self._shown(job_id)
        if problem := _strange([body], self._workspace_id):
            raise not_understood("GetJob", problem, request_id=request_id_of(body))
        return self._detailed(body)

    def find(self, job_id: str) -> Run | None:
        """The run as GetJob shows it; None where PAI knows none, or where it is of another workspace.

        GetJob takes no workspace: a JobId that somebody wrote down may lead anywhere in the region.
        """
        try:
            body = self._shown(job_id)
        except ServiceError as error:
            if (error.status, error.code) == (HTTPStatus.NOT_FOUND, _UNKNOWN_JOB):
                return None
            raise
        return None if _strange([body], self._workspace_id) else self._detailed(body)

    def detail(self, run: Run) -> Run:
        """The run with what only GetJob shows; what only ListJobs shows (JobMaxRunningTimeMinutes) stays.

        Raises ServiceError where the two don't agree whose run it is.
        """
        live = self.get(run.job_id)
        if _whose(live) != _whose(run):
            problem = f"about {run.job_id} shows another name, owner or origin than ListJobs"
            raise not_understood("GetJob", problem, request_id=request_id_of(live.body))
        return replace(live, body={**run.body, **live.body})

    def create(self, body: Spec) -> Receipt:
        """A new run, paid for from now on; sent once."""
        answer = self._connection.write("CreateJob", "POST", JOBS, body)
        request_id = request_id_of(answer)
        if not is_id(answer.get("JobId")):
            raise not_understood("CreateJob", "names no JobId", request_id=request_id)
        return Receipt(answer["JobId"], request_id)

    def update(self, job_id: str, changes: Spec) -> str:
        """The request id of an UpdateJob that PAI took; read it back, since PAI may ignore what it took."""
        return request_id_of(self._connection.write("UpdateJob", "PUT", path_of(job_id), changes))

    def stop(self, job_id: str) -> str:
        """The request id of a StopJob that PAI took; PAI refuses it for a run that has ended."""
        return request_id_of(self._connection.write("StopJob", "POST", path_of(job_id, "stop")))

    def delete(self, job_id: str) -> str:
        """The request id of a DeleteJob that PAI took, for a run that has ended: nothing brings it back."""
        return request_id_of(self._connection.write("DeleteJob", "DELETE", path_of(job_id)))

    def _shown(self, job_id: str) -> Spec:
        body = self._connection.read("GetJob", path_of(job_id))
        if body.get("JobId") != job_id:
            raise not_understood("GetJob", "is about another job", request_id=request_id_of(body))
        return body

    def _detailed(self, body: Spec) -> Run:
        return replace(self._run(body, "GetJob", request_id_of(body)), detailed=True)

    def _run(self, body: Spec, operation: str, request_id: str = "") -> Run:
        run = run_of(body, operation, request_id=request_id)
        return claimed(run, self.claims.get(run.job_id))


def _whose(run: Run) -> tuple[str, str | None, str | None]:
    return run.name, run.tags.get(OWNER_TAG), run.tags.get(ORIGIN_TAG)


def _is_marked(mark: str | None, owner: str) -> bool:
    return bool(owner) and mark == owner


def path_of(*parts: str) -> str:
    """The path below the jobs, of what the parts name."""
    return "/".join((JOBS, *(quote(part, safe="") for part in parts)))


def _page(answer: Mapping[str, Any], workspace_id: str, owner: str) -> Page:
    rows, total = answer.get("Jobs"), answer.get("TotalCount")
    if not isinstance(rows, list) or not isinstance(total, int) or isinstance(total, bool):
        raise not_understood("ListJobs", "has no Jobs or no TotalCount", request_id=request_id_of(answer))
    if problem := _miscounted(total) or _nameless(rows) or _strange(rows, workspace_id):
        raise not_understood("ListJobs", problem, request_id=request_id_of(answer))
    for row in rows:
        check_identity(row, "ListJobs", owner=owner, request_id=request_id_of(answer))
    return Page(tuple(rows), total)


def _miscounted(total: int) -> str:
    if 0 <= total <= MOST:
        return ""
    return f"counts {total if is_plain(total) else 'countless'} jobs, and dlcapply lists up to {MOST:,}"


def _nameless(rows: Iterable[Any]) -> str:
    return "" if all(map(has_id, rows)) else "has a job without a JobId"


def _strange(rows: Iterable[Spec], workspace_id: str) -> str:
    """Says of which other workspace the rows are; empty where they are of this one.

    To drop such rows would be to see no jobs where PAI spells the workspace in another way.
    """
    named = {str(name) for row in rows if is_number_or_text(name := row.get("WorkspaceId")) and name}
    others = named - {workspace_id}
    return f"is about workspace {min(others)[:_LONGEST_NAME]}, not {workspace_id}" if others else ""
