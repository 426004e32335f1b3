"""What takes the place of a journal that is lost: time, in which PAI comes to list what nobody noted."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dlcapply.applying.interrupt import Interrupt
    from dlcapply.model.clock import Clock


class LostJournal:
    """Until when, by the monotonic clock, a run may exist unseen that an apply without a trace began.

    That is in the past where no journal is lost.
    """

    def __init__(self, until: float = 0.0) -> None:
        self._until = until
        self._lock = threading.Lock()

    def wait_out(self, clock: Clock, interrupt: Interrupt) -> None:
        """No such run can exist unseen any more, unless an interrupt ended the wait.

        Whoever comes while another waits is done when the other is.
        """
        with self._lock:
            left = self._until - clock.monotonic()
            if left > 0 and not interrupt.is_asked:
                clock.sleep(left)
