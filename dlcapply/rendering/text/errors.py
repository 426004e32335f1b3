"""Expected failures, and the table of exit codes for help."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.errors import DlcapplyError, InvalidManifestsError, ServiceError
from dlcapply.rendering.text.findings import finding_lines
from dlcapply.rendering.text.lines import Line, Span, Style, line
from dlcapply.rendering.text.snippets import no_source
from dlcapply.secrecy import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dlcapply.rendering.text.snippets import Source


def error_lines(error: DlcapplyError, *, source: Source = no_source) -> Iterator[Line]:
    """`error: message` and the way out, after the findings where the error carries them."""
    if isinstance(error, InvalidManifestsError):
        yield from finding_lines(error.findings, source=source)
    # Usage errors repeat what was typed.
    yield line(Span("error: ", Style.BAD), shown(f"{error.message}{_service_facts(error)}"))
    if error.hint:
        yield line(Span("hint: ", Style.FAINT), shown(error.hint))


def _service_facts(error: DlcapplyError) -> str:
    """PAI's code and request id, as far as the message does not name them."""
    if not isinstance(error, ServiceError):
        return ""
    request = f"request {error.request_id}" if error.request_id else ""
    facts = [
        shown
        for shown, fact in ((error.code, error.code), (request, error.request_id))
        if fact and fact not in error.message
    ]
    return f" ({', '.join(facts)})" if facts else ""
