"""Durations as people and services write them: a number and its unit."""

from __future__ import annotations

import re
from datetime import timedelta

SECONDS_IN = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_DURATION = re.compile(r"([0-9]+)([smhd])")


def seconds_of(text: str) -> float:
    """The seconds of `30m`; raises ValueError for text of any other form."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a number with a unit")
    return float(match[1]) * SECONDS_IN[match[2]]


def duration_of(text: str) -> timedelta:
    """How long `30m` is; raises ValueError, or OverflowError for what is longer than any time."""
    return timedelta(seconds=seconds_of(text))
