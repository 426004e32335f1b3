"""How fast calls may follow each other: one pace for all threads of a process, found by trying.

Rate limiters such as aiolimiter or pyrate-limiter keep to a rate that somebody sets. PAI's limits are counted
per account, and shared with whoever else uses it: no rate that is set beforehand is right for long.
"""

from __future__ import annotations

import time
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dlcapply.model.clock import Clock

# What is left of an account's limit is not known: start where nobody complains, and let answers decide.
FIRST_RATE = 20.0
LOWEST_RATE = 0.5
HIGHEST_RATE = 200.0
LONGEST_PAUSE = 60.0
# Where PAI names no pause: a limit that counts by the second lets nothing through until the second is over.
SHORTEST_PAUSE = 0.25
# What is throttled so soon after a cut may still pay for the pace before it.
_BETWEEN_CUTS = 1.0
_NEAR = 0.9
_GENTLE_STEP = 0.01


def pause(clock: Clock, seconds: float) -> None:
    """So many seconds have passed, even where an interrupt ends the clock's own sleep early.

    Otherwise all that is still read after an interrupt would be sent in one burst.
    """
    end = clock.monotonic() + seconds
    clock.sleep(seconds)
    left = end - clock.monotonic()
    if left > 0:
        time.sleep(min(left, seconds))


class Pacer:
    """Calls a second, growing while nothing is throttled and halved at once when something is.

    The pace that was too fast is remembered: near it growth is gentle, so that most of the time the pace is a
    little below what the service allows.
    """

    def __init__(self, clock: Clock, *, rate: float = FIRST_RATE) -> None:
        self._clock = clock
        self._turn = Lock()
        self._lock = Lock()
        self._rate = rate
        self._next_slot = float("-inf")
        self._last_cut = float("-inf")
        self._too_fast = float("inf")

    @property
    def rate(self) -> float:
        """Calls a second."""
        return self._rate

    def wait(self) -> float:
        """The moment the caller may send at, after that moment has come."""
        # One caller waits for its moment, the others for their turn: a cut then counts for all of them.
        with self._turn:
            slot = self._now()
            while (free := self._take(slot)) > slot:
                pause(self._clock, max(0.0, free - self._now()))
                slot = free
        return slot

    def _take(self, slot: float) -> float:
        """The slot, which is the caller's now; or the later one that is free."""
        with self._lock:
            if self._next_slot <= slot:
                self._next_slot = slot + 1 / self._rate
                return slot
            return self._next_slot

    def went_through(self) -> None:
        """The pace is higher: by a hundredth a second near the one that was too fast, otherwise steeply."""
        with self._lock:
            self._rate = min(HIGHEST_RATE, self._rate + self._step())

    def _step(self) -> float:
        near = _NEAR * self._too_fast
        if self._rate < near:
            return min(1.0, near - self._rate)
        # Well above it, and not throttled: the limit is another one than it was.
        return _GENTLE_STEP if self._rate < self._too_fast / _NEAR else 1.0

    def was_throttled(self, slot: float, retry_after: float) -> None:
        """The pace is halved, once for all calls of a burst; none starts for `retry_after` seconds.

        `slot` is what `wait` gave the throttled call.
        """
        with self._lock:
            now = self._now()
            still = min(max(retry_after, SHORTEST_PAUSE), LONGEST_PAUSE)
            self._next_slot = max(self._next_slot, now + still)
            if slot >= self._last_cut + _BETWEEN_CUTS:
                self._too_fast, self._last_cut = self._rate, now
            self._rate = max(LOWEST_RATE, min(self._rate, self._too_fast / 2))

    def _now(self) -> float:
        return self._clock.monotonic()
