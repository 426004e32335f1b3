"""Approvals: which changes of a plan are contained in saved plans that were reviewed, in any order."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dlcapply.model import Action, Sees
from dlcapply.planning.digest import change_digest, difference, start_digest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from dlcapply.model import Change, Plan

# Where a review has seen that nothing starts: what follows was never agreed to.
_START_NOTHING = frozenset({Action.BLOCKED, Action.STOP})


@dataclass(frozen=True, slots=True)
class Approvals:
    """By job, the changes that may be carried out at the time `now`, each with what goes on with it.

    `stops` are the digests of the stops and replaces of plans to whose number of these somebody consented.
    """

    by_name: Mapping[str, tuple[Change, ...]]
    now: datetime
    stops: frozenset[str] = frozenset()

    def hold(self, change: Change) -> bool:
        """Whether a plan contains the change, or the one that it goes on with."""
        return any(approves(approved, change, now=self.now) for approved in self.by_name.get(change.name, ()))

    def consent_to_stop(self, change: Change) -> bool:
        """Whether it is among a number of stops and replaces that somebody consented to."""
        return change_digest(change) in self.stops

    def instead(self, change: Change) -> str:
        """What was approved last for the job of a change that is not."""
        known = reversed(self.by_name.get(change.name, ()))
        approved = next((one for one in known if one.action is not Action.UNCHANGED), None)
        if change.retry:
            return f"no approved plan grants retry {change.retry} of this spec and token"
        if approved is None:
            return "no approved plan does anything for this job"
        if change.op and _is_past(approved, self.now):
            return "run.notAfter has passed, as it was approved"
        if _is_wait(approved) and _is_plain_start(change):
            return f"the approved wait is {difference(approved, change, only_start=True)}"
        if approved.action is not change.action:
            return f"the approved plan says {approved.action}, and this is {change.action}"
        return f"{change.action} is approved {difference(approved, change)}"

    @property
    def replaceable(self) -> frozenset[str]:
        """The jobs whose active run may be replaced: a plan carries the consent."""
        return frozenset(name for name, changes in self.by_name.items() if any(map(_consents, changes)))


def approvals_of(plans: Iterable[Plan], *, now: datetime) -> Approvals:
    by_name: defaultdict[str, list[Change]] = defaultdict(list)
    stops = set()
    for plan in plans:
        for change in filter(_vouching(plan), plan.changes):
            by_name[change.name].append(change)
            if change.action.stops_a_run and plan.scope.allow_stops is not None:
                stops.add(change_digest(change))
    known = {name: tuple(changes) for name, changes in by_name.items()}
    return Approvals(known, now, frozenset(stops))


def _vouching(plan: Plan) -> Callable[[Change], bool]:
    """Whether the plan can approve a change: one that misses runs of others starts no job beside them."""
    if plan.census.sees is Sees.ALL:
        return lambda _: True
    return lambda change: not change.private or change.action in {Action.UPDATE, Action.STOP}


def held_back(changes: Iterable[Change], approvals: Approvals | None) -> dict[str, str]:
    """By name, the changes that only an approval could let happen, and what was approved instead."""
    if approvals is None:
        return {}
    asking = (change for change in changes if change.action.writes or change.op)
    return {change.name: approvals.instead(change) for change in asking if not approvals.hold(change)}


def approves(approved: Change, change: Change, *, now: datetime) -> bool:
    """Whether who approved the one change agreed to the other."""
    if change.op and _is_past(approved, now):
        return False
    return (
        change_digest(approved) == change_digest(change)
        or _awaits(approved, change)
        or _grants(approved, change)
    )


def _consents(change: Change) -> bool:
    return change.action is Action.REPLACE and change.consent is not None and change.consent.given


def _is_past(approved: Change, now: datetime) -> bool:
    not_after = approved.terms.not_after if approved.terms else None
    return not_after is not None and now > not_after


def _awaits(approved: Change, change: Change) -> bool:
    """Whether it is the very start that the approved change waited for."""
    return _is_wait(approved) and _is_plain_start(change) and start_digest(approved) == start_digest(change)


def _is_wait(change: Change) -> bool:
    return change.action is Action.WAITING and change.op != ""


def _is_plain_start(change: Change) -> bool:
    """Whether it starts a run and stops none."""
    return change.action in {Action.CREATE, Action.RERUN}


def grants_retries(approved: Change) -> bool:
    """Whether who approved the change, or saw that nothing changes, agreed to retries of the job."""
    terms = approved.terms
    return terms is not None and terms.retries > 0 and approved.action not in _START_NOTHING


def _grants(approved: Change, change: Change) -> bool:
    """Whether it runs what was approved once more, after a failure, as often as was approved.

    It follows a run of that same spec and token: a return to what an older plan approved is no retry.
    """
    before, now = approved.terms, change.terms
    if before is None or now is None or not grants_retries(approved):
        return False
    return change.action is Action.RERUN and 0 < change.retry <= before.retries and before.body == now.body
