"""What `validate` reports, whichever format it is written in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dlcapply.model.findings import Level

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dlcapply.model.findings import Finding
    from dlcapply.rendering.text.snippets import Source


@dataclass(frozen=True, slots=True)
class FindingsReport:
    """The findings of so many files and documents, those that are waived, and how they are to be told.

    `looked_at` are the files that hold manifests. `name_of` gives a file's name in its repository, `source`
    the line that a finding is about. `quiet`: no line says that all is well.
    """

    findings: tuple[Finding, ...]
    waived: tuple[Finding, ...]
    looked_at: frozenset[str]
    files: int
    documents: int
    name_of: Callable[[str], str]
    source: Source
    fail_on: Level = Level.ERROR
    quiet: bool = False
    markdown_size: str = "comment"

    def in_repository(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """The findings with their files named from the root of the repository, as CI systems want them."""
        return tuple(finding.named(self.name_of) for finding in findings)
