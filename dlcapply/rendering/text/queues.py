"""Queues: for each quota what is free, and who waits in which place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.one_line import printable
from dlcapply.rendering.text.cutting import cut_middle
from dlcapply.rendering.text.lines import EMPTY, Line, Span, Style, line
from dlcapply.rendering.text.notes import folded, note_lines
from dlcapply.rendering.text.tables import Column, Cut, Row, table_lines
from dlcapply.rendering.text.where import where_line
from dlcapply.rendering.text.words import counted, lasted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from dlcapply.rendering.rows.inspection import QueueReport, Queues, WaitingRow

_COLUMNS = (
    Column("PLACE", is_number=True),
    Column("JOB", cut=Cut.MIDDLE),
    Column("WHOSE", goes=1, cut=Cut.MIDDLE, least=8),
    Column("GPUS", goes=2, is_number=True),
    Column("PRIORITY", goes=4, is_number=True),
    Column("WAITS", goes=3, is_number=True),
    Column("JOBID", goes=5),
)
# Of a long queue the rows that matter: those around ours, and the first.
_FIRST, _OURS, _BEHIND = 10, 10, 2
_LONGEST_NAME = 200


def queues_lines(queues: Queues, *, width: int | None, full: bool = False) -> list[Line]:
    """A table for each quota, none wider than `width`; with `full` every row of it."""
    lines = [where_line(queues.where)]
    for one in queues.quotas:
        lines += [EMPTY, *_quota_lines(one, queues, width, full=full)]
    return [*lines, *note_lines(queues.notes, width)]


def _quota_lines(one: QueueReport, queues: Queues, width: int | None, *, full: bool) -> Iterator[Line]:
    yield from (line(Span(part, Style.STRONG)) for part in folded(_title(one), width))
    yield from (line(part) for part in folded(_counts(one), width))
    rows = list(one.waiting) if full else _chosen(one.waiting)
    if rows:
        notes = _notes(rows)
        table = [_row(row, queues.now, said) for row, said in zip(rows, notes, strict=True)]
        yield from table_lines(_COLUMNS, table, width, known=queues.names)
    if left := len(one.waiting) - len(rows):
        ours = sum(row.is_ours for row in one.waiting) - sum(row.is_ours for row in rows)
        of_ours = f", {ours:,} of them ours" if ours else ""
        yield line(Span(f"{left:,} more wait{of_ours}; --all shows them", Style.FAINT))
    if one.held_unseen:
        told = f"{one.held_unseen:g} accelerators are held by workloads that PAI does not show"
        yield from (line(Span(text, Style.FAINT)) for text in folded(told, width))
    if not one.is_whole:
        yield line(Span("PAI shows less of this queue than it counts", Style.CHANGED))


def _title(one: QueueReport) -> str:
    quota = one.quota
    facts = [quota.quota_id] if quota.name else []
    facts += [text for text in (quota.resource_type, quota.status) if text not in {"", "Ready"}]
    told = f" ({', '.join(facts)})" if facts else ""
    return f"{cut_middle(printable(quota.name or quota.quota_id), _LONGEST_NAME)}{told}"


def _counts(one: QueueReport) -> str:
    ours = f" ({one.running_ours} ours)" if one.running_ours else ""
    return f"{_sizes(one)}{counted(one.running, 'workload')} running{ours}, {len(one.waiting):,} waiting"


def _sizes(one: QueueReport) -> str:
    free, size = one.quota.free.accelerators, one.quota.size.accelerators
    if free is None or size is None:
        return ""
    return f"{free:g} of {size:g} accelerators free; "


def _chosen(rows: Sequence[WaitingRow]) -> list[WaitingRow]:
    """The first of the queue, and the first of ours with a few behind the last of these."""
    ours = [at for at, row in enumerate(rows) if row.is_ours][:_OURS]
    shown = {*range(_FIRST), *ours}
    shown |= set(range(ours[-1], ours[-1] + _BEHIND + 1)) if ours else set()
    return [row for at, row in enumerate(rows) if at in shown]


def _row(row: WaitingRow, now: datetime | None, notes: Sequence[str]) -> Row:
    work = row.workload
    waits = lasted(work.enqueued, now)
    asks = "-" if work.asks.accelerators is None else f"{work.asks.accelerators:g}"
    place = "-" if row.number is None else f"{row.number:,}"
    style = Style.AGAIN if row.is_ours else Style.PLAIN
    name = Span(row.job or work.name or "-", style)
    whose = Span("ours", style) if row.is_ours else Span(work.user or "-")
    priority = "-" if work.priority is None else str(work.priority)
    cells = (place, name, whose, asks, priority, waits, work.workload_id)
    return Row(cells, tuple(notes))


def _notes(rows: Sequence[WaitingRow]) -> list[list[str]]:
    """Below each row of ours why it waits, in PAI's words, once for those that say the same.

    Who is ahead is told of the first.
    """
    notes: list[list[str]] = []
    told, is_first = "", True
    for row in rows:
        why = ": ".join(filter(None, (row.workload.code, row.workload.reason))) if row.is_ours else ""
        notes.append([why] if why and why != told else [])
        if row.is_ours and is_first:
            notes[-1] += _ahead(row)
            is_first = False
        told = why or told
    return notes


def _ahead(row: WaitingRow) -> list[str]:
    if not (row.ahead or row.unseen):
        return []
    asks = f" that ask for {row.ahead_asks:g} accelerators" if row.ahead_asks else ""
    seen = f"{row.ahead:,} ahead{asks}" if row.ahead else ""
    unseen = f"{row.unseen:,} more ahead that PAI does not show" if row.unseen else ""
    return [", ".join(filter(None, (seen, unseen)))]
