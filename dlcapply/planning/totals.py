"""What changes can spend at most, added up: for a plan as a whole, and for the jobs of each label."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dlcapply.model.plans import Change

_DIGITS = 6  # no more of a sum of floats is meant


@dataclass(frozen=True, slots=True)
class Total:
    """The most that `jobs` can spend together; None where nothing bounds one of them.

    `unbounded` counts those without a bound of accelerator-hours or of CPU-hours. `cost` is None where it
    is not known of one of them, as without prices.
    """

    jobs: int
    accelerator_hours: float | None
    cpu_hours: float | None
    unbounded: int
    cost: float | None


def total_of(changes: Iterable[Change]) -> Total:
    """The sum of what those of the changes can spend that start a run, or wait to."""
    spending = tuple(change for change in changes if change.spend)
    spends = [change.spend for change in spending if change.spend]
    return Total(
        len(spending),
        _sum(spend.hours for spend in spends),
        _sum(spend.cpu_hours for spend in spends),
        sum(spend.hours is None or spend.cpu_hours is None for spend in spends),
        _sum(change.cost.amount if change.cost else None for change in spending),
    )


def totals_by_label(changes: Iterable[Change]) -> Mapping[str, Total]:
    """By `key=value`, what the jobs with that label can spend; sorted."""
    labelled: defaultdict[str, list[Change]] = defaultdict(list)
    for change in changes:
        if change.spend is None:
            continue
        for key, value in change.labels.items():
            labelled[f"{key}={value}"].append(change)
    return {label: total_of(labelled[label]) for label in sorted(labelled)}


def _sum(numbers: Iterable[float | None]) -> float | None:
    each = tuple(numbers)
    return None if None in each else round(sum(one for one in each if one is not None), _DIGITS)
