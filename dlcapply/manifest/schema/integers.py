"""Integers that are written as `60.0` or `1e3`: JSON Schema accepts them, and PAI does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dlcapply.manifest.schema.shipped import JOB, shipped
from dlcapply.manifest.schema.subschemas import items_of, parts, properties_of

if TYPE_CHECKING:
    from dlcapply.manifest.schema.subschemas import Schema


def with_integers(manifest: Any) -> Any:
    """The manifest with `60` for `60.0` where its schema wants an integer: so it is sent and marked."""
    return _whole(manifest, [shipped(JOB)]) if _has_fractions(manifest) else manifest


def _has_fractions(value: Any) -> bool:
    match value:
        case dict():
            return any(map(_has_fractions, value.values()))
        case list():
            return any(map(_has_fractions, value))
    return isinstance(value, float)


def _whole(value: Any, schemas: list[Schema]) -> Any:
    match value:
        case dict():
            known = properties_of(schemas)
            return {key: _whole(below, known.get(key, [])) for key, below in value.items()}
        case list():
            inner = items_of(schemas)
            return [_whole(below, inner) for below in value]
        case float() if any(schema.get("type") == "integer" for schema in parts(schemas)):
            return int(value)
    return value
