"""What the gateway refuses before any operation runs: replays, clocks that are off, and too many requests."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from dlcapply.emulator.answers import Refusal
from dlcapply.emulator.clock import read_time

if TYPE_CHECKING:
    from dlcapply.emulator.wire.received import Received
    from dlcapply.emulator.world.switches import Switches

_NONCE_SECONDS = 900.0


@dataclass(slots=True)
class Admission:
    """Remembers nonces and counts requests, for one process; safe to use from several threads."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _nonces: dict[str, float] = field(default_factory=dict)
    _allowances: dict[str, tuple[float, float]] = field(default_factory=dict)

    def check_signer(self, received: Received, switches: Switches) -> None:
        """Raises Refusal for a request that was signed long ago, or that came before.

        The machine's clock counts, as it does for the client that signed.
        """
        _check_date(received, switches.max_date_skew)
        if switches.refuse_used_nonces:
            self._use_nonce(received.headers.get("x-acs-signature-nonce", ""))

    def _use_nonce(self, nonce: str) -> None:
        now = time.time()
        with self._lock:
            while self._nonces and next(iter(self._nonces.values())) < now - _NONCE_SECONDS:
                del self._nonces[next(iter(self._nonces))]
            if not nonce or nonce in self._nonces:
                raise Refusal(400, "SignatureNonceUsed", "Specified signature nonce was used already.")
            self._nonces[nonce] = now

    def check_rate(self, user_id: str, now: float, switches: Switches) -> None:
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


def _check_date(received: Received, max_skew: float | None) -> None:
    if max_skew is None:
        return
    try:
        skew = abs(_signed_at(received) - time.time())
    except (ValueError, OverflowError) as error:
        raise Refusal(400, "InvalidTimeStamp.Format", "The date of the request can't be read.") from error
    if skew > max_skew:
        raise Refusal(400, "InvalidTimeStamp.Expired", "Specified time stamp or date value is expired.")


def _signed_at(received: Received) -> float:
    """The time in x-acs-date, or in the Date of the older signature."""
    if "x-acs-date" in received.headers:
        return read_time(received.headers["x-acs-date"])
    return parsedate_to_datetime(received.headers.get("date", "")).timestamp()
