"""The formats of JSON Schema that are known here; a schema that names another one is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from dlcapply.manifest.schema.patterns import matching

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_DATE_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})"
)


@dataclass(frozen=True, slots=True)
class Format:
    """Which texts have the format, and what messages call it; what is not a text is left to `type`."""

    accepts: Callable[[str], bool]
    words: str


def _is_date_time(value: str) -> bool:
    try:
        return _DATE_TIME.fullmatch(value) is not None and datetime.fromisoformat(value) is not None
    except ValueError:
        return False


def _is_regex(value: str) -> bool:
    try:
        return matching(value) is not None
    except ValueError:
        return False


FORMATS: Mapping[str, Format] = {
    "date-time": Format(_is_date_time, "a time with its zone"),
    "regex": Format(_is_regex, "a regular expression"),
}
