"""What changes can spend at most, added up: for a plan as a whole, and for the jobs of each label."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dlcapply.model.plans import Change, Spend

_DIGITS = 6  # no more of a sum of floats is meant


@dataclass(frozen=True, slots=True)
class Total:
    """The most that `jobs` can spend together; None where nothing bounds one of them.

    `unbounded` counts those without a bound of accelerator-hours or of CPU-hours.
    """

    jobs: int
    accelerator_hours: float | None
    cpu_hours: float | None
    unbounded: int


def total_of(spends: Iterable[Spend]) -> Total:
    each = tuple(spends)
    return Total(
        len(each),
        _sum(spend.hours for spend in each),
        _sum(spend.cpu_hours for spend in each),
        sum(spend.hours is None or spend.cpu_hours is None for spend in each),
    )


def totals_by_label(changes: Iterable[Change]) -> Mapping[str, Total]:
    """By `key=value`, what the jobs with that label can spend; sorted."""
    spends: defaultdict[str, list[Spend]] = defaultdict(list)
    for change in changes:
        if change.spend is None:
            continue
        for key, value in change.labels.items():
            spends[f"{key}={value}"].append(change.spend)
    return {label: total_of(spends[label]) for label in sorted(spends)}


def _sum(hours: Iterable[float | None]) -> float | None:
    each = tuple(hours)
    return None if None in each else round(sum(one for one in each if one is not None), _DIGITS)
