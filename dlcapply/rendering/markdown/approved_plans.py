"""What was approved in merged pull requests, as Markdown: for the summary of a run that applies it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.rendering.markdown.escape import code, inline
from dlcapply.rendering.text.approved_plans import alike, conclusion
from dlcapply.rendering.text.lines import cut

if TYPE_CHECKING:
    from dlcapply.rendering.rows.approvals import ApprovedPlans

_HEADER = "| plan | pull requests | why |\n|---|---|---|"
_MOST_ROWS = 200
_LONGEST = 200


def approved_markdown(report: ApprovedPlans) -> str:
    """The headline, and a table of what became of which plan; it fits a step's summary.

    Numbers of pull requests are left to be links: they are ours.
    """
    rows = list(alike(report.rows))
    shown = [
        f"| {verdict.words} | {numbers} | {inline(cut(why, _LONGEST))} |"
        for verdict, numbers, why in rows[:_MOST_ROWS]
    ]
    parts = [f"### dlcapply approvals for {code(cut(report.owner, _LONGEST))}"]
    parts += ["\n".join([_HEADER, *shown])] if shown else []
    parts += [f"{len(rows) - _MOST_ROWS:,} more rows are left out."] if len(rows) > _MOST_ROWS else []
    return "\n\n".join([*parts, *map(inline, conclusion(report))]) + "\n"
