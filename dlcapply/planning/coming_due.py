"""What an apply that waits may still start: the retries that its plan granted, and the starts it waited for.

Whoever agreed to a plan agreed to these. Nothing else that a later look shows was ever agreed to: an edited
manifest, another job, another run that somebody else brought about.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dlcapply.model.findings import Level
from dlcapply.model.plans import Action
from dlcapply.model.runs import PHASES, TERMINAL
from dlcapply.planning.approvals import approves, grants_retries
from dlcapply.planning.limits import check_limits

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from dlcapply.model.findings import Finding
    from dlcapply.model.plans import Change, Context, Plan


def awaits_a_start(change: Change) -> bool:
    """Whether a run starts once the change need not wait any more."""
    return change.action is Action.WAITING and change.op != ""


def may_retry(change: Change) -> bool:
    """Whether the run that there is, or will be, may be followed by another one, should it fail."""
    has_ended = change.target is not None and PHASES.get(change.target.status) in TERMINAL
    return grants_retries(change) and not (change.action is Action.UNCHANGED and has_ended)


def may_come_due(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Those of the changes that start nothing now, and may while their runs are waited for."""
    return tuple(
        change
        for change in changes
        if awaits_a_start(change) or (not change.action.starts_a_run and may_retry(change))
    )


def comes_due(planned: Change, change: Change, *, now: datetime) -> bool:
    """Whether the change is a start that whoever agreed to the planned one agreed to, too."""
    return change.action.starts_a_run and approves(planned, change, now=now)


@dataclass(frozen=True, slots=True)
class Started:
    """All that one command starts: what its plan says, and what came due since, in that order.

    `active` counts our active runs at the time of the plan.
    """

    plan: Plan
    active: int
    later: tuple[Change, ...] = ()

    def joined(self, change: Change) -> Started:
        return replace(self, later=(*self.later, change))

    def over_limits(self) -> tuple[Finding, ...]:
        """The limits that all of it together exceeds: a command has one budget, however long it waits."""
        changes = [*self.plan.allowed]
        counted = {change.name for change in changes if change.spend}
        begun = {change.op for change in changes if change.action.starts_a_run}
        for change in self.later:
            if change.op in begun:  # the rest of what the plan had: its freeze, or its stop, took longer
                continue
            # What a job may spend, retries included, is in the first ceiling that names it.
            changes.append(replace(change, spend=None) if change.name in counted else change)
            counted.add(change.name)
        found = check_limits(
            changes,
            limits=self.plan.environment.limits,
            active=self.active,
            consented={change.name for change in self.plan.changes},
        )
        return tuple(one for one in found if one.level is Level.ERROR)

    def as_plan(self, context: Context) -> Plan:
        """The whole command as one plan, as policies judge it, at the moment of the context."""
        latest = {change.name: change for change in self.plan.allowed}
        for change in self.later:
            before = latest.get(change.name)
            is_counted = before is not None and before.spend is not None
            latest[change.name] = (
                replace(change, spend=before.spend, cost=before.cost) if before and is_counted else change
            )
        changes = tuple(latest[name] for name in sorted(latest))
        return replace(self.plan, changes=changes, held={}, findings=(), context=context)
