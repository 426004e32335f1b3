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

    from dlcapply.model.plans import FieldChange

_MOST_ROWS = 12
_WIDEST = 120


def differences_part(name: str, fields: Sequence[FieldChange]) -> Part:
    """Each differing field with its lines, as a diff; where that is too long, values are cut, or all goes."""
    summary = f"{html_code(name)}: {counted(len(fields), 'field')}"
    whole, shorter = (_folded(summary, _lines(fields, is_cut=is_cut)) for is_cut in (False, True))
    return Part(whole, ((Loss.VALUES, shorter), (Loss.DIFFERENCES, "")))


def _folded(summary: str, lines: Iterator[str]) -> str:
    diff = block("\n".join(lines), language="diff")
    return f"\n<details><summary>{summary}</summary>\n\n{diff}\n\n</details>\n"


def _lines(fields: Sequence[FieldChange], *, is_cut: bool) -> Iterator[str]:
    for field in fields:
        yield f"@@ {printable(field.path)} @@ {remark(field)}"
        yield from _cut(rows_of(field, full=False)) if is_cut else map(_line, rows_of(field, full=False))


def _cut(rows: Sequence[Row]) -> Iterator[str]:
    for row in rows[:_MOST_ROWS]:
        yield _line(Row(row.mark, shorten(row.text, _WIDEST, focus=row.focus)))
    if (hidden := len(rows) - _MOST_ROWS) > 0:
        yield f"  … {counted(hidden, 'more line')}"


def _line(row: Row) -> str:
    return f"  {row.mark}" if row.mark == "⋮" else f"{row.mark} {row.text}"
