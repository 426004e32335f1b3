"""Which request is which operation: the one table of what the emulator can do."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

from dlcapply.emulator import catalog, jobs, output, search

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dlcapply.emulator.answers import JsonObject
    from dlcapply.emulator.service import Call


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation by its API name; `parameters` are the query keys that it understands."""

    name: str
    run: Callable[[Call], JsonObject]
    parameters: frozenset[str] = frozenset()


_PAGE = frozenset({"PageNumber", "PageSize"})
_TIMES = frozenset({"StartTime", "EndTime"})

OPERATIONS: Mapping[tuple[str, str], Operation] = {
    # PAI-DLC 2020-12-03
    ("POST", "/api/v1/jobs"): Operation("CreateJob", jobs.create_job),
    ("GET", "/api/v1/jobs"): Operation("ListJobs", jobs.list_jobs, search.PARAMETERS),
    ("GET", "/api/v1/jobs/{JobId}"): Operation("GetJob", jobs.get_job, frozenset({"NeedDetail"})),
    ("PUT", "/api/v1/jobs/{JobId}"): Operation("UpdateJob", jobs.update_job),
    ("POST", "/api/v1/jobs/{JobId}/stop"): Operation("StopJob", jobs.stop_job),
    ("GET", "/api/v1/jobs/{JobId}/events"): Operation(
        "GetJobEvents", output.get_job_events, _TIMES | {"MaxEventsNum"}
    ),
    ("GET", "/api/v1/jobs/{JobId}/pods/{PodId}/logs"): Operation(
        "GetPodLogs", output.get_pod_logs, _TIMES | {"MaxLines", "PodUid"}
    ),
    ("GET", "/api/v1/ecsspecs"): Operation(
        "ListEcsSpecs",
        catalog.list_ecs_specs,
        _PAGE | {"InstanceTypes", "AcceleratorType", "ResourceType", "SortBy", "Order"},
    ),
    # AIWorkSpace 2021-02-04
    ("GET", "/api/v1/workspaces"): Operation(
        "ListWorkspaces",
        catalog.list_workspaces,
        _PAGE | {"WorkspaceName", "WorkspaceIds", "Status", "Option", "Verbose"},
    ),
}
_PATTERNS = tuple(
    (method, re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path)), operation)
    for (method, path), operation in OPERATIONS.items()
)


@dataclass(frozen=True, slots=True)
class Route:
    operation: Operation
    path: Mapping[str, str]


def find_route(method: str, path: str) -> Route | None:
    """The operation at an encoded path, with the decoded parts of the path; None if nothing is there."""
    for wanted, pattern, operation in _PATTERNS:
        found = pattern.fullmatch(path)
        if found and wanted == method:
            return Route(operation, {name: unquote(part) for name, part in found.groupdict().items()})
    return None
