"""The answers of the service: results, refusals, and the JSON that the gateway wraps them in."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

JsonObject = dict[str, Any]


class Refusal(Exception):  # noqa: N818 - the service refuses; nothing went wrong here
    """The service answers with an error: HTTP status, code, message, and perhaps AccessDeniedDetail."""

    def __init__(self, status: int, code: str, message: str, detail: JsonObject | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.detail = detail


def invalid(message: str) -> Refusal:
    return Refusal(400, "InvalidParameter", message)


def not_found(what: str, name: str) -> Refusal:
    return Refusal(404, "NotFound", f"{what} {name} is not found.")


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer, sent after `delay` real seconds; a lost one closes the connection instead."""

    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    lost: bool = False


def success(result: JsonObject, *, names_request: bool = True) -> Answer:
    """The result with a RequestId; an operation that spells it `RequestID` has put one in itself."""
    own = {"RequestId": new_request_id()} if names_request and "RequestID" not in result else {}
    return _json_answer(200, {**own, **result})


def refused(refusal: Refusal, host: str, headers: Mapping[str, str] | None = None) -> Answer:
    """The gateway's error body, with the keys that clients of every product read."""
    request_id = new_request_id()
    body: JsonObject = {
        "Code": refusal.code,
        "Message": refusal.message,
        "RequestId": request_id,
        "HostId": host,
        "Recommend": f"https://api.aliyun.com/troubleshoot?q={refusal.code}&requestId={request_id}",
    }
    if refusal.detail:
        body["AccessDeniedDetail"] = refusal.detail
    return _json_answer(refusal.status, body, headers)


def new_request_id() -> str:
    return str(uuid.uuid4()).upper()


def _json_answer(status: int, body: JsonObject, headers: Mapping[str, str] | None = None) -> Answer:
    return Answer(status, json.dumps(body).encode(), headers=headers or {})
