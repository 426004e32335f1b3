"""Time in tests passes by turning an emulator's clock."""

from __future__ import annotations

import threading
from datetime import UTC, datetime


class TurningClock:
    """The emulator's time; to sleep is to turn it. `on_sleep` is called after each turn."""

    def __init__(self, emulator):
        self._emulator = emulator
        self._lock = threading.Lock()
        self.on_sleep = lambda: None

    def now(self):
        return datetime.fromtimestamp(self._emulator.now(), UTC)

    def sleep(self, seconds):
        with self._lock:
            self._emulator.turn(seconds)
            self.on_sleep()
