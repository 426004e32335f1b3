"""Bytes become nodes with places, or findings with places."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from dlcapply.manifest.nodes import entries, get, items, plain
from dlcapply.manifest.yaml.composer import MAX_DEPTH, MAX_DOCUMENTS
from dlcapply.manifest.yaml.reader import MAX_BYTES, Reading, read, read_file, read_single
from dlcapply.model.findings import Place

LOADERS = [yaml.SafeLoader] + ([yaml.CSafeLoader] if yaml.__with_libyaml__ else [])


def found(reading: Reading) -> list[tuple[str, int, int]]:
    return [(item.rule, item.place.line, item.place.column) for item in reading.findings if item.place]


@pytest.mark.parametrize("loader", LOADERS)
def test_every_value_and_key_knows_its_place(loader) -> None:
    data = b"\xef\xbb\xbfa: 1\r\nb:\r\n  - x\r\n  - {c: 'two'}\r\n"
    (document,) = read(data, "f.yaml", loader=loader).documents
    assert plain(document) == {"a": 1, "b": ["x", {"c": "two"}]}
    assert document.place == Place("f.yaml", 1, 1)
    inner = entries(items(get(document, "b"))[1])["c"]
    assert (inner.key_place, inner.place) == (Place("f.yaml", 4, 6), Place("f.yaml", 4, 9))
    assert (entries(document)["a"].text, inner.text) == ("1", "two")


@pytest.mark.parametrize("loader", LOADERS)
def test_aliases_repeat_the_value_under_their_own_key(loader) -> None:
    (document,) = read(b"a: &x {k: v}\nb: *x\n", "f", loader=loader).documents
    assert plain(document) == {"a": {"k": "v"}, "b": {"k": "v"}}
    assert entries(document)["b"].key_place == Place("f", 2, 1)
    assert entries(document)["b"].place == Place("f", 1, 4)


def test_an_alias_may_be_a_key() -> None:
    (document,) = read(b"a: &x k\n*x : v\n", "f").documents
    assert plain(document) == {"a": "k", "k": "v"}


def test_a_quoted_merge_key_is_an_ordinary_key() -> None:
    (document,) = read(b'"<<": 1\n', "f").documents
    assert plain(document) == {"<<": 1}
    assert read(b"a: &x <<\n*x : 1\n", "f").findings == ()


def test_an_anchor_ends_with_its_document() -> None:
    assert found(read(b"a: &x 1\n---\nb: *x\n", "f")) == [("yaml-alias", 3, 4)]


def test_empty_documents_are_skipped() -> None:
    reading = read(b"---\n# nothing\n---\na: 1\n---\n~\n", "f")
    assert [plain(document) for document in reading.documents] == [{"a": 1}]


def test_documents_before_broken_yaml_are_kept() -> None:
    reading = read(b"a: 1\n---\nb: [\n", "f")
    assert len(reading.documents) == 1
    assert found(reading) == [("yaml", 3, 1)]


def test_all_soft_findings_of_a_file_come_at_once() -> None:
    reading = read(b"a: 1\na: 2\n<<: x\n1: y\nb: !t z\nc: .nan\n", "f")
    assert [rule for rule, _, _ in found(reading)] == [
        "yaml-duplicate-key",
        "yaml-merge-key",
        "yaml-key",
        "yaml-tag",
        "yaml-number",
    ]
    assert "f:1:1" in reading.findings[0].message


def test_alias_bombs_are_bounded() -> None:
    lines = ["l0: &l0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"l{i}: &l{i} [{', '.join([f'*l{i - 1}'] * 9)}]" for i in range(1, 10)]
    (finding,) = read("\n".join(lines).encode(), "f").findings
    assert finding.rule == "yaml-size"
    assert finding.place


def test_aliases_cannot_nest_deeper_than_text_can() -> None:
    lines = ["l0: &l0 [x]"] + [f"l{i}: &l{i} [*l{i - 1}]" for i in range(1, MAX_DEPTH + 2)]
    assert [item.rule for item in read("\n".join(lines).encode(), "f").findings] == ["yaml-alias"]
    assert read("\n".join(lines[:20]).encode(), "f").findings == ()


@pytest.mark.parametrize("opening", ["[", "{a: "])
def test_depth_is_bounded(opening: str) -> None:
    assert found(read((opening * 100_000).encode(), "f"))[0][0] == "yaml-size"


def test_a_file_is_bounded_in_bytes_and_documents() -> None:
    assert found(read(b"#" * (MAX_BYTES + 1), "f")) == [("yaml-size", 1, 1)]
    assert read(b"#" * MAX_BYTES, "f") == Reading()
    reading = read(b"--- a\n" * (MAX_DOCUMENTS + 1), "f")
    assert found(reading) == [("yaml-size", MAX_DOCUMENTS + 1, 1)]


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (b"a: \xff", (1, 4)),
        ("ä: 1\nö: ".encode() + b"\xe4", (2, 4)),
        (b"\xef\xbb\xbfa\xff", (1, 2)),
        (b"a: b\x00", (1, 5)),
    ],
)
def test_bytes_that_are_no_text_have_a_place(data: bytes, place: tuple[int, int]) -> None:
    assert found(read(data, "f")) == [("yaml-encoding", *place)]


def test_strange_keys_cannot_break_a_line() -> None:
    (finding,) = read(b'"a\\n\\e[31m": 1\n"a\\n\\e[31m": 2\n', "f").findings
    assert finding.message.isprintable()


def test_a_tab_gets_its_own_hint() -> None:
    assert "tabs" in read(b"a:\n\tb: 1\n", "f").findings[0].hint
    assert "quote" in read(b"a: b: c\n", "f").findings[0].hint
    assert "quote" in read(b"a: 'b\n", "f").findings[0].hint
    assert "bracket" in read(b"a: [b\n", "f").findings[0].hint
    assert "column" in read(b"a:\n  b: 1\n c: 2\n", "f").findings[0].hint
    assert read(b"a: @b\n", "f").findings[0].hint == ""


def test_files_that_cannot_be_opened_are_findings(tmp_path: Path) -> None:
    assert [item.rule for item in read_file(tmp_path, "folder").findings] == ["unreadable-file"]
    assert [item.rule for item in read_file(tmp_path / "none", "none").findings] == ["unreadable-file"]


@pytest.mark.parametrize(
    ("content", "line"), [(b"", 1), (b"- a\n", 1), (b"a: 1\n---\nb: 2\n", 3), (b"a: 1\na: 2\n", 2)]
)
def test_a_single_map_is_demanded(tmp_path: Path, content: bytes, line: int) -> None:
    path = tmp_path / "one.yaml"
    path.write_bytes(content)
    document, findings = read_single(path, "one.yaml")
    assert document is None
    assert [item.place.line for item in findings if item.place] == [line]


@settings(deadline=None)
@given(st.binary(max_size=60) | st.text("ab: -[]{}&*!|>'\"#%@,\n\t<~1.", max_size=60).map(str.encode))
def test_no_bytes_raise_and_every_finding_has_a_place(data: bytes) -> None:
    for loader in LOADERS:
        reading = read(data, "f", loader=loader)
        for item in reading.findings:
            assert item.place
            assert 1 <= item.place.line <= data.count(b"\n") + data.count(b"\r") + 3


def test_a_file_of_any_size_that_is_allowed_is_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "f.yaml"
    for size in (32_767, 32_768, 32_769, 200_000):
        path.write_text(f"a: {'x' * (size - 8)}\nb: 1\n")
        (document,) = read_file(path, "f.yaml").documents
        assert plain(document)["b"] == 1
