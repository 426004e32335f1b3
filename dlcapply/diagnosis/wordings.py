"""Patterns of what may be worded in many ways, one wording a line."""

from __future__ import annotations

import re


def worded(*wordings: str) -> re.Pattern[str]:
    """Finds any of the wordings, in whatever case."""
    return re.compile("|".join(wordings), re.IGNORECASE)
