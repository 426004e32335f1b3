"""Whether a user asked an apply to leave off; the command sets it from signals."""

from __future__ import annotations

import threading


class Interrupt:
    """Whether the user asked to leave off: no new writes from then on."""

    def __init__(self) -> None:
        self._asked = threading.Event()
        self.signal = 0

    def ask(self, signal: int) -> None:
        self.signal = self.signal or signal
        self._asked.set()

    @property
    def is_asked(self) -> bool:
        return self._asked.is_set()
