"""What an apply that waits may start on the way: what was agreed to, and what forbids it all the same."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dlcapply.api.options import PlanOptions
from dlcapply.api.plans.plan import plan_live, policy_denials
from dlcapply.applying import outcomes
from dlcapply.planning.visibility import denied_starts

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from dlcapply.api.connect import Service
    from dlcapply.api.load import Manifests
    from dlcapply.api.plans.plan import Planned
    from dlcapply.model.outcomes import Outcome
    from dlcapply.model.plans import Change, Plan
    from dlcapply.planning.approvals import Approvals
    from dlcapply.planning.coming_due import Started


@dataclass(frozen=True, slots=True)
class Mandate:
    """What whoever gave the command agreed to: a plan of these manifests, and how it is carried out.

    `approvals` are those that hold at a time; None where the whole plan was agreed to. After `expires`
    nothing of it is begun any more.
    """

    manifests: Manifests
    service: Service
    chosen: PlanOptions
    planned: Planned
    approvals: Callable[[datetime], Approvals | None] = lambda _: None
    expires: datetime | None = None
    parallelism: int = 1
    fail_fast: bool = False

    @property
    def plan(self) -> Plan:
        return self.planned.plan

    @property
    def active(self) -> int:
        return sum(len(history.active) for history in self.planned.histories.values())

    def planned_again(self, names: frozenset[str], now: datetime) -> Plan:
        """The plan of now for these jobs alone, of the manifests as they were read at the beginning."""
        allowed = tuple(name for name in self.chosen.allow_replace if name in names)
        options = PlanOptions(allow_replace=allowed, no_preflight=self.chosen.no_preflight)
        jobs, approvals = self.manifests.of_jobs(names), self.approvals(now)
        return plan_live(jobs, self.service, options, approvals=approvals).plan

    def denial(self, change: Change, started: Started, made: Plan) -> Outcome | None:
        """What becomes of the change instead, where something forbids it beside all that was `started`."""
        if unseen := denied_starts(replace(made, changes=(change,), held={})):
            return outcomes.not_done(change, unseen.message, hint=unseen.hint)
        whole = started.as_plan(made.context)
        denials = (*started.over_limits(), *policy_denials(whole, self.manifests.loaded))
        return outcomes.denied(change, denials[0]) if denials else None
