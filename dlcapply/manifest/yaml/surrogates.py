"""Surrogate pairs: how JSON escapes a character beyond 16 bits, which libyaml refuses."""

from __future__ import annotations

import json
import re
from contextlib import suppress

_PAIR = r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_HINT = re.compile(r"\\u[dD][89abAB]")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_ESCAPE = re.compile(rf"{_PAIR}|\\.")


def with_pairs(text: str) -> str:
    """A JSON text with each pair written as YAML writes it, every other character in its place.

    Any other text is unchanged: there a backslash may mean itself.
    """
    if not _HINT.search(text) or not text.lstrip().startswith(("{", "[")) or not _is_json(text):
        return text
    return _STRING.sub(_joined, text)


def _is_json(text: str) -> bool:
    with suppress(ValueError, RecursionError):
        json.loads(text)
        return True
    return False


def _joined(string: re.Match[str]) -> str:
    """The string with its pairs joined, and with blanks behind it, so that what follows keeps its column."""
    joined = _ESCAPE.sub(_escape, string[0])
    return joined.ljust(len(string[0]))


def _escape(found: re.Match[str]) -> str:
    escape = found[0]
    if len(escape) == len("\\n"):
        return escape
    high, low = int(escape[2:6], 16), int(escape[8:], 16)
    return f"\\U{0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00):08x}"
