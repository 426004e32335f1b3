"""What the checks of a run's hardware found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.model.runs import TERMINAL, phase_of
from dlcapply.rendering.text.lines import EMPTY, Line, Span, Style, line
from dlcapply.rendering.text.run_heads import head_lines
from dlcapply.rendering.text.tables import Column, Row, table_lines
from dlcapply.rendering.text.words import lasted

if TYPE_CHECKING:
    from dlcapply.rendering.rows.inspection import Checked, CheckRow

_COLUMNS = (
    Column("CHECK", is_number=True),
    Column("PHASE"),
    Column("RESULT"),
    Column("TOOK", goes=1, is_number=True),
    Column("BEGAN (UTC)", goes=2),
)


def checks_lines(checked: Checked, *, width: int | None) -> list[Line]:
    """A row for each phase of each check, with what PAI says of it and the nodes that it names below."""
    head = head_lines(checked.head)
    if not checked.rows:
        return [*head, EMPTY, line(_none_made(checked))]
    table = table_lines(_COLUMNS, [_row(row) for row in checked.rows], width)
    return [*head, EMPTY, *table, EMPTY, _verdict(checked)]


def _none_made(checked: Checked) -> str:
    if checked.is_enabled is False or checked.is_enabled is None:
        return "No check was made: Settings.EnableSanityCheck asks for one, on Lingjun resources."
    if phase_of(checked.head.status) in TERMINAL:
        return "No check was made: the run ended before it."
    return "No check was made yet: it comes before the run's first Running."


def _row(row: CheckRow) -> Row:
    check = row.check
    style = Style.BAD if check.has_failed else Style.ADDED if check.status == "Succeeded" else Style.PLAIN
    began = f"{check.started:%Y-%m-%d %H:%M:%S}" if check.started else "-"
    notes: list[str | Span] = [check.message] if check.message else []
    if row.nodes:
        notes.append(Span(f"names {', '.join(row.nodes)}", style))
    cells = (
        str(check.number),
        check.phase or "-",
        Span(check.status or "-", style),
        lasted(check.started, check.finished),
        began,
    )
    return Row(cells, tuple(notes))


def _verdict(checked: Checked) -> Line:
    failed = [row for row in checked.rows if row.check.has_failed]
    if not failed:
        return line("No phase failed.")
    nodes = dict.fromkeys(node for row in failed for node in row.nodes)
    phases = ", ".join(dict.fromkeys(row.check.phase or "a phase without a name" for row in failed))
    at = f"; PAI's words name {', '.join(nodes)}" if nodes else "; PAI's words name none of its nodes"
    return line(Span(f"Failed: {phases}", Style.BAD), at)
