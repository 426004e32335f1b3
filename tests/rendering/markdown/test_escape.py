"""Whatever a text holds, it is read as its characters, in every place that it may stand in."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dlcapply.one_line import printable
from dlcapply.rendering.markdown.escape import block, code, html, html_code, inline
from tests.rendering.markdown.hostile import FRAGMENTS, texts
from tests.rendering.markdown.judge import judged, to_html

many = settings(max_examples=30)

# Where a line of text may stand, the element whose text it then is, and what that element says with it.
PLACES = {
    "{}": ("p", "{}"),
    "before\n{}": ("p", "before\n{}"),
    "before {} after": ("p", "before {} after"),
    "## {}": ("h2", "{}"),
    "- {}": ("li", "{}"),
    "1. {}": ("li", "{}"),
    "> {}": ("blockquote", "\n{}\n"),
    "| a | b |\n| --- | --- |\n| {} | c |": ("td", "{}c"),
    "| a | b |\n| --- | --- |\n| c | before {} |": ("td", "cbefore {}"),
}


def assert_is_its_characters(text, escape, place):
    element, said = PLACES[place]
    document = judged(place.format(escape(text)))
    assert document.text_in(element).strip("\n") == said.format(printable(text)).strip("\n")
    assert sum(tag == element for tag, _ in document.elements) == (2 if element == "td" else 1)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("escape", [inline, code])
@given(text=texts.filter(bool))
@settings(max_examples=25)
def test_a_line_is_read_as_its_characters_wherever_it_stands(escape, place, text):
    assert_is_its_characters(text, escape, place)


@pytest.mark.parametrize("escape", [inline, code])
@pytest.mark.parametrize("place", PLACES)
def test_each_hostile_text_alone_is_read_as_its_characters(escape, place):
    for text in FRAGMENTS:
        assert_is_its_characters(text, escape, place)


@pytest.mark.parametrize("escape", [inline, code])
@given(text=texts)
def test_blanks_at_both_ends_are_kept(escape, text):
    document = judged(f"-{escape(f' {text}  ')}-")
    assert document.text_in("p") == f"- {printable(text)}  -"


@given(texts)
@many
@example("a`|`b``")
def test_code_is_nothing_but_code_and_what_ends_it(text):
    document = judged(f"x {code(text)} y")
    outside = "".join(part for part, around in document.texts if "code" not in around)
    assert set(outside) <= set("x y\n`|![")


@given(st.integers(1, 120), st.integers(1, 120))
def test_runs_of_backticks_of_any_length_are_text(one, other):
    text = f"a{'`' * one}b{'`' * other} c"
    assert judged(code(text)).text_in("p") == text
    assert judged(inline(text)).text_in("p") == text


@pytest.mark.parametrize("escape", [html, html_code])
@given(text=texts)
@many
def test_a_line_of_html_is_read_as_its_characters(escape, text):
    document = judged(f"<details><summary>{escape(text)}</summary>\n\nbelow\n\n</details>")
    assert document.text_in("summary") == printable(text)
    assert document.text_in("p") == "below"


@given(texts, st.sampled_from(["", "diff"]))
@many
@example("\n\n::a\n\n    b", "")
@example("</pre>\n\n<!-- dlcapply -->", "diff")
def test_a_block_is_read_line_by_line_as_its_characters(text, language):
    document = judged(
        f"<details><summary>s</summary>\n\n{block(text, language=language)}\n\nbelow\n\n</details>"
    )
    lines = "\n".join(map(printable, text.split("\n")))
    assert document.text_in("pre") == f"\n{lines}"  # HTML drops the newline behind the tag
    assert document.text_in("p") == "below"


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("no run of this job yet", "no run of this job yet"),
        ("run_name stays, 2 * 3 does not", "run_name stays, 2 &#42; 3 does not"),
        ("ask @octocat (see #12)", "ask `@octocat` (see `#12`)"),
        ("1. a", "1&#46; a"),
        ("a\nb", "a&#92;nb"),
    ],
)
def test_prose_stays_readable_in_its_source(text, escaped):
    assert inline(text) == escaped


@pytest.mark.parametrize("escape", [inline, code])
@given(text=texts.filter(bool), times=st.integers(1, 9))
@settings(max_examples=25)
def test_no_word_of_a_cell_is_wider_than_a_digest(escape, text, times):
    for place in ("| a | b |\n| --- | --- |\n| {} | c |", "- {}"):
        assert_is_its_characters(text * times, escape, place)
    document = to_html(escape(f"{text} {'n' * 256} {'#' * 300} {'f' * 64}"))
    words = re.split(r" |<[^>]+>|&[^;]+;|`|\|", document)
    assert max(len(piece) for word in words for piece in word.split("/")) <= 64
    assert max(map(len, words)) <= 160
    assert "f" * 64 in document
