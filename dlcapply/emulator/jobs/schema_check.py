"""Holds JSON to a schema: types, choices and ranges; a refusal names the path."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from dlcapply.emulator.answers import JsonObject, Refusal, invalid
from dlcapply.emulator.jobs.body_schema import ANY, CHOICES, RANGES

if TYPE_CHECKING:
    from dlcapply.emulator.jobs.body_schema import Schema

_MAX_DEPTH = 50
_INT64 = range(-(2**63), 2**63)
_UNRANGED = "?"  # no path of a choice or a range begins like this
_TYPE_NAMES = {str: "a string", int: "an integer", float: "a number", bool: "a boolean"}


def conforming(value: JsonObject, schema: Schema) -> JsonObject:
    """The object without nulls; keys that the schema does not name are let through as they are.

    Raises Refusal for the first value that is not of its type, its choices or its range.
    """
    try:  # lone surrogates and infinite numbers could not be stored or answered
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError) as error:
        raise invalid("The body must be UTF-8 text with finite numbers.") from error
    return dict(_cleaned(value, schema, "", "", _MAX_DEPTH))


def check_types(value: JsonObject, schema: Schema) -> None:
    """Raises ValueError for the first value that is not of its type; choices and ranges are not looked at."""
    try:
        _cleaned(value, schema, "", _UNRANGED, _MAX_DEPTH)
    except Refusal as refusal:
        raise ValueError(refusal.message) from refusal


def _cleaned(value: Any, schema: Schema, place: str, path: str, depth: int) -> Any:
    """`place` is where the value stands, with places in lists; `path` leaves those out."""
    if not depth:
        raise invalid(f"{place} is nested too deeply.")
    match schema:
        case dict():
            return _struct(value, schema, place, path, depth)
        case list():
            return _list(value, schema[0], place, path, depth)
        case type():
            return _leaf(value, schema, place, path)
        case _:
            return _unknown(value, place, depth)


def _struct(value: Any, schema: dict[str, Schema], place: str, path: str, depth: int) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise invalid(f"{place} must be an object.")
    return {
        key: _cleaned(
            inner,
            schema.get(key, schema.get("*", ANY)),
            f"{place}.{key}".lstrip("."),
            f"{path}.{key}".lstrip("."),
            depth - 1,
        )
        for key, inner in value.items()
        if inner is not None
    }


def _list(value: Any, schema: Schema, place: str, path: str, depth: int) -> list[Any]:
    if not isinstance(value, list):
        raise invalid(f"{place} must be an array.")
    return [
        _cleaned(inner, schema, f"{place}[{number}]", path, depth - 1) for number, inner in enumerate(value)
    ]


def _leaf(value: Any, schema: type, place: str, path: str) -> Any:
    if not _is_a(value, schema):
        raise invalid(f"{place} must be {_TYPE_NAMES[schema]}.")
    _check_range(value, place, path)
    return value


def _check_range(value: Any, place: str, path: str) -> None:
    choices, allowed = CHOICES.get(path), RANGES.get(path)
    if choices and value and value not in choices:
        raise invalid(f"{place} {value} is not one of {', '.join(sorted(choices))}.")
    if allowed and value not in allowed:
        raise invalid(f"{place} must be from {allowed[0]} to {allowed[-1]}.")


def _is_a(value: Any, schema: type) -> bool:
    if isinstance(value, bool):
        return schema is bool
    if schema is float:
        return isinstance(value, int | float) and math.isfinite(value)
    return isinstance(value, schema) and (schema is not int or value in _INT64)


def _unknown(value: Any, place: str, depth: int) -> Any:
    """An unknown key's value stays as it is, nulls included; only its depth is checked."""
    if not depth:
        raise invalid(f"{place} is nested too deeply.")
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for one in inner:
        _unknown(one, place, depth - 1)
    return value
