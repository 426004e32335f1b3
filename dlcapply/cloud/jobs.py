"""The jobs of one workspace, read whole and written verbatim."""

from __future__ import annotations

import json
from dataclasses import replace
from http import HTTPStatus
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from dlcapply.cloud.answers import not_understood
from dlcapply.cloud.census import survey_workspace
from dlcapply.cloud.listing import PAGE_SIZE, Page, list_all
from dlcapply.errors import ServiceError
from dlcapply.model import Claim, Receipt, Run
from dlcapply.planning.marks import claimed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dlcapply.cloud.connection import Connection
    from dlcapply.cloud.listing import Fetch
    from dlcapply.model import Spec

JOBS = "/api/v1/jobs"
NO_CLAIMS: Mapping[str, Claim] = MappingProxyType({})


class JobService:
    """PAI-DLC jobs of a workspace. Every method raises ServiceError when PAI gives no usable answer.

    Runs that are claimed, by JobId, have the marks of their claims.
    """

    def __init__(
        self, connection: Connection, *, workspace_id: str, claims: Mapping[str, Claim] = NO_CLAIMS
    ) -> None:
        self._connection = connection
        self._workspace_id = workspace_id
        self.claims = claims

    @property
    def calls(self) -> int:
        """How many requests the connection made so far."""
        return self._connection.calls

    def runs_named(self, *names: str) -> tuple[Run, ...]:
        """Every run of exactly these names, oldest first, in as few calls as that takes."""
        queries = [self.pages(name=name) for name in names]
        rows = list_all(queries[0]) if len(queries) == 1 else survey_workspace(self.pages(), queries).rows
        return tuple(run for run in self.runs(rows) if run.name in names)

    def pages(self, *, name: str = "", tags: Mapping[str, str] | None = None) -> Fetch:
        """The workspace's pages of ListJobs; `name` is any part of a name, in any case (SDK docstring)."""
        query = {
            "WorkspaceId": self._workspace_id,
            "ShowOwn": "false",  # true unless said otherwise (ListJobs metadata)
            "SortBy": "GmtCreateTime",
            "Order": "asc",
            "PageSize": str(PAGE_SIZE),
        }
        if name:
            query["DisplayName"] = name
        if tags:
            query["Tags"] = json.dumps(dict(tags), ensure_ascii=False, separators=(",", ":"))

        def fetch(number: int, start: str) -> Page:
            answer = self._connection.read(
                "ListJobs", JOBS, query | {"PageNumber": str(number), "StartTime": start}
            )
            return _page(answer, self._workspace_id)

        return fetch

    def runs(self, rows: tuple[Spec, ...]) -> tuple[Run, ...]:
        """The rows of a listing as runs, oldest first."""
        return tuple(sorted(map(self._run, rows), key=lambda run: run.age_key))

    def get(self, job_id: str) -> Run:
        """The run as GetJob shows it."""
        body = self._connection.read("GetJob", _path(job_id))
        if body.get("JobId") != job_id:
            raise not_understood("GetJob", "is about another job", request_id=_request_id(body))
        return replace(self._run(body), detailed=True)

    def find(self, job_id: str) -> Run | None:
        """The run as GetJob shows it; None where PAI knows none."""
        try:
            return self.get(job_id)
        except ServiceError as error:
            if error.status == HTTPStatus.NOT_FOUND:
                return None
            raise

    def detail(self, run: Run) -> Run:
        """The run with what only GetJob shows; what only ListJobs shows (JobMaxRunningTimeMinutes) stays."""
        live = self.get(run.job_id)
        return replace(live, body={**run.body, **live.body})

    def create(self, body: Spec) -> Receipt:
        """A new run, paid for from now on; sent once."""
        answer = self._connection.write("CreateJob", "POST", JOBS, body)
        job_id = answer.get("JobId")
        if not isinstance(job_id, str) or not job_id:
            raise not_understood("CreateJob", "names no JobId", request_id=_request_id(answer))
        return Receipt(job_id, _request_id(answer))

    def update(self, job_id: str, changes: Spec) -> str:
        """The request id of an UpdateJob that PAI took; read it back, since PAI may ignore what it took."""
        return _request_id(self._connection.write("UpdateJob", "PUT", _path(job_id), changes))

    def stop(self, job_id: str) -> str:
        """The request id of a StopJob that PAI took; PAI refuses it for a run that has ended."""
        return _request_id(self._connection.write("StopJob", "POST", _path(job_id, "stop")))

    def _run(self, body: Spec) -> Run:
        run = _run(body)
        return claimed(run, self.claims.get(run.job_id))


def _path(*parts: str) -> str:
    return "/".join((JOBS, *(quote(part, safe="") for part in parts)))


def _page(answer: Mapping[str, Any], workspace_id: str) -> Page:
    rows, total = answer.get("Jobs"), answer.get("TotalCount")
    if not isinstance(rows, list) or not isinstance(total, int):
        raise not_understood("ListJobs", "has no Jobs or no TotalCount", request_id=_request_id(answer))
    if not all(isinstance(row, dict) and isinstance(row.get("JobId"), str) for row in rows):
        raise not_understood("ListJobs", "has a job without a JobId", request_id=_request_id(answer))
    # To drop such rows would be to see no jobs where PAI spells the workspace in another way.
    if strange := {str(row.get("WorkspaceId") or workspace_id) for row in rows} - {workspace_id}:
        problem = f"is about workspace {min(strange)}, not {workspace_id}"
        raise not_understood("ListJobs", problem, request_id=_request_id(answer))
    return Page(tuple(rows), total)


def _run(body: Spec) -> Run:
    return Run(
        job_id=body["JobId"],
        name=str(body.get("DisplayName") or ""),
        status=str(body.get("Status") or ""),
        created=str(body.get("GmtCreateTime") or ""),
        body=body,
    )


def _request_id(answer: Mapping[str, Any]) -> str:
    return str(answer.get("RequestId") or "")
