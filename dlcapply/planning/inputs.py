"""What a plan depends on beside jobs and runs: everything that `make_plan` may not look up itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime, tzinfo

    from dlcapply.model.findings import Finding
    from dlcapply.model.jobs import Prices
    from dlcapply.planning.approvals import Approvals


@dataclass(frozen=True, slots=True)
class PlanInputs:
    """What a plan depends on beside jobs and runs.

    `complete`: the jobs are all that the project declares, so that what is missing from them is an orphan.
    `accelerators` and `cpus`: how many each instance type has. `allow_stops`: how many stops and replaces a
    person consented to. `findings`: what was found before planning.
    `typed`: a command about a job of this name, as the reader would type it. `can_claim`: there is a project
    for claims to be kept in. `view_unknown`: why nobody can tell whose jobs the census saw. `names`: those
    that any job of the project has or had, None where nobody can know them. `gone`: by operation id, a
    run that was created for the same, and that PAI does not show any more. `approvals`: only what these hold
    is to be carried out; None where all is. `zone` is the time zone in which people there speak of `now`.
    `prices` are what instances cost, None where nobody says. `idle`: by JobId, in which words a run is idle
    that may be stopped for it.
    """

    now: datetime
    complete: bool = False
    prune: bool = False
    allow_replace: frozenset[str] = frozenset()
    select: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    accelerators: Mapping[str, int] = field(default_factory=dict)
    cpus: Mapping[str, float] = field(default_factory=dict)
    allow_stops: int | None = None
    findings: tuple[Finding, ...] = ()
    typed: Callable[..., str] = lambda command, name, *words: " ".join(("dlcapply", command, name, *words))
    can_claim: bool = True
    approvals: Approvals | None = None
    view_unknown: str = ""
    names: frozenset[str] | None = frozenset()
    gone: Mapping[str, str] = field(default_factory=dict)
    zone: tzinfo = UTC
    prices: Prices | None = None
    idle: Mapping[str, str] = field(default_factory=dict)
