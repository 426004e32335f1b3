"""Why there is no plan to look at: a page in the place of its own, where an older one may lie."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.errors import EXIT_MEANINGS
from dlcapply.rendering.html.elements import NOTHING, items, tag
from dlcapply.rendering.html.findings import finding_entry
from dlcapply.rendering.html.page import page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dlcapply.errors import ExitCode
    from dlcapply.model.findings import Finding


def error_html(message: str, hint: str, *, exit_code: ExitCode, findings: Sequence[Finding] = ()) -> str:
    content = tag(
        "main",
        tag("h1", "dlcapply failed"),
        tag("p", message, class_="warned"),
        tag("p", f"Hint: {hint}") if hint else NOTHING,
        tag("p", f"Exit code {exit_code.value}: {EXIT_MEANINGS[exit_code]}."),
        items(map(finding_entry, findings)),
    )
    return page("dlcapply failed", content, is_still=True)
