"""JSON Schema -> predicate: most documents are valid, and a predicate says so far faster than a validator."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

Predicate = Callable[[Any], bool]
Schema = Mapping[str, Any]
_Sized = str | list[Any] | dict[str, Any]

_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_SILENT = {"$schema", "$id", "$comment", "title", "description", "examples", "default", "deprecated"}


def accepting(schema: Any) -> Predicate:
    """A predicate that is true for exactly the values that the schema allows.

    KeyError where the schema holds a keyword, a type or a format that is not known here, as `$ref` is.
    """
    if isinstance(schema, bool):
        return _always if schema else _never
    checks = [_BUILDERS[keyword](schema) for keyword in schema if keyword not in _SILENT]
    return _all_of([check for check in checks if check is not _always])


def _always(_: Any) -> bool:
    return True


def _never(_: Any) -> bool:
    return False


def _all_of(checks: list[Predicate]) -> Predicate:
    match checks:
        case []:
            return _always
        case [check]:
            return check
        case [first, second]:
            return lambda value: first(value) and second(value)
    return lambda value: all(check(value) for check in checks)


def _any_of(checks: list[Predicate]) -> Predicate:
    return checks[0] if len(checks) == 1 else lambda value: any(check(value) for check in checks)


def _is_integer(value: Any) -> bool:
    if isinstance(value, float):
        return value.is_integer()
    return isinstance(value, int) and not isinstance(value, bool)


_TYPES: dict[str, Predicate] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "integer": _is_integer,
    "null": lambda value: value is None,
}


def _type(schema: Schema) -> Predicate:
    types = schema["type"]
    return _any_of([_TYPES[name] for name in ([types] if isinstance(types, str) else types)])


def _enum(schema: Schema) -> Predicate:
    """Python takes True for 1, and JSON does not."""
    allowed = schema["enum"] if "enum" in schema else [schema["const"]]
    return lambda value: any(
        value == one and isinstance(value, bool) == isinstance(one, bool) for one in allowed
    )


def _properties(schema: Schema) -> Predicate:
    known = {key: accepting(inner) for key, inner in schema.get("properties", {}).items()}
    other = accepting(schema.get("additionalProperties", True))

    def check(value: Any) -> bool:
        if isinstance(value, dict):
            for key, inner in value.items():
                if not known.get(key, other)(inner):
                    return False
        return True

    return check


def _property_names(schema: Schema) -> Predicate:
    name = accepting(schema["propertyNames"])
    return lambda value: not isinstance(value, dict) or all(map(name, value))


def _required(schema: Schema) -> Predicate:
    keys = frozenset(schema["required"])
    return lambda value: not isinstance(value, dict) or keys <= value.keys()


def _items(schema: Schema) -> Predicate:
    item = accepting(schema["items"])
    return lambda value: not isinstance(value, list) or all(map(item, value))


def _pattern(schema: Schema) -> Predicate:
    search = re.compile(schema["pattern"]).search
    return lambda value: not isinstance(value, str) or search(value) is not None


def _sized(
    keyword: str, kind: type[_Sized], holds: Callable[[int, int], bool]
) -> Callable[[Schema], Predicate]:
    def build(schema: Schema) -> Predicate:
        limit = schema[keyword]
        return lambda value: not isinstance(value, kind) or holds(len(value), limit)

    return build


def _limited(keyword: str, holds: Callable[[float, float], bool]) -> Callable[[Schema], Predicate]:
    def build(schema: Schema) -> Predicate:
        limit = schema[keyword]
        return lambda value: not _TYPES["number"](value) or holds(value, limit)

    return build


def _one_of(schema: Schema) -> Predicate:
    checks = [accepting(inner) for inner in schema["oneOf"]]
    return lambda value: sum(check(value) for check in checks) == 1


def _conditional(schema: Schema) -> Predicate:
    condition = accepting(schema["if"])
    then, otherwise = accepting(schema.get("then", True)), accepting(schema.get("else", True))
    return lambda value: then(value) if condition(value) else otherwise(value)


def _not(schema: Schema) -> Predicate:
    inner = accepting(schema["not"])
    return lambda value: not inner(value)


def _is_date_time(value: Any) -> bool:
    try:
        return _DATE_TIME.fullmatch(value) is not None and datetime.fromisoformat(value) is not None
    except ValueError:
        return False


def _is_regex(value: Any) -> bool:
    try:
        return re.compile(value) is not None
    except re.error:
        return False


# Strings only; what is no string is the business of `type`.
FORMATS: dict[str, Predicate] = {"date-time": _is_date_time, "regex": _is_regex}


def _format(schema: Schema) -> Predicate:
    check = FORMATS[schema["format"]]
    return lambda value: not isinstance(value, str) or check(value)


_BUILDERS: dict[str, Callable[[Schema], Predicate]] = {
    "type": _type,
    "enum": _enum,
    "const": _enum,
    "properties": _properties,
    "additionalProperties": lambda schema: _always if "properties" in schema else _properties(schema),
    "propertyNames": _property_names,
    "required": _required,
    "items": _items,
    "pattern": _pattern,
    "format": _format,
    "minimum": _limited("minimum", lambda value, limit: value >= limit),
    "maximum": _limited("maximum", lambda value, limit: value <= limit),
    "minLength": _sized("minLength", str, lambda size, limit: size >= limit),
    "maxLength": _sized("maxLength", str, lambda size, limit: size <= limit),
    "minItems": _sized("minItems", list, lambda size, limit: size >= limit),
    "minProperties": _sized("minProperties", dict, lambda size, limit: size >= limit),
    "oneOf": _one_of,
    "allOf": lambda schema: _all_of([accepting(inner) for inner in schema["allOf"]]),
    "not": _not,
    "if": _conditional,
    "then": lambda _: _always,
    "else": lambda _: _always,
}
