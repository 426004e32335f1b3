"""The first SIGINT or SIGTERM asks for an orderly end; the second leaves at once."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from dlcapply.applying.means import Interrupt

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from dlcapply.cli.shell import Shell

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def interruptible(shell: Shell) -> Iterator[Interrupt]:
    """Within the block a signal only asks; sleeps end early then."""
    interrupt = Interrupt()

    def ask(number: int, _frame: FrameType | None) -> None:
        if interrupt.is_asked:
            os._exit(128 + number)
        interrupt.ask(number)
        shell.wake()
        message = "interrupted: nothing new is begun; jobs go on running. Once more to leave at once.\n"
        os.write(sys.stderr.fileno(), message.encode())

    before = {number: signal.signal(number, ask) for number in _SIGNALS}
    try:
        yield interrupt
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
