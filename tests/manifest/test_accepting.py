"""A predicate judges exactly as the validator of the same schema does."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlcapply.manifest.accepting import FORMATS, accepting
from dlcapply.manifest.schemas import JOB, PROJECT, acceptor, compiled

SCHEMAS = [
    True,
    False,
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


BOTH = [(schema, accepting(schema), compiled(schema)) for schema in SCHEMAS]


@settings(deadline=None)
@given(VALUES)
def test_the_two_agree(value: object) -> None:
    for schema, accepts, validator in BOTH:
        assert accepts(value) is validator.is_valid(value), schema


@pytest.mark.parametrize("schema", [{"$ref": "#"}, {"type": "text"}, {"format": "email"}, {"contains": {}}])
def test_what_is_not_known_is_refused(schema: dict) -> None:
    with pytest.raises(KeyError):
        accepting(schema)


@pytest.mark.parametrize("name", [JOB, PROJECT])
def test_the_shipped_schemas_hold_nothing_that_is_not_known(name: str) -> None:
    assert not acceptor(name)({})


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
