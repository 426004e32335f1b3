"""Text from manifests and the service, made harmless for every form of output."""

from __future__ import annotations

import json


def printable(text: str) -> str:
    """The text with each character that a terminal would obey or hide written as its JSON escape."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in text)
