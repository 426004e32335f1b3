"""What a job asks of its quota, or of the public instance types."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dlcapply.emulator.answers import JsonObject
    from dlcapply.emulator.world.catalogue import Catalogue

_NUMBER = re.compile(r"\d+(?:\.\d+)?")


class Demand(NamedTuple):
    """CPU cores, GPUs and GiB of memory."""

    cpu: float = 0
    gpu: float = 0
    memory: float = 0

    def plus(self, other: Demand) -> Demand:
        return Demand(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))

    def fits(self, capacity: Demand) -> bool:
        return all(mine <= theirs for mine, theirs in zip(self, capacity, strict=True))


def requested(specs: Iterable[JsonObject], catalogue: Catalogue) -> Demand:
    """What all pods ask for together; unknown instance types count as nothing."""
    total = Demand()
    for spec in specs:
        pod, count = _of_pod(spec, catalogue), spec["PodCount"]
        total = total.plus(Demand(*(count * size for size in pod)))
    return total


def instances(specs: Iterable[JsonObject]) -> Counter[str]:
    """How many public instances of each type the pods ask for."""
    counts: Counter[str] = Counter()
    for spec in specs:
        if spec.get("EcsSpec"):
            counts[spec["EcsSpec"]] += spec["PodCount"]
    return counts


def _of_pod(spec: JsonObject, catalogue: Catalogue) -> Demand:
    if config := spec.get("ResourceConfig"):
        return Demand(*(_number(config.get(key)) for key in ("CPU", "GPU", "Memory")))
    kind = catalogue.instance_type(spec.get("EcsSpec", ""))
    return Demand(kind.cpu, kind.gpu, kind.memory) if kind else Demand()


def _number(text: str | None) -> float:
    """The number in `10Gi`; sizes here are for show."""
    found = _NUMBER.match(text or "")
    return float(found[0]) if found else 0.0
