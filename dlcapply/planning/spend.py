"""How much a change can spend at most, in accelerator-hours and CPU-hours."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Any, NamedTuple

from dlcapply.model.plans import Spend
from dlcapply.planning.ceilings import adding, exceeding, minutes, pods, roles, types, whole
from dlcapply.planning.quantities import amount
from dlcapply.planning.readable import sound
from dlcapply.secrecy import without_secrets

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dlcapply.model.jobs import Spec

_LARGEST = 10**6


def instance_types(specs: Iterable[Spec]) -> frozenset[str]:
    """The instance types whose sizes must be known to tell what runs of the specs spend."""
    return frozenset(kind for spec in specs for role in roles(spec) for kind in types(role))


def spend_of(
    spec: Spec, *, accelerators: Mapping[str, int], cpus: Mapping[str, float] | None = None, runs: int = 1
) -> Spend:
    """The most that so many runs of the spec can spend: pods times what each has times hours.

    A run without accelerators spends no accelerator-hours, however long it runs; what is not known, or has no
    maximum, has no bound.
    """
    gpu = _counted(spec, _Sizes(accelerators, "GPU", unsaid=0))
    cpu = _counted(spec, _Sizes(cpus or {}, "CPU", unsaid=None))
    unbounded = (*minutes(spec).missing, *gpu.unbounded, *cpu.unbounded, *adding(spec))
    return Spend(
        round(gpu.total),
        _hours(gpu, spec, runs),
        gpu.unknown,
        cpus=cpu.total,
        cpu_hours=_hours(cpu, spec, runs),
        uncounted=cpu.unknown,
        unbounded_by=tuple(dict.fromkeys(unbounded)),
        can_exceed=exceeding(spec),
        runs=runs,
    )


def accelerators_of(body: Spec, *, accelerators: Mapping[str, int]) -> int | None:
    """How many the pods that a run begins with have together; None where that is not known."""
    count = _begun_with(_sound_roles(body), _Sizes(accelerators, "GPU", unsaid=0))
    return None if count is None else round(count)


def cpus_of(body: Spec, *, cpus: Mapping[str, float]) -> float | None:
    """As `accelerators_of`, of CPUs."""
    return _begun_with(_sound_roles(body), _Sizes(cpus, "CPU", unsaid=None))


def _sound_roles(body: Spec) -> Spec:
    return sound({"JobSpecs": body.get("JobSpecs")})


class _Sizes(NamedTuple):
    """How many of something each instance type has; in a ResourceConfig they have a key of their own.

    `unsaid` is how many there are where that says nothing; None where nobody knows.
    """

    known: Mapping[str, float]
    key: str
    unsaid: int | None

    def of(self, role: Mapping[str, Any]) -> float | None:
        """The most that one pod of the role has; None where it is not known."""
        sizes = [self.known.get(kind) for kind in types(role)]
        sizes += [] if role.get("EcsSpec") in types(role) else [self._configured(role)]
        return None if None in sizes else max(size for size in sizes if size is not None)

    def missing(self, role: Mapping[str, Any]) -> tuple[str, ...]:
        """The instance types of the role that are not known; an empty text where it names none."""
        return tuple(kind for kind in types(role) if kind not in self.known) or ("",)

    def _configured(self, role: Mapping[str, Any]) -> float | None:
        if "EcsSpec" in role:  # one that can't be read
            return None
        config = role.get("ResourceConfig")
        number = config.get(self.key) if isinstance(config, dict) else None
        size = self.unsaid if number is None or number == "" else amount(number)
        if size is None or not 0 <= size <= _LARGEST:
            return None
        return ceil(size) if self.key == "GPU" else float(size)


class _Count(NamedTuple):
    """How many are known; the instance types that are not, and the settings that bound nothing."""

    total: float
    unknown: tuple[str, ...]
    unbounded: tuple[str, ...]


def _counted(spec: Spec, sizes: _Sizes) -> _Count:
    total = 0.0
    unknown: set[str] = set()
    unbounded: list[str] = []
    for role in roles(spec):
        size, most = sizes.of(role), pods(role)
        if size is None:
            unknown.update(map(without_secrets, sizes.missing(role)))
        elif size and most.number is None:
            unbounded += most.missing
            total += size * (whole(role.get("PodCount") or 1) or 0)
        else:
            total += size * (most.number or 0)
    return _Count(total, tuple(sorted(unknown)), tuple(dict.fromkeys(unbounded)))


def _hours(count: _Count, spec: Spec, runs: int) -> float | None:
    if count.unknown or count.unbounded or adding(spec):
        return None
    if not count.total:
        return 0.0
    longest = minutes(spec).number
    return None if longest is None else count.total * longest / 60 * runs


def _begun_with(spec: Spec, sizes: _Sizes) -> float | None:
    """What the pods of the spec have together; None where that is not known."""
    total = 0.0
    for role in roles(spec):
        size, count = sizes.of(role), whole(role.get("PodCount") or 1)
        if size is None or (size and count is None):
            return None
        total += size * (count or 0)
    return total if roles(spec) else None
