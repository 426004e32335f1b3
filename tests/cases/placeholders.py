"""Names for what is another value in every run of a case, by the order in which they first appear."""

from __future__ import annotations

import re
from collections import Counter

_KINDS = {
    "JOB": r"\bdlc[0-9a-z]{16}\b",
    "BOARD": r"\btb[0-9a-f]{16}\b",
    "REQ": r"\b[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\b",
    "DIGEST": r"\b[0-9a-f]{64}\b",
    "OP": r"\b[0-9a-f]{32}\b",
    "COMMIT": r"\b[0-9a-f]{40}\b",
    "SHORT": r"(?<=[( ])(?=[0-9]*[a-f])[0-9a-f]{12}(?=[), :])",
}
_MAY_BREAK = "`<wbr>`"  # within a long word of Markdown; how long one is depends on the folder
_ANY = re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _KINDS.items()))
_PLACEHOLDER = re.compile(rf"\b(?:{'|'.join(_KINDS)})\d+\b")


class Placeholders:
    """JOB1, REQ1, DIGEST1, OP1 and so on; `fixed` are other values, with the word for each."""

    def __init__(self, fixed):
        self._fixed = fixed
        self._names = {}
        self._counts = Counter()

    def hide(self, text):
        text = text.replace(_MAY_BREAK, "")
        for value, word in self._fixed.items():
            text = text.replace(value, word)
        return _ANY.sub(self._name, text)

    def reveal(self, text):
        """The text with the values that its placeholders stand for; raises KeyError for an unknown one."""
        values = {name: value for value, name in self._names.items()}
        return _PLACEHOLDER.sub(lambda match: values[match[0]], text)

    def _name(self, match):
        if match[0] not in self._names:
            self._counts[match.lastgroup] += 1
            self._names[match[0]] = f"{match.lastgroup}{self._counts[match.lastgroup]}"
        return self._names[match[0]]
