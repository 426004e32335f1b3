"""The fast judge of a schema says exactly what the one with the words does."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema_rs import ValidationError

from dlcapply.manifest.judging import FORMATS, accepting, explaining

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
VALUES = st.recursive(
    st.sampled_from([None, True, False, 0, 1, 2, 3, 1.0, 1.5, "", "a", "ab", "(", "2026-12-31T00:00:00Z"]),
    lambda below: (
        st.lists(below, max_size=2) | st.dictionaries(st.sampled_from(["a", "b", "cc"]), below, max_size=2)
    ),
    max_leaves=4,
)


BOTH = [(schema, accepting(schema), explaining(schema)) for schema in SCHEMAS]


@settings(deadline=None)
@given(VALUES)
def test_the_two_agree(value: object) -> None:
    for schema, accepts, validator in BOTH:
        assert accepts(value) is validator.is_valid(value), schema


@pytest.mark.parametrize(
    "schema",
    [{"type": "text"}, {"pattern": "("}, {"$ref": "https://127.0.0.1/s.json"}, {"$ref": "#/$defs/a"}],
)
def test_what_is_no_schema_or_refers_elsewhere_is_refused(schema: dict) -> None:
    with pytest.raises(ValidationError):
        accepting(schema)


def test_half_a_character_is_not_accepted_at_first_sight() -> None:
    assert not accepting({"type": "string"})("\ud800")


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("2026-12-31T00:00:00Z", True),
        ("2026-12-31T08:00:00.25+08:00", True),
        ("2026-12-31T00:00:00", False),
        ("2026-12-31", False),
        ("20261231T000000Z", False),
        ("2026-13-01T00:00:00Z", False),
    ],
)
def test_a_time_needs_its_zone(text: str, *, valid: bool) -> None:
    assert FORMATS["date-time"](text) is valid
