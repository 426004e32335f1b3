"""Numbers and durations as people read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.model.times import moment, seconds_between

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

_MOST_REMARKS = 5
_DAY, _HOUR, _MINUTE = 86_400, 3_600, 60


def counted(number: int, noun: str) -> str:
    """`1 job`, `2 jobs`, `1,000 jobs`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def first_remarks(texts: Sequence[str], about: str = "") -> list[str]:
    """The first few of the remarks, and how many more there are."""
    more = len(texts) - _MOST_REMARKS
    left = [f"and {more:,} more of these remarks{f' {about}' if about else ''}"] if more > 0 else []
    return [*texts[:_MOST_REMARKS], *left]


def hours(number: float | None) -> str:
    """Hours of accelerators or CPUs to one decimal, `12.5`; `?` where nobody knows."""
    return "?" if number is None else f"{number:,.1f}".removesuffix(".0")


def duration(seconds: int) -> str:
    """The two largest units that count: `45s`, `12m30s`, `3h05m`, `2d03h`."""
    if seconds >= _DAY:
        return f"{seconds // _DAY}d{seconds % _DAY // _HOUR:02}h"
    if seconds >= _HOUR:
        return f"{seconds // _HOUR}h{seconds % _HOUR // _MINUTE:02}m"
    if seconds >= _MINUTE:
        return f"{seconds // _MINUTE}m{seconds % _MINUTE:02}s"
    return f"{seconds}s"


def lasted(start: datetime | None, end: datetime | None) -> str:
    """The duration between two times; `-` where one of them is not known."""
    return duration_or_dash(seconds_between(start, end))


def duration_or_dash(seconds: int | None) -> str:
    return "-" if seconds is None else duration(seconds)


def age(created: str, *, now: datetime | None) -> str:
    """How long ago an ISO time was, in its largest unit: `40s`, `3m`, `2h`, `5d`; `-` for what is not a time.

    Nobody knows it without a `now` either. A time without a zone is UTC; one in the future, by a clock that
    is ahead, is `0s`.
    """
    seconds = seconds_between(moment(created), now)
    if seconds is None:
        return "-"
    units = ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "m"))
    return next((f"{seconds // size}{unit}" for size, unit in units if seconds >= size), f"{seconds}s")
