"""Why a command has nothing to report, or did nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.errors import EXIT_MEANINGS
from dlcapply.rendering.markdown.escape import inline
from dlcapply.rendering.markdown.findings import finding_parts
from dlcapply.rendering.markdown.fitting import COMMENT, Part, Size, brief, fitted
from dlcapply.rendering.text.lines import cut

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dlcapply.errors import ExitCode
    from dlcapply.model.findings import Finding

_LONGEST = 1_000


def error_markdown(
    message: str, hint: str, *, exit_code: ExitCode, findings: Sequence[Finding] = (), size: Size = COMMENT
) -> str:
    """The error, and the findings where it carries them."""
    head = [Part("### dlcapply failed\n"), caution(message, hint), exit_part(exit_code)]
    return fitted(head, list(finding_parts(findings, title="")), size)


def exit_part(code: ExitCode) -> Part:
    return Part(f"\nExit code {code.value}: {EXIT_MEANINGS[code]}.\n")


def caution(message: str, hint: str) -> Part:
    """The message and the hint as GitHub shows what is not to be passed over."""
    return brief(_alert(message, hint), _alert(cut(message, _LONGEST), cut(hint, _LONGEST)))


def _alert(message: str, hint: str) -> str:
    below = f"> <br>Hint: {inline(hint)}\n" if hint else ""
    return f"\n> [!CAUTION]\n> {inline(message)}\n{below}"
