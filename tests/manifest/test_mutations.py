"""Whatever happens to a valid manifest, loading it ends, and says where."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from dlcapply.manifest.load import LoadRequest, load
from dlcapply.model.findings import Level

DOCUMENTS = Path(__file__).parents[1] / "documents" / "valid"
TEXTS = [path.read_text("utf-8") for path in sorted(DOCUMENTS.glob("*.yaml"))]
VALUES = [
    "",
    "~",
    "7",
    "1e-4",
    "0123",
    "yes",
    "true",
    ".inf",
    '"x"',
    "[]",
    "{}",
    "[{}]",
    "&a [*a]",
    "${{ var.x }}",
    "?",
    "@",
]


def dropped(lines: list[str], line: int, _: str) -> list[str]:
    return lines[:line] + lines[line + 1 :]


def duplicated(lines: list[str], line: int, _: str) -> list[str]:
    return lines[: line + 1] + lines[line:]


def renamed(lines: list[str], line: int, _: str) -> list[str]:
    """The key on the line with its case turned: a wrong key that looks right."""
    key, colon, rest = lines[line].partition(":")
    return [*lines[:line], key.swapcase() + colon + rest, *lines[line + 1 :]]


def retyped(lines: list[str], line: int, value: str) -> list[str]:
    key, _, _ = lines[line].partition(":")
    return [*lines[:line], f"{key}: {value}", *lines[line + 1 :]]


def moved(lines: list[str], line: int, _: str) -> list[str]:
    return [*lines[:line], "  " + lines[line], *lines[line + 1 :]]


@settings(deadline=timedelta(seconds=10), max_examples=50)
@given(
    st.sampled_from(TEXTS),
    st.lists(
        st.tuples(
            st.sampled_from([dropped, duplicated, renamed, retyped, moved]),
            st.integers(min_value=0),
            st.sampled_from(VALUES),
        ),
        min_size=1,
        max_size=3,
    ),
)
def test_a_mutated_manifest_is_a_job_or_has_findings_with_places(text: str, mutations: list) -> None:
    lines = text.splitlines()
    for mutate, number, value in mutations:
        lines = mutate(lines, number % len(lines), value) or ["a: b"]
    loaded = load(
        LoadRequest(paths=("-",), stdin="\n".join(lines).encode(), region="cn-hangzhou", workspace="1001")
    )
    for item in loaded.findings:
        assert item.place
        assert item.place.file == "<stdin>"
        assert 1 <= item.place.line <= len(lines)
        assert item.message.isprintable()
        assert item.hint.isprintable()
    errors = [item for item in loaded.findings if item.level is Level.ERROR]
    assert errors or len(loaded.jobs) == loaded.documents
