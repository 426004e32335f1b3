"""The first line of what is said about a job: glyph, name and one word, in columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.rendering.text.lines import Line, Span, Style, column, line

if TYPE_CHECKING:
    from collections.abc import Iterable

_WIDEST_NAME = 28


def title_widths(names: Iterable[str], words: Iterable[str]) -> tuple[int, int]:
    """The widths of the columns of names and of words such as `create`."""
    return column(names, widest=_WIDEST_NAME), column(words, widest=_WIDEST_NAME)


def title_line(glyph: str, name: str, word: str, *, style: Style, widths: tuple[int, int]) -> Line:
    name_width, word_width = widths
    return line(
        Span(f"{glyph:>3} ", style),
        Span(f"{name:<{name_width}}", Style.STRONG),
        Span(f"  {word:<{word_width}}", style),
    )
