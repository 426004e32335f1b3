"""Texts of strangers on one line, without what a terminal would obey: from manifests, git and services."""

from __future__ import annotations

import json


def printable(text: str) -> str:
    """The text with each character that a terminal would obey or hide written as its JSON escape."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in text)


def squeezed(text: str) -> str:
    """The text for reading alone: one space for any white space, and nothing for other such characters."""
    return "".join(filter(str.isprintable, " ".join(text.split())))
