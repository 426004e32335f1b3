"""What is live, as a table: a row for each job or run, and what else there is to know below it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from dlcapply.model.runs import FAILURES, TERMINAL, Phase, Visibility, phase_of
from dlcapply.one_line import printable
from dlcapply.planning.run_progress import lets_go
from dlcapply.rendering.rows.status import BROKEN
from dlcapply.rendering.text.cutting import cut_end, cut_middle, wrapped_lines
from dlcapply.rendering.text.lines import Line, Span, Style, cells, line, shorten
from dlcapply.rendering.text.tables import Column, Cut, Row, Table, fitted, lay_out
from dlcapply.rendering.text.where import where_line
from dlcapply.rendering.text.words import age, counted, duration_or_dash, hours

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from dlcapply.rendering.rows.status import OtherRun, StatusReport, StatusRow

PHASE_STYLES: dict[Phase, Style] = {
    Phase.ACTIVE: Style.AGAIN,
    Phase.STOPPING: Style.CHANGED,
    Phase.SUCCEEDED: Style.ADDED,
    Phase.STOPPED: Style.FAINT,
    Phase.UNKNOWN: Style.CHANGED,
    **dict.fromkeys(FAILURES, Style.BAD),
}
# What decides stays; the rest goes from the right of this order, as what is looked at less often.
_COLUMNS = (
    Column("NAME", cut=Cut.MIDDLE, least=20),
    Column("STATUS", cut=Cut.END, least=26, is_told_whole=True),  # `Failed: exit 137 (SIGKILL)`
    Column("PLAN", goes=2),
    Column("OWNER", cut=Cut.MIDDLE, least=9, goes=3),
    Column("JOBID", goes=1),
    Column("AGE", goes=4, is_number=True),
    Column("ACCEL-HOURS", goes=5, is_number=True),
    Column("PODS", goes=6, is_number=True),
    Column("RAN", goes=7, is_number=True),
    Column("QUEUED", goes=8, is_number=True),
    Column("ACCEL", goes=9, is_number=True),
    Column("RESTARTS", goes=10, is_number=True),
    Column("USER", cut=Cut.MIDDLE, least=8, goes=11),
)
_LONGEST_NAME = 64
_GAP = 2
_LEAST = 20  # of a name, or of a status, in a line of its own
_ROOM_FOR_ALL = 6  # lines; of fewer, each that is not of the table is one less that tells a status
_UNKNOWN = "?"
_NONE = "-"
_UNSEEN = {
    Visibility.OWN: "Others' PRIVATE jobs are not seen",
    Visibility.UNKNOWN: "Others' PRIVATE jobs may not be seen",
}


def report_lines(report: StatusReport, *, width: int | None = None) -> list[Line]:
    """Where it was looked, the table, and what there is besides; no line is wider than `width` columns."""
    where = wrapped_lines([where_line(report.where)], width)
    if not report.rows:
        return [*where, line(nothing_text(report)), *wrapped_lines(_foot(report), width)]
    table = _table(report, width)
    return [*where, *table.lines, *wrapped_lines(_foot(report, table.left_out), width)]


def watch_lines(report: StatusReport, *, width: int, height: int, foot: Sequence[str] = ()) -> list[Line]:
    """The report in at most so many lines: what goes on or went wrong first, a line that counts the rest."""
    said = [text for text in (unseen_text(report), unread_text(report), *foot) if text]
    below = list(wrapped_lines([line(Span(text, Style.FAINT)) for text in said], width))
    above = list(wrapped_lines([where_line(report.where)], width))
    if height < _ROOM_FOR_ALL:
        above, below = [], [line(cut_end(text, width)) for text in said[-1:]]
    if not report.rows:
        return [*above, line(nothing_text(report)), *below][:height]
    table = _table(report, width)
    room = max(2, height - len(above) - len(below))
    lines = fitted(
        table,
        room,
        ranks=[_rank(row) for row in report.rows],
        rest=lambda left: _rest([report.rows[at] for at in left], width),
    )
    return [*above, *lines, *below][:height]


def change_line(row: StatusRow, *, moment: str, width: int | None = None, status: str = "") -> Line:
    """One line for what a row shows now, where there is no terminal to show it in place."""
    status, job_id = status or printable(status_text(row)), f"  {row.job_id}" if row.job_id else ""
    name = printable(row.name)
    if width is not None:
        room = max(2 * _LEAST, width - len(moment) - cells(job_id) - 2 * _GAP)
        status = cut_end(status, room - min(cells(name), _LEAST))
        name = cut_middle(name, room - cells(status))
    gap = " " * _GAP
    return line(f"{moment}{gap}{name}{gap}", Span(status, _style(row)), job_id)


def status_lines(
    rows: Sequence[StatusRow], *, now: datetime | None, width: int | None = None, known: Iterable[str] = ()
) -> list[Line]:
    """A row for each job below a header, without columns that say nothing; ages are relative to `now`.

    `known` are the names of jobs without a row, which no name is to look like.
    """
    return status_table(rows, now=now, width=width, known=known).lines


def status_table(
    rows: Sequence[StatusRow],
    *,
    now: datetime | None,
    width: int | None,
    is_of_runs: bool = False,
    known: Iterable[str] = (),
) -> Table:
    """The table by rows; of runs, it says whose each is and by whom it was started."""
    shown = [_row(row, now, is_of_runs=is_of_runs) for row in rows]
    return lay_out(_COLUMNS, shown, width, known=known)


def _table(report: StatusReport, width: int | None) -> Table:
    return status_table(
        report.rows, now=report.now, width=width, is_of_runs=report.is_of_runs, known=report.names
    )


def tally(rows: Sequence[StatusRow]) -> str:
    """`3 Running, 1 Failed`, the most first."""
    counts = Counter(_status_word(row) for row in rows)
    return ", ".join(f"{count} {status}" for status, count in counts.most_common())


def status_text(row: StatusRow) -> str:
    """The status and why; of a run that succeeded, how many of its pods did not."""
    words = [row.reason]
    if row.progress and row.progress.pods.failed and phase_of(row.status) not in FAILURES:
        words.append(f"{row.progress.pods.failed} of {_pod_count(row)} failed")
    told = ", ".join(filter(None, words))
    status = _status_word(row)
    return f"{status}: {told}" if told else status


def _rank(row: StatusRow) -> int:
    """What somebody has to do about, then what goes on, then what is over."""
    if row.newest_failed or row.others or row.idle or row.plan in {BROKEN, "blocked"}:
        return 0
    if row.job_id and not lets_go(row.status):
        return 1
    return 2 if row.in_sync is False else 3


def _rest(rows: Sequence[StatusRow], width: int) -> Line:
    return line(Span(cut_end(f"and {len(rows):,} more: {printable(tally(rows))}", width), Style.FAINT))


def _status_word(row: StatusRow) -> str:
    stranger = _stranger(row)
    return f"{stranger.status} (not ours)" if stranger else row.status or _NONE


def _stranger(row: StatusRow) -> OtherRun | None:
    """The run that stands in the row of a job that has none of its own."""
    return row.others[0] if row.others and not row.job_id else None


def _row(row: StatusRow, now: datetime | None, *, is_of_runs: bool) -> Row:
    stranger, progress = _stranger(row), row.progress
    cells: tuple[str | Span, ...] = (
        row.name,
        Span(status_text(row), _style(row)),
        "" if is_of_runs else row.plan or _NONE,
        row.owner,
        stranger.job_id if stranger else row.job_id or _NONE,
        age(row.created, now=now) if now else _NONE,
        hours_text(row),
        pods_text(row),
        ran_text(row),
        duration_or_dash(progress.queued_seconds if progress else None),
        _accelerators(row),
        str(progress.restarts) if progress and progress.restarts else _NONE,
        row.user if is_of_runs else "",
    )
    return Row(cells, tuple(_notes(row)))


def _notes(row: StatusRow) -> list[str]:
    called = f"runs as {shorten(row.called, _LONGEST_NAME)}" if row.called else ""
    explanation = row.explanation or ("" if row.plan else row.note)
    idle = f"idle: {row.idle}" if row.idle else ""
    return list(filter(None, (called, explanation, idle, _others_text(row))))


def _others_text(row: StatusRow) -> str:
    """The other runs of the name, as far as the explanation does not name them."""
    others = [one for one in row.others if one.job_id not in row.explanation]
    told = ", ".join(f"{one.job_id} ({one.status}, {one.whose})" for one in others)
    return f"{'also of this name' if row.job_id else 'not ours'}: {told}" if others else ""


def hours_text(row: StatusRow) -> str:
    """`12.5 of 96`: accelerator-hours so far, and the most that the run can use up."""
    progress = row.progress
    if progress is None or progress.accelerators == 0:
        return _NONE
    so_far = hours(progress.hours)
    if progress.is_unbounded:
        return f"{so_far}, no limit"
    return f"{so_far} of {hours(progress.ceiling_hours)}"


def _accelerators(row: StatusRow) -> str:
    if row.progress is None:
        return _NONE
    return _UNKNOWN if row.progress.accelerators is None else str(row.progress.accelerators or _NONE)


def pods_text(row: StatusRow) -> str:
    """`7/8` while it goes on; how many there were of a run that has ended, and how many failed."""
    progress = row.progress
    if progress is None:
        return _NONE
    if not (progress.ended or phase_of(row.status) in TERMINAL):
        return f"{_UNKNOWN if progress.pods.running is None else progress.pods.running}/{_pod_count(row)}"
    failed = f" ({progress.pods.failed} failed)" if progress.pods.failed else ""
    return f"{_pod_count(row)}{failed}"


def _pod_count(row: StatusRow) -> str:
    total = row.progress.pods.total if row.progress else None
    return _UNKNOWN if total is None else str(total)


def ran_text(row: StatusRow) -> str:
    return duration_or_dash(row.progress.run_seconds if row.progress else row.duration_seconds)


def _style(row: StatusRow) -> Style:
    if _stranger(row):
        return Style.CHANGED
    return PHASE_STYLES[phase_of(row.status)] if row.job_id else Style.FAINT


def nothing_text(report: StatusReport) -> str:
    """What it means that there are no rows."""
    return report.nothing or ("No runs." if report.is_of_runs else "No jobs.")


def _sum(rows: Sequence[StatusRow]) -> str:
    """How many runs there are, and what those that go on have used up."""
    lasting = [row.progress for row in rows if row.progress and not lets_go(row.status)]
    known = [one.hours for one in lasting if one.hours is not None]
    doubt = f"; how many {counted(len(lasting) - len(known), 'more run')} used is not known"
    used = f"; so far {hours(sum(known))} accelerator-hours of what goes on" if known else ""
    told = f"{counted(len(rows), 'run')}: {tally(rows)}{used}"
    return told + (doubt if known and len(known) < len(lasting) else "")


def unseen_text(report: StatusReport) -> str:
    """What may be missing because of who looks; empty where nothing is."""
    if report.sees not in _UNSEEN:
        return ""
    follows = "they are not among these runs" if report.is_of_runs else "a job may have a run, and show none"
    return f"{_UNSEEN[report.sees]}: {follows}"


def doubts(report: StatusReport) -> Iterator[str]:
    """What the rows do not tell, or not all of it."""
    if unseen := unseen_text(report):
        yield unseen
    if unmeasured := next((row.unmeasured for row in report.rows if row.unmeasured), ""):
        yield f"{_UNKNOWN} where accelerators are not known: {unmeasured}"
    if report.more:
        yield f"{counted(report.more, 'older run')} that ended: --limit N shows more"
    if unread := unread_text(report):
        yield unread


def unread_text(report: StatusReport) -> str:
    """How many rows of the service are no rows here; empty where all are."""
    return f"{counted(report.unread, 'run')} can't be read, and not shown" if report.unread else ""


def _foot(report: StatusReport, left_out: Sequence[str] = ()) -> list[Line]:
    """What the table does not show."""
    said = [_sum(report.rows)] if report.is_of_runs and report.rows else []
    said += doubts(report)
    if left_out:
        said.append(f"Left out for the width: {', '.join(left_out)}")
    return [line(Span(text, Style.FAINT)) for text in said]
