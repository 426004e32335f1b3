"""How many requests a user may send in a second of emulated time."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dlcapply.emulator.answers import Refusal

if TYPE_CHECKING:
    from dlcapply.emulator.world.switches import Switches


@dataclass(slots=True)
class RateLimit:
    """A token bucket for each user, in this process; safe to use from several threads."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _allowances: dict[str, tuple[float, float]] = field(default_factory=dict)

    def check(self, user_id: str, now: float, switches: Switches) -> None:
        """Raises Refusal for a request beyond what the user may send in a second of emulated time."""
        rate = switches.requests_per_second
        if rate is None:
            return
        burst = max(rate, 1.0)
        with self._lock:
            left, since = self._allowances.get(user_id, (burst, now))
            left = min(burst, left + max(now - since, 0.0) * rate)
            self._allowances[user_id] = (left - 1.0 if left >= 1.0 else left, now)
        if left < 1.0:
            raise throttled(switches)


def throttled(switches: Switches) -> Refusal:
    message = "Request was denied due to user flow control."
    return Refusal(switches.throttling_status, "Throttling.User", message)
