"""Calls to the service as they happen, for whoever shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Call:
    """One request: the operation's name, and what it is about, such as a JobId or a name."""

    operation: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """How a call ended, after `seconds`: `status` is HTTP's, 0 where there was no answer.

    `code` is PAI's, of a call that failed.
    """

    seconds: float
    status: int
    request_id: str = ""
    code: str = ""


class CallWatcher(Protocol):
    """Who is told of every call, from any thread."""

    def began(self, call: Call) -> None:
        """The call waits for its turn, and is then sent."""

    def ended(self, call: Call, answered: Answered) -> None:
        """The call has its answer, or never gets one."""

    def pausing(self, call: Call, seconds: float, code: str) -> None:
        """The call failed with `code`, and is made once more after so many seconds."""


class Unwatched:
    """The watcher of calls that nobody is told of."""

    def began(self, call: Call) -> None: ...

    def ended(self, call: Call, answered: Answered) -> None: ...

    def pausing(self, call: Call, seconds: float, code: str) -> None: ...
