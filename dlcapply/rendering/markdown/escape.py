"""Strangers' text as plain text in GitHub-flavoured Markdown: a function for each place that it may stand in.

An escape is enough for what a parser reads. What GitHub links, mentions and replaces afterwards is found in
the text that the parser made, whatever escapes it came from (https://github.com/github/cmark-gfm/issues/181),
but never in code: so words that it would find are code here. All of these functions show invisible characters
as their escapes, and give nothing that a runner would obey or that a hidden marker could be made of. Texts
that stand side by side need something of ours between them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dlcapply.one_line import printable
from dlcapply.runners import disarmed

if TYPE_CHECKING:
    from collections.abc import Callable

# What stands between words, and means nothing within a line.
_BETWEEN = re.compile(r"([ \"'(),;]+)")
# Mentions, references, formulas, emoji, addresses, names of commits, advisories, and references of a
# repository's own (https://docs.github.com/en/get-started/writing-on-github: "Autolinked references").
_ACTIVE = re.compile(
    r"[@#$]|:.*:|://|www\.|[a-z]-[0-9]|GHSA-|CVE-|(?<![0-9a-z])[0-9a-f]{7,40}(?![0-9a-z])", re.IGNORECASE
)
_MARKUP = re.compile(r"[&<>\\`*\[\]|~]|(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])")
# What makes a list, a heading, a table or an indented block of a line, and blanks that are dropped.
_BEGINNING = re.compile(r"\A([0-9]+(?=[.)])|)([-+=:.) ])")
_ENDING = re.compile(r" \Z")
# What ends code or a cell, and what makes a comment or a runner's command of it.
_UNFIT_FOR_CODE = re.compile(r"[`|]+|(?<=<)!|(?:(?<=#)|(?<=#vso)|(?<=#teamcity))\[")

# A table is as wide as its longest word, and what is right of that is out of sight: only digests stay whole.
_LONGEST_WORD = 64
_LONG_WORD = re.compile(rf"([^ ]{{{_LONGEST_WORD + 1},}})")
_PIECE = re.compile(r".{1,32}")
_MAY_BREAK = "<wbr>"


def inline(text: str) -> str:
    """The text as one line of prose: in a paragraph, a heading, an item of a list or a cell of a table."""
    parts = _LONG_WORD.split(printable(text))  # each second one is such a word
    escaped = "".join(
        code(part) if at % 2 else _in_words(part, _plain_word, code) for at, part in enumerate(parts)
    )
    escaped = _BEGINNING.sub(lambda found: f"{found[1]}{_entity(found[2])}", escaped)
    return _ENDING.sub(_entity(" "), escaped)


def code(text: str) -> str:
    """The text as code in a line, in the same places as `inline`.

    A backtick, or the pipe that would end a cell, stands between pieces of code: no parser then has to be
    trusted with how it counts or unescapes them. Empty text is nothing.
    """
    shown = printable(text)
    pieces, start = [], 0
    for unfit in _UNFIT_FOR_CODE.finditer(shown):
        pieces += [_span(shown[start : unfit.start()]), "".join(map(_entity, unfit[0]))]
        start = unfit.end()
    return "".join((*pieces, _span(shown[start:])))


def html(text: str) -> str:
    """The text as one line of prose inside a line of HTML, such as `<summary>`, where no Markdown is read."""
    return _in_words(text, _html_text, html_code)


def html_code(text: str) -> str:
    """The text as code inside a line of HTML."""
    return f"<code>{_html_text(printable(text))}</code>"


def block(text: str, *, language: str = "") -> str:
    """The lines of the text as a block of code, which needs an empty line before and after it.

    It is HTML, as a fence has no escapes: of it only the end tag is read, to which no text can come.
    """
    lines = "\n".join(map(printable, text.split("\n")))
    attribute = f' lang="{language}"' if language else ""
    return f"<pre{attribute}>\n{_html_text(lines)}</pre>"  # a newline behind the tag is dropped by readers


def _in_words(text: str, plain: Callable[[str], str], active: Callable[[str], str]) -> str:
    words = _BETWEEN.split(printable(text))
    return "".join(active(word) if _ACTIVE.search(word) else plain(word) for word in words)


def _plain_word(word: str) -> str:
    return _MARKUP.sub(lambda found: _entity(found[0]), word)


def _html_text(text: str) -> str:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return disarmed(escaped, colon=_entity(":"), bracket=_entity("["))


def _span(text: str) -> str:
    """The text as code, in which a browser may break each word that is too long for a line."""
    pieces = _LONG_WORD.sub(lambda found: "\n".join(_PIECE.findall(found[0])), text).split("\n")
    return _MAY_BREAK.join(map(_unbroken, pieces))


def _unbroken(text: str) -> str:
    if not text:
        return ""
    is_stripped = text.startswith(" ") and text.endswith(" ") and bool(text.strip())
    return f"` {text} `" if is_stripped else f"`{text}`"


def _entity(char: str) -> str:
    return f"&#{ord(char)};"
