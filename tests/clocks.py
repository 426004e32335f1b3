"""Time in tests passes by turning an emulator's clock."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta


class TurningClock:
    """The emulator's time; to sleep is to turn it. `on_sleep` is called after each turn."""

    def __init__(self, emulator):
        self._emulator = emulator
        self._lock = threading.Lock()
        self.on_sleep = lambda: None

    def now(self):
        return datetime.fromtimestamp(self._emulator.now(), UTC)

    def monotonic(self):
        return self._emulator.now()

    def sleep(self, seconds):
        with self._lock:
            self._emulator.turn(seconds)
            self.on_sleep()


class SetBack:
    """A clock that somebody sets back by an hour whenever anybody sleeps on it."""

    def __init__(self, clock):
        self._clock = clock
        self._offset = timedelta()
        self.slept = 0.0
        self.monotonic = clock.monotonic

    def now(self):
        return self._clock.now() + self._offset

    def sleep(self, seconds):
        self.slept += seconds
        self._clock.sleep(seconds)
        self._offset -= timedelta(hours=1)
