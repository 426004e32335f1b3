"""Lines that strangers' programs printed, as they may be shown: nothing in them is obeyed by a terminal."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from dlcapply.one_line import printable

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

# ECMA-48: control sequences, strings (titles, links, images) with what ends them, escapes of two characters.
_ESCAPES = re.compile(
    "(?:\x1b\\[|\x9b)[0-?]*+[ -/]*+[@-~]?"
    "|(?:\x1b[]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c\r\n]*+(?:\x07|\x1b\\\\|\x9c)?"
    "|\x1b[ -/]*+[0-~]?"
)
_BACKSPACE = "\b"


def shown_lines(text: str, mask: Callable[[str], str]) -> list[str]:
    """The lines of one entry as a terminal would leave them, with tabs, without colours, and masked."""
    if text.isascii() and text.isprintable():
        return [mask(text)]
    plain = _ESCAPES.sub("", text)
    return [_visible(mask(_left_over(line))) for line in plain.removesuffix("\n").split("\n")]


def _left_over(line: str) -> str:
    """What is left of a line that was written over: the last state of a progress bar."""
    if "\r" in line:
        line = next((state for state in reversed(line.split("\r")) if state.strip()), "")
    if _BACKSPACE not in line:
        return line
    left: list[str] = []
    for char in line:
        if char != _BACKSPACE:
            left.append(char)
        elif left:
            left.pop()
    return "".join(left)


def _visible(line: str) -> str:
    return "\t".join(map(printable, line.split("\t")))


def time_text(at: datetime | None) -> str:
    """The time as ISO 8601 has it; `-` for none."""
    return "-" if at is None else at.isoformat().replace("+00:00", "Z")


def log_document(at: datetime | None, pod: str, uid: str, text: str) -> str:
    """The JSON document of one entry, on a line of its own."""
    document = {"at": None if at is None else time_text(at), "pod": pod, "uid": uid, "text": text}
    return f"{printable(json.dumps(document, ensure_ascii=False))}\n"
