"""Lines of styled text: laid out once for 80 columns, then printed plain or in colour."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from dlcapply.one_line import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.text import Text

WIDTH = 80
DETAIL_INDENT = " " * 6  # of what is said about the job named above
_HANGING_INDENT = 2


class Style(StrEnum):
    """What a span means; the values are rich's words for how it looks."""

    PLAIN = ""
    STRONG = "bold"
    FAINT = "dim"
    ADDED = "green"
    AGAIN = "cyan"
    CHANGED = "yellow"
    REMOVED = "red"
    REPLACED = "magenta"
    BAD = "bold red"
    COMMAND = "bold cyan"  # to be copied whole: never wrapped


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
    if text.isascii():
        return len(text)
    return sum(1 + (unicodedata.east_asian_width(char) in "FW") for char in text)


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


def to_rich(lines: Iterable[Line], *, width: int = WIDTH) -> Text:
    """The lines in colour; those wider than `width` columns continue below their own indent.

    Meant to be printed with `soft_wrap=True`.
    """
    from rich.text import Text

    wrapped = (part for one in lines for part in _wrapped(_rich(one), width, verbatim=_is_command(one)))
    return Text("\n").join(wrapped)


def _plain(one: Line) -> str:
    return printable("".join(span.text for span in one)).rstrip()


def _rich(one: Line) -> Text:
    from rich.text import Text

    text = Text()
    for span in one:
        text.append(printable(span.text), style=span.style.value)
    text.rstrip()
    return text


def _is_command(one: Line) -> bool:
    return any(span.style is Style.COMMAND for span in one)


def _wrapped(text: Text, width: int, *, verbatim: bool) -> Iterator[Text]:
    if verbatim or cells(text.plain) <= width:
        yield text
        return
    indent = len(text.plain) - len(text.plain.lstrip()) + _HANGING_INDENT
    for number, part in enumerate(text.divide(_breaks(text.plain, width, indent=indent))):
        part.rstrip()
        part.pad_left(indent if number else 0)
        yield part


def _breaks(plain: str, width: int, *, indent: int) -> list[int]:
    """Where to cut: before each word that crosses the margin here, but would not on a line of its own."""
    cuts: list[int] = []
    filled = 0
    for word in re.finditer(r"\s*(\S+)", plain):
        if filled + cells(word[0]) > width and indent + cells(word[1]) <= width:
            cuts.append(word.start(1))
            filled = indent + cells(word[1])
        else:
            filled += cells(word[0])
    return cuts
