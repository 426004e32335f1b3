"""The operations on TensorBoards."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dlcapply.emulator.answers import JsonObject, Refusal, invalid, not_found
from dlcapply.emulator.clock import wire_time
from dlcapply.emulator.jobs.access import readable_job, token_of
from dlcapply.emulator.tensorboards.access import may_see, own, readable
from dlcapply.emulator.tensorboards.table import Tensorboard, TensorboardTable

if TYPE_CHECKING:
    from dlcapply.emulator.call import Call

_WEEK = 7 * 86_400
LONGEST = 604_800  # of a shared address (GetTensorboardSharedUrl's help page)
_TEXTS = (
    *("Accessibility", "DataSourceId", "DataSourceType", "DisplayName", "JobId", "Options", "Priority"),
    *("QuotaId", "SourceId", "SourceType", "SummaryPath", "SummaryRelativePath", "Uri", "WorkspaceId"),
)
_KINDS = {
    **dict.fromkeys(_TEXTS, str),
    **dict.fromkeys(("Cpu", "Memory", "MaxRunningTimeMinutes"), int),
    **dict.fromkeys(("DataSources", "TensorboardDataSources"), list),
    "TensorboardSpec": dict,
}
_OF_DATA = ("DataSourceId", "Uri", "DataSources", "TensorboardDataSources")
# Keys of the body that an answer has under the same name.
_SHOWN = (
    *("Accessibility", "Cpu", "DataSourceId", "DataSourceType", "DisplayName", "MaxRunningTimeMinutes"),
    *("Memory", "Options", "Priority", "QuotaId", "SummaryPath", "SummaryRelativePath"),
)
_DETAILS = ("TensorboardDataSources", "TensorboardSpec")


def create(call: Call) -> JsonObject:
    """A new TensorBoard that starts at once, always: a job may have several."""
    body = _checked(call.body)
    job_id = body.get("JobId") or body.get("SourceId", "")
    if not job_id and not any(body.get(key) for key in _OF_DATA):
        raise invalid("JobId, SourceId, or where the data is, is required.")
    if job_id:
        readable_job(replace(call, path={"JobId": job_id}, query={}))
    table = TensorboardTable(call.database)
    one = Tensorboard(
        tensorboard_id=table.next_id(),
        workspace_id=call.workspace_id(body.get("WorkspaceId")),
        user_id=call.user.user_id,
        job_id=job_id,
        created=call.now,
        modified=call.now,
        started=call.now,
        body={"Accessibility": "PRIVATE", **body},
    )
    table.add(one)
    return {"JobId": job_id, "DataSourceId": body.get("DataSourceId", ""), **_named(one)}


def _checked(body: JsonObject) -> JsonObject:
    """The body without nulls; raises Refusal for the first value that is not of its type."""
    given = {key: value for key, value in body.items() if value is not None}
    for key, value in given.items():
        kind = _KINDS.get(key)
        if kind is None:
            raise invalid(f"{key} is not a parameter of CreateTensorboard.")
        if not isinstance(value, kind) or isinstance(value, bool):
            raise invalid(f"{key} must be of type {kind.__name__}.")
    if given.get("Accessibility", "PRIVATE") not in {"PUBLIC", "PRIVATE"}:
        raise invalid("Accessibility must be PUBLIC or PRIVATE.")
    if given.get("MaxRunningTimeMinutes", 1) < 1:
        raise invalid("MaxRunningTimeMinutes must be at least 1.")
    return given


def get(call: Call) -> JsonObject:
    one = readable(call, call.path["TensorboardId"])
    if call.query.get("JodId", "") not in {"", one.job_id}:  # sic
        raise not_found("Tensorboard", one.tensorboard_id)
    return _row(call, one, verbose=True)


def list_all(call: Call) -> JsonObject:
    """Unless said otherwise, the caller's own of the last seven days (SDK, ListTensorboardsRequest)."""
    workspace_id = call.workspace_id(call.query.get("WorkspaceId"))
    start, end = call.time("StartTime", call.now - _WEEK), call.time("EndTime", call.now)
    verbose = call.flag("Verbose", default=False)
    seen = [
        (one, _row(call, one, verbose=verbose))
        for one in TensorboardTable(call.database).all()
        if one.workspace_id == workspace_id and may_see(call, one) and start <= one.created <= end
    ]
    found = [row for one, row in seen if _is_wanted(call, one, row)]
    key = call.query.get("SortBy") or "GmtCreateTime"
    found.sort(key=lambda row: str(row.get(key, "")), reverse=call.query.get("Order") != "asc")
    return {"Tensorboards": call.page(found, default=10), "TotalCount": len(found)}


def _is_wanted(call: Call, one: Tensorboard, row: JsonObject) -> bool:
    """Whether the row is what the filters ask for; names are found by a part of them, in any case."""
    if call.flag("ShowOwn", default=True) and row["UserId"] != call.user.user_id:
        return False
    exact = {
        **{
            key: row.get(key, "") for key in ("Accessibility", "QuotaId", "Status", "TensorboardId", "UserId")
        },
        **dict.fromkeys(("JobId", "SourceId"), one.job_id),
        "PaymentType": "Postpaid" if one.body.get("TensorboardSpec") else "Free",
        "SourceType": "job" if one.job_id else "",
    }
    parts = {"DisplayName": row.get("DisplayName", ""), "Username": row["Username"]}
    return all(call.query.get(key, "") in {"", value} for key, value in exact.items()) and all(
        call.query.get(key, "").lower() in value.lower() for key, value in parts.items()
    )


def update(call: Call) -> JsonObject:
    one = own(call)
    changes: JsonObject = {
        key: call.query[key] for key in ("Accessibility", "Priority") if call.query.get(key)
    }
    if call.query.get("MaxRunningTimeMinutes"):
        changes["MaxRunningTimeMinutes"] = call.number("MaxRunningTimeMinutes", 0)
    return _stored(call, replace(one, body={**one.body, **changes}))


def start(call: Call) -> JsonObject:
    """It runs again; raises Refusal for one that does."""
    one = own(call)
    if (status := _status(call, one)) != "Stopped":
        raise Refusal(400, "BadRequest", f"Tensorboard can't be started, because it is {status}")
    return _stored(call, replace(one, started=call.now, stopped=None))


def stop(call: Call) -> JsonObject:
    """It is stopped; raises Refusal for one that was."""
    one = own(call)
    if (status := _status(call, one)) == "Stopped":
        raise Refusal(400, "BadRequest", f"Tensorboard can't be stopped, because it is {status}")
    return _stored(call, replace(one, stopped=call.now))


def delete(call: Call) -> JsonObject:
    """It is gone; raises Refusal for one that is not stopped."""
    one = own(call)
    if (status := _status(call, one)) != "Stopped":
        raise Refusal(400, "BadRequest", f"Tensorboard can't be deleted, because it is {status}")
    TensorboardTable(call.database).remove(one.tensorboard_id)
    return _named(one)


def shared_url(call: Call) -> JsonObject:
    """An address that opens it to whoever has it, for as long as was asked."""
    one = readable(call, call.path["TensorboardId"])
    token = _token(call, one, call.number("ExpireTimeSeconds", LONGEST))
    return {"TensorboardSharedUrl": f"{_address(call, one)}?token={token}"}


def get_token(call: Call) -> JsonObject:
    """GetToken of a TensorBoard: with it, others read it as `Token`."""
    one = readable(replace(call, query={}), call.query["TargetId"])
    return {"Token": _token(call, one, call.number("ExpireTime", LONGEST))}


def _token(call: Call, one: Tensorboard, seconds: int) -> str:
    return token_of(one.tensorboard_id, int(call.now) + seconds, call.world)


def _stored(call: Call, one: Tensorboard) -> JsonObject:
    TensorboardTable(call.database).replace(replace(one, modified=call.now))
    return _named(one)


def _named(one: Tensorboard) -> JsonObject:
    return {"TensorboardId": one.tensorboard_id}


def _status(call: Call, one: Tensorboard) -> str:
    return one.status(call.now, call.world.lifecycle_of(one.body.get("DisplayName", "")).creating)


def _address(call: Call, one: Tensorboard) -> str:
    return f"http://{call.host}/tensorboard/{one.tensorboard_id}/"


def _row(call: Call, one: Tensorboard, *, verbose: bool) -> JsonObject:
    status, end = _status(call, one), one.ends()
    is_over = status == "Stopped"
    row: JsonObject = {
        **{key: one.body[key] for key in _SHOWN if key in one.body},
        **_named(one),
        "JobId": one.job_id,
        "WorkspaceId": one.workspace_id,
        "UserId": one.user_id,
        "Username": call.world.user_name(one.user_id),
        "Status": status,
        "TensorboardUrl": _address(call, one) if status == "Running" else "",
        "ReasonCode": "StoppedByUser" if one.stopped is not None else "",
        "ReasonMessage": "",
        "Duration": str(int((end if is_over and end else call.now) - one.started)),
        "GmtCreateTime": wire_time(one.created),
        "GmtModifyTime": wire_time(one.modified),
    }
    if is_over and end:
        row["GmtFinishTime"] = wire_time(end)
    if verbose:
        row |= {key: one.body[key] for key in _DETAILS if key in one.body}
    return row
