"""What runs are measured by: sizes of instance types, and the service's time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dlcapply.cloud.catalog import Sizes, sizes
from dlcapply.errors import ServiceError
from dlcapply.planning.readable import sound
from dlcapply.planning.spend import instance_types

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

    from dlcapply.api.connect import Service
    from dlcapply.model.runs import Run


@dataclass(frozen=True, slots=True)
class Measures:
    """What runs are measured by: the accelerators and CPUs of instance types, and the service's time.

    `asked` are the types that were asked for, also those of which nothing is known; `trouble` is why.
    """

    accelerators: Mapping[str, int] = field(default_factory=dict)
    cpus: Mapping[str, float] = field(default_factory=dict)
    now: datetime | None = None
    asked: frozenset[str] = frozenset()
    trouble: str = ""


def measures_of(service: Service, runs: Iterable[Run], known: Measures | None = None) -> Measures:
    """The measures for the runs, at the time of the service's newest answer.

    What is `known` is not asked again; what can't be asked is not known.
    """
    known = known or Measures()
    missing = instance_types(sound(run.body) for run in runs) - known.asked
    found, trouble = _catalogued(service, missing) if missing else (Sizes({}, {}), "")
    return Measures(
        {**known.accelerators, **found.accelerators},
        {**known.cpus, **found.cpus},
        service.now(),
        known.asked | missing,
        known.trouble or trouble,
    )


def _catalogued(service: Service, types: Collection[str]) -> tuple[Sizes, str]:
    try:
        return sizes(service.connection, types), ""
    except ServiceError as error:
        return Sizes({}, {}), error.message
