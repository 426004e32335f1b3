"""What a value itself says for or against being a secret, whatever its name is."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from math import log2

SHORTEST = 4  # a shorter one protects nothing, and is part of ordinary words

_SWITCHES = frozenset(
    {"true", "false", "none", "null", "auto", "default"}
    | {"enabled", "disabled", "optional", "required", "undefined", "empty"}
)
_PATH = re.compile(r"(?:~|\.{1,2})?/[\w./@%+=:,~*?{}\[\] -]*+|file://\S*+|[A-Za-z]:\\\S*+")
# $NAME, ${NAME}, $(command), `command`, %NAME%, {{ x }}, {x} and ${{ var.x }}: the value stands elsewhere.
_REFERENCE = re.compile(
    r"\$\w++|\$?\{\{[^}]{0,512}+\}\}|\$?\{\w{0,512}+\}|\$\{[^}]{0,512}+\}|\$\([^)]{0,512}+\)|\$[@*#?]"
    r"|`[^`]{0,512}+`|%\w{1,512}+%|%\(\w{1,512}+\)s"
)
# <x>, [PAD], (masked), xxx, ***, …, and attributes of what a program has read: args.api_key.
_PLACEHOLDER = re.compile(
    r"<[^<>]*+>|\[\w*+\]|\([\w, -]*+\)|[*x.…]++"
    r"|(?:os|sys|args|cfg|config|conf|self|settings|opts?|params?|kwargs|env|flags)\.[\w.]++(?:\[.*+)?",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"[-+]?[\d.]{1,8}(?:e[-+]?\d{1,3})?|\d{1,8}(?:[smhd]|[KMGT]i?B?)?", re.IGNORECASE)
_RUN = re.compile(r"[A-Za-z0-9+]{20,}+")
_WRITTEN = re.compile(r"[a-z]{5}")
_SEGMENT = re.compile(r"[A-Za-z0-9+]{12,}+")
_MIN_TURNS = 0.4
_MIN_BITS = 3.6
_MIN_DIGITS = 3
_LONG_RUN = 32  # of one case; shorter ones are identifiers
_IDENTIFIER = re.compile(r"[A-Za-z]++(?:[_.-][A-Za-z]++)*+(?:[_.-]?\d{1,4})?")  # val_loss, image_0001
_SPACE = re.compile(r"\s")
_LETTER = re.compile(r"[^\W\d_]")
_TWO_DIGITS = re.compile(r"\d\D*+\d")
_MIN_OPAQUE = 6
_LONG_OPAQUE = 16


def is_plain(value: str) -> bool:
    """Whether no name makes a secret of it: a switch, a path, a placeholder, what only refers to a value."""
    if len(value) < SHORTEST or value.lower() in _SWITCHES or _PLACEHOLDER.fullmatch(value):
        return True
    left = _REFERENCE.sub("", value)
    if left != value and sum(map(str.isalnum, left)) < (SHORTEST if _REFERENCE.match(value) else 1):
        return True
    return _PATH.fullmatch(value) is not None and not any(map(_is_base64, _SEGMENT.findall(value)))


def _is_base64(segment: str) -> bool:
    return segment.lower() != segment and _turns(segment) >= _MIN_TURNS


def is_ordinary(value: str) -> bool:
    """Whether it says nothing that anybody would hide, wherever it stands: plain, or a number."""
    return is_plain(value) or _NUMBER.fullmatch(value) is not None


def is_opaque(value: str) -> bool:
    """Whether no language has such a word: letters and digits mixed, or upper and lower case at length."""
    if len(value) < _MIN_OPAQUE or _SPACE.search(value) or _IDENTIFIER.fullmatch(value):
        return False
    is_mixed = value.lower() != value and value.upper() != value
    has_both = _LETTER.search(value) and _TWO_DIGITS.search(value)
    return bool(has_both) or (is_mixed and len(value) >= _LONG_OPAQUE)


def is_random(text: str) -> bool:
    """True where a long run mixes cases and digits as only chance does."""
    return any(map(is_by_chance, _RUN.findall(text)))


def is_by_chance(run: str) -> bool:
    """Whether nobody would write such a run of letters and digits: neither CamelCase nor a number in hex."""
    if sum(map(str.isdigit, run)) < _MIN_DIGITS:
        return False
    if run.lower() != run and run.upper() != run:
        least = 0.5 if _WRITTEN.search(run) else _MIN_TURNS
        return _turns(run) >= least and _bits(run) >= _MIN_BITS
    is_hex = not set(run.lower()) - set("0123456789abcdef")
    return len(run) >= _LONG_RUN and not is_hex and _turns(run) >= 0.25  # noqa: PLR2004


def _turns(run: str) -> float:
    """How often the class of characters changes, for each character: 0.6 by chance, 0.3 in CamelCase."""
    classes = ["d" if char.isdigit() else "u" if char.isupper() else "l" for char in run]
    return sum(one != other for one, other in pairwise(classes)) / len(run)


def _bits(run: str) -> float:
    """Shannon's entropy, in bits for each character."""
    return -sum(count / len(run) * log2(count / len(run)) for count in Counter(run).values())
