"""The keywords of JSON Schema 2020-12: where schemas stand within schemas, and which are evaluated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dlcapply.manifest.nodes import Step

DIALECT = "https://json-schema.org/draft/2020-12/schema"

# Where schemas stand. "Same" ones apply to the value itself, "inner" ones to the values and keys in it.
SAME = ("not", "if", "then", "else")
SAME_LISTS = ("allOf", "anyOf", "oneOf")
SAME_MAPS = ("dependentSchemas",)
INNER = (
    "items",
    "contains",
    "additionalProperties",
    "propertyNames",
    "unevaluatedItems",
    "unevaluatedProperties",
)
INNER_LISTS = ("prefixItems",)
INNER_MAPS = ("properties", "patternProperties")
HOLDERS = ("$defs", "definitions")
REFERENCES = ("$ref", "$dynamicRef")

LEAVES = frozenset(
    {
        "type",
        "enum",
        "const",
        "multipleOf",
        "maximum",
        "exclusiveMaximum",
        "minimum",
        "exclusiveMinimum",
        "maxLength",
        "minLength",
        "pattern",
        "format",
        "maxItems",
        "minItems",
        "uniqueItems",
        "maxContains",
        "minContains",
        "maxProperties",
        "minProperties",
        "required",
        "dependentRequired",
    }
)
EVALUATED = LEAVES.union(SAME, SAME_LISTS, SAME_MAPS, INNER, INNER_LISTS, INNER_MAPS, REFERENCES)
# Words for people and editors (the last five are those of well-known editors), and names.
DESCRIBING = frozenset(
    {
        "$schema",
        "$id",
        "$anchor",
        "$dynamicAnchor",
        "$comment",
        "title",
        "description",
        "default",
        "examples",
        "deprecated",
        "readOnly",
        "writeOnly",
        "patternErrorMessage",
        "errorMessage",
        "markdownDescription",
        "enumDescriptions",
        "deprecationMessage",
    }
)
KNOWN = EVALUATED.union(DESCRIBING, HOLDERS)
# What other drafts evaluate, and 2020-12 does not.
ELSEWHERE = {
    "dependencies": "write dependentRequired or dependentSchemas",
    "additionalItems": "write prefixItems and items",
    "contentMediaType": "it only describes; write pattern",
    "contentEncoding": "it only describes; write pattern",
    "contentSchema": "it only describes",
    "id": "leave it out",
    "$recursiveRef": "write $ref",
    "$recursiveAnchor": "leave it out",
    "$vocabulary": "leave it out",
}


def within(schema: Any) -> Iterator[tuple[tuple[Step, ...], Any]]:
    """The schemas that stand directly in the schema, each with its path; what is malformed is left out."""
    if not isinstance(schema, dict):
        return
    for key, value in schema.items():
        if key in _ONE and isinstance(value, dict | bool):
            yield (key,), value
        elif key in _LISTS and isinstance(value, list):
            yield from (((key, index), item) for index, item in enumerate(value))
        elif key in _MAPS and isinstance(value, dict):
            yield from (((key, name), item) for name, item in value.items())


def without_false(schema: Any) -> Any:
    """The schema without `$schema`, and with `not: {}` for each `false`, so that its errors have a path.

    `additionalProperties: false` stays: its error names the keys.
    """
    if schema is False:
        return {"not": {}}
    if not isinstance(schema, dict):
        return schema
    result = {key: value for key, value in schema.items() if key != "$schema"}
    for path, inner in within(schema):
        if inner is not False or path != ("additionalProperties",):
            _put(result, schema, path, without_false(inner))
    return result


def _put(result: dict[str, Any], schema: dict[str, Any], path: tuple[Step, ...], inner: Any) -> None:
    """The inner schema stands at the path, in a container of the result's own."""
    key = str(path[0])
    if len(path) == 1:
        result[key] = inner
        return
    if result[key] is schema[key]:
        result[key] = schema[key].copy()
    result[key][path[1]] = inner


_ONE = frozenset(SAME + INNER)
_LISTS = frozenset(SAME_LISTS + INNER_LISTS)
_MAPS = frozenset(SAME_MAPS + INNER_MAPS + HOLDERS)
