"""YAML events -> nodes: core scalars, places, and a bound on everything that strangers could blow up.

The events are libyaml's, through PyYAML. What PyYAML itself builds of them has no bounds, loses the places,
and takes the last of two equal keys. ruamel.yaml has no bounds either, gives scalars no places, and took 17
times as long for a file.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import yaml

from dlcapply.manifest.findings import MOST_ERRORS, finding, more_errors
from dlcapply.manifest.nodes import Node, Scalar, children
from dlcapply.manifest.yaml.scalars import AmbiguousError, resolve
from dlcapply.model.findings import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dlcapply.model.findings import Finding

# Each bound is far above any real manifest.
MAX_NODES = 100_000
MAX_CHARACTERS = 1 << 21
MAX_DEPTH = 64
MAX_DOCUMENTS = 1_000

_STRING_TAG = "tag:yaml.org,2002:str"
_COLLECTION_TAGS = {"tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"}


class UnreadableError(Exception):
    """The rest of the file can't be read."""

    def __init__(self, found: Finding) -> None:
        super().__init__(found.message)
        self.finding = found


class Composer:
    """Builds nodes from the events of one file; what can be stepped over goes to `findings`."""

    def __init__(self, events: Iterator[Any], file: str, findings: list[Finding]) -> None:
        self._findings = findings
        self._events = events
        self._file = file
        self._anchors: dict[str, tuple[Node, int, int] | None] = {}
        self._nodes = 0
        self._characters = 0
        self._shared = False

    def documents(self) -> Iterator[Node]:
        """The documents that hold anything, in order."""
        count = 0
        for event in self._events:
            if not isinstance(event, yaml.DocumentStartEvent):
                continue
            count += 1
            if count > MAX_DOCUMENTS:
                message = f"the file holds more than {MAX_DOCUMENTS:,} documents"
                raise self._unreadable("yaml-size", message, event, "split it into several files")
            root = self._root()
            if root.value is not None:
                yield root

    def _root(self) -> Node:
        self._anchors, self._shared = {}, False
        event = next(self._events)
        root = self._node(event, None, 1)
        if self._shared and _is_deeper(root, MAX_DEPTH):
            raise self._unreadable("yaml-alias", f"aliases nest deeper than {MAX_DEPTH} levels", event)
        return root

    def _node(self, event: Any, key_place: Place | None, depth: int) -> Node:
        """The node that begins with the event; `key_place` is None where the value has no key."""
        self._count(1, event)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, key_place)
        if event.anchor is None:
            return self._value(event, key_place, depth)
        before = self._nodes, self._characters
        self._anchors[event.anchor] = None
        node = self._value(event, key_place, depth)
        self._anchors[event.anchor] = (node, self._nodes - before[0], self._characters - before[1])
        return node

    def _value(self, event: Any, key_place: Place | None, depth: int) -> Node:
        place = self._place(event)
        if isinstance(event, yaml.ScalarEvent):
            return Node(self._scalar(event, place), place, key_place or place, event.value)
        if depth > MAX_DEPTH:
            raise self._unreadable("yaml-size", f"values nest deeper than {MAX_DEPTH} levels", event)
        if event.tag is not None and event.tag not in _COLLECTION_TAGS:
            self._refuse_tag(event, place)
        if isinstance(event, yaml.MappingStartEvent):
            return Node(self._map(depth + 1), place, key_place or place)
        return Node(self._list(depth + 1), place, key_place or place)

    def _scalar(self, event: Any, place: Place) -> Scalar:
        self._characters += len(event.value)
        if event.tag is not None and event.tag != _STRING_TAG:
            self._refuse_tag(event, place)
        if event.tag is not None or not event.implicit[0]:
            return str(event.value)
        try:
            return resolve(event.value)
        except AmbiguousError:
            message = "readers of YAML disagree about a number with a leading zero"
            self._report("yaml-number", message, place, "quote it, or write it without the zero")
            return None
        except ValueError:
            message = "JSON has no such number"
            self._report("yaml-number", message, place, "quote it, or write a finite number")
            return None

    def _list(self, depth: int) -> list[Node]:
        items: list[Node] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._node(event, None, depth))
        return items

    def _map(self, depth: int) -> dict[str, Node]:
        entries: dict[str, Node] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            place = self._place(event)
            name = self._key(event, place, depth, entries)
            value = self._node(next(self._events), place, depth)
            if name is not None:
                entries[name] = value
        return entries

    def _key(self, event: Any, place: Place, depth: int, entries: dict[str, Node]) -> str | None:
        """The key that begins with the event; None where it can't be one."""
        name: object
        before = len(self._findings)
        if isinstance(event, yaml.ScalarEvent) and event.anchor is None:  # nearly all: no node is needed
            self._count(1, event)
            name, text = self._scalar(event, place), event.value
        else:
            node = self._node(event, place, depth)
            name, text = node.value, node.text
        if isinstance(name, str) and name not in entries and (name != "<<" or not _is_plain(event)):
            return name
        if len(self._findings) == before:
            self._refuse_key(name, text, place, entries)
        return None

    def _refuse_key(self, name: object, text: str, place: Place, entries: dict[str, Node]) -> None:
        if not isinstance(name, str):
            hint = f'quote it: "{text}"' if text else ""
            if isinstance(name, dict):  # {{ x }} is a map in a map's key
                hint = 'a variable is written "${{ var.NAME }}", with the quotes'
            self._report("yaml-key", "a key must be a string", place, hint)
        elif name in entries:
            first = entries[name].key_place
            message = f"the key {name!r} was already written at {first}"
            self._report("yaml-duplicate-key", message, place, "keep one of the two")
        else:
            hint = "use `extends` for a parent file, or repeat the keys"
            self._report("yaml-merge-key", "YAML 1.2 has no merge keys", place, hint)

    def _alias(self, event: Any, key_place: Place | None) -> Node:
        place = self._place(event)
        key_place = key_place or place
        if event.anchor not in self._anchors:
            self._report("yaml-alias", f"there is no anchor &{event.anchor} above this alias", place)
            return Node(None, place, key_place)
        known = self._anchors[event.anchor]
        if known is None:
            raise self._unreadable(
                "yaml-alias", f"the alias *{event.anchor} stands inside its own anchor", event
            )
        node, nodes, characters = known
        self._shared = True
        self._characters += characters
        self._count(nodes, event)
        return replace(node, key_place=key_place)

    def _count(self, nodes: int, event: Any) -> None:
        self._nodes += nodes
        if self._nodes <= MAX_NODES and self._characters <= MAX_CHARACTERS:
            return
        is_long = self._nodes <= MAX_NODES
        most = f"{MAX_CHARACTERS:,} characters" if is_long else f"{MAX_NODES:,} values"
        message = f"the file holds more than {most}, aliases expanded"
        raise self._unreadable("yaml-size", message, event, "split it into several files")

    def _refuse_tag(self, event: Any, place: Place) -> None:
        self._report(
            "yaml-tag", f"the tag {event.tag} is not known here", place, "remove the tag, or quote the value"
        )

    def _report(self, rule: str, message: str, place: Place, hint: str = "") -> None:
        if len(self._findings) == MOST_ERRORS:
            raise UnreadableError(more_errors(place))
        self._findings.append(finding(rule, message, place, hint=hint))

    def _unreadable(self, rule: str, message: str, event: Any, hint: str = "") -> UnreadableError:
        return UnreadableError(finding(rule, message, self._place(event), hint=hint))

    def _place(self, event: Any) -> Place:
        mark = event.start_mark
        return Place(self._file, mark.line + 1, mark.column + 1)


def _is_plain(event: Any) -> bool:
    return isinstance(event, yaml.ScalarEvent) and event.implicit[0]


def _is_deeper(root: Node, limit: int) -> bool:
    level = [root]
    for _ in range(limit + 1):
        level = [child for node in level for child in children(node)]
        if not level:
            return False
    return True
