"""A policy taken apart: its subschemas, and what each of them leads to."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from dlcapply.manifest.schema.keywords import HOLDERS, INNER, INNER_LISTS, INNER_MAPS, REFERENCES, within

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dlcapply.manifest.nodes import Step

Schema = dict[str, Any] | bool
_DESCENDING = frozenset(INNER + INNER_LISTS + INNER_MAPS)
_ELSEWHERE = _DESCENDING.union(HOLDERS)


@dataclass(frozen=True, eq=False)
class Outline:
    """A schema, with its subschemas by the path to each; all of them stay as long as this."""

    root: dict[str, Any]
    places: Mapping[tuple[Step, ...], Schema] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "places", dict(_places(self.root)))

    @cached_property
    def patterns(self) -> int:
        """How many patterns there are to compile."""
        return sum(patterns_in(schema) for schema in self.places.values())

    def same(self, schema: Schema) -> Iterator[Schema]:
        """The schemas that this one applies to the same value."""
        if isinstance(schema, dict):
            yield from (inner for path, inner in within(schema) if path[0] not in _ELSEWHERE)
            yield from (target for _, target in self.targets(schema) if target is not None)

    def inner(self, schema: Schema) -> Iterator[Schema]:
        """The schemas that this one applies to what is in the value."""
        yield from (inner for path, inner in within(schema) if path[0] in _DESCENDING)

    def targets(self, schema: dict[str, Any]) -> Iterator[tuple[str, Schema | None]]:
        """(keyword, what it refers to); None for what is not in this schema."""
        for keyword in REFERENCES:
            if isinstance(reference := schema.get(keyword), str):
                yield keyword, self._referred.get(unquote(reference))

    @cached_property
    def _referred(self) -> dict[str, Schema]:
        """Every schema by the references that lead to it."""
        known: dict[str, Schema] = {}
        for path, schema in self.places.items():
            known["#" + "".join(f"/{_escaped(step)}" for step in path)] = schema
            names = (
                [schema.get(key) for key in ("$anchor", "$dynamicAnchor")] if isinstance(schema, dict) else []
            )
            known.update({f"#{name}": schema for name in names if isinstance(name, str)})
        return known


def _places(root: Schema) -> Iterator[tuple[tuple[Step, ...], Schema]]:
    waiting: list[tuple[tuple[Step, ...], Schema]] = [((), root)]
    while waiting:
        path, schema = waiting.pop()
        yield path, schema
        waiting += [((*path, *more), inner) for more, inner in within(schema)]


def _escaped(step: Step) -> str:
    return str(step).replace("~", "~0").replace("/", "~1")


def patterns_in(schema: Schema) -> int:
    """How many regular expressions the schema itself holds, or takes from the value."""
    if not isinstance(schema, dict):
        return 0
    return ("pattern" in schema) + (schema.get("format") == "regex") + _size(schema.get("patternProperties"))


def _size(value: Any) -> int:
    return len(value) if isinstance(value, list | dict) else 0
