"""What a finding says, worded the same in every form."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dlcapply.model.findings import Finding


def statement(finding: Finding) -> str:
    """The message, after the path inside the document where the message does not name it."""
    where = f"{finding.path}: " if finding.path and finding.path not in finding.message else ""
    return f"{where}{finding.message}"


def advice(finding: Finding) -> str:
    """The statement and, on a line of its own, the hint."""
    hint = f"\nhint: {finding.hint}" if finding.hint else ""
    return f"{statement(finding)}{hint}"
