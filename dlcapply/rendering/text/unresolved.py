"""What a journal leaves open: in words that every format has, and as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.one_line import printable
from dlcapply.rendering.text.lines import DETAIL_INDENT, Line, Span, Style, line, sections, shorten
from dlcapply.rendering.text.words import age, counted

if TYPE_CHECKING:
    from datetime import datetime

    from dlcapply.rendering.rows.unresolved import Unresolved, UnresolvedRow

# Of what is shown to people; anything may stand in a journal, and any number of times.
MOST_SHOWN = 20
LONGEST_SHOWN = 100
NO_COMMAND = "no apply of dlcapply writes such an entry: look at the journal"
ADVICE = (
    "Each may have been carried out all the same: a run that was created so goes on. Each command tells what "
    "became of one; the next apply looks too, before it creates anything of the same, and notes what it sees."
)


def headline(report: Unresolved) -> str:
    """What the journal leaves open, in a line."""
    if not report.exists:
        return f"There is no journal at {report.journal}, so what earlier applies began is not known here."
    what = counted(len(report.rows), "operation") if report.rows else "no operation"
    return f"{report.journal} holds {what} without an outcome."


def more(report: Unresolved) -> list[str]:
    """What is left out, in lines."""
    left_out = len(report.rows) - MOST_SHOWN
    older = [f"{counted(left_out, 'older one')} left out: -o json has all."] if left_out > 0 else []
    others = f"{counted(report.elsewhere, 'operation')} of other environments, which are not shown."
    return [*older, *([others] if report.elsewhere else [])]


def unresolved_lines(report: Unresolved, *, now: datetime) -> list[Line]:
    """The headline, and each open write with the command that tells what became of it."""
    told = line(Span(headline(report), Style.BAD if report.rows else Style.PLAIN))
    rows = [one for row in report.rows[-MOST_SHOWN:] for one in _row_lines(row, now)]
    return sections([told], rows, [line(text) for text in (*more(report), *([ADVICE] if rows else []))])


def _row_lines(row: UnresolvedRow, now: datetime) -> list[Line]:
    ago = age(row.begun.isoformat(), now=now)
    begun = f"  {_short(row.call)}, begun {moment(row)} ({ago} ago)"
    command = Span(row.command, Style.COMMAND) if row.command else Span(NO_COMMAND)
    return [
        line("  ", Span(_short(row.name), Style.STRONG), begun),
        line(DETAIL_INDENT, _short(row.where)),
        line(DETAIL_INDENT, command),
    ]


def moment(row: UnresolvedRow) -> str:
    return f"{row.begun:%Y-%m-%d %H:%M:%S} UTC"


def _short(text: str) -> str:
    return shorten(printable(text), LONGEST_SHOWN)
