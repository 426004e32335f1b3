"""What PAI measures of a run while it runs: curves of its pods."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Point:
    at: datetime
    value: float


@dataclass(frozen=True, slots=True)
class Curve:
    """The values of a metric in one pod, the oldest first; `pod_id` is empty for the run as a whole."""

    metric: str
    pod_id: str
    points: tuple[Point, ...]

    @property
    def low(self) -> float:
        return min(point.value for point in self.points)

    @property
    def middle(self) -> float:
        return median(point.value for point in self.points)

    @property
    def high(self) -> float:
        return max(point.value for point in self.points)

    @property
    def last(self) -> float:
        return self.points[-1].value


@dataclass(frozen=True, slots=True)
class Curves:
    """What was measured between two times, a value for each `step` seconds.

    `source` is the operation that told it. Only curves with points are there; `unread` points of the answer
    had no time or no number that can be read.
    """

    metric: str
    source: str
    start: datetime
    end: datetime
    step: float
    curves: tuple[Curve, ...]
    unread: int = 0
