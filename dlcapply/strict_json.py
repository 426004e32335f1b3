"""JSON as RFC 8259 has it: Python's own reader takes NaN, and passes over a key that is there twice."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


class DuplicateKeyError(ValueError):
    """Two values for one key: readers take the first or the last, and none says so."""

    def __init__(self, key: str) -> None:
        super().__init__(f"the key {key!r} is there twice")
        self.key = key


def loads(
    text: str | bytes,
    *,
    integer: Callable[[str], Any] | None = None,
    fraction: Callable[[str], Any] | None = None,
    constant: Callable[[str], Any] | None = None,
) -> Any:
    """The value that the text is; ValueError for any other text, and for one that nests too deep to be read.

    `integer` and `fraction` make values of numbers, or raise ValueError; `constant` of what RFC 8259 has not,
    `NaN` and `Infinity`.
    """
    try:
        return json.loads(
            text,
            parse_int=integer,
            parse_float=fraction,
            parse_constant=constant or _refuse,
            object_pairs_hook=_without_duplicates,
        )
    except RecursionError as error:
        raise ValueError("it nests too deep") from error


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    mapping = dict(pairs)
    if len(mapping) == len(pairs):
        return mapping
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            raise DuplicateKeyError(key)
        seen.add(key)
    return mapping
