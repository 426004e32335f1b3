"""What is live, as Markdown: for the summary of a run, or a comment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.one_line import printable
from dlcapply.rendering.markdown.escape import code, inline
from dlcapply.rendering.text.lines import shorten, to_text
from dlcapply.rendering.text.statuses import (
    doubts,
    hours_text,
    nothing_text,
    pods_text,
    ran_text,
    status_text,
    tally,
)
from dlcapply.rendering.text.where import where_line
from dlcapply.rendering.text.words import counted

if TYPE_CHECKING:
    from dlcapply.rendering.rows.status import StatusReport, StatusRow

# A comment takes 65,536 characters; with every cell as long as it may be, so many rows fit.
_MOST_ROWS = 150
_LONGEST = 80
_OF_JOBS = "| job | status | plan | JobId | ran | pods | accelerator-hours |"
_OF_RUNS = "| run | status | owner | JobId | ran | pods | accelerator-hours |"
_RULE = "|---|---|---|---|---|---|---|"


def status_markdown(report: StatusReport) -> str:
    """Where it was looked, a table, and how many rows there are besides."""
    parts = [f"### {inline(to_text([where_line(report.where)]).strip())}"]
    if report.rows:
        parts.append(inline(f"{counted(len(report.rows), 'row')}: {tally(report.rows)}"))
        header = _OF_RUNS if report.is_of_runs else _OF_JOBS
        rows = (_row(row, is_of_runs=report.is_of_runs) for row in report.rows[:_MOST_ROWS])
        parts.append("\n".join([header, _RULE, *rows]))
    else:
        parts.append(inline(nothing_text(report)))
    if (more := len(report.rows) - _MOST_ROWS) > 0:
        parts.append(inline(f"{more:,} more are not shown"))
    parts += map(inline, doubts(report))
    return "\n\n".join(parts) + "\n"


def _row(row: StatusRow, *, is_of_runs: bool) -> str:
    job_id = row.job_id or (row.others[0].job_id if row.others else "")
    cells = (
        code(_short(row.name)),
        inline(_short(status_text(row))),
        inline(_short(row.owner if is_of_runs else row.plan)),
        code(_short(job_id)),
        inline(ran_text(row)),
        inline(pods_text(row)),
        inline(hours_text(row)),
    )
    return f"| {' | '.join(cells)} |"


def _short(text: str) -> str:
    return shorten(printable(text), _LONGEST)
