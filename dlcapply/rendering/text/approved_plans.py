"""Merged pull requests, and what became of the plan of each: in words that every format has, and as text."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from dlcapply.model.verdicts import Verdict
from dlcapply.rendering.text.lines import Line, Span, Style, line, sections
from dlcapply.rendering.text.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dlcapply.rendering.rows.approvals import ApprovalRow, ApprovedPlans

_STYLES = {Verdict.TAKEN: Style.ADDED, Verdict.REFUSED: Style.BAD, Verdict.MISSING: Style.FAINT}
_WIDEST = 11
_MOST_NAMED = 30


def approved_lines(report: ApprovedPlans) -> list[Line]:
    """A line for each pull request, those together that fare alike for one reason; then what it comes to."""
    rows = (_line(verdict, numbers, why) for verdict, numbers, why in alike(report.rows))
    return sections(rows, map(line, conclusion(report)))


def alike(rows: Sequence[ApprovalRow]) -> Iterator[tuple[Verdict, str, str]]:
    """What became of plans, of which pull requests, and why: neighbours that fare alike are one."""
    for (verdict, why), group in groupby(rows, key=lambda row: (row.verdict, row.why)):
        numbers = [f"#{row.number}" for row in group]
        more = f" and {len(numbers) - _MOST_NAMED:,} more" if len(numbers) > _MOST_NAMED else ""
        yield verdict, f"{', '.join(numbers[:_MOST_NAMED])}{more}", why


def conclusion(report: ApprovedPlans) -> Iterator[str]:
    """How many plans were taken, and what was not looked at."""
    taken = sum(row.verdict is Verdict.TAKEN for row in report.rows)
    where = f" in {report.folder}" if report.folder else ", and nothing was written"
    looked_at = counted(len(report.rows), "merged pull request")
    yield f"{counted(taken, 'plan')} of {looked_at}{where} ({counted(report.requests, 'request')} to GitHub)."
    if not report.is_complete:
        yield "All that is to come is approved: older pull requests were not looked at."


def _line(verdict: Verdict, numbers: str, why: str) -> Line:
    style = _STYLES.get(verdict, Style.STRONG)
    return line(Span(f"{verdict.words:<{_WIDEST}}", style), f"{numbers}: {why}")
