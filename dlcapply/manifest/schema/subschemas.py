"""What a schema says of the keys of a map, and of the items of a list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

Schema = dict[str, Any]


def properties_of(schemas: list[Schema]) -> dict[str, list[Schema]]:
    """What the schemas say of each key, in their order."""
    known: dict[str, list[Schema]] = {}
    for schema in parts(schemas):
        for key, inner in schema.get("properties", {}).items():
            known.setdefault(key, []).append(inner)
    return known


def items_of(schemas: list[Schema]) -> list[Schema]:
    """What the schemas say of the items of a list."""
    return [schema["items"] for schema in parts(schemas) if "items" in schema]


def others_of(schemas: list[Schema]) -> list[Schema]:
    """What the schemas say of the keys of a map that they do not name."""
    others = [schema.get("additionalProperties") for schema in parts(schemas)]
    return [schema for schema in others if isinstance(schema, dict)]


def parts(schemas: list[Schema]) -> Iterator[Schema]:
    """The schemas, each behind those of its `allOf`, which hold most of the keys."""
    for schema in schemas:
        if isinstance(schema, dict):
            yield from parts(schema.get("allOf", []))
            yield schema
