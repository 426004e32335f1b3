"""Drift as it is told in an issue or in the summary of a step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.rendering.markdown.escape import code, inline
from dlcapply.rendering.markdown.findings import finding_parts
from dlcapply.rendering.markdown.fitting import COMMENT, Loss, Part, Size, fitted
from dlcapply.rendering.text.drift import NO_JOURNAL, headline
from dlcapply.rendering.text.lines import cut
from dlcapply.rendering.text.plan_words import about_text, sight_text
from dlcapply.rendering.text.values import inline_value

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dlcapply.model.drift import Drift, DriftedField, DriftReport

_LONGEST = 200
_LONGEST_NAME = 80
_HEADER = "\n| job | drift | what | known by | to do |\n| --- | --- | --- | --- | --- |\n"
_WHOLE = "`dlcapply plan --drift` tells all of it."


def drift_markdown(report: DriftReport, *, size: Size = COMMENT) -> str:
    """The report as Markdown of at most that size; the same drift gives the same text."""
    head = [_title(report), *_cautions(report), _headline(report)]
    return fitted(head, [*_body(report)], size, whole=_WHOLE)


def _title(report: DriftReport) -> Part:
    name = report.scope.owner or report.environment.name
    whole, shorter = (f"### dlcapply drift in {code(text)}\n" for text in (name, cut(name, _LONGEST_NAME)))
    return Part(whole, ((Loss.REST, shorter),))


def _cautions(report: DriftReport) -> Iterator[Part]:
    if sight := sight_text(report):
        yield Part(f"\n> [!WARNING]\n> {inline(sight)}\n")
    if not report.has_journal:
        yield Part(f"\n> [!NOTE]\n> {inline(NO_JOURNAL)}\n")


def _headline(report: DriftReport) -> Part:
    return Part(f"\n**{inline(headline(report))}**\n")


def _body(report: DriftReport) -> Iterator[Part]:
    about = about_text(report)
    yield Part(f"\n{inline(about)}\n", ((Loss.REST, f"\n{inline(cut(about, _LONGEST))}\n"),))
    yield from _table(report.proven, title="")
    yield from _table(report.unclear, title="\n#### Perhaps the manifest's own\n")
    yield from finding_parts(report.findings, title="#### Findings\n\n")


def _table(rows: Sequence[Drift], *, title: str) -> Iterator[Part]:
    for number, row in enumerate(rows):
        above = "" if number else f"{title}{_HEADER}"
        whole, shorter = (f"{above}{_row(row, longest)}" for longest in (None, _LONGEST))
        yield Part(whole, ((Loss.TEXTS, shorter), (Loss.ROWS, "")))


def _row(row: Drift, longest: int | None) -> str:
    what = "<br>".join([inline(cut(row.what, longest)), *(_field(one, longest) for one in row.fields)])
    evidence, hint = (inline(cut(text, longest)) for text in (row.evidence, row.hint))
    return f"| {' | '.join((code(row.name), f'**{row.code}**', what, evidence, hint))} |\n"


def _field(field: DriftedField, longest: int | None) -> str:
    declared, live = (code(cut(inline_value(value), longest)) for value in (field.declared, field.live))
    return f"{code(cut(field.path, longest))}: declared {declared}, is {live}"
