"""Texts of strangers on one line, without what a terminal would obey: from manifests, git and services."""

from __future__ import annotations

import json
import re

# What Unicode has readers ignore (Default_Ignorable_Code_Point), as far as Python calls it printable.
_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)


def printable(text: str) -> str:
    """The text with each character that a terminal would obey or hide written as its JSON escape."""
    if text.isprintable() and (text.isascii() or not _UNSEEN.search(text)):
        return text
    return "".join(char if _is_seen(char) else json.dumps(char)[1:-1] for char in text)


def squeezed(text: str) -> str:
    """The text for reading alone: one space for any white space, and nothing for other such characters."""
    return "".join(filter(_is_seen, " ".join(text.split())))


def _is_seen(char: str) -> bool:
    return char.isprintable() and not _UNSEEN.match(char)
