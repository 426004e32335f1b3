"""YAML values that know where they were written: what all of this package passes on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dlcapply.model.findings import Place

Scalar = str | int | float | bool | None
Step = str | int


_OF_A_VALUE = 32
_OF_A_CHARACTER = 8


@dataclass(frozen=True, slots=True)
class Node:
    """A value, the place of the value and the place of its key.

    `text` is a scalar as written, without its quotes. Values are read-only by convention.
    """

    value: dict[str, Node] | list[Node] | Scalar
    place: Place
    key_place: Place
    text: str = ""


def holding(node: Node, value: dict[str, Node] | list[Node]) -> Node:
    """A node in the same place that holds other values."""
    return Node(value, node.place, node.key_place)


def empty_map(place: Place) -> Node:
    return Node({}, place, place)


def plain(node: Node) -> Any:
    """The JSON value of the node, without places."""
    value = node.value
    if isinstance(value, dict):
        return {key: plain(child) for key, child in value.items()}
    if isinstance(value, list):
        return [plain(child) for child in value]
    return value


def get(node: Node | None, *keys: str) -> Node | None:
    """The node below the keys, or None where one of them is missing or not in a map."""
    for key in keys:
        node = entries(node).get(key)
    return node


def entries(node: Node | None) -> dict[str, Node]:
    """The entries of a map; empty where the node is anything else."""
    return node.value if node is not None and isinstance(node.value, dict) else {}


def items(node: Node | None) -> list[Node]:
    """The items of a list; empty where the node is anything else."""
    return node.value if node is not None and isinstance(node.value, list) else []


def string(node: Node | None) -> str:
    """The text of a string; empty where the node is anything else."""
    return node.value if node is not None and isinstance(node.value, str) else ""


def children(node: Node) -> Iterator[Node]:
    match node.value:
        case dict() as below:
            yield from below.values()
        case list() as below:
            yield from below


def size(node: Node) -> int:
    """How many values the node holds, itself included."""
    return 1 + sum(map(size, children(node)))


def weight(node: Node) -> int:
    """What it takes to check the node: each value, and each character, which is searched for secrets."""
    total, waiting = 0, [node]
    while waiting:
        one = waiting.pop()
        text = one.text
        match one.value:
            case str() as text:
                pass
            case dict() as below:
                total += sum(map(len, below))
                waiting.extend(below.values())
            case list() as below:
                waiting.extend(below)
        total += _OF_A_VALUE + _OF_A_CHARACTER * len(text)
    return total


def is_heavier(node: Node, *, values: int, characters: int) -> bool:
    """Whether the node holds more than so many values, or characters; no more of it is counted."""
    waiting = [node]
    while waiting and values >= 0 and characters >= 0:
        one = waiting.pop()
        values -= 1
        characters -= len(one.text) + sum(map(len, entries(one)))
        waiting.extend(children(one))
    return values < 0 or characters < 0


def deepest(node: Node, path: Iterable[Step]) -> Node:
    """The node at the path, or the last one that exists on the way to it."""
    for step in path:
        match node.value, step:
            case dict() as below, str() if step in below:
                node = below[step]
            case list() as below, int() if step < len(below):
                node = below[step]
            case _:
                break
    return node


def written_in(document: Node, node: Node) -> Node:
    """Where to write what the node lacks: the node, or the document where another file holds the node."""
    return node if node.place.file == document.place.file else document


def dotted(path: Iterable[Step]) -> str:
    """The path as people write it: `spec.JobSpecs[0].EcsSpec`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


def leaves(node: Node, path: tuple[Step, ...] = ()) -> Iterator[tuple[str, Node]]:
    """The values that hold no others, in order, each with its path."""
    match node.value:
        case dict() as below if below:
            for key, child in below.items():
                yield from leaves(child, (*path, key))
        case list() as below if below:
            for index, child in enumerate(below):
                yield from leaves(child, (*path, index))
        case _:
            yield dotted(path), node


_INDEX = re.compile(r"\[\d+\]")


def without_indices(path: str) -> str:
    """The dotted path that any item of a list shares: `spec.JobSpecs.EcsSpec`."""
    return _INDEX.sub("", path)
