"""A table of jobs and the runs that a plan names for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.model.runs import FAILURES, Phase, phase_of
from dlcapply.rendering.text.lines import Line, Span, Style, column, line, shorten
from dlcapply.rendering.text.words import age, duration

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from dlcapply.rendering.report_rows import StatusRow

_HEADER = ("NAME", "STATUS", "JOBID", "AGE", "DURATION", "IN SYNC", "NOTE")
_ALWAYS = _HEADER[:4]
_WIDEST_CELL = 32
_LONGEST_NAME = 64
_SYNC_WORDS = {True: "yes", False: "no", None: "-"}

PHASE_STYLES: dict[Phase, Style] = {
    Phase.ACTIVE: Style.AGAIN,
    Phase.STOPPING: Style.CHANGED,
    Phase.SUCCEEDED: Style.ADDED,
    Phase.STOPPED: Style.FAINT,
    Phase.UNKNOWN: Style.CHANGED,
    **dict.fromkeys(FAILURES, Style.BAD),
}


def status_lines(rows: Sequence[StatusRow], *, now: datetime) -> list[Line]:
    """One line for each row below a header, without columns that say nothing; ages are relative to `now`."""
    table = _telling([_HEADER, *(_cells(row, now) for row in rows)])
    widths = [column(texts, widest=_WIDEST_CELL) for texts in zip(*table, strict=True)]
    styles = [Style.FAINT, *(_style(row) for row in rows)]
    return [_table_line(cells, widths, style) for cells, style in zip(table, styles, strict=True)]


def _telling(table: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    columns = [
        texts for texts in zip(*table, strict=True) if texts[0] in _ALWAYS or set(texts[1:]) - {"", "-"}
    ]
    return list(zip(*columns, strict=True))


def _cells(row: StatusRow, now: datetime) -> tuple[str, ...]:
    lasted = "-" if row.duration_seconds is None else duration(row.duration_seconds)
    in_sync = _SYNC_WORDS[row.in_sync]
    return (
        row.name,
        row.status or "-",
        row.job_id or "-",
        age(row.created, now=now),
        lasted,
        in_sync,
        _note(row),
    )


def _note(row: StatusRow) -> str:
    called = f"runs as {shorten(row.called, _LONGEST_NAME)}" if row.called else ""
    return ", ".join(filter(None, (row.note, called)))


def _style(row: StatusRow) -> Style:
    return PHASE_STYLES[phase_of(row.status)] if row.status else Style.FAINT


def _table_line(cells: Sequence[str], widths: Sequence[int], style: Style) -> Line:
    name, status, *others = (f"{cell:<{width}}  " for cell, width in zip(cells, widths, strict=True))
    return line(name, Span(status, style), *others)
