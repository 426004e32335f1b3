"""Expected failures, and the table of exit codes for help."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.errors import CredentialsError, DlcapplyError, ExitCode, InvalidManifestsError, ServiceError
from dlcapply.rendering.text.findings import finding_lines
from dlcapply.rendering.text.lines import Line, Span, Style, line
from dlcapply.rendering.text.snippets import no_source
from dlcapply.secrecy import without_secrets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dlcapply.rendering.text.snippets import Source

_LONGEST = 1_000
_END = 200
# Codes that JSON documents promise by another word than the table of exit codes has.
_PROMISED = {ExitCode.DENIED: "refused"}


def error_lines(error: DlcapplyError, *, source: Source = no_source) -> Iterator[Line]:
    """`error: message` and the way out, after the findings where the error carries them."""
    if isinstance(error, InvalidManifestsError):
        yield from finding_lines(error.findings, source=source)
    yield line(Span("error: ", Style.BAD), error_message(error))
    if error.hint:
        yield line(Span("hint: ", Style.FAINT), without_secrets(error.hint))


def error_message(error: DlcapplyError) -> str:
    """What is wrong, in one line, with what PAI's support asks for; usage errors repeat what was typed."""
    return brief(without_secrets(f"{error.message}{_service_facts(error)}"))


def brief(message: str) -> str:
    """The message; of one that repeats an over-long word, only how it begins and ends."""
    if len(message) <= _LONGEST + _END:
        return message
    return f"{message[:_LONGEST]} … {message[-_END:]}"


def error_code(error: DlcapplyError, exit_code: ExitCode) -> str:
    """PAI's code of the error, or a word for the kind of error that it is."""
    match error:
        case ServiceError():
            return error.code or "no-answer"
        case CredentialsError():
            return "credentials"
        case _:
            return _PROMISED.get(exit_code) or exit_code.name.lower().replace("_", "-")


def _service_facts(error: DlcapplyError) -> str:
    """PAI's code and request id, as far as the message does not name them."""
    if not isinstance(error, ServiceError):
        return ""
    request = f"request {error.request_id}" if error.request_id else ""
    facts = [
        words
        for words, fact in ((error.code, error.code), (request, error.request_id))
        if fact and fact not in error.message
    ]
    return f" ({', '.join(facts)})" if facts else ""
