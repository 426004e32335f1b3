"""Signed requests that come too late, or twice: whoever recorded one could send it again."""

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
class ReplayGuard:
    """Remembers the nonces that this process has seen; safe to use from several threads."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _nonces: dict[str, float] = field(default_factory=dict)

    def check(self, received: Received, switches: Switches) -> None:
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
