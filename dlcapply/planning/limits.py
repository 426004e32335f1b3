"""The limits of an environment, and those of --prune, held against a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dlcapply.model.findings import Finding, Level
from dlcapply.planning.ceilings import ADDING
from dlcapply.planning.reasons import accelerator_hours, cpu_hours, listed

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from dlcapply.model.jobs import Limits
    from dlcapply.model.plans import Change, Spend

_RULE_PREFIX = "limit-"
# The rules that count stops and replaces.
OF_STOPS = frozenset({"limit-stops", "limit-stops-percent", "limit-prune-half", "allow-stops"})

# A percentage of very few runs says nothing.
_FEWEST_FOR_PERCENT = 5
# With one run, half of them says nothing.
_FEWEST_FOR_HALF = 2
_FEWER_STARTS = "apply fewer jobs at a time with --select, or raise the environment's limits"
_FEWER_STOPS = "stop fewer at a time: without --prune, with --select; or raise the environment's limits"
_MOST_NAMED = 5


def check_limits(
    changes: Sequence[Change],
    *,
    limits: Limits,
    active: int,
    allow_stops: int | None = None,
    consented: Collection[str] = (),
) -> tuple[Finding, ...]:
    """One finding of level error for each limit that the changes exceed; `active` counts our active runs.

    `consented` are the jobs whose stop or replace is among a number that somebody consented to in a review.
    A warning says where settings of the jobs may lead beyond what was counted.
    """
    return (
        *_hours(changes, _GPU, limits.gpu_hours, limits),
        *_hours(changes, _CPU, limits.cpu_hours, limits),
        *_creates(changes, limits),
        *_stops(changes, limits, active),
        *_half([one for one in changes if one.name not in consented], limits, active, allow_stops),
        *_consent(changes, allow_stops),
    )


class _Unit(NamedTuple):
    """One kind of hours: how it is called, and what of it a change can spend."""

    limit: str
    name: str
    told: Callable[[float], str]
    of: Callable[[Spend], float | None]
    unknown: Callable[[Spend], tuple[str, ...]]
    what: str


_GPU = _Unit(
    limit="gpu-hours",
    name="accelerator-hours",
    told=accelerator_hours,
    of=lambda spend: spend.hours,
    unknown=lambda spend: spend.unpriced,
    what="accelerators",
)
_CPU = _Unit(
    limit="cpu-hours",
    name="CPU-hours",
    told=cpu_hours,
    of=lambda spend: spend.cpu_hours,
    unknown=lambda spend: spend.uncounted,
    what="CPUs",
)


def _hours(changes: Sequence[Change], unit: _Unit, limit: float | None, limits: Limits) -> Iterator[Finding]:
    if limit is None:
        return
    spends = {change.name: change.spend for change in changes if change.spend}
    unbounded = {name: spend for name, spend in spends.items() if unit.of(spend) is None}
    if unbounded and not limits.unbounded_allowed:
        names = listed(sorted(unbounded), most=_MOST_NAMED)
        hint = f"{_way_to_a_bound(unbounded, unit)}, or allow it with limits.unbounded: allow"
        yield _over(unit.limit, f"nothing bounds the {unit.name} of {names}", hint)
    total = round(sum(unit.of(spend) or 0.0 for spend in spends.values()), 6)
    doubts = _doubts({name: spend for name, spend in spends.items() if unit.of(spend)})
    if total > limit:
        more = f"; {doubts} may exceed that" if doubts else ""
        yield _over(unit.limit, f"up to {unit.told(total)}, and the limit is {limit:,.15g}{more}")
    elif doubts:
        message = f"up to {unit.told(total)}: within the limit of {limit:,.15g}, but {doubts} may exceed that"
        hint = "watch the runs: PAI does not say that these settings stay within what was counted"
        yield Finding(f"{_RULE_PREFIX}{unit.limit}", Level.WARNING, message, hint)


def _way_to_a_bound(spends: Mapping[str, Spend], unit: _Unit) -> str:
    types = sorted({kind for spend in spends.values() for kind in unit.unknown(spend)} - {""})
    if types:
        unknown = f"how many {unit.what} it has is not known (with --no-preflight nothing is asked)"
        return f"check the spelling of {', '.join(types)}: {unknown}"
    names = sorted({name for spend in spends.values() for name in spend.unbounded_by})
    ways = [f"set {', '.join(unset)}" for unset in [[name for name in names if name not in ADDING]] if unset]
    ways += [f"leave out {name}" for name in names if name in ADDING]
    return " and ".join(ways) or f"write how many {unit.what} each pod has"


def _doubts(spends: Mapping[str, Spend]) -> str:
    """The settings that can lead beyond what was counted, each with its job; no more than fit a line."""
    found = [f"{one} of {name}" for name, spend in sorted(spends.items()) for one in spend.can_exceed]
    return listed(found, most=_MOST_NAMED)


def _creates(changes: Sequence[Change], limits: Limits) -> Iterator[Finding]:
    count = sum(change.action.starts_a_run for change in changes)
    if limits.creates is not None and count > limits.creates:
        yield _over("creates", f"{_runs(count)} to create, and the limit is {limits.creates}")


def _stops(changes: Sequence[Change], limits: Limits, active: int) -> Iterator[Finding]:
    count = _stopped(changes)
    if limits.stops is not None and count > limits.stops:
        yield _over("stops", f"{_runs(count)} to stop, and the limit is {limits.stops}", _FEWER_STOPS)
    if limits.stops_percent is None or active < _FEWEST_FOR_PERCENT:
        return
    percent = 100 * count / active
    if percent > limits.stops_percent:
        yield _over(
            "stops-percent",
            f"{count} of {active} active runs to stop, and the limit is {limits.stops_percent:g} %",
            _FEWER_STOPS,
        )


def _half(
    changes: Sequence[Change], limits: Limits, active: int, allow_stops: int | None
) -> Iterator[Finding]:
    """Where nobody set limits.stopsPercent: files that are missing by mistake never stop nearly all."""
    count = _stopped(changes)
    prunes = any(change.is_prune for change in changes)
    if not prunes or limits.stops_percent is not None or allow_stops is not None:
        return
    if active >= _FEWEST_FOR_HALF and 2 * count > active:
        message = f"with --prune, {count} of {active} active runs would stop, and that is more than half"
        hint = (
            f"look for manifests that are missing; --allow-stops {count} consents to these"
            f" {count} stops and replaces"
        )
        yield _over("prune-half", message, hint)


def _consent(changes: Sequence[Change], allow_stops: int | None) -> Iterator[Finding]:
    """A consent is to the number that somebody has seen, and to no other."""
    count = _stopped(changes)
    if allow_stops is not None and allow_stops != count:
        counted = "1 stop or replace" if allow_stops == 1 else f"{allow_stops} stops and replaces"
        said = f"--allow-stops {allow_stops} consents to exactly {counted}"
        message = f"{said}, and this plan has {count}"
        hint = f"review them, and give --allow-stops {count}" if count else "leave --allow-stops out"
        yield Finding("allow-stops", Level.ERROR, message, hint)


def _stopped(changes: Sequence[Change]) -> int:
    return sum(change.action.stops_a_run for change in changes)


def _runs(count: int) -> str:
    return f"{count} run{'s' if count != 1 else ''}"


def _over(limit: str, message: str, hint: str = _FEWER_STARTS) -> Finding:
    return Finding(f"{_RULE_PREFIX}{limit}", Level.ERROR, message, hint)
