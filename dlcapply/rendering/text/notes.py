"""What there is to know beside a report: lines that fit where they are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.one_line import printable
from dlcapply.rendering.text.cutting import wrapped
from dlcapply.rendering.text.lines import EMPTY, Line, Span, Style, line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_LABEL = "NOTE "


def note_lines(notes: Iterable[str], width: int | None) -> list[Line]:
    """The notes below an empty line, none wider than `width`; nothing where there is none."""
    lines = [one for note in notes for one in _note(note, width)]
    return [EMPTY, *lines] if lines else []


def _note(note: str, width: int | None) -> Iterator[Line]:
    texts = folded(note, None if width is None else width - len(_LABEL))
    for number, text in enumerate(texts):
        yield line(Span(" " * len(_LABEL) if number else _LABEL, Style.CHANGED), text)


def folded(text: str, width: int | None) -> list[str]:
    """The text in lines of at most `width` columns, broken between words; as it is without a width."""
    return [text] if width is None else list(wrapped(printable(text), max(width, 1)))
