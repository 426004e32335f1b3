"""What the runners of CI systems obey in the output of a step: text from elsewhere must never look so."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# Set by the systems whose runners read commands from what a step prints; Gitea and Forgejo set GitHub's.
_OBEYING = ("GITHUB_ACTIONS", "TF_BUILD", "TEAMCITY_VERSION")
# A runner trims blanks before `::`, and takes the older form from the middle of a line:
# https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
# A byte order mark at the beginning of a stream is dropped; colours are what we ourselves may put before it.
_BLANK = r"(?:[^\S\r\n]|\ufeff|\x1b\[[0-9;]*m)*+"
_LINE_BEGINS = r"(?<![^\r\n])"
_COMMAND = re.compile(rf"({_LINE_BEGINS}{_BLANK}:):|(##(?:vso|teamcity)?)\[")
_MAY_BECOME_ONE = re.compile(rf"{_BLANK}(:?)")
_LONGEST = len("##teamcity")


def looks_like_command(text: str) -> bool:
    """Whether a runner would obey a line of the text, wherever its lines are indented to."""
    return _COMMAND.search(text) is not None


def disarmed(text: str, *, colon: str = r"\u003a", bracket: str = r"\u005b") -> str:
    """The text with no line that a runner would obey: the character that makes it a command is escaped.

    The escapes are visible, as a runner's comparisons pass over characters that are not; inside a string of
    JSON, or of YAML in double quotes, they mean the same character.
    """
    return _COMMAND.sub(lambda found: f"{found[1]}{colon}" if found[1] else f"{found[2]}{bracket}", text)


def obeys(environ: Mapping[str, str]) -> bool:
    """Whether what is printed in this environment is read by such a runner."""
    return any(environ.get(name) for name in _OBEYING)


class Disarming:
    """Disarms a text that comes in pieces: a command may begin in one and end in the next."""

    def __init__(self) -> None:
        self._line = ""  # stands for what the present line holds already

    def of(self, piece: str) -> str:
        text = disarmed(f"{self._line}{piece}")
        new = text[len(self._line) :]
        self._line = _standing_for(re.split(r"[\r\n]", text)[-1])
        return new


def _standing_for(line: str) -> str:
    """A short text after which the rest of the line means what it means after the line."""
    if blank := _MAY_BECOME_ONE.fullmatch(line):
        return blank[1]
    return f"-{line[-_LONGEST:]}"
