"""Layers of one manifest -> one document: defaults, then the parent, then the file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dlcapply.manifest.compose.list_keys import KEYED, Key, key_of
from dlcapply.manifest.did_you_mean import closest
from dlcapply.manifest.expressions import literal
from dlcapply.manifest.findings import MOST_ERRORS, finding
from dlcapply.manifest.nodes import Node, Step, empty_map, entries, get, holding, items

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dlcapply.model.findings import Finding

Path = tuple[str, ...]

# Beside its key, it takes an item of a keyed list away that a layer below has.
REMOVE = "$remove"
_NAMES = {"name", "formerly"}


def compose(
    document: Node,
    values: Mapping[str, Node | None],
    *,
    parent: Node | None = None,
    defaults: Node | None = None,
) -> tuple[Node, tuple[Finding, ...]]:
    """The document with all its layers merged, `extends` resolved away, every value at its own place.

    Maps merge deeply, JobSpecs by Type, DataSources by MountPath; other lists are replaced; null removes, and
    `$remove: true` beside the key of an item. Keys are compared with their variables replaced by `values`. A
    parent's names, present and former, are its own and not inherited. A removal that removes nothing is a
    finding.
    """
    merging = _Merge(values)
    composed = empty_map(document.place)
    for layer in (defaults, _nameless(parent), document):
        composed = merging.node(composed, layer, ()) if layer else composed
    rest = {key: node for key, node in entries(composed).items() if key != "extends"}
    return holding(composed, rest), tuple(merging.findings)


def _nameless(parent: Node | None) -> Node | None:
    metadata = get(parent, "metadata")
    if parent is None or metadata is None or not _NAMES & entries(metadata).keys():
        return parent
    rest = {key: node for key, node in entries(metadata).items() if key not in _NAMES}
    return holding(parent, {**entries(parent), "metadata": holding(metadata, rest)})


@dataclass(frozen=True, slots=True)
class _Merge:
    """Merges one layer over another; a removal that removes nothing goes to `findings`."""

    values: Mapping[str, Node | None]
    findings: list[Finding] = field(default_factory=list)

    def node(self, under: Node | None, over: Node, path: Path) -> Node:
        if isinstance(over.value, dict):
            return holding(over, self._entries(entries(under), over.value, path))
        if path in KEYED and isinstance(over.value, list):
            return holding(over, self._items(items(under), over.value, path))
        return _without_nulls(over)

    def _entries(self, under: dict[str, Node], over: dict[str, Node], path: Path) -> dict[str, Node]:
        result = dict(under)
        for key, node in over.items():
            if node.value is None:
                result.pop(key, None)
            elif isinstance(node.value, (dict, list)):
                result[key] = self.node(under.get(key), node, (*path, key))
            else:
                result[key] = node
        return result

    def _items(self, under: list[Node], over: list[Node], path: Path) -> list[Node]:
        keys = [self._key(item, path) for item in under]
        removed = self._removed(over, keys, path)
        own = [item for item in over if REMOVE not in entries(item)]
        mine = {key: item for item in reversed(own) if (key := self._key(item, path)) is not None}
        inherited = [
            self.node(item, mine[key], (*path, "")) if key is not None and key in mine else item
            for key, item in zip(keys, under, strict=True)
            if key is None or key not in removed
        ]
        partners = {id(mine[key]) for key in keys if key is not None and key in mine}
        # A second item of the same key is kept for the rules to refuse.
        return [*inherited, *(_without_nulls(item) for item in own if id(item) not in partners)]

    def _key(self, item: Node, path: Path) -> Key | None:
        return key_of(item, KEYED[path], self.values)

    def _removed(self, over: list[Node], known: list[Key | None], path: Path) -> set[Key]:
        """The keys of the items that the layer takes away; a finding for each one in vain."""
        described = {self._key(item, path) for item in over if REMOVE not in entries(item)}
        removed: set[Key] = set()
        for index, item in enumerate(over):
            if REMOVE not in entries(item) or len(self.findings) > MOST_ERRORS:
                continue
            key = self._key(item, path)
            if objection := _objection(item, key, described, known):
                steps: tuple[Step, ...] = (*path, index, REMOVE)
                where = entries(item)[REMOVE].key_place
                self.findings.append(finding("removal", objection[0], where, steps, hint=objection[1]))
            elif key:
                removed.add(key)
        return removed


def _objection(
    item: Node, key: Key | None, described: Iterable[Key | None], known: Iterable[Key | None]
) -> tuple[str, str] | None:
    """What is wrong with a removal, and what to write instead; None where it removes something."""
    if entries(item)[REMOVE].value is not True:
        return "$remove must be true", "leave the item out to keep what is inherited"
    if key is None:
        return "$remove stands without the key of an item", "for example {Type: Master, $remove: true}"
    name, value = key
    if extra := sorted(entries(item).keys() - {REMOVE, name}):
        return f"an item to remove takes no {extra[0]}", f"write {{{name}: {value}, $remove: true}}"
    if key in described:
        return f"{name} {value} is removed and described in one list", "keep one of the two"
    if key not in known:
        others = [value for other in known if other and other[0] == name for value in other[1:]]
        match = closest(value, others)
        hint = f"did you mean {match}?" if match else "leave it out: no parent and no defaults have it"
        return f"there is no {name} {value} to remove", hint
    return None


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


def with_removals(document: Node, defaults: Node | None, values: Mapping[str, Node | None]) -> Node:
    """The composed document, with removals of those defaults that would come back otherwise."""
    return _with_removals(document, defaults, (), values) if defaults else document


def _with_removals(node: Node, under: Node, path: Path, values: Mapping[str, Node | None]) -> Node:
    if isinstance(node.value, dict) and isinstance(under.value, dict):
        lost = {
            key: Node(None, below.place, below.key_place)
            for key, below in under.value.items()
            if key not in node.value and below.value is not None
        }
        kept = {
            key: _with_removals(below, under.value[key], (*path, key), values)
            if key in under.value
            else below
            for key, below in node.value.items()
        }
        return holding(node, kept | lost)
    if path in KEYED and isinstance(node.value, list):
        return holding(node, _items_with_removals(node.value, items(under), path, values))
    return node


def _items_with_removals(
    own: list[Node], under: list[Node], path: Path, values: Mapping[str, Node | None]
) -> list[Node]:
    others = {key: item for item in reversed(under) if (key := key_of(item, KEYED[path], values))}
    keys = [key_of(item, KEYED[path], {}) for item in own]
    kept = [
        _with_removals(item, others[key], (*path, ""), values) if key and key in others else item
        for key, item in zip(keys, own, strict=True)
    ]
    return [*kept, *(_removal(key, item) for key, item in others.items() if key not in keys)]


def _removal(key: Key, item: Node) -> Node:
    name, value = key
    named = Node(literal(value), item.place, item.place)
    return holding(item, {name: named, REMOVE: Node(True, item.place, item.place, REMOVE)})
