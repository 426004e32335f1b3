"""What git, JSON and formatters leave in a file."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcapply.manifest.nodes import Node, children, plain
from dlcapply.manifest.yaml.conflict_markers import conflicts
from dlcapply.manifest.yaml.reader import read
from dlcapply.manifest.yaml.surrogates import with_pairs

CONFLICT = "<<<<<<< HEAD\na: 1\n=======\na: 2\n>>>>>>> other\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (CONFLICT, [(1, 1)]),
        (f"x: y\n{CONFLICT}z: 1\n{CONFLICT}", [(2, 1), (8, 1)]),
        (CONFLICT.replace("\n", "\r\n"), [(1, 1)]),
        (CONFLICT.replace("=======", "||||||| base\na: 0\n======="), [(1, 1)]),
        ("a: |\n" + "".join(f"  {line}\n" for line in CONFLICT.splitlines()), [(2, 3)]),
        ("a: 1\n<<<<<<< HEAD\n", [(2, 1)]),
        ("a: 1\n>>>>>>> other\n", [(2, 1)]),
        ("a: 1\n||||||| base\n", [(2, 1)]),
        (f"<<<<<<< HEAD\n{CONFLICT}", [(1, 1), (2, 1)]),
        ("<<<<<<<\n>>>>>>>\n", [(1, 1)]),
        ("a: 1\n=======\n", []),
        ("a: |\n  <<<<<<< HEAD\n  ||||||| x\n", []),
        ("a: |\n  >>>>>>> quoted\n  =======\n", []),
        ("a: <<<<<<< HEAD\nb: >>>>>>> x\n", []),
        ("<<<<<<<<\n>>>>>>>>\n", []),
        ("# <<<<<<< HEAD\n# >>>>>>> x\n", []),
    ],
)
def test_conflicts(text: str, expected: list) -> None:
    found = list(conflicts(text, "f"))
    assert [(item.place.line, item.place.column) for item in found if item.place] == expected
    assert {item.rule for item in found} <= {"yaml-merge-conflict"}


@pytest.mark.parametrize("text", ["a: 1\n=======\nb: 2\n", "a:\n  b: 1\n=======\n"])
def test_a_lone_line_between_the_sides_is_named_where_the_yaml_breaks(text: str) -> None:
    (finding,) = read(text.encode(), "f").findings
    assert finding.rule == "yaml-merge-conflict"
    assert finding.place
    assert text.splitlines()[finding.place.line - 1] == "======="


def test_a_file_says_of_its_conflicts_alone() -> None:
    reading = read(f"a: [\n{CONFLICT}".encode(), "f")
    assert [item.rule for item in reading.findings] == ["yaml-merge-conflict"]
    many = read((CONFLICT * 5_000).encode(), "f")
    assert len(many.findings) == 100


TEXTS = st.text(st.sampled_from('aé\U0001f600\U0010ffff\\"/\n\t\ud7ff ud83:,'), max_size=6)
JSON = st.recursive(
    TEXTS | st.integers() | st.booleans() | st.none(),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(TEXTS, below, max_size=3),
    max_leaves=6,
)


def places(node: Node) -> list[int]:
    return [node.place.column, *(column for child in children(node) for column in places(child))]


@given(st.dictionaries(TEXTS, JSON, max_size=3), st.sampled_from([None, 2]))
def test_json_is_read_as_json(value: dict, indent: int | None) -> None:
    text = json.dumps(value, indent=indent)
    reading = read(text.encode(), "f")
    assert reading.findings == ()
    assert [plain(document) for document in reading.documents] == [value]


@given(st.dictionaries(TEXTS, JSON, max_size=3))
def test_every_value_keeps_its_column(value: dict) -> None:
    text = json.dumps(value)
    (document,) = read(text.encode(), "f").documents
    (other,) = read(text.replace("\\ud83d\\ude00", "------------").encode(), "f").documents
    assert len(with_pairs(text)) == len(text)
    if "\\udbff" not in text:
        assert places(document) == places(other)


@pytest.mark.parametrize("half", ["\\ud83d", "\\ude00", "\\ud83d x", "\\ude00\\ud83d", "\\ud83d\\ud83d"])
def test_half_a_pair_is_a_finding(half: str) -> None:
    (finding,) = read(f'{{"a": "{half}"}}'.encode(), "f").findings
    assert finding.rule == "yaml"
    assert finding.hint.startswith("half of a pair stands for nothing")


@pytest.mark.parametrize(
    "text",
    ["a: |\n  \\ud83d\\ude00\n", "a: '\\ud83d\\ude00'\n", "{a: '\\ud83d\\ude00'}", '["\\\\ud83d\\\\ude00"]'],
)
def test_a_backslash_that_means_itself_stays(text: str) -> None:
    assert with_pairs(text) == text
    assert "\\ud83d\\ude00" in str(plain(read(text.encode(), "f").documents[0])).replace("\\\\", "\\")
