"""Findings as entries of a list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.rendering.finding_text import statement
from dlcapply.rendering.html.elements import NOTHING, Html, tag, together

if TYPE_CHECKING:
    from dlcapply.model.findings import Finding


def finding_entry(finding: Finding) -> Html:
    place = together(" ", tag("code", str(finding.place))) if finding.place else NOTHING
    hint = together(tag("br"), "Hint: ", finding.hint) if finding.hint else NOTHING
    level = tag("span", finding.level.value, class_=finding.level.value)
    return together(level, " ", tag("code", finding.rule), place, ": ", statement(finding), hint)
