"""What is written as YAML is read as the same, by YAML 1.1 and 1.2 alike."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from dlcapply.manifest.nodes import plain
from dlcapply.manifest.yaml.reader import read
from dlcapply.manifest.yaml.writer import to_yaml

TEXTS = st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(
    [
        "",
        "no",
        "y",
        "0123",
        "0o17",
        "1e-4",
        "1e5",
        "12:30:45",
        "2026-12-31",
        "~",
        "null",
        ".inf",
        "<<",
        "=",
        "0x1F",
    ]
)
VALUES = st.recursive(
    TEXTS | st.integers(-(2**70), 2**70) | st.booleans() | st.floats(allow_nan=False, allow_infinity=False),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(TEXTS.filter(bool), below, max_size=3),
    max_leaves=8,
)


def ours(text: str) -> object:
    reading = read(text.encode(), "f.yaml")
    assert reading.findings == ()
    (document,) = reading.documents
    return plain(document)


@given(st.dictionaries(TEXTS, VALUES, min_size=1, max_size=4))
def test_it_reads_back_as_it_was(value: dict) -> None:
    text = to_yaml(value)
    assert ours(text) == value
    assert yaml.safe_load(text) == value
    assert text.replace("\n", "").isprintable()
    assert text.startswith("---\n")
    assert text.endswith("\n")


@given(st.dictionaries(TEXTS, VALUES, min_size=1, max_size=4))
def test_comments_stand_beside_their_values_and_change_nothing(value: dict) -> None:
    bare = to_yaml(value)
    count = len(list(_leaves(value)))
    text = to_yaml(value, [f"here: {number}" for number in range(count)])
    assert ours(text) == value
    rows = [row for row in text.split("\n") if "  # here: " in row]
    assert [row.rpartition(": ")[2] for row in rows] == [str(number) for number in range(count)]
    assert "\n".join(row.partition("  # here: ")[0] for row in text.split("\n")) == bare


def _leaves(value: object):
    if isinstance(value, dict | list) and value:
        for below in value.values() if isinstance(value, dict) else value:
            yield from _leaves(below)
    else:
        yield value


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("python train.py", "python train.py"),
        ("no", '"no"'),
        ("y", '"y"'),
        ("1e-4", '"1e-4"'),
        ("0o17", '"0o17"'),
        ("4410e95", '"4410e95"'),
        ("12:30:45", '"12:30:45"'),
        ("a\tb", '"a\\tb"'),
        ("\u202eevil", '"\\u202eevil"'),
        ("\U000e0001", '"\\U000E0001"'),
        ("训练", "训练"),
        (1e-5, "1.0e-05"),
        (True, "true"),
        (None, "null"),
        ({}, "{}"),
        ([], "[]"),
    ],
)
def test_values_are_quoted_only_where_readers_differ(value: object, written: str) -> None:
    assert to_yaml({"a": value}) == f"---\na: {written}\n"


def test_commands_of_several_lines_stay_blocks() -> None:
    assert to_yaml({"a": "set -e\ntrain\n"}) == "---\na: |\n  set -e\n  train\n"
    assert to_yaml({"a": "one\ntwo"}, ["f:1"]) == "---\na: |-  # f:1\n  one\n  two\n"
