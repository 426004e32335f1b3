"""Runs that were stopped by hand, as Markdown: for the summary of a step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.model.stops import StopResult
from dlcapply.rendering.markdown.escape import code, inline
from dlcapply.rendering.text.lines import shorten
from dlcapply.rendering.text.stops import lost_text
from dlcapply.rendering.text.where import place_text
from dlcapply.rendering.text.words import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dlcapply.model.stops import StopOutcome
    from dlcapply.rendering.rows.actions import FollowsRow, StopRow
    from dlcapply.rendering.rows.where import Where

_HEADER = "| job | run | result | lost | why |\n|---|---|---|---|---|"
_MOST_ROWS = 300
_LONGEST_NAME = 80
_LONGEST = 1_000


def stop_markdown(
    where: Where,
    rows: Sequence[StopRow],
    outcomes: Sequence[StopOutcome],
    follows: Sequence[FollowsRow],
    *,
    notes: Sequence[str] = (),
) -> str:
    """The headline, a table of the runs that were meant, and whether an apply starts their jobs again.

    What went wrong comes first; rows beyond some hundred are counted.
    """
    known = {one.job_id: one for one in outcomes}
    ordered = sorted(rows, key=lambda row: _is_fine(known.get(row.shown.job_id)))
    table = [_HEADER, *(_row(row, known.get(row.shown.job_id)) for row in ordered[:_MOST_ROWS])]
    more = [inline(f"{len(rows) - _MOST_ROWS:,} more runs are in the log.")] if len(rows) > _MOST_ROWS else []
    after = [f"- {code(_short(one.name))}: {inline(one.text[:_LONGEST])}" for one in follows[:_MOST_ROWS]]
    parts = [
        f"### {inline(_headline(where, rows, outcomes))}",
        *(["\n".join(table)] if rows else []),
        *more,
        *(["\n".join(f"- {inline(note[:_LONGEST])}" for note in notes[:_MOST_ROWS])] if notes else []),
        *(["\n".join(after)] if after else []),
    ]
    return "\n\n".join(parts) + "\n"


def _is_fine(outcome: StopOutcome | None) -> bool:
    return outcome is not None and outcome.result.is_told


def _headline(where: Where, rows: Sequence[StopRow], outcomes: Sequence[StopOutcome]) -> str:
    place = place_text(where)
    if not outcomes:
        return f"Nothing was stopped in {place}"
    over = sum(one.result.is_over for one in outcomes)
    return f"{over:,} of {counted(len(rows), 'run')} stopped in {place}"


def _row(row: StopRow, outcome: StopOutcome | None) -> str:
    result = outcome.result if outcome else StopResult.PROTECTED if row.protected else None
    why = outcome.error.message if outcome and outcome.error else row.protected
    cells = (
        code(_short(row.shown.name)),
        code(row.shown.job_id),
        inline(result.value if result else "-"),
        inline(lost_text(row.spent)),
        inline(why[:_LONGEST]),
    )
    return f"| {' | '.join(cells)} |"


def _short(name: str) -> str:
    return shorten(name, _LONGEST_NAME)
