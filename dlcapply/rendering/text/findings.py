"""Findings, one to a line, in the form that editors and `grep` know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.model import Finding, Level
from dlcapply.rendering.text.lines import Line, Span, Style, line, sections
from dlcapply.rendering.text.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

LEVEL_STYLES = {Level.ERROR: Style.BAD, Level.WARNING: Style.CHANGED}


def finding_lines(findings: Iterable[Finding]) -> Iterator[Line]:
    """`file:line:column  level  rule  message`, and below it the hint."""
    for finding in findings:
        yield _problem(finding)
        if finding.hint:
            yield line(Span("    hint: ", Style.FAINT), finding.hint)


def validation_lines(findings: Sequence[Finding], *, files: int, documents: int) -> list[Line]:
    """Every finding, then the one line that says whether the manifests are valid."""
    verdict = _verdict(findings, files=files, documents=documents)
    return sections(finding_lines(findings), [verdict])


def _problem(finding: Finding) -> Line:
    place = f"{finding.place}  " if finding.place else ""
    where = f"{finding.path}: " if finding.path and finding.path not in finding.message else ""
    level = Span(finding.level, LEVEL_STYLES[finding.level])
    return line(Span(place, Style.STRONG), level, f"  {finding.rule}  {where}{finding.message}")


def _verdict(findings: Sequence[Finding], *, files: int, documents: int) -> Line:
    errors = sum(finding.level is Level.ERROR for finding in findings)
    warnings = len(findings) - errors
    counts = [counted(number, noun) for number, noun in ((errors, "error"), (warnings, "warning")) if number]
    if errors:
        return line(Span(", ".join(counts), Style.BAD), f" in {counted(files, 'file')}")
    looked_at = f"{counted(files, 'file')}, {counted(documents, 'document')}: "
    return line(looked_at, Span("valid", Style.ADDED), *(f", with {count}" for count in counts))
