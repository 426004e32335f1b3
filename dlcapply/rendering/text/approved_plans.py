"""Merged pull requests, and what became of the plan of each."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from dlcapply.rendering.text.lines import EMPTY, Line, Span, Style, line
from dlcapply.rendering.text.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dlcapply.rendering.report_rows import ApprovalRow

TAKEN = "taken"
_STYLES = {TAKEN: Style.ADDED, "refused": Style.BAD, "missing": Style.FAINT}
_WIDEST = 11
_MOST_NAMED = 30


def approved_lines(
    rows: Sequence[ApprovalRow], *, folder: str, is_whole: bool, requests: int
) -> Iterator[Line]:
    """A line for each pull request, those together that fare alike for one reason; then what it comes to."""
    for (verdict, why), alike in groupby(rows, key=lambda row: (row.verdict, row.why)):
        yield _line(verdict, why, list(alike))
    if rows:
        yield EMPTY
    taken = sum(row.verdict == TAKEN for row in rows)
    yield line(
        f"{counted(taken, 'plan')} of {counted(len(rows), 'merged pull request')} in {folder}"
        f" ({counted(requests, 'request')} to GitHub)."
    )
    if not is_whole:
        yield line("All that is to come is approved: older pull requests were not looked at.")


def _line(verdict: str, why: str, rows: Sequence[ApprovalRow]) -> Line:
    numbers = ", ".join(f"#{row.number}" for row in rows[:_MOST_NAMED])
    more = f" and {len(rows) - _MOST_NAMED:,} more" if len(rows) > _MOST_NAMED else ""
    return line(
        Span(f"{verdict:<{_WIDEST}}", _STYLES.get(verdict, Style.STRONG)), f"{numbers}{more}", f": {why}"
    )
