"""Runs while they are waited for: those that still matter in a table, and how many the others are."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from dlcapply.model.runs import PHASES, TERMINAL, WAITING, Phase
from dlcapply.rendering.text.cutting import wrapped_lines
from dlcapply.rendering.text.lines import Line, Span, Style, line, shorten
from dlcapply.rendering.text.statuses import PHASE_STYLES
from dlcapply.rendering.text.tables import Column, Cut, Row, lay_out, with_notes
from dlcapply.rendering.text.where import where_line
from dlcapply.rendering.text.words import duration

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dlcapply.rendering.rows.waiting import WatchedRow
    from dlcapply.rendering.rows.where import Where

_COLUMNS = (
    Column("NAME", cut=Cut.MIDDLE),
    Column("STATUS"),
    Column("FOR", goes=1, is_number=True),
    Column("JOBID", goes=2),
)
# How many there are of each: words that follow a number.
_WORDS = {
    "Creating": "being created",
    "Queuing": "queued",
    "Bidding": "bidding",
    "EnvPreparing": "preparing",
    "SanityChecking": "in sanity checks",
    "Running": "running",
    "Restarting": "restarting",
    "Stopping": "stopping",
    "Stopped": "stopped",
    "Succeeded": "succeeded",
    "SucceededReserving": "succeeded",
    "Failed": "failed",
    "FailedReserving": "failed",
}
_UNSEEN = "not shown"
_FEWEST_ROWS = 2  # a header alone tells nothing
_ROOM_FOR_WHERE = 8


def watch_lines(
    rows: Sequence[WatchedRow],
    width: int,
    height: int,
    *,
    where: Where | None = None,
    known: Iterable[str] = (),
) -> list[Line]:
    """At most `height` lines: what failed, then what is under way, then what waits; the rest is counted.

    No name looks like another, nor like those `known`.
    """
    matter = sorted((row for row in rows if row.failed or row.is_open), key=_rank)
    above = list(wrapped_lines([where_line(where)], width)) if where and height >= _ROOM_FOR_WHERE else []
    table = lay_out(_COLUMNS, [_row(row) for row in matter], width, known=known)
    room = height - len(above) - 2  # the header, and the count
    shown = table.rows[:room] if room >= _FEWEST_ROWS else ()
    lines = list(with_notes(shown, room))
    rest = [*matter[len(shown) :], *(row for row in rows if not (row.failed or row.is_open))]
    counted = [line(Span(shorten(_rest_text(rest, of_all=not shown), width), Style.FAINT))] if rest else []
    return [*above, *([table.header] if lines else []), *lines, *counted]


def waiting_text(rows: Sequence[WatchedRow]) -> str:
    """What is waited for, on one line."""
    left, over = [row for row in rows if row.is_open], [row for row in rows if not row.is_open]
    if len(rows) == 1 and left:
        return f"waiting for {left[0].name}: {_lasting(left[0])}"
    told = f"; {count_text(over)}" if over else ""
    return f"waiting for {len(left):,} of {len(rows):,} runs: {count_text(left)}{told}"


def _lasting(row: WatchedRow) -> str:
    """Its status, and for how long it has it; of one that can't be seen, what was seen last."""
    if row.note:
        return f"{row.note}, {row.status or _UNSEEN} before"
    lasts = f" for {duration(row.seconds)}" if row.seconds is not None else ""
    return f"{row.status or _UNSEEN}{lasts}"


def count_text(rows: Iterable[WatchedRow]) -> str:
    """How many runs have each status: `38 succeeded, 4 queued`."""
    counts = Counter(map(_word, rows))
    return ", ".join(f"{number:,} {word}" for word, number in counts.most_common())


def _word(row: WatchedRow) -> str:
    is_given_up = row.failed and not row.is_open and PHASES.get(row.status) not in TERMINAL
    return "given up" if is_given_up else _WORDS.get(row.status, row.status) or _UNSEEN


def _rest_text(rest: Sequence[WatchedRow], *, of_all: bool) -> str:
    return count_text(rest) if of_all else f"and {count_text(rest)}"


def _rank(row: WatchedRow) -> tuple[bool, bool, bool, str]:
    """What needs somebody comes first, then what costs, then what waits."""
    return (not row.failed, not row.note, row.status in WAITING, row.name)


def _row(row: WatchedRow) -> Row:
    phase = PHASES.get(row.status, Phase.UNKNOWN)
    status = Span(row.status or _UNSEEN, Style.BAD if row.failed else PHASE_STYLES[phase])
    lasts = "-" if row.seconds is None else duration(row.seconds)
    notes = (Span(row.note, Style.BAD if row.failed else Style.CHANGED),) if row.note else ()
    return Row((row.name, status, lasts, row.job_id), notes)
