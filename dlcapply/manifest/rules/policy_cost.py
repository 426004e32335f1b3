"""How many steps a policy takes, counted before it is evaluated: a stranger may write one that never ends."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any

from dlcapply.manifest.effort import TooMuchEffortError
from dlcapply.manifest.rules.policy_outline import patterns_in
from dlcapply.manifest.schema.keywords import LEAVES
from dlcapply.manifest.schema.patterns import matches

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dlcapply.manifest.rules.policy_outline import Outline, Schema

# Steps of a pattern for each character, at worst: it has as many states.
_PATTERN_STEPS = 20


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


def steps_of(outline: Outline) -> float:
    """The most steps for each byte of a document; infinite where schemas refer to each other in rings."""
    try:
        return _Sum(outline).of(outline.root)
    except RecursionError:
        return inf


class _Sum:
    """The steps for each byte, at worst: each schema is applied once to each value, of two bytes or more."""

    def __init__(self, outline: Outline) -> None:
        self._outline = outline
        self._known: dict[int, float] = {}

    def of(self, schema: Schema) -> float:
        if not isinstance(schema, dict):
            return 1
        if id(schema) not in self._known:
            self._known[id(schema)] = inf  # for whoever comes back to it
            own = 1 + _own_steps(schema) / 2 + _PATTERN_STEPS * patterns_in(schema)
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
    """Each schema with the value that it is applied to, if every one is evaluated."""
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
