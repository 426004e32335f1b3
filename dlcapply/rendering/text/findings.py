"""Findings by file, each begun by a line in the form that editors and `grep` know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.model.findings import Finding, Level
from dlcapply.rendering.finding_text import statement
from dlcapply.rendering.text.lines import Line, Span, Style, line, sections
from dlcapply.rendering.text.snippets import no_source, snippet_lines
from dlcapply.rendering.text.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dlcapply.rendering.text.snippets import Source

LEVEL_STYLES = {Level.ERROR: Style.BAD, Level.WARNING: Style.CHANGED}


def finding_lines(findings: Iterable[Finding], *, source: Source = no_source) -> list[Line]:
    """`file:line:column  level  rule  message`, below it the source line and the hint; files stand apart."""
    by_file: dict[str, list[Line]] = {}
    for finding in findings:
        file = finding.place.file if finding.place else ""
        by_file.setdefault(file, []).extend(_told(finding, source))
    return sections(*by_file.values())


def validation_lines(
    findings: Sequence[Finding],
    *,
    files: int,
    documents: int,
    waived: int = 0,
    source: Source = no_source,
    fail_on: Level = Level.ERROR,
) -> list[Line]:
    """Every finding, then the one line that says whether the manifests are valid."""
    verdict = _verdict(findings, files=files, documents=documents, fail_on=fail_on)
    note = [Span(f", {counted(waived, 'finding')} waived", Style.FAINT)] if waived else []
    return sections(finding_lines(findings, source=source), [(*verdict, *note)])


def _told(finding: Finding, source: Source) -> Iterator[Line]:
    place = f"{finding.place}  " if finding.place else ""
    level = Span(finding.level, LEVEL_STYLES[finding.level])
    yield line(Span(place, Style.STRONG), level, f"  {finding.rule}  {statement(finding)}")
    if finding.place:
        yield from snippet_lines(finding.place, source)
    if finding.hint:
        yield line(Span("    hint: ", Style.FAINT), finding.hint)


def _verdict(findings: Sequence[Finding], *, files: int, documents: int, fail_on: Level) -> Line:
    errors = sum(finding.level is Level.ERROR for finding in findings)
    warnings = len(findings) - errors
    counts = [counted(number, noun) for number, noun in ((errors, "error"), (warnings, "warning")) if number]
    if any(finding.level.fails(fail_on) for finding in findings):
        found_in = len({finding.place.file for finding in findings if finding.place}) or files
        return line(Span(", ".join(counts), Style.BAD), f" in {counted(found_in, 'file')}")
    looked_at = f"{counted(files, 'file')}, {counted(documents, 'document')}: "
    return line(looked_at, Span("valid", Style.ADDED), *(f", with {count}" for count in counts))
