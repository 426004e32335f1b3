"""The runs of a job, newest first: a table, and below each run why it ended and what changed before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.model.runs import Phase, phase_of
from dlcapply.one_line import printable
from dlcapply.rendering.text.lines import EMPTY, Line, Span, Style, line
from dlcapply.rendering.text.statuses import PHASE_STYLES
from dlcapply.rendering.text.tables import Column, Cut, Row, lay_out
from dlcapply.rendering.text.values import field_lines
from dlcapply.rendering.text.where import where_line
from dlcapply.rendering.text.words import age, counted, duration_or_dash, hours

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dlcapply.rendering.rows.history import HistoryRow, RunHistory

_COLUMNS = (
    Column("JOBID"),
    Column("STATUS"),
    Column("AGE", is_number=True),
    Column("RAN", goes=1, is_number=True),
    Column("ACCEL-HOURS", goes=2, is_number=True),
    Column("TOKEN", goes=3, cut=Cut.END, least=6),
    Column("COMMIT", goes=4),
    Column("QUEUED", goes=5, is_number=True),
    Column("ACTOR", goes=6, cut=Cut.END, least=6),
)
_NOTHING = "-"
_ABSENT = "(none)"
_SHORT_COMMIT = 8
MOST_CHANGES = 8


def history_lines(history: RunHistory, *, width: int | None, full: bool = False) -> list[Line]:
    """Where it was looked, how much is shown, and a block of lines for each run."""
    table = lay_out(_COLUMNS, [_row(row, history) for row in history.rows], width)
    blocks = [
        (*lines, *_changes(row, full=full)) for row, lines in zip(history.rows, table.rows, strict=True)
    ]
    return [
        where_line(history.where),
        line(headline(history)),
        EMPTY,
        table.header,
        *(one for block in blocks for one in block),
        *(line(Span(text, Style.FAINT)) for text in footnotes(history)),
    ]


def headline(history: RunHistory) -> str:
    """Whose runs these are, and whether there are more."""
    former = [name for name in history.names if name != history.name]
    called = printable(f"{history.name}, formerly {', '.join(former)}" if former else history.name)
    count = len(history.rows)
    if history.is_all:
        return f"{called}: {counted(count, 'run')}, all there are"
    if count < history.limit:
        return f"{called}: {counted(count, 'run')} among the {history.looked_at:,} newest jobs of such names"
    newest = "newest run" if count == 1 else counted(count, "newest run")
    return f"{called}: the {newest}; --limit shows more"


def footnotes(history: RunHistory) -> Iterator[str]:
    if history.others:
        are = "run of this name is" if history.others == 1 else "runs of this name are"
        yield f"{history.others} more {are} not this job's: --all shows them"


def _row(row: HistoryRow, history: RunHistory) -> Row:
    created = age(row.created, now=history.now) if history.now else _NOTHING
    cells = (
        row.job_id,
        Span(row.status, PHASE_STYLES[phase_of(row.status)]),
        created,
        duration_or_dash(row.run_seconds),
        hours(row.accelerator_hours),
        row.token or _NOTHING,
        short_commit(row) or _NOTHING,
        duration_or_dash(row.queued_seconds),
        row.actor or _NOTHING,
    )
    return Row(cells, tuple(notes_of(row)))


def short_commit(row: HistoryRow) -> str:
    commit, dash, dirty = row.commit.partition("-")
    return f"{commit[:_SHORT_COMMIT]}{dash}{dirty}"


def notes_of(row: HistoryRow) -> Iterator[str]:
    """What there is to say of the run beside its columns."""
    if row.whose:
        yield f"not this job's: {row.whose}"
    if row.stopped_by:
        yield f"stopped by {row.stopped_by}"
    elif phase_of(row.status) is Phase.STOPPED:
        yield "stopped, and PAI does not say by whom"
    if reason := ": ".join(filter(None, (row.reason_code, row.reason))):
        yield reason
    yield from row.notes
    if row.ci_run:
        yield f"started by https://{row.ci_run}"
    if compared := comparison_of(row):
        yield compared


def comparison_of(row: HistoryRow) -> str:
    """How the run compares with the one before it; empty where that is not known."""
    if row.is_first:
        return "the first run"
    if not row.since:
        return ""
    spec = {True: "same spec as", False: "another spec than", None: "compared with"}[row.same_spec]
    before, now = row.former_token or _ABSENT, row.token or _ABSENT
    token = f", run.token {before} → {now}" if before != now else ""
    differs = "" if row.changes else ": nothing that PAI shows differs"
    return f"{spec} {row.since}{token}{differs}"


def _changes(row: HistoryRow, *, full: bool) -> Iterator[Line]:
    shown = row.changes if full else row.changes[:MOST_CHANGES]
    yield from field_lines(shown, full=full)
    if hidden := len(row.changes) - len(shown):
        yield line(Span(f"      and {counted(hidden, 'more field')}, shown by --full", Style.FAINT))
