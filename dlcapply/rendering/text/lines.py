"""Lines of styled text: laid out once for 80 columns, then printed plain or in colour."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import Enum, auto
from functools import cache
from typing import TYPE_CHECKING

from dlcapply.one_line import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.text import Text

WIDTH = 80
DETAIL_INDENT = " " * 6  # of what is said about the job named above
_HANGING_INDENT = 2
_A_FEW_WORDS = 5  # of a line, as a part of it
# What is drawn on the character before it: accents and vowel signs, and the later letters of a Hangul block.
_ON_ANOTHER = frozenset({"Mn", "Me"})
_MEDIAL_JAMO = ("\u1160", "\u11ff")


class Style(Enum):
    """What a span means."""

    PLAIN = auto()
    STRONG = auto()
    HEADING = auto()  # of a table, or of what is below it
    FAINT = auto()  # beside the point
    ADDED = auto()
    AGAIN = auto()  # begun once more, or going on
    CHANGED = auto()
    REMOVED = auto()
    REPLACED = auto()
    BAD = auto()
    COMMAND = auto()  # to be copied whole: never wrapped


# In rich's words. Terminals are dark or light, and their colours are their owner's: yellow and cyan can't be
# read on white, blue can't on black, and dim text on neither; bold is bright in many. These can be, wherever.
_LOOKS = {
    Style.PLAIN: "",
    Style.STRONG: "bold",
    Style.HEADING: "underline",
    Style.FAINT: "",
    Style.ADDED: "green",
    Style.AGAIN: "bold",
    Style.CHANGED: "magenta",
    Style.REMOVED: "red",
    Style.REPLACED: "bold magenta",
    Style.BAD: "bold red",
    Style.COMMAND: "bold",
}


@dataclass(frozen=True, slots=True)
class Span:
    text: str
    style: Style = Style.PLAIN


Line = tuple[Span, ...]
EMPTY: Line = ()


def line(*parts: str | Span) -> Line:
    return tuple(Span(part) if isinstance(part, str) else part for part in parts)


def sections(*blocks: Iterable[Line]) -> list[Line]:
    """The lines of all blocks, with one empty line between those that have any."""
    joined: list[Line] = []
    for block in map(list, blocks):
        joined += [EMPTY, *block] if joined and block else block
    return joined


def column(texts: Iterable[str], *, widest: int) -> int:
    """The width of a column; texts wider than `widest` stand out of it and do not count."""
    return max((len(text) for text in texts if len(text) <= widest), default=0)


def cells(text: str) -> int:
    """The columns that printable text takes on a terminal."""
    return len(text) if text.isascii() else sum(map(_columns, text))


@cache
def _columns(char: str) -> int:
    if unicodedata.category(char) in _ON_ANOTHER or _MEDIAL_JAMO[0] <= char <= _MEDIAL_JAMO[1]:
        return 0
    return 1 + (unicodedata.east_asian_width(char) in "FW")


def shorten(text: str, width: int, *, focus: int = 0) -> str:
    """At most `width` columns of printable text around position `focus`, with `…` where it was cut."""
    if cells(text) <= width:
        return text
    start = max(0, focus - width // 3)
    while start and cells(text[start - 1 :]) < width:
        start -= 1
    kept = f"…{text[start:]}" if start else text
    if cells(kept) <= width:
        return kept
    kept = kept[: width - 1]
    while cells(kept) > width - 1:
        kept = kept[:-1]
    return f"{kept}…"


def cut(text: str, longest: int | None) -> str:
    """The beginning of a text that has more characters than that, with `…` where it was cut."""
    return text if longest is None or len(text) <= longest else f"{text[: longest - 1]}…"


def width_of(one: Line) -> int:
    return cells(_plain(one))


def to_text(lines: Iterable[Line]) -> str:
    """The lines as plain text, never wrapped or cut; no manifest or service can add a line or a colour."""
    return "".join(f"{_plain(one)}\n" for one in lines)


def folded_lines(lines: Iterable[Line], width: int) -> Iterator[Line]:
    """The lines, those wider than `width` columns broken between words, below their own indent.

    A word that is wider than any line stays whole, so that it can be copied, and so does a command.
    """
    for one in lines:
        plain = _plain(one)
        if cells(plain) <= width or any(span.style is Style.COMMAND for span in one):
            yield one
            continue
        indent = len(plain) - len(plain.lstrip()) + _HANGING_INDENT
        for number, part in enumerate(_divided(one, _breaks(plain, width, indent=indent))):
            yield (Span(" " * indent), *part) if number else part


def to_rich(lines: Iterable[Line], *, width: int = WIDTH) -> Text:
    """The lines in colour, folded at `width` columns; meant to be printed with `soft_wrap=True`."""
    from rich.text import Text

    return Text("\n").join(map(_rich, folded_lines(lines, width)))


def _plain(one: Line) -> str:
    return printable("".join(span.text for span in one)).rstrip()


def _rich(one: Line) -> Text:
    from rich.text import Text

    text = Text()
    for span in one:
        text.append(printable(span.text), style=_LOOKS[span.style])
    text.rstrip()
    return text


def _divided(one: Line, cuts: Iterable[int]) -> Iterator[Line]:
    """The parts of the line between these places in its printable text."""
    rest = [Span(printable(span.text), span.style) for span in one]
    begin = 0
    for end in cuts:
        part, rest = _split(rest, end - begin)
        yield tuple(part)
        begin = end
    yield tuple(rest)


def _split(spans: list[Span], at: int) -> tuple[list[Span], list[Span]]:
    before: list[Span] = []
    for number, span in enumerate(spans):
        if len(span.text) > at:
            rest = [Span(span.text[at:], span.style), *spans[number + 1 :]]
            return [*before, Span(span.text[:at], span.style)], rest
        before.append(span)
        at -= len(span.text)
    return before, []


def _breaks(plain: str, width: int, *, indent: int) -> list[int]:
    """Where to cut: before each word that crosses the margin.

    One that would cross it on a line of its own, too, has one where more than a few words are before it.
    """
    cuts: list[int] = []
    filled = 0
    for word in re.finditer(r"\s*(\S+)", plain):
        is_over = filled + cells(word[0]) > width
        if is_over and (indent + cells(word[1]) <= width or filled > indent + width // _A_FEW_WORDS):
            cuts.append(word.start(1))
            filled = indent + cells(word[1])
        else:
            filled += cells(word[0])
    return cuts
