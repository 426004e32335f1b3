"""The line that a finding is about, with a caret below the place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.one_line import printable
from dlcapply.rendering.text.lines import WIDTH, Line, Span, Style, cells, line, shorten

if TYPE_CHECKING:
    from collections.abc import Callable

    from dlcapply.model.findings import Place

    Source = Callable[[Place], str | None]

_NUMBER_WIDTH = 6
_TAB = "    "


def no_source(_: Place) -> None:
    """The source of what nobody can read again, such as stdin."""


def snippet_lines(place: Place, source: Source) -> tuple[Line, ...]:
    """The source line and its caret in at most 80 columns; nothing where the line is not known or shown."""
    text = source(place)
    if text is None or not text.strip() or place.column > len(text) + 1:
        return ()
    gutter = f"{place.line:>{_NUMBER_WIDTH}} | "
    before, after = (_visible(part) for part in (text[: place.column - 1], text[place.column - 1 :]))
    shown, column = _cut(before, after.rstrip(), width=WIDTH - len(gutter))
    return (
        line(Span(gutter, Style.FAINT), shown),
        line(Span(f"{'':{_NUMBER_WIDTH}} | ", Style.FAINT), " " * column, Span("^", Style.BAD)),
    )


def _visible(text: str) -> str:
    return printable(text.replace("\t", _TAB))


def _cut(before: str, after: str, *, width: int) -> tuple[str, int]:
    """The text in at most `width` columns around the end of `before`, and the column of that end."""
    if cells(before + (after or " ")) > width:  # the caret may stand behind the line
        before = _end_of(before, width // 2)
    return shorten(before + after, width), cells(before)


def _end_of(text: str, width: int) -> str:
    if cells(text) <= width:
        return text
    kept = text[1 - width :]
    while cells(kept) > width - 1:
        kept = kept[1:]
    return f"…{kept}"
