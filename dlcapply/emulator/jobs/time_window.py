"""Which time a question about events, logs or metrics is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Self

if TYPE_CHECKING:
    from dlcapply.emulator.call import Call

_WEEK = 7 * 86_400


class Window(NamedTuple):
    """From StartTime, seven days ago by default, to EndTime, at most now."""

    start: float
    end: float

    @classmethod
    def of(cls, call: Call, *, default: float = _WEEK) -> Self:
        """The times that the query asks for."""
        end = min(call.time("EndTime", call.now), call.now)
        return cls(call.time("StartTime", call.now - default), end)

    def holds(self, at: float) -> bool:
        return self.start <= at <= self.end
