"""ListJobs' query as SQL: which jobs, in which order, which page."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, NamedTuple

from dlcapply.emulator.answers import JsonObject, invalid
from dlcapply.emulator.jobs.lifecycle import FINISHED, STATUSES
from dlcapply.emulator.jobs.table import JobTable
from dlcapply.emulator.jobs.validation import ROLES
from dlcapply.emulator.operation import ORDER, PAGE, TIMES
from dlcapply.emulator.parameters import FLAG, TEXT, TEXT_MAP, choice, text

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping, Sequence

    from dlcapply.emulator.call import Call
    from dlcapply.emulator.parameters import Parameter

WINDOW_SECONDS = 7 * 86_400  # without StartTime, only the last seven days (SDK, ListJobsRequest)
# Moves are arrays of time, status, code, message, in the order of their times; the first has always happened.
_PAST = "FROM json_each(jobs.moves) AS move WHERE (move.key = 0 OR json_extract(move.value, '$[0]') <= :now)"
_LAST = "ORDER BY move.key DESC LIMIT 1"
_STATUS = f"(SELECT json_extract(move.value, '$[1]') {_PAST} {_LAST})"
_REASON = f"(SELECT json_extract(move.value, '$[3]') {_PAST} {_LAST})"
_FINISHED = ", ".join(f"'{status}'" for status in FINISHED)
_FINISHED_AT = f"""
(SELECT min(json_extract(move.value, '$[0]')) {_PAST} AND json_extract(move.value, '$[1]') IN ({_FINISHED}))
"""
_HAS_TAGS = """
NOT EXISTS (
  SELECT 1 FROM json_each(:tags) AS wanted
  WHERE NOT EXISTS (
    SELECT 1 FROM json_each({held}) AS own WHERE own.key = wanted.key AND own.value = wanted.value
  )
)
"""
_PAYMENT = """
CASE
  WHEN coalesce(json_extract(body, '$.ResourceId'), '') != '' THEN 'PrePaid'
  WHEN EXISTS (
    SELECT 1 FROM json_each(body, '$.JobSpecs') AS spec
    WHERE coalesce(json_extract(spec.value, '$.SpotSpec'), json_extract(spec.value, '$.ElasticSpotSpecs[0]'))
      IS NOT NULL
  ) THEN 'Spot'
  ELSE 'PostPaid'
END
"""
_ASSIGNS_NODES = """
EXISTS (
  SELECT 1 FROM json_each(body, '$.JobSpecs') AS spec
  WHERE json_extract(spec.value, '$.AssignNodeSpec.EnableAssignNode')
)
"""
_IMAGES = """
(SELECT group_concat(json_extract(spec.value, '$.Image'), ' ') FROM json_each(body, '$.JobSpecs') AS spec)
"""
_SORT_KEYS = {
    "GmtCreateTime": "created",
    "DisplayName": "name",
    "JobType": "job_type",
    "Status": _STATUS,
    "GmtFinishTime": _FINISHED_AT,
}
_EXACT = {
    "JobType": "job_type",
    "Accessibility": "accessibility",
    "UserIdForFilter": "user_id",
    "ResourceId": "json_extract(body, '$.ResourceId')",
    "TemplateId": "json_extract(body, '$.TemplateId')",
    "BusinessUserId": "json_extract(body, '$.Settings.BusinessUserId')",
    "Caller": "json_extract(body, '$.Settings.Caller')",
    "PipelineId": "json_extract(body, '$.Settings.PipelineId')",
    "Status": _STATUS,
    "PaymentType": _PAYMENT,
}
_CONTAINING = {
    "Description": "json_extract(body, '$.Description')",
    "UserCommandSearch": "json_extract(body, '$.UserCommand')",
    "ImageSearch": _IMAGES,
    "ReasonSearch": _REASON,
}
_OVERSOLD = (
    "ForbiddenQuotaOverSold",
    "ForceQuotaOverSold",
    "AcceptQuotaOverSold-true",
    "AcceptQuotaOverSold-false",
)
_TEXTS = (
    *("BusinessUserId", "Caller", "Description", "DisplayNameSearchMode", "ImageSearch", "JobId", "JobIds"),
    *("PipelineId", "ReasonSearch", "ResourceId", "ResourceIds", "ResourceQuotaName", "TemplateId"),
    *("UserCommandSearch", "UserIdForFilter", "Username", "WorkspaceId"),
)
PARAMETERS: Mapping[str, Parameter] = {
    **dict.fromkeys(_TEXTS, TEXT),
    **PAGE,
    **TIMES,
    **ORDER,
    "Accessibility": choice("PUBLIC", "PRIVATE"),
    "DisplayName": text(1024),
    "EnableAssignNode": FLAG,
    "FromAllWorkspaces": FLAG,
    "JobType": text(32),
    "OversoldInfo": choice(*_OVERSOLD),
    "PaymentType": choice("PrePaid", "Spot", "PostPaid"),
    "ShowOwn": FLAG,
    "SortBy": choice(*_SORT_KEYS),
    "Status": text(200),
    "Tags": TEXT_MAP,
}


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
    for name, column, known in (("Status", _STATUS, STATUSES), ("JobType", "job_type", ROLES)):
        _check_known(call, name, column, known)
    finders = (_by_caller, _by_time, _by_identity, _by_name, _by_properties, _by_tags, _by_resources)
    terms = [term for find in finders for term in find(call)]
    values: JsonObject = {"now": call.now}
    for term in terms:
        values |= term.values
    size = call.number("PageSize", 10)
    values |= {"size": size, "offset": size * (call.number("PageNumber", 1) - 1)}
    return Search(f"WHERE {' AND '.join(term.sql for term in terms)}", _read_order(call), values)


def _check_known(call: Call, name: str, column: str, known: Container[str]) -> None:
    """A value that is not documented, and that no job has, is a mistake: nothing found would hide it."""
    value = call.query.get(name)
    if value and value not in known:
        values = {"value": value, "now": call.now}
        if not JobTable(call.database).count(f"WHERE {column} = :value", values):
            raise invalid(f"{name} {value} is not known.")


def _read_order(call: Call) -> str:
    """Ties are broken by age, so that pages do not overlap."""
    key = _SORT_KEYS[call.query.get("SortBy") or "GmtCreateTime"]
    direction = call.query.get("Order") or "desc"
    return f"ORDER BY {key} {direction}, seq {direction} LIMIT :size OFFSET :offset"


def _by_caller(call: Call) -> Iterator[_Term]:
    shows_own = call.flag("ShowOwn", default=call.switches.show_own_by_default)
    if call.flag("FromAllWorkspaces", default=False):
        if not shows_own:
            raise invalid("FromAllWorkspaces needs ShowOwn.")
    else:
        workspace = call.workspace_id(call.query.get("WorkspaceId"))
        yield _Term("workspace_id = :workspace", {"workspace": workspace})
    if shows_own:
        yield _Term("user_id = :user", {"user": call.user.user_id})
    elif not call.user.administrator:
        yield _Term("(user_id = :user OR accessibility = 'PUBLIC')", {"user": call.user.user_id})
    if name := call.query.get("Username"):
        users = {user.user_id for user in call.world.users.values()}
        fitting = [one for one in users if name.lower() in call.world.user_name(one).lower()]
        yield _one_of("user_id", "users_by_name", fitting)


def _by_time(call: Call) -> Iterator[_Term]:
    yield _Term("created >= :start", {"start": call.time("StartTime", call.now - WINDOW_SECONDS)})
    # Times on the wire have whole seconds: a job made within the last one of them belongs to it.
    yield _Term("created < :end", {"end": math.floor(call.time("EndTime", call.now)) + 1})
    yield _Term("created <= :indexed", {"indexed": call.now - call.switches.list_lag})
    if not call.switches.show_deleted:
        yield _Term("deleted IS NULL", {})
    if math.isfinite(call.switches.retention):
        yield _Term("(ends IS NULL OR ends > :kept)", {"kept": call.now - call.switches.retention})


def _by_identity(call: Call) -> Iterator[_Term]:
    ids = [call.query["JobId"]] if call.query.get("JobId") else call.query.get("JobIds", "").split(",")
    wanted = [one.strip().lower() for one in ids if one.strip()]
    if wanted:
        yield _one_of("lower(job_id)", "ids", wanted)


def _by_name(call: Call) -> Iterator[_Term]:
    """A part of the name, in any case; whether another mode means the exact name is a switch."""
    name, exact = call.query.get("DisplayName"), call.switches.exact_name_mode
    if name and exact and call.query.get("DisplayNameSearchMode") == exact:
        yield _Term("name = :name", {"name": name})
    elif name:
        yield _Term("instr(lower(name), lower(:name)) > 0", {"name": name})


def _by_properties(call: Call) -> Iterator[_Term]:
    for key, column in _EXACT.items():
        if value := call.query.get(key):
            yield _Term(f"{column} = :{key}", {key: value})
    for key, column in _CONTAINING.items():
        if text := call.query.get(key):
            yield _Term(f"instr(lower({column}), lower(:{key})) > 0", {key: text})
    if call.query.get("EnableAssignNode"):
        wanted = call.flag("EnableAssignNode", default=False)
        yield _Term(f"{_ASSIGNS_NODES} = :assigns_nodes", {"assigns_nodes": wanted})


def _by_tags(call: Call) -> Iterator[_Term]:
    """Which tags the filter sees is unknown: those of Settings, or those of TagResources."""
    if not call.query.get("Tags"):
        return
    columns = {
        "settings": "jobs.tags",
        "resources": "jobs.resource_tags",
        "both": "json_patch(jobs.tags, jobs.resource_tags)",
    }
    held = columns[call.switches.tags_filter]
    yield _Term(_HAS_TAGS.format(held=held), {"tags": call.query["Tags"]})


def _by_resources(call: Call) -> Iterator[_Term]:
    resource = "json_extract(body, '$.ResourceId')"
    if ids := call.query.get("ResourceIds"):
        yield _one_of(resource, "resources", ids.split(","))
    if name := call.query.get("ResourceQuotaName"):
        quotas = call.world.catalogue.quotas
        yield _one_of(
            resource, "quotas", [one.quota_id for one in quotas if name.lower() in one.name.lower()]
        )
    if call.query.get("OversoldInfo"):
        kind, _, uses = call.query["OversoldInfo"].partition("-")
        yield _Term("json_extract(body, '$.Settings.OversoldType') = :oversold", {"oversold": kind})
        if uses == "true":
            yield _Term("FALSE", {})  # no job of the emulator ever gets what it only accepts


def _one_of(column: str, name: str, values: Sequence[str]) -> _Term:
    return _Term(f"{column} IN (SELECT value FROM json_each(:{name}))", {name: json.dumps(values)})  # noqa: S608 - names of ours
