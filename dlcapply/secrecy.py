"""What is taken for a secret, by its name or its looks: one answer for messages, plans and rules."""

from __future__ import annotations

import re
from collections import Counter
from math import log2

_SECRET_NAME = re.compile(
    r"secret|passw|credential|(api|access|private)_?key|(token|(^|_)(auth|key|pwd))_?\d*$", re.IGNORECASE
)
# How the tokens of well-known services begin: Alibaba Cloud, AWS, GitHub, GitLab, Hugging Face, OpenAI,
# Slack, JSON Web Tokens, PEM.
_KNOWN_TOKEN = re.compile(
    r"(?<!\w)(?:LTAI[A-Za-z0-9]{12,}|AKIA[A-Z0-9]{16}\b|gh[pousr]_[A-Za-z0-9]{20,}|glpat-[\w-]{16,}"
    r"|hf_[A-Za-z0-9]{20,}|sk-[\w-]{20,}|xox[abpr]-[\w-]{10,}|eyJ[\w-]{10,}\.eyJ[\w-]{10,})"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY"
)
_URL_PASSWORD = re.compile(r"(?<=://)([^/\s:@$]*):[^/\s@$]+@")
# A run without separators: what joins words, as in paths, names and identifiers, is no part of it.
_RUN = re.compile(r"[A-Za-z0-9+]{20,}")
_MIN_BITS = 3.6
_MIN_DIGITS = 3


def is_secret_name(name: str) -> bool:
    """Whether a variable of this name is taken for a secret."""
    return _SECRET_NAME.search(name) is not None


def is_token(text: str) -> bool:
    """True where a token of a well-known service, or a password in an address, stands in the text."""
    return bool(_KNOWN_TOKEN.search(text) or _URL_PASSWORD.search(text))


def without_tokens(text: str, mask: str) -> str:
    """The text with the mask in place of what `is_token` finds in it."""
    return _URL_PASSWORD.sub(rf"\1:{mask}@", _KNOWN_TOKEN.sub(mask, text))


def is_random(text: str) -> bool:
    """True where a long run mixes cases and digits as only chance does."""
    return any(_is_mixed(run) and _bits(run) >= _MIN_BITS for run in _RUN.findall(text))


def _is_mixed(run: str) -> bool:
    digits = sum(char.isdigit() for char in run)
    return digits >= _MIN_DIGITS and run.lower() != run and run.upper() != run


def _bits(run: str) -> float:
    """Shannon's entropy, in bits for each character."""
    return -sum(count / len(run) * log2(count / len(run)) for count in Counter(run).values())
