"""Every error of a value, found by jsonschema; keywords that look at one value are left to jsonschema-rs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend
from referencing import Registry

from dlcapply.manifest.schema.engine import leaf
from dlcapply.manifest.schema.keywords import without_false
from dlcapply.manifest.schema.patterns import matches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from dlcapply.manifest.effort import Effort

Errors = Iterator[ValidationError]
Keyword = Any  # (validator, value of the keyword, instance, schema) -> errors

# Keywords that look at one value alone: jsonschema-rs answers them, so that both engines read them alike.
_LEAVES = (
    "type",
    "const",
    "enum",
    "format",
    "pattern",
    "multipleOf",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
)
# jsonschema evaluates these with regular expressions of its own; only jsonschema-rs may.
_UNTOLD = ("unevaluatedItems", "unevaluatedProperties")
_SHOWN = 100


class ErrorFinder:
    """One schema; references to others lead nowhere, and nothing is fetched."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._effort: Effort | None = None
        self._leaves: dict[tuple[str, int], Callable[[Any], bool]] = {}
        validator: Any = extend(Draft202012Validator, self._keywords())  # type: ignore[no-untyped-call]
        self._validator = validator(without_false(schema), registry=Registry())

    def errors(self, value: Any, effort: Effort | None = None) -> Errors:
        """Every error; raises TooMuchEffortError where they take more steps than the effort allows."""
        self._effort = effort
        yield from self._validator.iter_errors(value)

    def _keywords(self) -> dict[str, Keyword]:
        own: dict[str, Keyword] = {
            **dict(Draft202012Validator.VALIDATORS),
            **{name: self._leaf(name) for name in _LEAVES},
            **dict.fromkeys(_UNTOLD, _nothing),
            "not": _not,
            "patternProperties": self._pattern_properties,
            "additionalProperties": self._additional_properties,
        }
        return {name: self._counted(keyword) for name, keyword in own.items()}

    def _counted(self, keyword: Keyword) -> Keyword:
        """The keyword at the price of its own length, and of the words of its errors."""

        def counted(validator: Any, value: Any, instance: Any, schema: Any) -> Errors:
            self._spend(1 + (len(value) // 16 if isinstance(value, dict | list) else 0))
            for error in keyword(validator, value, instance, schema) or ():
                self._spend(len(error.message) // _SHOWN)
                yield error

        return counted

    def _spend(self, steps: int) -> None:
        if self._effort is not None:
            self._effort.spend(steps)

    def _leaf(self, name: str) -> Keyword:
        def keyword(_: Any, value: Any, instance: Any, __: Any) -> Errors:
            if not self._predicate(name, value)(instance):
                yield ValidationError(f"{_short(instance)} does not fit {name}: {_short(value)}")

        return keyword

    def _predicate(self, name: str, value: Any) -> Callable[[Any], bool]:
        """Kept by identity: the schema lives as long as this, and 1 and true are equal for Python."""
        key = (name, id(value))
        if key not in self._leaves:
            self._leaves[key] = leaf(name, value)
        return self._leaves[key]

    def _pattern_properties(self, validator: Any, value: Any, instance: Any, _: Any) -> Errors:
        for pattern, schema in value.items():
            for key in self._matching(pattern, instance):
                yield from validator.descend(instance[key], schema, path=key, schema_path=pattern)

    def _additional_properties(self, validator: Any, value: Any, instance: Any, schema: Any) -> Errors:
        others = self._additional(instance, schema)
        if isinstance(value, dict):
            for key in others:
                yield from validator.descend(instance[key], value, path=key)
        elif value is False and others:
            yield ValidationError(f"the key {_short(others[0])} is not among those of the schema")

    def _additional(self, instance: Any, schema: Any) -> list[str]:
        if not isinstance(instance, dict):
            return []
        patterns = schema.get("patternProperties", {})
        matched = {key for pattern in patterns for key in self._matching(pattern, instance)}
        return [key for key in instance if key not in schema.get("properties", {}) and key not in matched]

    def _matching(self, pattern: str, instance: Any) -> Iterable[str]:
        for key in instance if isinstance(instance, dict) else ():
            self._spend(1)
            if matches(pattern, key):
                yield key


def _nothing(*_: Any) -> Errors:
    return iter(())


def _not(validator: Any, value: Any, instance: Any, _: Any) -> Errors:
    if validator.evolve(schema=value).is_valid(instance):
        yield ValidationError(f"{_short(instance)} is not allowed")


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return repr(text[:_SHOWN]) if isinstance(value, str) else text[:_SHOWN]
