"""What strangers' programs print, as a terminal would leave it and none has to obey it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcapply.rendering.text.log_lines import log_document, shown_lines

ODD = st.text(
    st.sampled_from([*"a[]0;m?K \t\n\r\b\x07\\", "\x1b", "\x9b", "\x9c", "\x90", "\u202e", "\ud800"])
)


@pytest.mark.parametrize(
    ("printed", "left"),
    [
        ("plain", ["plain"]),
        ("a\tb ", ["a\tb "]),
        ("\x1b[1;31mred\x1b[0m", ["red"]),
        ("\x1b]0;title\x07text\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", ["textlink"]),
        ("\x1b]0;never ends", [""]),
        ("\x9b31mred\x90device\x9cend", ["redend"]),
        ("\x1b\x1b[31m[2Jx", ["[2Jx"]),
        ("\r  0%|  |\r 50%|# |\r100%|##|\r", ["100%|##|"]),
        ("old\rnew\r\n", ["new"]),
        ("\x1b[A\x1b[2K 7/9\x1b[B", [" 7/9"]),
        ("1/9\b\b\b2/9", ["2/9"]),
        ("\b\bx", ["x"]),
        ("two\nlines\r\n", ["two", "lines"]),
        ("", [""]),
        ("a\u202eb\u200bc\x00", ["a\\u202eb\\u200bc\\u0000"]),
        ("\ud800", ["\\ud800"]),
        ("naïve 训练 🚀", ["naïve 训练 🚀"]),
    ],
)
def test_what_is_left_of_it(printed, left):
    assert shown_lines(printed, lambda text: text) == left


@given(ODD)
def test_nothing_is_left_that_a_terminal_obeys(text):
    for line in shown_lines(text, lambda text: text):
        assert all(part.isprintable() for part in line.split("\t"))
    document = log_document(None, "worker-0", "u", text)
    assert document.count("\n") == 1
    assert document[:-1].isprintable()
    assert json.loads(document)["text"] == text


def test_a_secret_is_masked_however_it_is_coloured():
    def mask(text):
        return text.replace("hunter2", "(masked)")

    assert shown_lines("hun\x1b[1mter2\x1b[0m\rhunter2 50%", mask) == ["(masked) 50%"]
    assert shown_lines("hunt\x1b[1mer2", mask) == ["(masked)"]
