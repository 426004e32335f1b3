from __future__ import annotations

import subprocess
import sys

from hypothesis import given, settings
from hypothesis import strategies as st

from dlcapply.rendering.text.lines import (
    EMPTY,
    Span,
    Style,
    cells,
    column,
    folded_lines,
    line,
    sections,
    shorten,
    to_rich,
    to_text,
)


def test_wide_characters_take_two_columns():
    assert cells("abc") == 3
    assert cells("文字→é") == 6


def test_what_is_drawn_on_another_character_takes_no_column():
    assert cells("e\u0301cole") == cells("école") == 5
    assert cells("\u0e01\u0e33\u0e48") == 2
    assert cells("\u1112\u1161\u11ab") == 2


def test_a_column_ignores_what_is_wider_than_it_may_be():
    assert column(["ab", "abcd", "abcdefgh"], widest=5) == 4
    assert column(["abcdefgh"], widest=5) == 0


def test_sections_are_parted_by_one_empty_line():
    one, two = line("one"), line("two")
    assert sections([], [one], [], [two], []) == [one, EMPTY, two]
    assert sections([], []) == []


def test_plain_text_is_never_wrapped_and_cannot_grow_lines():
    long = "word " * 60
    assert to_text([line(long), line("a\nb", Span("\x1b[0m", Style.BAD)), EMPTY]) == (
        f"{long.rstrip()}\na\\nb\\u001b[0m\n\n"
    )


def test_a_terminal_shows_the_same_lines():
    lines = [line("  ", Span("bad", Style.BAD), " text"), EMPTY, line("more\x1b")]
    assert to_rich(lines).plain + "\n" == to_text(lines)


def test_styles_reach_the_terminal():
    (span,) = to_rich([line("a ", Span("bad", Style.BAD))]).spans
    assert (span.start, span.end, span.style) == (2, 5, "bold red")


def test_a_terminal_continues_wide_lines_below_their_indent():
    lines = [line("    one two ", Span("three four", Style.STRONG), " five")]
    assert to_rich(lines, width=16).plain == "    one two\n      three four\n      five"


def test_a_word_that_fits_nowhere_stays_where_it_is():
    assert to_rich([line("  - ", "x" * 20, " yy")], width=16).plain == f"  - {'x' * 20}\n    yy"


def test_a_word_that_fits_nowhere_has_a_line_of_its_own_behind_several():
    told = to_rich([line("there are these: ", "x" * 30, ", ", "y" * 30, " too")], width=20).plain
    assert told.split("\n") == ["there are these:", f"  {'x' * 30},", f"  {'y' * 30}", "  too"]


def test_a_folded_line_keeps_its_styles():
    one = line("one ", Span("two three", Style.BAD), " four")
    assert list(folded_lines([one], 9)) == [
        (Span("one "), Span("two ", Style.BAD)),
        (Span("  "), Span("three", Style.BAD), Span(" ")),
        (Span("  "), Span("four")),
    ]


def test_a_command_is_never_wrapped():
    command = "dlcapply apply " * 10
    assert to_rich([line("  ", Span(command, Style.COMMAND))]).plain == f"  {command}".rstrip()


@settings(deadline=None)  # the first example may pay for importing rich
@given(st.lists(st.text(alphabet="ab文 ", max_size=60), max_size=3))
def test_wrapping_loses_and_adds_no_words(texts):
    wrapped = to_rich([line(text) for text in texts], width=20).plain
    assert wrapped.split() == " ".join(texts).split()
    words = {word for text in texts for word in text.split()}
    if all(cells(word) <= 20 // 2 for word in words) and not any(text.startswith("   ") for text in texts):
        assert all(cells(row) <= 20 for row in wrapped.split("\n"))


@given(st.text(alphabet="ab文 ", max_size=200), st.integers(8, 40), st.data())
def test_shortened_text_keeps_the_focus_and_the_width(text, width, data):
    focus = data.draw(st.integers(0, max(0, len(text) - 1)))
    short = shorten(text, width, focus=focus)
    assert cells(short) <= width
    assert short.strip("…") in text
    if short != text:
        marked = shorten(f"{text[:focus]}X{text[focus + 1 :]}", width, focus=focus)
        assert "X" in marked


def test_plain_output_does_not_load_rich():
    modules = (
        "json_documents",
        "plan_documents",
        "github",
        "junit",
        "sarif",
        "showable",
        "text.errors",
        "text.findings",
        "text.outcomes",
        "text.plan_words",
        "text.plans",
        "text.statuses",
        "text.tables",
    )
    imports = "; ".join(f"import dlcapply.rendering.{module}" for module in modules)
    code = f"import sys; {imports}; print([name for name in sys.modules if name.split('.')[0] == 'rich'])"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert loaded.stdout == "[]\n"
