"""Freezes: the times in which no run is started."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from dlcapply.model.jobs import Freeze

_MOST_TOLD = 3


@dataclass(frozen=True, slots=True)
class Frozen:
    """Nothing starts before `until`, and why."""

    until: datetime
    reasons: tuple[str, ...]

    def __str__(self) -> str:
        told = [*self.reasons[:_MOST_TOLD]]
        told += [f"and {more:,} more"] if (more := len(self.reasons) - len(told)) > 0 else []
        return f"{self.until:%Y-%m-%d %H:%M} UTC ({'; '.join(told)})"


def frozen(freezes: Iterable[Freeze], now: datetime, *, end: datetime | None = None) -> Frozen | None:
    """What keeps runs from starting at some moment from `now` to `end`; by itself, `now` is that moment.

    Freezes that follow each other without a gap are one.
    """
    known = sorted(freezes, key=lambda freeze: freeze.start)
    latest = end or now
    holding = [freeze for freeze in known if freeze.start <= latest and now < freeze.end]
    if not holding:
        return None
    reasons = dict.fromkeys(freeze.reason for freeze in holding)
    return Frozen(_end_of(known, holding), tuple(reasons))


def _end_of(known: Sequence[Freeze], holding: Sequence[Freeze]) -> datetime:
    """When the freezes, and those that begin before they have ended, are over."""
    until = max(freeze.end for freeze in holding)
    for freeze in known:
        if freeze.start <= until:
            until = max(until, freeze.end)
    return until
