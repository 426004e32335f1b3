"""Composed manifests in the one form that `render` prints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dlcapply.manifest.composing import undone
from dlcapply.manifest.nodes import Node, get, holding, string
from dlcapply.manifest.schemas import JOB, shipped
from dlcapply.manifest.sources import Sources

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dlcapply.manifest.checking import Context

Schema = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Composed:
    """A manifest composed: keys in the schema's order, and null for what the defaults would bring back."""

    name: str
    document: Node
    sources: Sources


def composed_of(document: Node, file: str, context: Context) -> Composed:
    """The composed document of a file, so that composing it again changes nothing."""
    ordered = _ordered(undone(document, context.defaults), [shipped(JOB)])
    project = context.workspace or context.defaults
    return Composed(
        string(get(document, "metadata", "name")),
        ordered,
        Sources(
            file=file,
            project=project.place.file if project else "",
            workspace=context.workspace.place if context.workspace else None,
            variables=context.values,
        ),
    )


def present(value: Any) -> Any:
    """The value without its nulls: what the job really has."""
    match value:
        case dict():
            return {key: present(below) for key, below in value.items() if below is not None}
        case list():
            return [present(item) for item in value]
    return value


def _ordered(node: Node, schemas: list[Schema]) -> Node:
    match node.value:
        case dict() as below:
            known = properties(schemas)
            keys = [*(key for key in known if key in below), *sorted(below.keys() - known.keys())]
            return holding(node, {key: _ordered(below[key], known.get(key, [])) for key in keys})
        case list() as below:
            inner = [schema["items"] for schema in parts(schemas) if "items" in schema]
            return holding(node, [_ordered(item, inner) for item in below])
    return node


def properties(schemas: list[Schema]) -> dict[str, list[Schema]]:
    """What the schemas say of each key, in their order."""
    known: dict[str, list[Schema]] = {}
    for schema in parts(schemas):
        for key, inner in schema.get("properties", {}).items():
            known.setdefault(key, []).append(inner)
    return known


def parts(schemas: list[Schema]) -> Iterator[Schema]:
    """The schemas with what they are made of, which holds most of the keys, first."""
    for schema in schemas:
        if isinstance(schema, dict):
            yield from parts(schema.get("allOf", []))
            yield schema
