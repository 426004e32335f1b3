"""Emulated time, and how times are written on the wire."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime

FIRST = 0.0
LAST = datetime(9000, 1, 1, tzinfo=UTC).timestamp()  # times that count on from it can still be written
MAX_SPEED = 1e6  # eleven days in a second


@dataclass(frozen=True, slots=True)
class Clock:
    """How emulated time passes: `speed` emulated seconds in a real one; 0 stands still until it is turned.

    A new state begins at `start`, or at the machine's time. An existing state goes on from its own time.
    Raises ValueError for a speed or a start that is out of range.
    """

    speed: float = 1.0
    start: datetime | None = None

    def __post_init__(self) -> None:
        check_speed(self.speed)
        if self.start:
            check_time(self.start.timestamp())

    @classmethod
    def real(cls, *, speed: float = 1.0) -> Clock:
        return cls(speed)

    @classmethod
    def still(cls, start: datetime | None = None) -> Clock:
        return cls(0.0, start)


def check_speed(speed: float) -> None:
    if not 0 <= speed <= MAX_SPEED:
        raise ValueError(f"speed must be a number from 0 to {MAX_SPEED:g}")


def check_time(seconds: float) -> None:
    if not FIRST <= seconds <= LAST:
        raise ValueError(f"time must be from {wire_time(FIRST)} to {wire_time(LAST)}")


def check_turn(seconds: float) -> None:
    if not 0 <= seconds < math.inf:
        raise ValueError("time turns forward only, by a number of seconds")


def wire_time(seconds: float) -> str:
    """`2021-01-12T14:36:01Z`; parts of a second are cut off."""
    return datetime.fromtimestamp(int(seconds), UTC).isoformat()[:19] + "Z"


def text_time(seconds: float) -> str:
    """`2021-01-28 14:07:24`, as inside event and log lines."""
    return datetime.fromtimestamp(int(seconds), UTC).isoformat(" ")[:19]


def http_date(seconds: float) -> str:
    """`Tue, 12 Jan 2021 14:36:01 GMT`, as the header Date has it."""
    return format_datetime(datetime.fromtimestamp(int(seconds), UTC), usegmt=True)


def read_time(text: str) -> float:
    """Seconds since 1970 of an ISO 8601 time, in UTC where it names no zone; raises ValueError."""
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def milliseconds(seconds: float) -> str:
    """`2021-01-21T17:12:35.232Z`, as AIWorkSpace writes times."""
    return f"{wire_time(seconds)[:-1]}.{int(seconds % 1 * 1000):03}Z"
