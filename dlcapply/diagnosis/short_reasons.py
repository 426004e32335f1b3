"""Why a run is as it is, in a few words, from what the service itself says; `why` looks further."""

from __future__ import annotations

import re

from dlcapply.diagnosis.claims import is_claimed
from dlcapply.diagnosis.exit_codes import exit_in
from dlcapply.model.names_in_texts import without_name
from dlcapply.model.stop_causes import StopCause

# What says no more than the status does (DOC struct-jobitem, SDK).
_SAYS_NOTHING = frozenset({"JobFailed", "JobSucceeded", "JobRunning", "Failed", "Succeeded", "Stopped"})
_ENDED_BY = {
    StopCause.SOMEBODY: "by a user",
    StopCause.TIME_LIMIT: "time limit",
    StopCause.WORKSPACE: "workspace rule",
}
# Not where it is one of several guesses: "killed, or out of memory".
_OUT_OF_MEMORY = re.compile(
    r"\bOOM[ -]?Killed\b|\bOOM\b(?! score)|(?<!\bor )\bout of memory\b", re.IGNORECASE
)
_LONGEST = 60


def short_reason(code: str, message: str, cause: StopCause = StopCause.UNTOLD, *, name: str = "") -> str:
    """`OOM, exit 137`; empty where nothing is said that the status does not say. Both texts are masked.

    `cause` is what stopped the run, where it was stopped; `name` is the job's, and tells nothing.
    """
    said = without_name(message, name)
    words = [_ENDED_BY.get(cause, "" if code in _SAYS_NOTHING else code)]
    if is_claimed(_OUT_OF_MEMORY, said) and "OOM" not in code.upper():
        words.append("OOM")
    words.append(_exit(said, names_signal=not words[-1]))
    told = ", ".join(filter(None, words))
    return told or ("" if code or not message else _beginning(message))


def _exit(message: str, *, names_signal: bool) -> str:
    found = exit_in(message)
    if found is None:
        return ""
    signal = f" ({found.signal_name})" if found.signal_name and names_signal else ""
    return f"exit {found.code}{signal}"


def _beginning(message: str) -> str:
    """Of a message that has no code, all that there is to say."""
    return message if len(message) <= _LONGEST else f"{message[: _LONGEST - 1]}…"
