"""JSON, and nothing that only Python's reader takes for it."""

from __future__ import annotations

import pytest

from dlcapply import strict_json


def test_json_reads_as_it_does_elsewhere():
    assert strict_json.loads(b'{"a": [1, 0.5, true, null], "b": {"a": "\\u00e4"}}') == {
        "a": [1, 0.5, True, None],
        "b": {"a": "ä"},
    }


@pytest.mark.parametrize("text", ["NaN", "[Infinity]", "{'a': 1}", "", "1 2", "[" * 100_000, b"\xff"])
def test_what_is_not_json_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011 - of JSON or of UTF-8, in whatever words
        strict_json.loads(text)


def test_a_key_that_is_there_twice_is_named():
    with pytest.raises(strict_json.DuplicateKeyError) as refused:
        strict_json.loads('[{"a": 1, "b": {"c": 1, "d": 2, "c": 3}}]')
    assert refused.value.key == "c"


def test_numbers_are_made_as_the_reader_wants():
    assert strict_json.loads("[1, 2.5]", integer=str, fraction=str) == ["1", "2.5"]
