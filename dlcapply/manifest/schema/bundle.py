"""A schema and those that it refers to, made into one document that works without a network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_DEFINITIONS = "#/$defs/"
_OF_THE_DOCUMENT = {"$schema", "$id", "$defs"}


def bundled(schema: dict[str, Any], read: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    """The schema with those that it refers to in its own `$defs`; `read` gives them by their file names."""
    definitions = dict(schema.get("$defs", {}))
    for file in sorted(set(_other_files(schema))):
        definitions |= _definitions_of(file, read(file))
    inside = _pointing_inside({**schema, "$defs": definitions}, file="")
    return inside if definitions else schema


def _other_files(schema: Any) -> Iterator[str]:
    if isinstance(schema, list):
        for item in schema:
            yield from _other_files(item)
    elif isinstance(schema, dict):
        if isinstance(file := schema.get("$ref"), str) and not file.startswith("#"):
            yield file.partition("#")[0]
        for value in schema.values():
            yield from _other_files(value)


def _definitions_of(file: str, schema: dict[str, Any]) -> Any:
    """The schema of the file and its definitions, by names that say where they are from."""
    whole = {key: value for key, value in schema.items() if key not in _OF_THE_DOCUMENT}
    parts = {_name(file, name): part for name, part in schema.get("$defs", {}).items()}
    return _pointing_inside({_name(file): whole} | parts, file=file)


def _pointing_inside(schema: Any, *, file: str) -> Any:
    """The schema, written in the file, with its references as they are in the bundle."""
    if isinstance(schema, list):
        return [_pointing_inside(item, file=file) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: _reference(value, file) if key == "$ref" else _pointing_inside(value, file=file)
        for key, value in schema.items()
    }


def _reference(target: Any, file: str) -> Any:
    if not isinstance(target, str):  # a property of that name
        return _pointing_inside(target, file=file)
    other, _, fragment = target.partition("#")
    origin = other or file
    return f"{_DEFINITIONS}{_name(origin, fragment.removeprefix('/$defs/'))}" if origin else target


def _name(file: str, definition: str = "") -> str:
    return ".".join(filter(None, (file.removesuffix(".schema.json"), definition)))
