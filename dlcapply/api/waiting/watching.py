"""Watching runs until they have come far enough, nothing more can come of them, or time is up."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Protocol

from dlcapply.operating.following import LossReason

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dlcapply.api.waiting.progress import Forgiving
    from dlcapply.model.clock import Clock
    from dlcapply.operating.following import Following, WaitedRun

_PAUSES = (1.0, 2.0, 3.0, 5.0)
LONGEST_PAUSE = _PAUSES[-1]  # seconds


class Keeper(Protocol):
    """Somebody who looks after runs that are followed, after each look at them."""

    def tend(self, following: Following) -> None: ...

    def is_busy(self, following: Following) -> bool:
        """Whether more may come of runs although none is open."""
        ...


def watch(
    following: Following,
    *,
    clock: Clock,
    timeout: float | None,
    is_interrupted: Callable[[], bool],
    keepers: Sequence[Keeper],
    told: Forgiving,
    longest_pause: float = LONGEST_PAUSE,
) -> None:
    """The runs are over, or time is up, or somebody interrupted it; nothing is done to them for that.

    `timeout` is in seconds by the monotonic clock, None for no end. Looks are no farther apart than what they
    take and `longest_pause`.
    """
    deadline = clock.monotonic() + (inf if timeout is None else timeout)
    pauses = iter(_PAUSES)
    pause = next(pauses)
    if following.runs:
        told.look(following.runs)
    while True:
        for before, now in following.look():
            _tell(before, now, told)
        if not is_interrupted() and clock.monotonic() < deadline:
            for keeper in keepers:
                keeper.tend(following)
        told.look(following.runs)
        left = deadline - clock.monotonic()
        is_done = not following.open and not any(keeper.is_busy(following) for keeper in keepers)
        if left <= 0 or is_interrupted() or is_done:
            return
        clock.sleep(min(pause, longest_pause, left))
        pause = next(pauses, pause)


def _tell(before: WaitedRun, now: WaitedRun, told: Forgiving) -> None:
    if now.run is not None and before.status != now.run.status:
        told.status(now)
    if (now.seems is not None and before.seems is None) or now.lost is not LossReason.NO:
        told.trouble(now)
