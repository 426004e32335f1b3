"""Why GitHub refused, in one line, and what is to be done about it."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from dlcapply.forge.github.pauses import limited_for
from dlcapply.forge.service import ForgeError
from dlcapply.one_line import squeezed

if TYPE_CHECKING:
    from collections.abc import Mapping

_LONGEST = 300
_BOT_MAY_NOT = "resource not accessible by integration"
_GONE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})


def refused(
    doing: str, status: int, headers: Mapping[str, str], data: Any, *, needs: str, now: datetime
) -> ForgeError:
    """`doing` is what was asked for, as in "can't list comments"; `needs` the permission that it takes."""
    message = _said(data)
    request = headers.get("x-github-request-id", "")
    facts = ", ".join(filter(None, (f"{status} {message}".strip(), request and f"request {request}")))
    hint = _hint(status, headers, message, needs=needs, now=now)
    return ForgeError(f"{doing}: GitHub answered {squeezed(facts)[:_LONGEST]}", status=status, hint=hint)


def _said(data: Any) -> str:
    """GitHub's message, with what it says of each field."""
    if not isinstance(data, dict):
        return ""
    errors = data.get("errors")
    details = [_detail(one) for one in errors] if isinstance(errors, list) else []
    return "; ".join(word for word in (data.get("message"), *details) if isinstance(word, str) and word)


def _detail(error: Any) -> str:
    """What is wrong with a field: in words, as a text of its own, or as the field and a code."""
    if isinstance(error, str):
        return error
    if not isinstance(error, dict):
        return ""
    if isinstance(message := error.get("message"), str):
        return message
    return " ".join(word for key in ("field", "code") if isinstance(word := error.get(key), str))


def _hint(status: int, headers: Mapping[str, str], message: str, *, needs: str, now: datetime) -> str:
    wait = limited_for(status, headers, message, now=now.timestamp()) if status in {403, 429} else None
    if wait is not None:
        until = datetime.fromtimestamp(now.timestamp() + min(wait, 1e6), UTC)
        return f"the rate limit holds until {until:%H:%M} UTC: run this again then, or ask for less"
    if status == HTTPStatus.UNAUTHORIZED:
        return "GITHUB_TOKEN is not valid (any more): give the step the job's own, ${{ github.token }}"
    if status == HTTPStatus.FORBIDDEN and _BOT_MAY_NOT in message.lower():
        accepted = squeezed(headers.get("x-accepted-github-permissions", ""))[:_LONGEST]
        also = f" (GitHub accepts {accepted})" if accepted else ""
        return f"give the job permissions: {{{needs}}}{also}; the token of a fork's pull request never writes"
    if status in {*_GONE, HTTPStatus.FORBIDDEN}:
        return f"look whether GITHUB_REPOSITORY has it, and whether the job has permissions: {{{needs}}}"
    return "" if status < HTTPStatus.INTERNAL_SERVER_ERROR else "run this again; https://www.githubstatus.com"
