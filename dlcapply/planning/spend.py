"""How much a change can spend at most, in accelerator-hours."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Any

from dlcapply.model import Spend
from dlcapply.planning.quantities import amount
from dlcapply.planning.shapes import sound
from dlcapply.secrecy import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from dlcapply.model import Run, Spec


def instance_types(specs: Iterable[Spec]) -> frozenset[str]:
    """The instance types whose accelerators must be known to tell what runs of the specs spend."""
    types = (role.get("EcsSpec") for spec in specs for role in _roles(spec))
    return frozenset(kind for kind in types if kind and isinstance(kind, str))


def spend_of(spec: Spec, *, accelerators: Mapping[str, int]) -> Spend:
    """The most one run of the spec can spend: pods times accelerators times hours.

    A run without accelerators spends none, however long; one whose accelerators are not known, or that has
    no maximum, has no bound.
    """
    total, unknown = _counted(spec, accelerators)
    return Spend(total, _hours(spec, total, bounded=not unknown), unknown)


def spent_hours(run: Run, *, accelerators: Mapping[str, int], now: datetime) -> float:
    """The accelerator-hours that the run has used up since it was Running, as far as they are known."""
    if run.started is None:
        return 0.0
    seconds = (now - run.started).total_seconds()
    return max(seconds, 0.0) / 3600 * _counted(sound(run.body), accelerators)[0]


def _counted(spec: Spec, known: Mapping[str, int]) -> tuple[int, tuple[str, ...]]:
    """The accelerators that are known of, and the instance types of the roles whose are not."""
    roles = _roles(spec)
    counts = [_accelerators(role, known) for role in roles]
    unknown = {role.get("EcsSpec", "") for role, count in zip(roles, counts, strict=True) if count is None}
    return sum(count or 0 for count in counts), tuple(sorted(shown(str(kind)) for kind in unknown))


def _hours(spec: Spec, total: int, *, bounded: bool) -> float | None:
    if not bounded:
        return None
    if not total:
        return 0.0
    minutes = spec.get("JobMaxRunningTimeMinutes")
    return total * float(minutes) / 60 if minutes else None


def _accelerators(role: Mapping[str, Any], known: Mapping[str, int]) -> int | None:
    pods = _whole(role.get("PodCount") or 1)
    each = known.get(role["EcsSpec"]) if "EcsSpec" in role else _gpus(role.get("ResourceConfig"))
    return None if pods is None or each is None else pods * each


def _gpus(config: Any) -> int | None:
    wanted = config.get("GPU") if isinstance(config, dict) else None
    gpus = amount(wanted or 0)
    return None if gpus is None or gpus < 0 else ceil(gpus)


def _whole(value: Any) -> int | None:
    """A number of pods, which may be written as text; None where it is not a whole one."""
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() else None


def _roles(spec: Spec) -> list[Mapping[str, Any]]:
    """The roles of a spec, or of an answer, which may hold anything in their place."""
    roles = spec.get("JobSpecs")
    return [role for role in roles if isinstance(role, dict)] if isinstance(roles, list) else []
