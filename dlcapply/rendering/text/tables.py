"""Tables that fit a width: columns give way in a stated order, and no line is ever wider."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import TYPE_CHECKING

from dlcapply.one_line import printable
from dlcapply.rendering.text.cutting import cut_end, cut_names, wrapped
from dlcapply.rendering.text.lines import Line, Span, Style, cells

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

_GAP = 2
_NOTE_INDENT = 4
# Without a width nothing is cut but what no name can be, and what is wider than this widens no other row.
_LONGEST = 256
_WIDEST = 64
_SAYS_NOTHING = frozenset({"", "-"})


class Cut(Enum):
    """Where a cell that is too wide is cut; a column that is never cut goes as a whole, or stays."""

    NEVER = auto()
    MIDDLE = auto()  # names: two that differ never look the same
    END = auto()


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Where not all fit, cells that may be cut get narrower, down to `least`; then columns with a `goes` go, the
    greatest first. What is left over is given back to the cells that were cut. A column without a `goes`
    decides, and stays; the others are not there either where they say nothing in any row. A cell that is cut
    and `is_told_whole` is the first note below its row, as it is.
    """

    title: str
    goes: int = 0
    cut: Cut = Cut.NEVER
    least: int = 16
    is_number: bool = False
    is_told_whole: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A cell for each column, and notes, each on lines of its own below them.

    Notes are wrapped at words, but for those in Style.COMMAND, which are to be copied.
    """

    cells: tuple[str | Span, ...]
    notes: tuple[str | Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """The lines of the header and of each row, and the titles of the columns that did not fit."""

    header: Line
    rows: tuple[tuple[Line, ...], ...]
    left_out: tuple[str, ...] = ()

    @property
    def lines(self) -> list[Line]:
        return [self.header, *(one for lines in self.rows for one in lines)]


def table_lines(
    columns: Sequence[Column], rows: Sequence[Row], width: int | None, *, known: Iterable[str] = ()
) -> list[Line]:
    """The lines of the table, none wider than `width` columns; with None, as wide as they are.

    A name that is cut looks like no other, and like none of those `known` that have no row here.
    """
    return lay_out(columns, rows, width, known=known).lines


def fitted(
    table: Table, height: int, *, ranks: Sequence[int], rest: Callable[[Sequence[int]], Line]
) -> list[Line]:
    """At most `height` lines of the table, the header first: rows of a low rank stay, and stay in order.

    Notes go before rows do. `rest` is the line that stands for the rows, by number, that are not shown.
    """
    if len(table.lines) <= height:
        return table.lines
    most = max(0, height - 1)
    if len(table.rows) <= most:
        return [table.header, *with_notes(table.rows, most)]
    kept = sorted(sorted(range(len(ranks)), key=lambda at: ranks[at])[: max(0, most - 1)])
    left = sorted(set(range(len(ranks))) - set(kept))
    return [table.header, *(table.rows[at][0] for at in kept), rest(left)][:height]


def with_notes(rows: Sequence[tuple[Line, ...]], most: int) -> Iterator[Line]:
    """Every row, and of each as much of its notes as there is room for, from the top."""
    spare = most - len(rows)
    for first, *notes in rows:
        yield first
        if len(notes) <= spare:
            yield from notes
            spare -= len(notes)


def lay_out(
    columns: Sequence[Column], rows: Sequence[Row], width: int | None, *, known: Iterable[str] = ()
) -> Table:
    """The table by rows, for who shows only some of them; laid out for all of them alike."""
    every = [_placed(column, [row.cells[at] for row in rows]) for at, column in enumerate(columns)]
    telling = [one for one in every if not one.column.goes or one.says_something]
    shown = telling if width is None else _fitted(telling, width)
    others = tuple(map(printable, known))
    header, *lines = zip(*(one.padded(others) for one in shown), strict=True)
    whole = [one for one in shown if one.column.is_told_whole]
    notes = [
        [*(span for one in whole for span in one.cut_away(at)), *row.notes] for at, row in enumerate(rows)
    ]
    stay = {one.column.title for one in shown}
    return Table(
        header,
        tuple((first, *_note_lines(below, width)) for first, below in zip(lines, notes, strict=True)),
        tuple(one.column.title for one in telling if one.column.title not in stay),
    )


@dataclass(frozen=True, slots=True)
class _Placed:
    """A column with its cells: padded to `width`, and cut where they are longer than `longest`."""

    column: Column
    cells: tuple[Span, ...]
    width: int
    longest: int

    @property
    def says_something(self) -> bool:
        return any(one.text not in _SAYS_NOTHING for one in self.cells)

    @property
    def least(self) -> int:
        """How narrow it may get while other columns can go."""
        if self.column.cut is Cut.NEVER:
            return self.longest
        return min(self.longest, max(self.column.least, cells(self.column.title)))

    def narrowed(self, width: int) -> _Placed:
        return replace(self, width=width, longest=width)

    def cut_away(self, at: int) -> Iterator[Span]:
        """The whole cell, where its row does not show all of it."""
        if cells(self.cells[at].text) > self.longest:
            yield Span(self.cells[at].text)

    def padded(self, known: Sequence[str]) -> Iterator[Span]:
        """The title and each cell, as wide as the column is; names look like none of those `known`."""
        yield self._padded(Span(cut_end(self.column.title, self.longest), Style.HEADING))
        is_of_names = self.column.cut is Cut.MIDDLE
        texts = (*(one.text for one in self.cells), *known)
        names = cut_names(texts, self.longest) if is_of_names else {}
        for one in self.cells:
            text = names[one.text] if is_of_names else cut_end(one.text, self.longest)
            yield self._padded(Span(text, one.style))

    def _padded(self, span: Span) -> Span:
        space = " " * (self.width - cells(span.text))
        text = space + span.text if self.column.is_number else span.text + space
        return Span(text + " " * _GAP, span.style)


def _placed(column: Column, given: Sequence[str | Span]) -> _Placed:
    spans = tuple(map(_printable, given))
    widths = [cells(one.text) for one in spans]
    width = max([cells(column.title), *(wide for wide in widths if wide <= _WIDEST)])
    return _Placed(column, spans, width, min(_LONGEST, max([width, *widths])))


def _printable(given: str | Span) -> Span:
    span = Span(given) if isinstance(given, str) else given
    return Span(printable(span.text), span.style)


def _fitted(columns: Sequence[_Placed], width: int) -> list[_Placed]:
    """The columns that fit, and as wide as they may be; what decides stays even where it fits badly."""
    kept = list(columns)
    while _needed([one.least for one in kept]) > width and any(one.column.goes for one in kept):
        kept.remove(max(kept, key=lambda one: one.column.goes))
    least = [one.least for one in kept]
    if _needed(least) > width:
        least = [1] * len(kept)
    spare = _dealt(
        width - _needed(least), [one.longest - size for one, size in zip(kept, least, strict=True)]
    )
    return [one.narrowed(size + more) for one, size, more in zip(kept, least, spare, strict=True)]


def _needed(widths: Sequence[int]) -> int:
    return sum(widths) + _GAP * (len(widths) - 1)


def _dealt(spare: int, wishes: Sequence[int]) -> list[int]:
    """What each gets of the spare columns: as much as the others, or less where it wishes for less."""
    dealt = [0] * len(wishes)
    for served, at in enumerate(sorted(range(len(wishes)), key=lambda at: wishes[at])):
        dealt[at] = min(wishes[at], max(spare, 0) // (len(wishes) - served))
        spare -= dealt[at]
    return dealt


def _note_lines(notes: Iterable[str | Span], width: int | None) -> Iterator[Line]:
    indent = " " * _NOTE_INDENT
    for note in map(_printable, notes):
        if width is None or note.style is Style.COMMAND:
            yield (Span(indent), note)
            continue
        for text in wrapped(note.text, max(width - _NOTE_INDENT, 1)):
            yield (Span(indent), Span(text, note.style))
