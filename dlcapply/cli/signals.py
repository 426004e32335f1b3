"""The first signal asks for an orderly end; the second leaves at once, naming what is unknown."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

from dlcapply.cli.exits import BY_SIGNAL
from dlcapply.cli.streams import stderr
from dlcapply.one_line import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import FrameType

    from dlcapply.applying.context import ApplyContext
    from dlcapply.applying.interrupt import Interrupt
    from dlcapply.cli.shell import Shell

_FIRST_WORDS = "interrupted: nothing new is begun, and jobs go on; once more to leave at once"


class Terminated(KeyboardInterrupt):
    """Somebody ends the process by SIGTERM, or has closed its terminal."""


@contextmanager
def ended_in_order() -> Iterator[None]:
    """Within the block, where nothing is written to PAI, each such signal ends the command as Ctrl-C does."""

    def end(_number: int, _frame: FrameType | None) -> None:
        raise Terminated

    others = [one for one in BY_SIGNAL if one is not signal.SIGINT and not _is_to_be_ignored(one)]
    before = {number: signal.signal(number, end) for number in others}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def interruptible(
    shell: Shell, interrupt: Interrupt, *, last_words: Callable[[], Iterable[str]]
) -> Iterator[None]:
    """Within the block a signal only asks, and sleeps end early; `last_words` are printed at the second."""

    def ask(number: int, _frame: FrameType | None) -> None:
        if interrupt.is_asked:
            stderr().impatient().put_last(_text(*last_words()))
            os._exit(BY_SIGNAL[signal.Signals(number)])
        interrupt.ask(number)
        shell.wake()
        stderr().impatient().write(_text(_FIRST_WORDS))

    before = {number: signal.signal(number, ask) for number in BY_SIGNAL if not _is_to_be_ignored(number)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _is_to_be_ignored(number: signal.Signals) -> bool:
    """Whether whoever started the process wants it to outlive the terminal, as nohup does."""
    return number is signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN


def in_flight_lines(context: ApplyContext) -> list[str]:
    """What nobody knows yet of the calls that are under way, and how to find out."""
    creates = [
        f"{write.name}: nobody knows whether the run was created; "
        + context.resolving(name=write.name, op=write.op)
        for write in context.journal.in_flight
        if write.is_create
    ]
    others = [
        f"{write.name}: {write.call} of {write.op} was under way; plan again"
        for write in context.journal.in_flight
        if not write.is_create
    ]
    return creates + others


def _text(*lines: str) -> str:
    """The lines as the stream takes them, past any buffer that the interrupted code may be filling."""
    return "".join(f"{printable(line)}\n" for line in lines)
