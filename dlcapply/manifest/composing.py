"""Layers of one manifest -> one document: defaults, then the parent, then the file."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from dlcapply.manifest.nodes import Node, empty_map, entries, get, holding, items

if TYPE_CHECKING:
    from collections.abc import Iterable

_KEYED: dict[tuple[str, ...], str] = {("spec", "JobSpecs"): "Type", ("spec", "DataSources"): "MountPath"}


def compose(document: Node, *, parent: Node | None = None, defaults: Node | None = None) -> Node:
    """The document with all its layers merged, `extends` resolved away, every value at its own place.

    Maps merge deeply, JobSpecs by Type, DataSources by MountPath; other lists are replaced; null removes.
    A parent's name names the parent, so it is not inherited.
    """
    layers = [defaults, _nameless(parent), document]
    composed = reduce(_merged_root, (layer for layer in layers if layer), empty_map(document.place))
    return holding(composed, {key: node for key, node in entries(composed).items() if key != "extends"})


def _nameless(parent: Node | None) -> Node | None:
    metadata = get(parent, "metadata")
    if parent is None or metadata is None or "name" not in entries(metadata):
        return parent
    rest = {key: node for key, node in entries(metadata).items() if key != "name"}
    return holding(parent, {**entries(parent), "metadata": holding(metadata, rest)})


def _merged_root(under: Node, over: Node) -> Node:
    return _merged(under, over, ())


def _merged(under: Node, over: Node, path: tuple[str, ...]) -> Node:
    if isinstance(under.value, dict) and isinstance(over.value, dict):
        return holding(over, _merged_entries(under.value, over.value, path))
    if path in _KEYED and isinstance(under.value, list) and isinstance(over.value, list):
        return holding(over, _merged_items(under.value, over.value, path))
    return _without_nulls(over)


def _merged_entries(under: dict[str, Node], over: dict[str, Node], path: tuple[str, ...]) -> dict[str, Node]:
    result = dict(under)
    for key, node in over.items():
        if node.value is None:
            result.pop(key, None)
        elif key in under:
            result[key] = _merged(under[key], node, (*path, key))
        else:
            result[key] = _without_nulls(node)
    return result


def _merged_items(under: list[Node], over: list[Node], path: tuple[str, ...]) -> list[Node]:
    key = _KEYED[path]
    mine = {name: item for item in reversed(over) if (name := _name(item, key)) is not None}
    names = [_name(item, key) for item in under]
    inherited = [
        _merged(item, mine[name], (*path, "")) if name is not None and name in mine else item
        for name, item in zip(names, under, strict=True)
    ]
    return [*inherited, *(_without_nulls(item) for item in _others(over, mine, names))]


def _others(over: list[Node], mine: dict[str, Node], names: list[str | None]) -> Iterable[Node]:
    """The items that found no partner; a second item of the same name is kept for the rules to refuse."""
    merged = {id(mine[name]) for name in names if name is not None and name in mine}
    return (item for item in over if id(item) not in merged)


def _name(item: Node, key: str) -> str | None:
    name = get(item, key)
    return name.value if name is not None and isinstance(name.value, str) else None


def _without_nulls(node: Node) -> Node:
    match node.value:
        case dict() as below:
            return holding(
                node,
                {
                    key: _without_nulls(child) if isinstance(child.value, (dict, list)) else child
                    for key, child in below.items()
                    if child.value is not None
                },
            )
        case list():
            return holding(node, [_without_nulls(item) for item in items(node)])
    return node


def undone(document: Node, defaults: Node | None) -> Node:
    """The composed document with a null for all that it lacks of the defaults, which would come back else."""
    return _undone(document, defaults, ()) if defaults else document


def _undone(node: Node, under: Node, path: tuple[str, ...]) -> Node:
    if isinstance(node.value, dict) and isinstance(under.value, dict):
        lost = {
            key: Node(None, below.place, below.key_place)
            for key, below in under.value.items()
            if key not in node.value and below.value is not None
        }
        kept = {
            key: _undone(below, under.value[key], (*path, key)) if key in under.value else below
            for key, below in node.value.items()
        }
        return holding(node, kept | lost)
    if path in _KEYED and isinstance(node.value, list):
        others = {_name(item, _KEYED[path]): item for item in reversed(items(under))}
        pairs = ((item, others.get(_name(item, _KEYED[path]))) for item in node.value)
        return holding(node, [_undone(item, other, (*path, "")) if other else item for item, other in pairs])
    return node
