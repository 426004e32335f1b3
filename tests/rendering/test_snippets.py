from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcapply.model.findings import Place
from dlcapply.rendering.text.lines import cells, to_text
from dlcapply.rendering.text.snippets import no_source, snippet_lines


def snippet(text, column, line=7):
    return to_text(snippet_lines(Place("a.yaml", line, column), lambda _: text)).splitlines()


def pointed_at(text, column):
    """The source line as shown, from the caret on."""
    shown, caret = snippet(text, column)
    return shown[len(caret) - 1 :]


def test_the_caret_stands_below_the_place():
    assert snippet("  PodCont: 4  ", 3) == [
        "     7 |   PodCont: 4",
        "       |   ^",
    ]


def test_the_source_is_asked_for_the_place():
    asked = []
    snippet_lines(Place("a.yaml", 3, 5), asked.append)
    assert asked == [Place("a.yaml", 3, 5)]


@pytest.mark.parametrize(
    ("text", "column"),
    [(None, 1), ("", 1), ("   ", 2), ("short", 7)],
    ids=["no", "empty", "blank", "changed"],
)
def test_nothing_is_shown_of_a_line_that_is_not_there(text, column):
    assert snippet(text, column) == []
    assert snippet_lines(Place("a.yaml", 1, 1), no_source) == ()


def test_the_caret_may_stand_behind_the_end():
    assert snippet("a: [1", 6)[1].index("^") == len("     7 | a: [1")


@pytest.mark.parametrize("before", ["\t", "a\tb\t", "\x1b[31m", "\x00\x7f", "\u202e", "\t\x1b"])
def test_tabs_and_control_characters_take_the_columns_that_are_shown(before):
    assert pointed_at(f"{before}HERE", len(before) + 1) == "HERE"


def test_wide_characters_take_two_columns():
    shown, caret = snippet("名: 文字", 4)
    assert cells(shown[: shown.index("文")]) == caret.index("^")


def test_a_long_line_of_wide_characters_is_cut_too():
    text = "".join(chr(0x4E00 + number) for number in range(200))
    shown, caret = snippet(text, 100)
    assert cells(shown) <= 80
    assert cells(shown[: shown.index(text[99])]) == caret.index("^")


@pytest.mark.parametrize("column", [1, 40, 70, 150, 296])
def test_a_long_line_is_cut_around_the_caret(column):
    text = "".join(f"{number:05}" for number in range(60))
    shown, caret = snippet(text, column)
    assert len(shown) <= 80
    assert pointed_at(text, column).startswith(text[column - 1 : column + 4])
    assert ("| …" in shown, shown.endswith("…")) == (column > 36, column < 230)
    assert caret.endswith("^")


@given(st.text(st.characters(exclude_characters="\r\n"), max_size=300), st.data())
def test_every_line_fits_and_its_caret_stands_in_it(text, data):
    column = data.draw(st.integers(1, len(text) + 1))
    for row in snippet(text, column):
        assert row.isprintable()
        assert cells(row) <= 80


def test_a_caret_behind_a_line_that_fills_the_width_fits_too():
    for width in range(60, 90):
        shown, caret = snippet("x" * width, width + 1)
        assert max(cells(shown), cells(caret)) <= 80
        assert len(caret) == len(shown) + 1
