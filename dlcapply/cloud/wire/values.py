"""The typed values in answers: whatever cannot be read is absent, and no answer is an error for it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from dlcapply.cloud.wire.json_reader import is_number_or_text
from dlcapply.model.answers import text_of
from dlcapply.model.times import moment

if TYPE_CHECKING:
    from collections.abc import Mapping

# `16`, `2.5`, `100Gi`; what else stands behind a number is a unit that is not known here.
_QUANTITY = re.compile(r"\s*(\d{1,15}(?:\.\d{1,9})?)\s*(|Ki|Mi|Gi|Ti|KiB|MiB|GiB|TiB)\s*", re.ASCII)
_GIB = {"K": 1 / 1024**2, "M": 1 / 1024, "G": 1.0, "T": 1024.0}
_LONGEST_TIME = 64
_LONGEST_TEXT = 1_000
_GREATEST = 1e15  # what is more is no measure of anything here, and sums of it are no numbers
_LEAST_MILLISECONDS = 10**11  # in 1973; as seconds, it is in the year 5138
_QUOTES = "\"'“”"  # around times, in examples of PAI's documents


def text(answer: Mapping[str, Any], *keys: str) -> str:
    """The first of the keys that holds text, as much of it as anybody reads; empty where none does."""
    found = text_of(answer, *keys)
    return found if len(found) <= _LONGEST_TEXT else f"{found[:_LONGEST_TEXT]}…"


def whole(value: Any) -> int | None:
    """A whole number from 0, perhaps written as text."""
    number = quantity(value)
    return int(number) if number is not None and number.is_integer() else None


def real(value: Any) -> float | None:
    """A number within reason, perhaps written as text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if abs(number) <= _GREATEST else None  # NaN is not either


def quantity(value: Any) -> float | None:
    """An amount, without its unit if it names one, such as `100Gi`: memory then is in GiB."""
    if isinstance(value, float):
        return value if 0 <= value <= _GREATEST else None
    if not is_number_or_text(value):
        return None
    found = _QUANTITY.fullmatch(str(value)[:_LONGEST_TIME])
    return float(found[1]) * _GIB.get(found[2][:1], 1.0) if found else None


def time(value: Any) -> datetime | None:
    """A time in ISO 8601, in UTC where it names no zone."""
    if not isinstance(value, str) or len(value) > _LONGEST_TIME:
        return None
    return moment(value.strip(_QUOTES))


def milliseconds(value: Any) -> datetime | None:
    """A time as milliseconds since 1970 (SDK, Metric), or as seconds: no service has one of before 1973."""
    number = real(value)
    if number is None:
        return None
    try:
        return datetime.fromtimestamp(number if abs(number) < _LEAST_MILLISECONDS else number / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
