"""The brakes of an environment, asked of a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.model import Finding, Level

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dlcapply.model import Change, Limits

_RULE_PREFIX = "limit-"

# A percentage of very few runs says nothing.
_FEWEST_FOR_PERCENT = 5
_FEWER_STOPS = "stop fewer at a time: without --prune, with --select; or raise the environment's limits"


def check_limits(changes: Sequence[Change], *, limits: Limits, active: int) -> tuple[Finding, ...]:
    """One finding of level error for each limit that the changes exceed; `active` counts our active runs."""
    return (*_gpu_hours(changes, limits), *_creates(changes, limits), *_stops(changes, limits, active))


def _gpu_hours(changes: Sequence[Change], limits: Limits) -> Iterator[Finding]:
    if limits.gpu_hours is None:
        return
    spends = {change.name: change.spend for change in changes if change.spend}
    unbounded = sorted(name for name, spend in spends.items() if spend.hours is None)
    if unbounded and not limits.unbounded_allowed:
        names = ", ".join(unbounded)
        types = sorted({kind for name in unbounded for kind in spends[name].unpriced})
        unknown = f"check the spelling of {', '.join(types)}: how many accelerators it has is not known"
        hint = unknown if types else "set JobMaxRunningTimeMinutes"
        yield _over(
            "gpu-hours",
            f"nothing bounds the accelerator-hours of {names}",
            f"{hint}, or allow it with limits.unbounded: allow",
        )
    total = sum(spend.hours or 0.0 for spend in spends.values())
    if total > limits.gpu_hours:
        yield _over("gpu-hours", f"up to {total:g} accelerator-hours, and the limit is {limits.gpu_hours:g}")


def _creates(changes: Sequence[Change], limits: Limits) -> Iterator[Finding]:
    count = sum(change.action.starts_a_run for change in changes)
    if limits.creates is not None and count > limits.creates:
        yield _over("creates", f"{count} runs to create, and the limit is {limits.creates}")


def _stops(changes: Sequence[Change], limits: Limits, active: int) -> Iterator[Finding]:
    count = sum(change.action.stops_a_run for change in changes)
    if limits.stops is not None and count > limits.stops:
        yield _over("stops", f"{count} runs to stop, and the limit is {limits.stops}", _FEWER_STOPS)
    if limits.stops_percent is None or active < _FEWEST_FOR_PERCENT:
        return
    percent = 100 * count / active
    if percent > limits.stops_percent:
        yield _over(
            "stops-percent",
            f"{count} of {active} active runs to stop, and the limit is {limits.stops_percent:g} %",
            _FEWER_STOPS,
        )


def _over(
    limit: str,
    message: str,
    hint: str = "apply fewer jobs at a time with --select, or raise the environment's limits",
) -> Finding:
    return Finding(f"{_RULE_PREFIX}{limit}", Level.ERROR, message, hint)
