"""The TensorBoards of runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from dlcapply.cloud.dashboards import checked
from dlcapply.cloud.listing import BEGINNING
from dlcapply.cloud.wire import values
from dlcapply.cloud.wire.failures import not_understood, request_id_of
from dlcapply.cloud.wire.json_reader import is_id
from dlcapply.model.answers import maps, text_of
from dlcapply.model.tensorboards import Tensorboard

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dlcapply.cloud.wire.connection import Connection

_ALL = "/api/v1/tensorboards"
_PAGE_SIZE = 100
_MOST_PAGES = 50
TENSORBOARD = "tensorboard"


def tensorboards_of(connection: Connection, workspace_id: str, job_id: str) -> tuple[Tensorboard, ...]:
    """The TensorBoards of the run that the caller may see, whoever made them, the newest first.

    They are picked here from all of the workspace: one may name its run in several places, and the filter by
    JobId may know only one of them. Raises ServiceError where not all could be read.
    """
    found = {row["TensorboardId"]: _tensorboard(row) for row in _rows(connection, workspace_id, job_id)}
    return tuple(sorted(found.values(), key=lambda one: one.created, reverse=True))


def _rows(connection: Connection, workspace_id: str, job_id: str) -> Iterator[Mapping[str, Any]]:
    """Those of the run; unless asked for more, PAI shows the caller's own of seven days, ten a page (SDK)."""
    query = {
        "WorkspaceId": workspace_id,
        "ShowOwn": "false",
        "StartTime": BEGINNING,
        "Verbose": "true",
        "SortBy": "GmtCreateTime",
        "Order": "asc",
        "PageSize": str(_PAGE_SIZE),
    }
    seen = 0
    for number in range(1, _MOST_PAGES + 1):
        answer = connection.read("ListTensorboards", _ALL, {**query, "PageNumber": str(number)})
        total = values.whole(answer.get("TotalCount"))
        rows = answer.get("Tensorboards")
        if not isinstance(rows, list) or total is None:
            problem = "has no Tensorboards or no TotalCount"
            raise not_understood("ListTensorboards", problem, request_id=request_id_of(answer))
        yield from (row for row in maps(answer.get("Tensorboards")) if _is_of(row, job_id))
        seen += len(rows)
        if seen >= total:
            return
        if not rows:
            break
    raise not_understood("ListTensorboards", "does not list what it counts", request_id=request_id_of(answer))


def _is_of(row: Mapping[str, Any], job_id: str) -> bool:
    """Whether the TensorBoard shows the run: by its JobId, or by one of its data sources."""
    sources = maps(row.get("TensorboardDataSources"))
    named = {text_of(row, "JobId"), *(text_of(one, "Id") for one in sources)}
    return is_id(row.get("TensorboardId")) and job_id in named


def _tensorboard(row: Mapping[str, Any]) -> Tensorboard:
    return Tensorboard(
        tensorboard_id=row["TensorboardId"],
        name=values.text(row, "DisplayName"),
        status=values.text(row, "Status"),
        summary_path=values.text(row, "SummaryPath"),
        address=checked(TENSORBOARD, row, "TensorboardUrl").url,
        created=values.text(row, "GmtCreateTime"),
        user=values.text(row, "Username", "UserId"),
        minutes=values.whole(row.get("MaxRunningTimeMinutes")) or None,
    )


def create(
    connection: Connection,
    workspace_id: str,
    job_id: str,
    *,
    name: str,
    summary_path: str,
    minutes: int,
    accessibility: str = "PRIVATE",
) -> str:
    """The id of a new TensorBoard of the run, which costs from now on, at most for so long; sent once.

    Raises ServiceError; where that is ambiguous, it may be there all the same.
    """
    body = {
        "WorkspaceId": workspace_id,
        "JobId": job_id,
        "DisplayName": name,
        "SummaryPath": summary_path,
        "MaxRunningTimeMinutes": minutes,
        "Accessibility": accessibility,
    }
    answer = connection.write("CreateTensorboard", "POST", _ALL, body)
    if not is_id(answer.get("TensorboardId")):
        problem = "names no TensorboardId"
        raise not_understood("CreateTensorboard", problem, request_id=request_id_of(answer))
    return str(answer["TensorboardId"])


def start(connection: Connection, workspace_id: str, tensorboard_id: str) -> None:
    """It runs again, and costs; sent once. Raises ServiceError."""
    _put(connection, "StartTensorboard", workspace_id, tensorboard_id, "start")


def stop(connection: Connection, workspace_id: str, tensorboard_id: str) -> None:
    """It is stopped; sent once. Raises ServiceError, also for one that was stopped."""
    _put(connection, "StopTensorboard", workspace_id, tensorboard_id, "stop")


def _put(connection: Connection, operation: str, workspace_id: str, tensorboard_id: str, path: str) -> None:
    query = {"WorkspaceId": workspace_id}
    connection.write(operation, "PUT", f"{_ALL}/{quote(tensorboard_id, safe='')}/{path}", query=query)
