"""When a request is sent once more, and after which pause.

https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# Who waits longer had better look at what uses the limit up.
LONGEST = 60.0
SENT_AT_MOST = 3
_TROUBLED = frozenset({500, 502, 503, 504})
_LIMITED = frozenset({HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS})
# In the words of both kinds, and of no other refusal.
_LIMIT = "rate limit"
# As GitHub asks for where it names no time.
_UNNAMED = 60.0


def pause_after(
    status: int, headers: Mapping[str, str], message: str, *, verb: str, sent: int, now: float
) -> float | None:
    """The seconds to wait before the request is sent again; None where it is not, or would take too long.

    `status` is 0 where no answer came. What writes is repeated only where GitHub says that it did nothing.
    """
    if sent >= SENT_AT_MOST:
        return None
    if status in _LIMITED:
        pause = limited_for(status, headers, message, now=now)
        return pause if pause is not None and pause <= LONGEST else None
    if verb == "GET" and (status in _TROUBLED or not status):
        return float(3 ** (sent - 1))
    return None


def limited_for(status: int, headers: Mapping[str, str], message: str, *, now: float) -> float | None:
    """For how many seconds a rate limit holds; None where it is not one that refused."""
    if (after := _seconds(headers.get("retry-after", ""))) is not None:
        return after
    if status != HTTPStatus.TOO_MANY_REQUESTS and _LIMIT not in message.lower():
        return None
    reset = _seconds(headers.get("x-ratelimit-reset", ""))
    is_used_up = headers.get("x-ratelimit-remaining") == "0"
    return max(reset - now, 0.0) + 1.0 if is_used_up and reset is not None else _UNNAMED


def _seconds(text: str) -> float | None:
    return float(text) if text.isascii() and text.isdigit() and len(text) < 12 else None  # noqa: PLR2004
