"""Patterns as ECMA 262 reads them, in linear time, by both engines alike."""

from __future__ import annotations

import pytest
from jsonschema_rs import ValidationError

from dlcapply.manifest.effort import Effort
from dlcapply.manifest.schema.formats import FORMATS
from dlcapply.manifest.schema.patterns import matches
from dlcapply.manifest.schema.validators import Validator


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("^a$", "a\n", False),
        (r"^\d$", "٣", False),
        (r"^\w$", "é", False),
        (r"^\s$", "\ufeff", True),
        (r"^\cA\/A$", "\x01/A", True),
        (r"^\p{Lu}$", "É", True),
        ("^[[:alpha:]]$", "a", False),
        ("^.$", "😀", True),
        ("(a+)+$", "a" * 30_000 + "b", False),
        ("^.+$", "a\rb", False),
        ("^.$", "\u2028", False),
        ("(?s)^.$", "\r", True),
        ("^[.]$", "a", False),
        (r"^\\.$", "\\.", True),
        (r"\brm\b", "érmé", True),
        (r"\Brm", "érm", False),
        (r"^[\]\.]+$", "].", True),
    ],
)
def test_patterns_are_those_of_ecma_262(pattern: str, text: str, *, found: bool) -> None:
    assert matches(pattern, text) is found
    validator = Validator({"pattern": pattern})
    assert validator.accepts(text) is found
    assert bool(list(validator.errors(text, Effort()))) is not found


@pytest.mark.parametrize(
    "pattern", ["(", "(?=a)b", "(?!a)", "(?<=a)b", r"(a)\1", "a{1000000}", r"((\p{L}{1,50}){1,50}){1,50}"]
)
def test_what_takes_more_than_linear_time_or_little_room_is_no_pattern(pattern: str) -> None:
    with pytest.raises(ValidationError):
        matches(pattern, "a")
    with pytest.raises(ValidationError):
        Validator({"properties": {"a": {"pattern": pattern}}})
    with pytest.raises(ValidationError):
        Validator({"patternProperties": {pattern: {}}})
    assert not FORMATS["regex"].accepts(pattern)


@pytest.mark.parametrize("pattern", [r"\Aa", r"a\z", r"\<rm\>", r"\b{start}a", "[^]]", "[]a]"])
def test_what_the_engine_reads_as_another_thing_is_no_pattern(pattern: str) -> None:
    with pytest.raises(ValidationError):
        matches(pattern, "a")
    with pytest.raises(ValidationError):
        Validator({"items": {"patternProperties": {pattern: {}}}})


def test_two_patterns_that_are_read_as_one_both_hold() -> None:
    twice = {"patternProperties": {"^.": {"type": "integer"}, r"^[^\n\r\u2028\u2029]": {"minimum": 2}}}
    validator = Validator(twice)
    assert [validator.accepts({"a": value}) for value in ("x", 1, 2)] == [False, False, True]
