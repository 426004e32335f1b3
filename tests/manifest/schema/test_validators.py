"""jsonschema-rs decides; jsonschema finds the errors, and reads every keyword as it does."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema_rs import ValidationError

from dlcapply.manifest.effort import Effort
from dlcapply.manifest.schema.validators import Validator

SCHEMAS = [
    {},
    {"type": "integer"},
    {"type": "number"},
    {"type": ["string", "null"]},
    {"type": ["object", "array", "boolean"]},
    {"enum": ["a", 1, None]},
    {"const": True},
    {"const": 1},
    {"minimum": 1, "maximum": 2},
    {"minLength": 1, "maxLength": 1},
    {"minItems": 1},
    {"minProperties": 1},
    {"pattern": "^a$"},
    {"format": "date-time"},
    {"format": "regex"},
    {"required": ["a"]},
    {"propertyNames": {"maxLength": 1}},
    {"properties": {"a": {"type": "integer"}}},
    {"additionalProperties": {"type": "string"}},
    {"properties": {"a": True}, "additionalProperties": False},
    {"items": {"type": "integer"}},
    {"oneOf": [{"required": ["a"]}, {"required": ["b"]}]},
    {"allOf": [{"minimum": 1}, {"type": "integer"}, {"maximum": 2}]},
    {"not": {"required": ["a"]}},
    {"if": {"type": "integer"}, "then": {"minimum": 1}, "else": {"type": "string"}},
    {"if": {"required": ["a"]}, "then": {"required": ["b"]}, "title": "t"},
    {"then": False, "else": False},
]
# Where regular expressions, numbers and texts of Python differ from those of JSON Schema.
TEXTS = [
    "",
    "a",
    "ab",
    "a\n",
    "\n",
    "(",
    "٣",
    "7",
    "é",
    "É",
    "😀",
    "a b",
    "\u00a0",
    "2026-12-31T00:00:00Z",
    "1.2.3.4",
]
NUMBERS = [0, 1, 2, 3, 1.0, 1.5, 0.3, -0.0, 1e300, 2**53 + 1, 10**30]
PATTERNS = ["^a$", r"^\d$", r"^\w+$", r"\s", "^.$", "a|^$", r"^\S+$", "^[^a]+$", "[A-Z]", "\n$", r"^\p{Lu}$"]
VALUES = st.recursive(
    st.sampled_from([None, True, False, *NUMBERS, *TEXTS]),
    lambda below: (
        st.lists(below, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "b", "a\n", "٣"]), below, max_size=3)
    ),
    max_leaves=5,
)
LEAVES = (
    st.sampled_from(PATTERNS).map(lambda value: {"pattern": value})
    | st.sampled_from(["date-time", "regex", "ipv4", "email", "uri"]).map(lambda value: {"format": value})
    | st.sampled_from(
        [{"type": name} for name in ("integer", "number", "string", "object", "array", "boolean")]
    )
    | st.sampled_from([0.1, 0.01, 3, 1e-7]).map(lambda value: {"multipleOf": value})
    | st.sampled_from([True, 1, 1.0, 0, "a", [1], [True], {"a": 1.0}]).map(lambda value: {"const": value})
    | st.lists(st.sampled_from([True, 1, 0.0, "a\n", [1]]), min_size=1).map(lambda value: {"enum": value})
    | st.sampled_from(
        [{"uniqueItems": True}, {"minLength": 2}, {"maxLength": 1}, {"minimum": 1}, {"maximum": 2**53}]
    )
    | st.sampled_from(
        [{"required": ["a"]}, {"minItems": 2}, {"maxProperties": 1}, {"dependentRequired": {"a": ["b"]}}]
    )
)
GENERATED = st.recursive(
    LEAVES | st.booleans(),
    lambda below: (
        st.fixed_dictionaries({"properties": st.fixed_dictionaries({"a": below, "a\n": below})})
        | st.fixed_dictionaries(
            {
                "patternProperties": st.dictionaries(st.sampled_from(PATTERNS), below, max_size=2),
                "additionalProperties": below,
            }
        )
        | st.sampled_from(
            ["items", "contains", "not", "propertyNames", "additionalProperties", "unevaluatedItems"]
        ).flatmap(lambda key: st.fixed_dictionaries({key: below}))
        | st.sampled_from(["allOf", "anyOf", "oneOf", "prefixItems"]).flatmap(
            lambda key: st.fixed_dictionaries({key: st.lists(below, min_size=1, max_size=3)})
        )
        | st.fixed_dictionaries({"if": below, "then": below, "else": below})
        | st.fixed_dictionaries(
            {"properties": st.fixed_dictionaries({"a": below}), "unevaluatedProperties": below}
        )
    ),
    max_leaves=6,
).filter(lambda schema: isinstance(schema, dict))

JUDGES = [(schema, Validator(schema)) for schema in SCHEMAS]


def has_errors(validator: Validator, value: object) -> bool:
    return any(validator.errors(value, Effort()))


@settings(deadline=None)
@given(VALUES)
def test_the_two_agree(value: object) -> None:
    for schema, validator in JUDGES:
        assert validator.accepts(value) is not has_errors(validator, value), schema


@settings(deadline=None)
@given(GENERATED, st.lists(VALUES, min_size=1, max_size=5))
def test_the_two_agree_on_generated_schemas(schema: dict, values: list) -> None:
    validator = Validator(schema)
    for value in values:
        accepted = validator.accepts(value)
        assert accepted is not any(validator.refusals(value))
        if "unevaluated" not in json.dumps(schema):  # which the fast one alone tells
            assert accepted is not has_errors(validator, value)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "text"},
        {"pattern": "("},
        {"format": "e-mail"},
        {"$ref": "https://127.0.0.1/s.json"},
        {"$ref": "#/$defs/a"},
    ],
)
def test_what_is_no_schema_or_refers_elsewhere_is_refused(schema: dict) -> None:
    with pytest.raises(ValidationError):
        Validator(schema)


def test_half_a_character_is_not_accepted_at_first_sight() -> None:
    validator = Validator({"type": "string"})
    assert not validator.accepts("\ud800")
    assert list(validator.refusals("\ud800")) == []


def test_words_take_no_more_steps_than_they_may() -> None:
    validator = Validator({"items": {"type": "string"}})
    effort = Effort(one=10, together=25)
    assert len(list(validator.errors([1] * 1_000, effort))) == 9
    assert len(list(validator.errors([1] * 1_000, effort))) == 9
    assert len(list(validator.errors([1] * 1_000, effort))) == 2
    assert list(validator.errors([1] * 1_000, effort)) == []


def test_words_that_multiply_are_given_up() -> None:
    levels = {f"a{level}": {"anyOf": [{"$ref": f"#/$defs/a{level + 1}"}] * 4} for level in range(8)}
    validator = Validator({"$defs": {**levels, "a8": {"type": "string"}}, "$ref": "#/$defs/a0"})
    effort = Effort()
    assert not validator.accepts(1)
    assert list(validator.errors(1, effort)) == []
    assert validator.refusal(1, effort) is None
