"""Which lines of a file may be shown beside a finding: none that may hold a secret."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from dlcapply.secrecy import Holds, held_by, holds_secret, is_secret_name

# Where YAML breaks lines; `str.splitlines` breaks at more.
_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
# Every manifest and project file says it; a file of variables does not, and may hold nothing but secrets.
_OURS = "apiVersion"
# What only refers to a variable, as $WANDB_API_KEY, may be shown.
_WORD = re.compile(r"(?<![\w$-])(?<!\$\{)[\w-]++(?!=[\"']?[$`])")
_HAS_KEY = re.compile(r"""\s*+(?:- +)*+(?:"[^"]*"\s*+|'[^']*'\s*+|[^\s"'{\[&*!|>#][^"']*?):(?:\s|$)""")
# The name that such a value belongs to may stand on another line.
_VALUE = re.compile(r"""\bvalue["']?\s*:""", re.IGNORECASE)
_HIDDEN = {Holds.CREDENTIALS, Holds.SOURCES}  # with all that is below
_TAB = 8
_LONGEST = 2_000  # what is longer has no reader, and any pattern's time in it has a bound


def showable_lines(text: str) -> tuple[str | None, ...]:
    """The lines of a manifest or project file, None in place of each that may hold a secret."""
    lines = _BREAK.split(text.removeprefix("\ufeff"))
    if _OURS not in text:
        return (None,) * len(lines)
    tree = _Tree()
    return tuple(line if tree.reveals(line) else None for line in lines)


@dataclass(slots=True)
class _Tree:
    """What the lines so far say about the next; `above` holds (depth, is secret) of those it may lie in."""

    above: list[tuple[int, bool]] = field(default_factory=list)
    has_secrets: bool = False

    def reveals(self, line: str) -> bool:
        """Whether this next line may be shown."""
        if not line.strip() or line.lstrip().startswith("#"):
            return not _is_secret(line)
        depth = _depth(line)
        while self.above and self.above[-1][0] >= depth:
            self.above.pop()
        is_secret = _is_secret(line) or (bool(self.above) and self.above[-1][1])
        self.above.append((depth, is_secret))
        self.has_secrets |= is_secret
        # A line without a key may continue any text above it, whatever its indent.
        return not is_secret and (not self.has_secrets or _HAS_KEY.match(line) is not None)


def _depth(line: str) -> int:
    """Grows with the indent; an item of a list lies in the key above it even at the same indent."""
    wide = line.expandtabs(_TAB)
    bare = wide.lstrip()
    return 2 * (len(wide) - len(bare)) + bare.startswith("- ")


def _is_secret(line: str) -> bool:
    return bool(
        len(line) > _LONGEST
        or _VALUE.search(line)
        or holds_secret(line)
        or any(held_by(word) in _HIDDEN or is_secret_name(word) for word in _words(line))
    )


def _words(line: str) -> list[str]:
    return [word.replace("-", "_") for word in _WORD.findall(line)]
