"""The time of this machine."""

from __future__ import annotations

import time
from datetime import UTC, datetime

# How long a sleeper may take to notice that it is to wake.
_SLICE = 0.1


class SystemClock:
    """The machine's clock; a sleep ends early once `wake` was called, which a signal handler may do.

    No lock is taken: the handler may interrupt the very thread that holds it.
    """

    def __init__(self) -> None:
        self._is_awake = False

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while not self._is_awake and (left := end - time.monotonic()) > 0:
            time.sleep(min(left, _SLICE))

    def wake(self) -> None:
        self._is_awake = True
