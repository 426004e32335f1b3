"""What is waited for, told while it lasts: nothing is silent for more than two seconds.

On a terminal that is a line of its own, which goes as soon as anything else is written; elsewhere a line now
and then. `-v` tells of every call besides.
"""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING, Self

from dlcapply.cli.printing import say
from dlcapply.cli.shell import is_able_terminal
from dlcapply.cli.streams import clear_status, room_for_status, show_status, stderr
from dlcapply.one_line import printable
from dlcapply.rendering.text.lines import shorten
from dlcapply.secrecy import without_secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dlcapply.cli.shell import Shell
    from dlcapply.model.calls import Answered, Call

_UNTOLD = 2.0  # seconds that anything may take without a word
_BETWEEN_LINES = 15.0
_TICK = 0.25


class Patience:
    """Tells what takes long: calls (it is a `CallWatcher`), and whatever else is `doing`.

    What is being done on behalf of something is told in its place: a change rather than its calls.
    """

    def __init__(self, shell: Shell, *, now: Callable[[], float] = time.monotonic) -> None:
        self._shell = shell
        self._now = now
        self._is_terminal = is_able_terminal(stderr(), shell)
        self._lock = threading.Lock()
        self._numbers = count()
        self._calls: dict[tuple[int, Call], tuple[str, float]] = {}
        self._doings: dict[int, tuple[str, float]] = {}
        self._told = now()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="dlcapply-patience", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        clear_status()

    def began(self, call: Call) -> None:
        with self._lock:
            self._calls[_key(call)] = (_words(call), self._now())

    def ended(self, call: Call, answered: Answered) -> None:
        with self._lock:
            self._calls.pop(_key(call), None)
        if self._shell.verbose:
            say(stderr(), self._shell, _verbose(call, answered))

    def pausing(self, call: Call, seconds: float, code: str) -> None:
        why = f" after {code}" if code else ""
        with self._lock:
            self._calls[_key(call)] = (f"{_words(call)} again{why}", self._now())
        if self._shell.verbose:
            say(stderr(), self._shell, f"{_words(call)}: again in {seconds:.1f} s{why}")

    @contextmanager
    def doing(self, words: str) -> Iterator[None]:
        """Within the block, these words are what is told."""
        number = next(self._numbers)
        with self._lock:
            self._doings[number] = (words, self._now())
        try:
            yield
        finally:
            with self._lock:
                del self._doings[number]

    def _run(self) -> None:
        while not self._over.wait(_TICK):
            self.tick()

    def tick(self) -> None:
        """What is slow by now is told, and what is not any more is not."""
        now = self._now()
        words = self._slow(now)
        if not words:
            clear_status()
        elif self._is_terminal:
            show_status(shorten(words, room_for_status()))
        elif now - self._told >= _BETWEEN_LINES:
            self._told = now
            say(stderr().impatient(), self._shell, words)

    def _slow(self, now: float) -> str:
        """What has been going on for long, the longest first; empty where nothing has."""
        with self._lock:
            going_on = list((self._doings or self._calls).values())
        slow = sorted((began, words) for words, began in going_on if now - began >= _UNTOLD)
        if not slow:
            return ""
        began, words = slow[0]
        more = f", and {len(slow) - 1} more" if len(slow) > 1 else ""
        return printable(without_secrets(f"waiting for {words}: {now - began:.0f} s{more}"))


def _key(call: Call) -> tuple[int, Call]:
    return threading.get_ident(), call


def _words(call: Call) -> str:
    return f"{call.operation} ({call.about})" if call.about else call.operation


def _verbose(call: Call, answered: Answered) -> str:
    facts = [
        f"{answered.seconds:.2f} s",
        str(answered.status or "no answer"),
        answered.code,
        f"request {answered.request_id}" if answered.request_id else "",
    ]
    return without_secrets(f"{_words(call)}: {', '.join(filter(None, facts))}")
