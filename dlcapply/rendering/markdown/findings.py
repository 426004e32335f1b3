"""Findings, and what `validate` says of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.model.findings import Finding, Level
from dlcapply.rendering.finding_text import statement
from dlcapply.rendering.markdown.escape import code, inline
from dlcapply.rendering.markdown.fitting import COMMENT, Loss, Part, Size, fitted
from dlcapply.rendering.text.lines import cut
from dlcapply.rendering.text.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_LEVELS = tuple(Level)
_LOSSES = {Level.WARNING: Loss.WARNINGS, Level.ERROR: Loss.ERRORS}
_LONGEST = 1_000


def findings_markdown(
    findings: Sequence[Finding],
    *,
    files: int,
    documents: int,
    waived: int = 0,
    fail_on: Level = Level.ERROR,
    size: Size = COMMENT,
) -> str:
    """Every finding, below what they come to."""
    verdict = _verdict(findings, files=files, documents=documents, fail_on=fail_on)
    note = f", {counted(waived, 'finding')} waived" if waived else ""
    head = [Part(f"### dlcapply validate\n\n{verdict}{note}.\n")]
    return fitted(head, list(finding_parts(findings, title="")), size, whole="`-o text` has all of it.")


def finding_parts(findings: Iterable[Finding], *, title: str) -> Iterator[Part]:
    """An entry of a list for each finding, errors first; the title stands above the first."""
    by_level = sorted(findings, key=lambda finding: _LEVELS.index(finding.level))
    for number, finding in enumerate(by_level):
        above = "" if number else f"\n{title}"
        yield Part(
            f"{above}{_entry(finding)}",
            ((Loss.TEXTS, f"{above}{_entry(finding, longest=_LONGEST)}"), (_LOSSES[finding.level], "")),
        )


def _entry(finding: Finding, *, longest: int | None = None) -> str:
    place = f" {code(cut(str(finding.place), longest))}" if finding.place else ""
    said = inline(cut(statement(finding), longest))
    hint = f"<br>Hint: {inline(cut(finding.hint, longest))}" if finding.hint else ""
    return f"- **{finding.level}** {code(cut(finding.rule, longest))}{place}: {said}{hint}\n"


def _verdict(findings: Sequence[Finding], *, files: int, documents: int, fail_on: Level) -> str:
    errors = sum(finding.level is Level.ERROR for finding in findings)
    numbers = ((errors, "error"), (len(findings) - errors, "warning"))
    counts = ", ".join(counted(number, noun) for number, noun in numbers if number)
    if any(finding.level.fails(fail_on) for finding in findings):
        found_in = len({finding.place.file for finding in findings if finding.place}) or files
        return f"**{counts}** in {counted(found_in, 'file')}"
    beside = f", with {counts}" if counts else ""
    return f"{counted(files, 'file')}, {counted(documents, 'document')}: **valid**{beside}"
