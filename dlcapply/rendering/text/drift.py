"""Drift for people: what is otherwise than it was left, how that is known, and what can be done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.rendering.text.findings import finding_lines
from dlcapply.rendering.text.lines import DETAIL_INDENT, Line, Span, Style, line, sections
from dlcapply.rendering.text.plan_words import about_text, sight_text
from dlcapply.rendering.text.titles import title_line, title_widths
from dlcapply.rendering.text.values import inline_value
from dlcapply.rendering.text.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dlcapply.model.drift import Drift, DriftReport

_GLYPH, _UNCLEAR = "!", "?"
NO_JOURNAL = (
    "No journal here has earlier writes to this target: a stop by dlcapply from elsewhere can't be told from"
    " one by a person."
)
NEVER_HEALED = "Nothing of this is changed by dlcapply on its own."


def drift_lines(report: DriftReport) -> list[Line]:
    """The whole report."""
    return sections(
        _header(report),
        _rows(report.rows),
        finding_lines(report.findings),
        [line(Span(headline(report), Style.BAD if report.proven else Style.ADDED))],
    )


def headline(report: DriftReport) -> str:
    """What it comes to."""
    if not report.rows:
        return "No drift."
    jobs = len({row.name for row in report.proven})
    count = f"{counted(len(report.proven), 'change')} in {counted(jobs, 'job')} that no manifest asked for"
    parts = [count] if jobs else ["No drift"]
    if report.unclear:
        parts.append(f"{counted(len(report.unclear), 'difference')} that may be the manifest's own")
    return f"{', and '.join(parts)}. {NEVER_HEALED}"


def _header(report: DriftReport) -> Iterator[Line]:
    yield line("Drift: what changed on the service, and by no manifest.")
    yield line(about_text(report))
    if sight := sight_text(report):
        yield line(Span(sight, Style.BAD))
    if not report.has_journal:
        yield line(Span(NO_JOURNAL, Style.CHANGED))


def _rows(rows: Sequence[Drift]) -> Iterator[Line]:
    widths = title_widths([row.name for row in rows], [row.code for row in rows])
    for row in rows:
        glyph, style = (_GLYPH, Style.BAD) if row.is_proven else (_UNCLEAR, Style.CHANGED)
        yield title_line(glyph, row.name, row.code, style=style, widths=widths)
        yield line(f"{DETAIL_INDENT}{row.what}")
        for field in row.fields:
            declared, live = inline_value(field.declared), inline_value(field.live)
            yield line(f"{DETAIL_INDENT}  {field.path}: declared {declared}, is {live}")
        yield line(Span(f"{DETAIL_INDENT}known by: ", Style.FAINT), row.evidence)
        yield line(Span(f"{DETAIL_INDENT}to do: ", Style.FAINT), row.hint)
