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
    if not text.isprintable():
        text = "".join(char if char.isprintable() else _escape(char) for char in text)
    return text if text.isascii() else _UNSEEN.sub(lambda found: _escape(found[0]), text)


def squeezed(text: str) -> str:
    """The text for reading alone: one space for any white space, and nothing for other such characters."""
    return _UNSEEN.sub("", "".join(filter(str.isprintable, " ".join(text.split()))))


def _escape(char: str) -> str:
    return json.dumps(char)[1:-1]
