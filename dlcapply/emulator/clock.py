"""Emulated time, and how times are written on the wire."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Clock:
    """How emulated time passes: `speed` emulated seconds in a real one; 0 stands still until it is turned.

    A new state begins at `start`, or at the machine's time. An existing state goes on from its own time.
    """

    speed: float = 1.0
    start: datetime | None = None

    @classmethod
    def real(cls, *, speed: float = 1.0) -> Clock:
        return cls(speed)

    @classmethod
    def still(cls, start: datetime | None = None) -> Clock:
        return cls(0.0, start)


def wire_time(seconds: float) -> str:
    """`2021-01-12T14:36:01Z`; parts of a second are cut off."""
    return datetime.fromtimestamp(int(seconds), UTC).isoformat()[:19] + "Z"


def text_time(seconds: float) -> str:
    """`2021-01-28 14:07:24`, as inside event and log lines."""
    return datetime.fromtimestamp(int(seconds), UTC).isoformat(" ")[:19]


def read_time(text: str) -> float:
    """Seconds since 1970 of an ISO 8601 time, in UTC where it names no zone; raises ValueError."""
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
