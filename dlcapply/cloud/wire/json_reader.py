"""Answers from bytes to JSON values, and the typed values in them."""

from __future__ import annotations

import re
from math import inf
from typing import TYPE_CHECKING, Any

from dlcapply import strict_json

if TYPE_CHECKING:
    from collections.abc import Mapping

# Some two hundred would do for a job; each takes some hundred bytes of memory, however short it is written.
_MOST_VALUES = 2_000_000
_BEGINNINGS = (b",", b"[", b"{")
# No float is longer, written out; a longer number is one that nothing can be done with.
_LONGEST_NUMBER = 300
# JobIds and RequestIds; what is not like one goes into no path, no message and no journal.
_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:-]{0,255}")


class TooManyValuesError(ValueError):
    """The text has more values than are read."""


def json_object(content: bytes) -> dict[str, Any]:
    """The one object that the text is; raises ValueError, in words that follow a name.

    What is no number that can be reckoned with reads as infinite: one that is too great, and the NaN and
    Infinity that some services write. So it costs its own value, and no other. Text that has a key twice is
    an error.
    """
    if sum(map(content.count, _BEGINNINGS)) > _MOST_VALUES:
        raise TooManyValuesError("has more values than any page of jobs")
    try:
        value = loads(content.decode("utf-8-sig"))
    except ValueError:
        raise ValueError("is not JSON") from None
    if not isinstance(value, dict):
        raise ValueError("is not a JSON object")  # noqa: TRY004  of the text, not of a caller
    return value


def loads(text: str) -> Any:
    """The value that a service wrote, also within a text of an answer; raises ValueError."""
    return strict_json.loads(text, integer=_integer, constant=lambda _: inf)


def _integer(digits: str) -> float:
    return int(digits) if len(digits) <= _LONGEST_NUMBER else inf


def is_id(value: Any) -> bool:
    """Whether it may name something, in a path, a journal and a message."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def is_number_or_text(value: Any) -> bool:
    """Whether it may be an id that a service spells in either way."""
    return isinstance(value, str | int) and not isinstance(value, bool)


def id_of(answer: Mapping[str, Any], *keys: str) -> str:
    """The first of the keys that holds an id; empty where none does."""
    return next((answer[key] for key in keys if is_id(answer.get(key))), "")
