"""Composed manifests in the one form that `dlcapply render` prints: the same job always as the same text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dlcapply.manifest.compose.merge import REMOVE, with_removals
from dlcapply.manifest.compose.provenance import Sources
from dlcapply.manifest.expressions import OPENING, literal
from dlcapply.manifest.nodes import Node, get, holding, string
from dlcapply.manifest.schema.shipped import JOB, shipped
from dlcapply.manifest.schema.subschemas import Schema, items_of, properties_of

if TYPE_CHECKING:
    from dlcapply.manifest.check import CheckContext


@dataclass(frozen=True, slots=True)
class Composed:
    """A composed manifest: keys in the schema's order, and null for what the defaults would bring back."""

    name: str
    document: Node
    sources: Sources


def composed_of(document: Node, file: str, context: CheckContext) -> Composed:
    """The composed document of a file, in a form that composing leaves as it is."""
    written = with_removals(_escaped(document), context.defaults, context.values)
    ordered = _ordered(written, [shipped(JOB)])
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


def effective(value: Any) -> Any:
    """The value without its nulls and removals: what the job really has."""
    match value:
        case dict():
            return {key: effective(below) for key, below in value.items() if below is not None}
        case list():
            return [effective(item) for item in value if not (isinstance(item, dict) and REMOVE in item)]
    return value


def _escaped(node: Node) -> Node:
    """The document, written so that none of its texts is read as a variable."""
    match node.value:
        case dict() as below:
            return holding(node, {key: _escaped(child) for key, child in below.items()})
        case list() as below:
            return holding(node, [_escaped(item) for item in below])
        case str() as text if OPENING in text:
            return Node(literal(text), node.place, node.key_place, node.text)
    return node


def _ordered(node: Node, schemas: list[Schema]) -> Node:
    match node.value:
        case dict() as below:
            known = properties_of(schemas)
            keys = [*(key for key in known if key in below), *sorted(below.keys() - known.keys())]
            return holding(node, {key: _ordered(below[key], known.get(key, [])) for key in keys})
        case list() as below:
            inner = items_of(schemas)
            return holding(node, [_ordered(item, inner) for item in below])
    return node
