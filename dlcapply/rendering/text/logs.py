"""What is said beside the lines of a log: which run they are of, how it ended, and where they were saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.model.runs import BAD_ENDS, Ownership
from dlcapply.one_line import printable
from dlcapply.rendering.text.cutting import wrapped
from dlcapply.rendering.text.lines import Line, Span, Style, line, width_of
from dlcapply.rendering.text.tables import Column, Cut, Row, table_lines
from dlcapply.rendering.text.where import where_line
from dlcapply.rendering.text.words import counted, duration

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dlcapply.model.runs import Run
    from dlcapply.rendering.rows.logs import EventRow, SavedLogRow
    from dlcapply.rendering.rows.where import Where

_INDENT = 4
_ROOM_FOR_COLUMNS = 70
_COLUMNS = (
    Column("FILE", cut=Cut.MIDDLE),
    Column("LINES", is_number=True),
    Column("BYTES", goes=1, is_number=True),
    Column("WHOLE"),
)


def head_lines(where: Where, name: str, run: Run, ownership: Ownership) -> list[Line]:
    """Which run is told of, and whose it is, if not ours."""
    whose = "" if ownership is Ownership.OURS else f", not ours ({ownership})"
    return [where_line(where), line(f"{name}: run {run.job_id}, {run.status}{whose}")]


def end_line(name: str, run: Run, reason: str) -> Line:
    """How the run ended, in PAI's words; `reason` may be shown."""
    style = Style.BAD if run.phase in BAD_ENDS else Style.ADDED
    lasted = f" after {duration(run.duration_seconds)}" if run.duration_seconds is not None else ""
    why = f": {reason}" if reason and run.phase in BAD_ENDS else ""
    return line(f"{name}: run {run.job_id} ", Span(run.status, style), f"{lasted}{why}")


def why_line(command: str) -> Line:
    """The command that says why the run failed."""
    return line("why: ", Span(command, Style.COMMAND))


def event_lines(rows: Sequence[EventRow], width: int | None) -> list[Line]:
    """When each event happened, last, and to which pod; what happened to the job has none.

    In at most so many columns: what an event says continues below its beginning.
    """
    pods = max((len(row.pod) for row in rows), default=0)
    return [part for row in rows for part in _in_columns(_event_line(row, pods), width)]


def _in_columns(one: Line, width: int | None) -> Iterator[Line]:
    if width is None or width_of(one) <= width:
        yield one
        return
    when, pod, *rest = one
    begin = width_of((when, pod)) if width >= _ROOM_FOR_COLUMNS else _INDENT
    parts = wrapped(printable("".join(span.text for span in rest)), max(width - begin, 1))
    first = line(when, pod)
    if begin == _INDENT:
        yield first
        first = line(" " * begin)
    for part in parts:
        yield (*first, Span(part))
        first = line(" " * begin)


def _event_line(row: EventRow, width: int) -> Line:
    when = "-" if row.last is None else f"{row.last:%Y-%m-%d %H:%M:%S}"
    first = f" since {row.first:%Y-%m-%d %H:%M:%S}" if row.first and row.first != row.last else ""
    often = Span(f" ({row.count:,} times{first})", Style.FAINT) if row.count > 1 else ""
    pod = f"{row.pod or '-':<{width}}  " if width else ""
    return line(Span(f"{when:<19}  ", Style.FAINT), Span(pod, Style.AGAIN), row.text, often)


def saved_lines(rows: Sequence[SavedLogRow], width: int | None) -> list[Line]:
    """The files, and how many of them hold a part of a log."""
    cells = [
        Row(
            (
                row.file,
                f"{row.lines:,}",
                f"{row.size:,}",
                "yes" if row.is_whole else Span("no", Style.CHANGED),
            )
        )
        for row in rows
    ]
    parts = sum(not row.is_whole for row in rows)
    ends = (
        [line(f"{counted(parts, 'log')} may still grow, or lack lines: .partial marks them")] if parts else []
    )
    return [*table_lines(_COLUMNS, cells, width), *ends]
