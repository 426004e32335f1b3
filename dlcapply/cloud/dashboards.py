"""Addresses of a run's dashboards and of a terminal in one of its pods, as PAI gives them out."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from dlcapply.errors import FailureKind, ServiceError
from dlcapply.model.addresses import Address
from dlcapply.model.answers import text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dlcapply.cloud.wire.connection import Connection

DASHBOARD, RAY_DASHBOARD, TERMINAL = "dashboard", "ray-dashboard", "terminal"
_OPERATIONS = {DASHBOARD: ("GetDashboard", "dashboard"), RAY_DASHBOARD: ("GetRayDashboard", "rayDashboard")}
# What a terminal or a browser would not take for an address, or as another one than is read, is none.
_VISIBLE = re.compile(r"[!-~]{1,4000}")
_OF_BROWSERS, _OF_SOCKETS = {"http", "https"}, {"ws", "wss"}


def dashboard(connection: Connection, job_id: str, kind: str) -> Address:
    """The address of the run's DASHBOARD or RAY_DASHBOARD, for who is signed in; none is no error.

    A shared address, which opens to everybody who has it, is never asked for. Raises ServiceError where PAI
    gives no answer.
    """
    operation, path = _OPERATIONS[kind]
    return _asked(connection, kind, operation, f"{_job(job_id)}/{path}", {"isShared": "false"}, "url")


def web_terminal(connection: Connection, job_id: str, pod_id: str, *, uid: str = "") -> Address:
    """An address that opens a shell in the pod, to whoever has it; raises ServiceError like `dashboard`."""
    path = f"{_job(job_id)}/pods/{quote(pod_id, safe='')}/webterminal"
    query = {"IsShared": "false", **({"PodUid": uid} if uid else {})}
    return _asked(connection, TERMINAL, "GetWebTerminal", path, query, "WebTerminalUrl")


def _job(job_id: str) -> str:
    return f"/api/v1/jobs/{quote(job_id, safe='')}"


def _asked(
    connection: Connection, kind: str, operation: str, path: str, query: Mapping[str, str], key: str
) -> Address:
    try:
        answer = connection.read(operation, path, query)
    except ServiceError as error:
        if error.kind is not FailureKind.REFUSED:
            raise
        return Address(kind, note=_refused(error))
    return checked(kind, answer, key)


def _refused(error: ServiceError) -> str:
    """Why PAI gives none: it answers so too where there is nothing to look at."""
    return "" if error.status == HTTPStatus.NOT_FOUND else error.message


def checked(kind: str, answer: Mapping[str, Any], key: str) -> Address:
    """The address under the key, if it is one that can be shown and typed."""
    url = text_of(answer, key)
    if not url:
        return Address(kind)
    schemes = _OF_SOCKETS | _OF_BROWSERS if kind == TERMINAL else _OF_BROWSERS
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if not _VISIBLE.fullmatch(url) or parts.scheme not in schemes or not parts.hostname:
        return Address(kind, note="PAI gave what is no address")
    return Address(kind, url)
