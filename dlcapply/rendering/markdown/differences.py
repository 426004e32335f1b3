"""The fields of a job that differ, folded away until somebody asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.one_line import printable
from dlcapply.rendering.markdown.escape import block, html_code
from dlcapply.rendering.markdown.fitting import Loss, Part
from dlcapply.rendering.text.lines import shorten
from dlcapply.rendering.text.values import Row, remark, rows_of
from dlcapply.rendering.text.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dlcapply.model.plans import Differing

# Of one field: lines, and the columns of each; None as many as there are.
_WHOLE, _LONG, _SHORT = None, (60, 200), (12, 120)


def differences_part(name: str, fields: Sequence[Differing]) -> Part:
    """Each differing field with its lines, as a diff; where that is too long, values are cut, or all goes."""
    summary = f"{html_code(name)}: {counted(len(fields), 'field')}"
    rows = [
        (f"@@ {printable(field.path)} @@ {remark(field)}", rows_of(field, full=False)) for field in fields
    ]
    whole, long, short = (_folded(summary, _lines(rows, most)) for most in (_WHOLE, _LONG, _SHORT))
    return Part(whole, ((Loss.VALUES, long), (Loss.LINES, short), (Loss.DIFFERENCES, "")))


def _folded(summary: str, lines: Iterator[str]) -> str:
    diff = block("\n".join(lines), language="diff")
    return f"\n<details><summary>{summary}</summary>\n\n{diff}\n\n</details>\n"


def _lines(fields: Sequence[tuple[str, Sequence[Row]]], most: tuple[int, int] | None) -> Iterator[str]:
    for title, rows in fields:
        yield title
        yield from map(_line, rows) if most is None else _cut(rows, *most)


def _cut(rows: Sequence[Row], most: int, width: int) -> Iterator[str]:
    for row in rows[:most]:
        yield _line(Row(row.mark, shorten(row.text, width, focus=row.focus)))
    if (hidden := len(rows) - most) > 0:
        yield f"  … {counted(hidden, 'more line')}"


def _line(row: Row) -> str:
    return f"  {row.mark}" if row.mark == "⋮" else f"{row.mark} {row.text}"
