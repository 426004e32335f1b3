"""Durations as they are written: a number and its unit."""

from __future__ import annotations

from datetime import timedelta

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def duration_of(text: str) -> timedelta:
    """How long `30m` is; the schema knows its form. Raises ValueError for any other text."""
    unit = _UNITS.get(text[-1:])
    if unit is None:
        raise ValueError(f"{text!r} has no unit")
    return timedelta(**{unit: int(text[:-1])})
