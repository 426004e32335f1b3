"""ListJobs' query as SQL: which jobs, in which order, which page."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from dlcapply.emulator.answers import JsonObject, invalid
from dlcapply.emulator.lifecycle import FINISHED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dlcapply.emulator.service import Call

WINDOW_SECONDS = 7 * 86_400  # without StartTime, only the last seven days (SDK, ListJobsRequest)
_LAST_MOVE = "FROM moves WHERE moves.seq = jobs.seq AND at <= :now ORDER BY at DESC, rowid DESC LIMIT 1"
_FINISHED = ", ".join(f"'{status}'" for status in FINISHED)
_FINISHED_AT = "SELECT min(at) FROM moves WHERE moves.seq = jobs.seq AND at <= :now"
_HAS_TAGS = """
NOT EXISTS (
  SELECT 1 FROM json_each(:tags) AS wanted
  WHERE NOT EXISTS (
    SELECT 1 FROM json_each(jobs.tags) AS own WHERE own.key = wanted.key AND own.value = wanted.value
  )
)
"""
_SORT_KEYS = {
    "GmtCreateTime": "created",
    "DisplayName": "name",
    "JobType": "job_type",
    "Status": f"(SELECT status {_LAST_MOVE})",
    "GmtFinishTime": f"({_FINISHED_AT} AND status IN ({_FINISHED}))",
}
PARAMETERS = frozenset(
    {
        "DisplayName", "JobId", "JobIds", "WorkspaceId", "Status", "JobType", "StartTime", "EndTime",
        "ShowOwn", "Tags", "Order", "SortBy", "PageNumber", "PageSize",
    }
)  # fmt: skip


class Search(NamedTuple):
    """`where` and `order` are SQL with the named values of `values`."""

    where: str
    order: str
    values: JsonObject


class _Term(NamedTuple):
    sql: str
    values: JsonObject


def read_search(call: Call) -> Search:
    """The rows that the caller asks for and may see; raises Refusal for a query that cannot be read."""
    terms = [term for find in (_by_caller, _by_time, _by_identity, _by_properties) for term in find(call)]
    values: JsonObject = {"now": call.now}
    for term in terms:
        values |= term.values
    size = call.number("PageSize", default=10, maximum=100)
    values |= {"size": size, "offset": size * (call.number("PageNumber", default=1, maximum=1000) - 1)}
    return Search(f"WHERE {' AND '.join(term.sql for term in terms)}", _read_order(call), values)


def _read_order(call: Call) -> str:
    """Ties are broken by age, so that pages do not overlap."""
    key = _SORT_KEYS[call.choice("SortBy", *_SORT_KEYS)]
    direction = call.choice("Order", "desc", "asc")
    return f"ORDER BY {key} {direction}, seq {direction} LIMIT :size OFFSET :offset"


def _by_caller(call: Call) -> Iterator[_Term]:
    workspace = call.query.get("WorkspaceId") or call.switches.default_workspace
    yield _Term("workspace_id = :workspace", {"workspace": workspace})
    if call.flag("ShowOwn", default=True):
        yield _Term("user_id = :user", {"user": call.user.user_id})
    elif not call.user.administrator:
        yield _Term("(user_id = :user OR accessibility = 'PUBLIC')", {"user": call.user.user_id})


def _by_time(call: Call) -> Iterator[_Term]:
    yield _Term("created >= :start", {"start": call.time("StartTime", call.now - WINDOW_SECONDS)})
    # Times on the wire have whole seconds: a job made within the last one of them belongs to it.
    yield _Term("created < :end", {"end": int(call.time("EndTime", call.now)) + 1})
    yield _Term("created <= :indexed", {"indexed": call.now - call.switches.list_lag})


def _by_identity(call: Call) -> Iterator[_Term]:
    ids = [call.query["JobId"]] if call.query.get("JobId") else call.query.get("JobIds", "").split(",")
    wanted = [one.strip().lower() for one in ids if one.strip()]
    if wanted:
        yield _Term("lower(job_id) IN (SELECT value FROM json_each(:ids))", {"ids": json.dumps(wanted)})
    if name := call.query.get("DisplayName"):
        yield _Term("instr(lower(name), lower(:name)) > 0", {"name": name})


def _by_properties(call: Call) -> Iterator[_Term]:
    if job_type := call.query.get("JobType"):
        yield _Term("job_type = :job_type", {"job_type": job_type})
    if call.query.get("Tags"):
        yield _Term(_HAS_TAGS, {"tags": _read_tags(call.query["Tags"])})
    if status := call.query.get("Status"):
        yield _Term(f"(SELECT status {_LAST_MOVE}) = :status", {"status": status})


def _read_tags(text: str) -> str:
    try:
        tags = json.loads(text)
    except ValueError:
        tags = None
    if not isinstance(tags, dict):
        raise invalid("Tags must be a JSON object.")
    return json.dumps({key: str(value) for key, value in tags.items()})
