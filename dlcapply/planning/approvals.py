"""Approvals: which changes of a plan are contained in saved plans that were reviewed.

Saved plans compose in any order: what two reviews approved one by one may be applied together.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dlcapply.model.plans import Action
from dlcapply.model.runs import PHASES, Phase
from dlcapply.planning.digest import change_digest, difference, start_digest
from dlcapply.planning.visibility import sees_all

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from dlcapply.model.plans import Change, Plan

# Where a review has seen that nothing starts: what follows was never agreed to.
_START_NOTHING = frozenset({Action.BLOCKED, Action.STOP})
_BLIND = (
    "the approved plan is of an identity that may not see everybody's PRIVATE jobs, and starts none;"
    " plan as an administrator of the workspace, or set Accessibility: PUBLIC"
)


@dataclass(frozen=True, slots=True)
class Approvals:
    """By job, the changes that may be carried out at the time `now`, each with what goes on with it.

    `stops` are the digests of the stops and replaces of plans to whose number of these somebody consented.
    `blind` are changes that hold for nothing: of PRIVATE jobs, in plans that may miss runs of theirs.
    """

    by_name: Mapping[str, tuple[Change, ...]]
    now: datetime
    stops: frozenset[str] = frozenset()
    blind: tuple[Change, ...] = ()

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
        if any(self._would_hold(one, change, approved) for one in self.blind):
            return _BLIND
        if change.retry:
            return f"no approved plan grants retry {change.retry} of this spec and token"
        return self._other(approved, change) if approved else "no approved plan does anything for this job"

    def _other(self, approved: Change, change: Change) -> str:
        if change.op and _is_past(approved, self.now):
            return "run.notAfter has passed, as it was approved"
        if _is_wait(approved) and _is_plain_start(change):
            return f"the approved wait is {difference(approved, change, only_start=True)}"
        if approved.action is not change.action:
            return f"the approved plan says {approved.action}, and this is {change.action}"
        return f"{change.action} is approved {difference(approved, change)}"

    def _would_hold(self, blind: Change, change: Change, approved: Change | None) -> bool:
        """Whether the blind change is what the reader has in mind, where `approved` is all that holds."""
        is_all = approved is None and blind.name == change.name and blind.op != ""
        return is_all or approves(blind, change, now=self.now)

    def consent_to_replace(self, name: str, job_id: str) -> bool:
        """Whether a plan carries the consent to replace this very run of the job, and not one before it."""
        return any(_consents(one) and one.target_id == job_id for one in self.by_name.get(name, ()))


def approvals_of(plans: Iterable[Plan], *, now: datetime) -> Approvals:
    by_name: defaultdict[str, list[Change]] = defaultdict(list)
    stops: set[str] = set()
    blind: list[Change] = []
    for plan in plans:
        for change in plan.changes:
            if is_blind(change, plan):
                blind.append(change)
                continue
            by_name[change.name].append(change)
            if change.action.stops_a_run and plan.scope.allow_stops is not None:
                stops.add(change_digest(change))
    known = {name: tuple(changes) for name, changes in by_name.items()}
    return Approvals(known, now, frozenset(stops), tuple(blind))


def is_blind(change: Change, plan: Plan) -> bool:
    """Whether the plan can't approve the change: one that may miss runs of others starts none beside them."""
    starts = change.op != "" or grants_retries(change)
    return starts and change.private and not sees_all(plan)


def held_back(changes: Iterable[Change], approvals: Approvals | None) -> dict[str, str]:
    """By name, the changes that only an approval could let happen, and what was approved instead."""
    if approvals is None:
        return {}
    asking = (change for change in changes if change.action.writes or change.op)
    return {change.name: approvals.instead(change) for change in asking if not approvals.hold(change)}


def approves(approved: Change, change: Change, *, now: datetime) -> bool:
    """Whether whoever approved the one change agreed to the other."""
    if change.op and _is_past(approved, now):
        return False
    return (
        change_digest(approved) == change_digest(change)
        or _awaits(approved, change)
        or _puts_off(approved, change)
        or _is_left_of(approved, change)
        or _grants(approved, change)
    )


def _consents(change: Change) -> bool:
    """Whether it is a replace that somebody consented to, now or once a freeze has ended."""
    is_replace = change.action is Action.REPLACE or _is_wait(change)
    return is_replace and change.consent is not None and change.consent.given


def _is_past(approved: Change, now: datetime) -> bool:
    not_after = approved.terms.not_after if approved.terms else None
    return not_after is not None and now > not_after


def _awaits(approved: Change, change: Change) -> bool:
    """Whether it is the very start that the approved change waited for."""
    if not _is_wait(approved):
        return False
    if change.action is Action.REPLACE:
        return _consents(approved) and _is_same_replace(approved, change)
    is_start = not _consents(approved) and _is_plain_start(change)
    return is_start and start_digest(approved) == start_digest(change)


def _puts_off(approved: Change, change: Change) -> bool:
    """Whether it waits, as for the end of a freeze, for the very start that was approved."""
    if not _is_wait(change):
        return False
    if approved.action is Action.REPLACE:
        return _consents(change) and _is_same_replace(approved, change)
    is_start = _is_plain_start(approved) or (_is_wait(approved) and not _consents(approved))
    return is_start and not _consents(change) and start_digest(approved) == start_digest(change)


def _is_same_replace(one: Change, other: Change) -> bool:
    """Whether the two replace the same run by the same one, whatever each waits for."""
    return change_digest(replace(one, action=other.action)) == change_digest(other)


def _is_left_of(approved: Change, change: Change) -> bool:
    """Whether it is the start of an approved replace whose stop has been done, and its create has not."""
    if not _consents(approved) or change.target is None or start_digest(approved) != start_digest(change):
        return False
    match PHASES.get(change.target.status):
        case Phase.STOPPED:
            return _is_plain_start(change) or _is_wait(change)
        case Phase.STOPPING:
            return _is_wait(change)
        case _:
            return False


def _is_wait(change: Change) -> bool:
    return change.action is Action.WAITING and change.op != ""


def _is_plain_start(change: Change) -> bool:
    """Whether it starts a run and stops none."""
    return change.action in {Action.CREATE, Action.RERUN}


def grants_retries(approved: Change) -> bool:
    """Whether whoever approved the change, or saw that nothing changes, agreed to retries of the job."""
    terms = approved.terms
    return terms is not None and terms.retries > 0 and approved.action not in _START_NOTHING


def _grants(approved: Change, change: Change) -> bool:
    """Whether it runs what was approved once more, after a failure, as often as was approved.

    It follows a run of that same spec and token: a return to what an older plan approved is not a retry.
    """
    granted, terms = approved.terms, change.terms
    if granted is None or terms is None or not grants_retries(approved):
        return False
    is_granted = 0 < change.retry <= granted.retries and granted.body == terms.body
    return is_granted and (change.action is Action.RERUN or _is_wait(change))
