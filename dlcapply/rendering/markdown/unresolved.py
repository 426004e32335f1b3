"""What a journal leaves open, as Markdown: for the summary of a run that was cut short."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.one_line import printable
from dlcapply.rendering.markdown.escape import block, code, inline
from dlcapply.rendering.text.lines import shorten
from dlcapply.rendering.text.unresolved import (
    ADVICE,
    LONGEST_SHOWN,
    MOST_SHOWN,
    NO_COMMAND,
    headline,
    moment,
    more,
)

if TYPE_CHECKING:
    from dlcapply.rendering.rows.unresolved import Unresolved, UnresolvedRow

_HEADER = "| job | call | begun | target |\n|---|---|---|---|"


def unresolved_markdown(report: Unresolved) -> str:
    """The headline, a table of the open writes, and the commands that tell what became of them.

    It fits a comment whatever stands in the journal.
    """
    rows = report.rows[-MOST_SHOWN:]
    parts = [f"### {inline(headline(report))}"]
    if rows:
        table = "\n".join([_HEADER, *map(_row, rows)])
        commands = dict.fromkeys(row.command or f"# {NO_COMMAND}" for row in rows)
        parts += [table, ADVICE, block("\n".join(commands))]
    return "\n\n".join([*parts, *more(report)]) + "\n"


def _row(row: UnresolvedRow) -> str:
    cells = (code(_short(row.name)), code(_short(row.call)), code(moment(row)), code(_short(row.where)))
    return f"| {' | '.join(cells)} |"


def _short(text: str) -> str:
    return shorten(printable(text), LONGEST_SHOWN)
