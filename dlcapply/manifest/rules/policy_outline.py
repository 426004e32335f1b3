"""A policy taken apart before it judges: what in it nobody would evaluate, and how many steps it can take."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from math import inf
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from dlcapply.manifest.effort import TooMuchEffortError
from dlcapply.manifest.findings import did_you_mean
from dlcapply.manifest.schema.engine import matches
from dlcapply.manifest.schema.keywords import (
    DIALECT,
    ELSEWHERE,
    EVALUATED,
    HOLDERS,
    INNER,
    INNER_LISTS,
    INNER_MAPS,
    KNOWN,
    LEAVES,
    REFERENCES,
    within,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dlcapply.manifest.nodes import Step

Schema = dict[str, Any] | bool
# How many schemas may judge the same value in a row: each stands on the stack of whoever evaluates them.
_MAX_CHAIN = 64
# Steps of a pattern for each character, at worst: it has as many states.
_PATTERN_STEPS = 20
# Keywords that are evaluated beside one of others only.
_BESIDE = {
    "if": ("then", "else"),
    "then": ("if",),
    "else": ("if",),
    "minContains": ("contains",),
    "maxContains": ("contains",),
}
_DESCENDING = frozenset(INNER + INNER_LISTS + INNER_MAPS)
_ELSEWHERE = _DESCENDING.union(HOLDERS)


@dataclass(frozen=True, slots=True)
class Objection:
    """What is wrong at a path of a schema."""

    path: tuple[Step, ...]
    message: str
    hint: str = ""
    at_key: bool = False


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
        return sum(_patterns(schema) for schema in self.places.values())

    @cached_property
    def steps(self) -> float:
        """The most steps for each byte of a document; infinite where schemas refer to each other in rings."""
        try:
            return _Sum(self).of(self.root)
        except RecursionError:
            return inf

    def same(self, schema: Schema) -> Iterator[Schema]:
        """The schemas that judge the same value as this one, because of it."""
        if isinstance(schema, dict):
            yield from (inner for path, inner in within(schema) if path[0] not in _ELSEWHERE)
            yield from (target for _, target in self.targets(schema) if target is not None)

    def inner(self, schema: Schema) -> Iterator[Schema]:
        """The schemas that judge what is in the value."""
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


def objections(outline: Outline) -> Iterator[Objection]:
    """Why the schema would not do what its author means: what nobody evaluates, and what never ends."""
    if not outline.root.keys() & EVALUATED:
        yield Objection((), "this policy checks nothing", "see docs/validation.md for examples")
    dialect = outline.root.get("$schema", DIALECT)
    if not isinstance(dialect, str) or dialect.removesuffix("#") != DIALECT:
        yield Objection(("$schema",), "policies are read as JSON Schema 2020-12", f"write {DIALECT}")
    for path, schema in outline.places.items():
        if isinstance(schema, dict):
            yield from _keywords(path, schema)
            yield from _references(outline, path, schema)
    yield from _rings(outline)


def _keywords(path: tuple[Step, ...], schema: dict[str, Any]) -> Iterator[Objection]:
    for key in schema:
        if key in ELSEWHERE:
            yield Objection(
                (*path, key), f"JSON Schema 2020-12 does not evaluate {key}", ELSEWHERE[key], at_key=True
            )
        elif key not in KNOWN and not key.startswith("x-"):
            hint = (
                did_you_mean(key, KNOWN)
                or "a keyword that is not known checks nothing; x-… may stand anywhere"
            )
            yield Objection((*path, key), f"JSON Schema has no keyword {key}", hint, at_key=True)
        elif key in _BESIDE and schema.keys().isdisjoint(_BESIDE[key]):
            beside = " or ".join(_BESIDE[key])
            yield Objection(
                (*path, key), f"{key} checks nothing without {beside} beside it", f"add {beside}", at_key=True
            )
        elif path and key in {"$id", "$schema"}:
            yield Objection(
                (*path, key), f"{key} stands at the top of a policy only", "leave it out", at_key=True
            )


def _references(outline: Outline, path: tuple[Step, ...], schema: dict[str, Any]) -> Iterator[Objection]:
    for keyword, target in outline.targets(schema):
        if target is None:
            message = "this policy refers to a schema that is not in it"
            yield Objection((*path, keyword), message, "for example #/$defs/NAME")


def _rings(outline: Outline) -> Iterator[Objection]:
    """One objection where a schema leads to itself for the same value, or to too many others."""
    depths: dict[int, float] = {}
    for path, schema in outline.places.items():
        if _depth(outline, schema, depths, 1) > _MAX_CHAIN:
            message = f"this schema leads to itself, or to more than {_MAX_CHAIN} others, for the same value"
            yield Objection(path, message, "a schema may refer to itself for what is in the value")
            return


def _depth(outline: Outline, schema: Schema, known: dict[int, float], above: int) -> float:
    if not isinstance(schema, dict):
        return 1
    if above > _MAX_CHAIN:
        return inf
    if id(schema) not in known:
        known[id(schema)] = inf  # for whoever comes back to it on the way down
        below = [_depth(outline, other, known, above + 1) for other in outline.same(schema)]
        known[id(schema)] = 1 + max(below, default=0)
    return known[id(schema)]


def _places(root: Schema) -> Iterator[tuple[tuple[Step, ...], Schema]]:
    waiting: list[tuple[tuple[Step, ...], Schema]] = [((), root)]
    while waiting:
        path, schema = waiting.pop()
        yield path, schema
        waiting += [((*path, *more), inner) for more, inner in within(schema)]


def _escaped(step: Step) -> str:
    return str(step).replace("~", "~0").replace("/", "~1")


def _patterns(schema: Schema) -> int:
    """How many regular expressions the schema itself holds, or takes from the value."""
    if not isinstance(schema, dict):
        return 0
    return ("pattern" in schema) + (schema.get("format") == "regex") + _size(schema.get("patternProperties"))


def _size(value: Any) -> int:
    return len(value) if isinstance(value, list | dict) else 0


def _own_steps(schema: Schema) -> int:
    """The steps of the schema without those in it: one for each keyword, and for each value that it lists."""
    return sum(1 + _values(schema[key]) for key in schema if key in LEAVES) if isinstance(schema, dict) else 0


def _values(value: Any) -> int:
    match value:
        case dict():
            return len(value) + sum(map(_values, value.values()))
        case list():
            return len(value) + sum(map(_values, value))
    return 0


class _Sum:
    """The steps for each byte, at worst: each schema judges each value, of two bytes or more, once."""

    def __init__(self, outline: Outline) -> None:
        self._outline = outline
        self._known: dict[int, float] = {}

    def of(self, schema: Schema) -> float:
        if not isinstance(schema, dict):
            return 1
        if id(schema) not in self._known:
            self._known[id(schema)] = inf  # for whoever comes back to it
            own = 1 + _own_steps(schema) / 2 + _PATTERN_STEPS * _patterns(schema)
            others = (*self._outline.same(schema), *self._outline.inner(schema))
            self._known[id(schema)] = own + sum(map(self.of, others))
        return self._known[id(schema)]


class Counter:
    """Counts the steps that schemas take for one value, and looks at each pair of the two once only.

    Both are kept by identity, so they must outlive it.
    """

    def __init__(self, most: int, looks: int) -> None:
        self._most = most
        self._looks = looks
        self._known: dict[tuple[int, int], int] = {}

    def count(self, outline: Outline, value: Any) -> int:
        """The steps of one schema, which are then gone.

        Raises TooMuchEffortError where fewer are left, or where counting takes too many looks.
        """
        try:
            steps = self._of(outline, outline.root, value)
        except RecursionError:
            raise TooMuchEffortError from None
        self._most -= steps
        return steps

    def _of(self, outline: Outline, schema: Schema, value: Any) -> int:
        key = (id(schema), id(value))
        if key not in self._known:
            self._looks -= 1
            steps = 1 + _own_steps(schema) + _PATTERN_STEPS * _length(value) * ("pattern" in _keys(schema))
            for inner, below in _handed(outline, schema, value):
                self._check(steps)
                steps += self._of(outline, inner, below)
            self._check(steps)
            self._known[key] = steps
        return self._known[key]

    def _check(self, steps: int) -> None:
        if steps > self._most or self._looks < 0:
            raise TooMuchEffortError


def _handed(outline: Outline, schema: Schema, value: Any) -> Iterator[tuple[Schema, Any]]:
    """What judges what, if every schema is looked at."""
    yield from ((other, value) for other in outline.same(schema))
    if isinstance(schema, dict) and isinstance(value, dict):
        yield from _handed_entries(schema, value)
    if isinstance(schema, dict) and isinstance(value, list):
        yield from _handed_items(schema, value)


def _handed_entries(schema: dict[str, Any], value: dict[str, Any]) -> Iterator[tuple[Schema, Any]]:
    known, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    yield from ((known[key], value[key]) for key in known.keys() & value.keys())
    matched = {key: [pattern for pattern in patterns if matches(pattern, key)] for key in value}
    yield from ((patterns[pattern], value[key]) for key, found in matched.items() for pattern in found)
    for keyword in ("additionalProperties", "unevaluatedProperties"):
        if keyword in schema:
            others = (key for key in value if key not in known and not matched[key])
            yield from ((schema[keyword], value[key]) for key in others)
    if "propertyNames" in schema:
        yield from ((schema["propertyNames"], key) for key in value)


def _handed_items(schema: dict[str, Any], value: list[Any]) -> Iterator[tuple[Schema, Any]]:
    first = schema.get("prefixItems", [])
    yield from zip(first, value, strict=False)
    yield from ((schema["items"], item) for item in value[len(first) :] if "items" in schema)
    for keyword in ("contains", "unevaluatedItems"):
        yield from ((schema[keyword], item) for item in value if keyword in schema)


def _keys(schema: Schema) -> Any:
    return schema if isinstance(schema, dict) else ()


def _length(value: Any) -> int:
    return len(value) if isinstance(value, str) else 0
