"""How fast calls may follow each other: one pace for all threads of a process, found by trying."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dlcapply.model import Clock

# PAI publishes no limit: start where nobody complains, and let answers decide.
FIRST_RATE = 20.0
LOWEST_RATE = 0.5
HIGHEST_RATE = 200.0
LONGEST_PAUSE = 60.0
_NEAR = 0.9


class Pacer:
    """Calls a second, growing while nothing is throttled and halved at once when something is.

    After a cut the pace is soon near the one that was too fast, and then grows slowly: most of the time it is
    a little below what the service allows.
    """

    def __init__(self, clock: Clock, *, rate: float = FIRST_RATE) -> None:
        self._clock = clock
        self._lock = Lock()
        self._rate = rate
        self._next_slot = 0.0
        self._last_cut = float("-inf")
        self._too_fast = float("inf")

    @property
    def rate(self) -> float:
        """Calls a second."""
        return self._rate

    def wait(self) -> float:
        """The moment the caller may send at, after that moment has come."""
        with self._lock:
            now = self._now()
            slot = max(now, self._next_slot)
            self._next_slot = slot + 1 / self._rate
        if slot > now:
            self._clock.sleep(slot - now)
        return slot

    def went_through(self) -> None:
        """The pace is higher: steeply far from one that was too fast, else by a call a second each second."""
        with self._lock:
            step = 1.0 if self._rate + 1.0 <= _NEAR * self._too_fast else 1 / self._rate
            self._rate = min(HIGHEST_RATE, self._rate + step)

    def was_throttled(self, slot: float, retry_after: float) -> None:
        """The pace is halved, once for all calls sent at the old one; none starts for `retry_after` seconds.

        `slot` is what `wait` gave the throttled call.
        """
        with self._lock:
            now = self._now()
            self._next_slot = max(self._next_slot, now + min(retry_after, LONGEST_PAUSE))
            if slot >= self._last_cut:
                self._too_fast = self._rate
                self._rate = max(LOWEST_RATE, self._rate / 2)
                self._last_cut = now

    def _now(self) -> float:
        return self._clock.now().timestamp()
