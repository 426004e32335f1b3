"""The time, as everything that waits needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime


class Clock(Protocol):
    """The time, and the only way to wait for it to pass."""

    def now(self) -> datetime:
        """The time in UTC, aware; a machine may set it back or ahead at any moment."""
        ...

    def monotonic(self) -> float:
        """Seconds since some moment, which nobody sets: what waits are measured by."""
        ...

    def sleep(self, seconds: float) -> None: ...
