"""The command as a process of its own, in which no time is slept away."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime, timedelta

from dlcapply.api.clock import SystemClock
from dlcapply.cli.main import run

# What starts it, before the words of the command.
COMMAND = (sys.executable, __file__)


class HastyClock(SystemClock):
    """The machine's time, and what was slept of it has passed at once."""

    slept = 0.0

    def now(self):
        return datetime.now(UTC) + timedelta(seconds=self.slept)

    def monotonic(self):
        return time.monotonic() + self.slept

    def sleep(self, seconds):
        self.slept += seconds


if __name__ == "__main__":
    run(HastyClock())
