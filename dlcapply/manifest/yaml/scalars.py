"""Plain scalars as YAML 1.2's core schema reads them: no `no`, no 12:30:45, no dates, and never 0123.

To YAML 1.2 that is 123, to YAML 1.1 it is 83, and to whoever writes a commit or an account it is a text.
"""

from __future__ import annotations

import math
import re

_WORDS: dict[str, bool | None] = {
    "": None,
    "~": None,
    **dict.fromkeys(("null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_DECIMAL = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"0o[0-7]+")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_LEADING_ZEROS = re.compile(r"[-+]?0[0-9]")
_MAX_DIGITS = 308


class AmbiguousError(ValueError):
    """A number on whose value readers of YAML disagree."""


def resolve(text: str) -> str | int | float | bool | None:
    """The value of a plain scalar; AmbiguousError or ValueError for a number that JSON can't carry."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "+-.0123456789":
        return text
    return _number(text)


def _number(text: str) -> str | int | float:
    if _LEADING_ZEROS.match(text) and (_DECIMAL.fullmatch(text) or _FLOAT.fullmatch(text)):
        raise AmbiguousError(text)
    if _DECIMAL.fullmatch(text):
        return int(_bounded(text))
    if _OCTAL.fullmatch(text):
        return int(_bounded(text), 8)
    if _HEXADECIMAL.fullmatch(text):
        return int(_bounded(text), 16)
    if _FLOAT.fullmatch(text):
        return _finite(float(text))
    if _NOT_FINITE.fullmatch(text):
        raise ValueError(text)
    return text


def _bounded(text: str) -> str:
    if len(text) > _MAX_DIGITS:
        raise ValueError(text)
    return text


def _finite(number: float) -> float:
    if not math.isfinite(number):
        raise ValueError(number)
    return number
