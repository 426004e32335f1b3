"""How much a change can spend at most, in accelerator-hours."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from dlcapply.model import Spend
from dlcapply.secrecy import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dlcapply.model import Run, Spec


def instance_types(specs: Iterable[Spec]) -> frozenset[str]:
    """The instance types whose accelerators must be known to tell what runs of the specs spend."""
    return frozenset(
        role["EcsSpec"] for spec in specs for role in spec.get("JobSpecs") or () if role.get("EcsSpec")
    )


def spend_of(spec: Spec, *, accelerators: Mapping[str, int]) -> Spend:
    """The most one run of the spec can spend: pods times accelerators times hours.

    A run without accelerators spends none, however long; one whose accelerators are not known, or that has
    no maximum, has no bound.
    """
    roles = spec.get("JobSpecs") or ()
    counts = [_accelerators(role, accelerators) for role in roles]
    unknown = {role.get("EcsSpec", "") for role, count in zip(roles, counts, strict=True) if count is None}
    total = sum(count or 0 for count in counts)
    return Spend(total, _hours(spec, total, bounded=not unknown), tuple(sorted(map(shown, unknown))))


def spent_hours(run: Run, *, accelerators: Mapping[str, int], now: datetime) -> float:
    """The accelerator-hours that the run has used up since it was Running, as far as they are known."""
    started = run.body.get("GmtRunningTime")
    if not started:
        return 0.0
    seconds = (now - datetime.fromisoformat(started)).total_seconds()
    return max(seconds, 0.0) / 3600 * spend_of(run.body, accelerators=accelerators).accelerators


def _hours(spec: Spec, total: int, *, bounded: bool) -> float | None:
    if not bounded:
        return None
    if not total:
        return 0.0
    minutes = spec.get("JobMaxRunningTimeMinutes")
    return total * float(minutes) / 60 if minutes else None


def _accelerators(role: Mapping[str, Any], known: Mapping[str, int]) -> int | None:
    pods = int(role.get("PodCount") or 1)
    if "EcsSpec" in role:
        each = known.get(role["EcsSpec"])
        return None if each is None else pods * each
    gpus = (role.get("ResourceConfig") or {}).get("GPU") or "0"
    return pods * int(gpus) if gpus.isdigit() else None
