"""Why a run is as it is, in a few words, from what the service itself says; `why` looks further."""

from __future__ import annotations

import re

# What says no more than the status does (DOC struct-jobitem, SDK).
_SAYS_NOTHING = frozenset({"JobFailed", "JobSucceeded", "JobRunning", "Failed", "Succeeded", "Stopped"})
_WORDS = {
    "JobStoppedByUser": "by a user",
    "StoppedByUser": "by a user",
    "JobMaxRunningTimeExceeded": "time limit",
}
_EXIT = re.compile(
    r"\bexit(?:ed|s)?[ _-]{0,3}(?:with )?(?:code|status)?[ :=]{0,3}(?:of |is |was )?(\d{1,3})\b",
    re.IGNORECASE,
)
_HIGHEST_EXIT = 255
# Not where it is one of several guesses: "killed, or out of memory".
_OUT_OF_MEMORY = re.compile(r"\bOOM[ -]?Killed\b|\bOOM\b|(?<!\bor )\bout of memory\b", re.IGNORECASE)
# 128 + the number of the signal, as every shell and Kubernetes have it.
_SIGNALS = {134: "SIGABRT", 135: "SIGBUS", 137: "SIGKILL", 139: "SIGSEGV", 143: "SIGTERM"}
_LONGEST = 60


def short_reason(code: str, message: str) -> str:
    """`OOM, exit 137`; empty where nothing is said that the status does not say. Both texts are masked."""
    words = [_WORDS.get(code, "" if code in _SAYS_NOTHING else code)]
    if _OUT_OF_MEMORY.search(message) and "OOM" not in code.upper():
        words.append("OOM")
    words.append(_exit(message, names_signal=not words[-1]))
    told = ", ".join(filter(None, words))
    return told or ("" if code or not message else _beginning(message))


def _exit(message: str, *, names_signal: bool) -> str:
    found = _EXIT.search(message)
    number = int(found[1]) if found else 0
    if not found or number > _HIGHEST_EXIT:
        return ""
    signal = f" ({_SIGNALS[number]})" if number in _SIGNALS and names_signal else ""
    return f"exit {number}{signal}"


def _beginning(message: str) -> str:
    """Of a message that has no code, all that there is to say."""
    return message if len(message) <= _LONGEST else f"{message[: _LONGEST - 1]}…"
