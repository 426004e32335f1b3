"""The operations on TensorBoards, by method and path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.emulator.operation import ORDER, PAGE, TIMES, VERBOSE, Operation
from dlcapply.emulator.parameters import FLAG, TEXT, choice, whole
from dlcapply.emulator.tensorboards import operations

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dlcapply.emulator.parameters import Parameter

_ACCESSIBILITY: Mapping[str, Parameter] = {"Accessibility": choice("PUBLIC", "PRIVATE")}
_WORKSPACE: Mapping[str, Parameter] = {"WorkspaceId": TEXT}
_LIST: Mapping[str, Parameter] = {
    **PAGE,
    **ORDER,
    **TIMES,
    **VERBOSE,
    **_ACCESSIBILITY,
    **_WORKSPACE,
    **dict.fromkeys(("DisplayName", "JobId", "QuotaId", "SourceId", "TensorboardId"), TEXT),
    **dict.fromkeys(("UserId", "Username"), TEXT),
    "SourceType": choice("job"),
    "Status": choice("Creating", "Running", "Stopped", "Succeeded", "Failed"),
    "SortBy": choice("DisplayName", "GmtCreateTime"),
    "ShowOwn": FLAG,
    "PaymentType": choice("Free", "Postpaid"),
}
_UPDATE: Mapping[str, Parameter] = {
    **_ACCESSIBILITY,
    **_WORKSPACE,
    "MaxRunningTimeMinutes": whole(1, 10**9),
    "Priority": choice(*"123456789"),
}
_SHARED: Mapping[str, Parameter] = {"ExpireTimeSeconds": whole(0, operations.LONGEST)}
_ALL, _ONE = "/api/v1/tensorboards", "/api/v1/tensorboards/{TensorboardId}"

OPERATIONS: Mapping[tuple[str, str], Operation] = {
    ("POST", _ALL): Operation("CreateTensorboard", operations.create),
    ("GET", _ALL): Operation("ListTensorboards", operations.list_all, _LIST),
    ("GET", _ONE): Operation("GetTensorboard", operations.get, {**_WORKSPACE, "JodId": TEXT, "Token": TEXT}),
    ("PUT", _ONE): Operation("UpdateTensorboard", operations.update, _UPDATE),
    ("DELETE", _ONE): Operation("DeleteTensorboard", operations.delete, _WORKSPACE),
    ("PUT", f"{_ONE}/start"): Operation("StartTensorboard", operations.start, _WORKSPACE),
    ("PUT", f"{_ONE}/stop"): Operation("StopTensorboard", operations.stop, _WORKSPACE),
    ("GET", f"{_ONE}/sharedurl"): Operation("GetTensorboardSharedUrl", operations.shared_url, _SHARED),
}
