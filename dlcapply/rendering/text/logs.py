"""What is said beside the lines of a log: which run they are of, how it ended, and where they were saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.model.runs import BAD_ENDS, Ownership
from dlcapply.rendering.text.lines import Line, Span, Style, line
from dlcapply.rendering.text.tables import Column, Cut, Row, table_lines
from dlcapply.rendering.text.where import where_lines
from dlcapply.rendering.text.words import counted, duration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dlcapply.model.runs import Run
    from dlcapply.rendering.rows.logs import EventRow, SavedLogRow
    from dlcapply.rendering.rows.where import Where

_COLUMNS = (
    Column("FILE", cut=Cut.MIDDLE),
    Column("LINES", is_number=True),
    Column("BYTES", goes=1, is_number=True),
    Column("WHOLE"),
)


def head_lines(where: Where, name: str, run: Run, ownership: Ownership, *, width: int | None) -> list[Line]:
    """Which run is told of, and whose it is, if not ours."""
    whose = "" if ownership is Ownership.OURS else f", not ours ({ownership})"
    return [*where_lines(where, width), line(f"{name}: run {run.job_id}, {run.status}{whose}")]


def end_line(name: str, run: Run, reason: str) -> Line:
    """How the run ended, in PAI's words; `reason` may be shown."""
    style = Style.BAD if run.phase in BAD_ENDS else Style.ADDED
    lasted = f" after {duration(run.duration_seconds)}" if run.duration_seconds is not None else ""
    why = f": {reason}" if reason and run.phase in BAD_ENDS else ""
    return line(f"{name}: run {run.job_id} ", Span(run.status, style), f"{lasted}{why}")


def why_line(command: str) -> Line:
    """The command that says why the run failed."""
    return line("why: ", Span(command, Style.COMMAND))


def event_lines(rows: Sequence[EventRow]) -> list[Line]:
    """When each event happened, last, and to which pod; what happened to the job has none."""
    width = max((len(row.pod) for row in rows), default=0)
    return [_event_line(row, width) for row in rows]


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
