"""Misspelt keys: each is one finding, and the rest of the document is checked as it was meant."""

from __future__ import annotations

from collections import ChainMap
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dlcapply.manifest.did_you_mean import is_spelling_of
from dlcapply.manifest.findings import MOST_ERRORS
from dlcapply.manifest.nodes import Node, Step, dotted, empty_map, entries, get, holding, without_indices
from dlcapply.manifest.schema.hints import key_meant, place_meant
from dlcapply.manifest.schema.messages import unknown_key
from dlcapply.manifest.schema.shipped import shipped
from dlcapply.manifest.schema.subschemas import items_of, others_of, properties_of

if TYPE_CHECKING:
    from collections.abc import Collection, Container

    from dlcapply.manifest.schema.subschemas import Schema
    from dlcapply.model.findings import Finding

Path = tuple[Step, ...]
Shape = dict[str, "list[Schema]"]


@dataclass(frozen=True, slots=True)
class Corrected:
    """A document as it was meant, and a finding for each misspelt key; `guesses` are the doubtful paths."""

    document: Node
    findings: tuple[Finding, ...]
    guesses: frozenset[str]

    def is_certain(self, complaint: Finding) -> bool:
        """Whether the complaint holds even if a key was guessed wrong."""
        path = complaint.path
        return not any(path == guess or path.startswith((f"{guess}.", f"{guess}[")) for guess in self.guesses)


def corrected(document: Node, schema: str, passed: Collection[str] = ()) -> Corrected:
    """The document with the known key in place of each unknown one that resembles it.

    A key that belongs elsewhere is moved there. Nothing changes where the known key is there already, and at
    the paths that are `passed` through.
    """
    correction = _Correction(frozenset(passed))
    meant = _moved(correction.node(document, [shipped(schema)], ()), correction)
    return Corrected(meant, tuple(correction.findings), frozenset(correction.guesses))


@dataclass(slots=True)
class _Correction:
    passed: frozenset[str]
    findings: list[Finding] = field(default_factory=list)
    guesses: set[str] = field(default_factory=set)
    misplaced: dict[tuple[str, ...], Node] = field(default_factory=dict)
    shapes: dict[tuple[int, ...], tuple[Shape, list[Schema]]] = field(default_factory=dict)
    asked: int = 0

    def node(self, node: Node, schemas: list[Schema], path: Path) -> Node:
        match node.value:
            case dict() as below:
                return holding(node, self._entries(below, schemas, path))
            case list() as below:
                inner = items_of(schemas)
                return holding(node, [self.node(item, inner, (*path, at)) for at, item in enumerate(below)])
        return node

    def _entries(self, below: dict[str, Node], schemas: list[Schema], path: Path) -> dict[str, Node]:
        known, others = self._shape(schemas)
        result: dict[str, Node] = {}
        taken = ChainMap(result, below)
        for key, child in below.items():
            name = key if key in known else self._meant(key, child, known, path, taken)
            if name is not None:
                result[name] = self.node(child, known.get(name, others), (*path, name))
        return result

    def _shape(self, schemas: list[Schema]) -> tuple[Shape, list[Schema]]:
        """What the schemas say of the keys that they name, and of others; looked up once for all items."""
        which = tuple(map(id, schemas))
        if which not in self.shapes:
            self.shapes[which] = properties_of(schemas), others_of(schemas)
        return self.shapes[which]

    def _meant(self, key: str, child: Node, known: Shape, path: Path, taken: Container[str]) -> str | None:
        """What the unknown key is called here; itself where that is not clear, None where it moves."""
        where = (*path, key)
        if not known or self.asked > 2 * MOST_ERRORS or without_indices(dotted(where)) in self.passed:
            return key
        self.asked += 1
        place = place_meant(where)
        name = "" if place else key_meant(where, known)
        if (not place and not name) or name in taken or place in self.misplaced:
            return key
        self.findings.append(unknown_key(where, child, known))
        if place:
            self.misplaced[place] = child
        if not is_spelling_of(key, name):
            self.guesses.add(dotted(place or (*path, name)))
        return None if place else name


def _moved(document: Node, correction: _Correction) -> Node:
    for place, node in correction.misplaced.items():
        document = _with(document, place, node) if get(document, *place) is None else document
    return document


def _with(node: Node, path: tuple[str, ...], value: Node) -> Node:
    """The node with the value at the path, unless something that is not a map is in the way."""
    if not path:
        return value
    if not isinstance(node.value, dict):
        return node
    key, *rest = path
    below = node.value.get(key, empty_map(node.place))
    return holding(node, {**entries(node), key: _with(below, tuple(rest), value)})
