from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcapply.one_line import printable, squeezed


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain → 文字 é", "plain → 文字 é"),
        ("\x1b[31mred", "\\u001b[31mred"),
        ("a\nb\tc\r", "a\\nb\\tc\\r"),
        ("\x7f\x9b31m", "\\u007f\\u009b31m"),
        ("left\u202eright\u200b", "left\\u202eright\\u200b"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\udb40\\udc41"),
        ("a\ufe0fb\u3164c\U000e0101", "a\\ufe0fb\\u3164c\\udb40\\udd01"),
    ],
)
def test_what_a_terminal_would_obey_or_hide_is_escaped(text, shown):
    assert printable(text) == shown


@given(st.text())
def test_printable_text_is_printable_and_stays_as_it_is(text):
    shown = printable(text)
    assert shown.isprintable()
    assert printable(shown) == shown


@given(st.text())
def test_a_squeezed_text_is_one_line_of_its_own_characters(text):
    line = squeezed(text)
    assert line.isprintable()
    assert line.replace(" ", "") == "".join(
        char for char in text if printable(char) == char and not char.isspace()
    )
