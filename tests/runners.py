"""How a GitHub runner reads a line: src/Runner.Common/ActionCommand.cs, and Azure's older form."""

from __future__ import annotations

import re

_LINES = re.compile(r"\r\n|\r|\n")  # as StreamReader.ReadLine
_OLD = re.compile(r"##(?:vso|teamcity)?\[")


def commands_in(text):
    """The lines that a runner would obey, whatever commands it knows, or may come to know."""
    return [line for line in _LINES.split(text.removeprefix("\ufeff")) if _is_command(line)]


def _is_command(line):
    return line.lstrip().startswith("::") or _OLD.search(line) is not None
