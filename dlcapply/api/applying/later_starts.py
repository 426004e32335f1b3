"""What an apply that waits starts on the way: the retries of its own plan, and the starts that waited.

They go the way of every start: planned from what is live, held against limits, policies, freezes and
approvals, looked at again, noted, and created once.
"""

from __future__ import annotations

from dataclasses import replace
from math import inf
from typing import TYPE_CHECKING

from dlcapply.applying import outcomes
from dlcapply.applying.applier import apply_plan
from dlcapply.errors import DlcapplyError
from dlcapply.model.outcomes import LaterStart, Result
from dlcapply.model.plans import Action
from dlcapply.model.runs import PHASES, TERMINAL, Phase
from dlcapply.operating.following import LossReason
from dlcapply.planning.approvals import Approvals, approves
from dlcapply.planning.coming_due import Started, comes_due, may_retry
from dlcapply.planning.decisions import Why
from dlcapply.planning.freezes import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from dlcapply.api.applying.mandate import Mandate
    from dlcapply.api.waiting.progress import Forgiving
    from dlcapply.applying.context import ApplyContext
    from dlcapply.model.outcomes import Outcome
    from dlcapply.model.plans import Change, Plan, Target
    from dlcapply.operating.following import Following, WaitedRun


# A job, and the JobId of the run of it that has ended.
_Key = tuple[str, str]
# After a look that could not be made, or that does not show yet what was seen.
_REST = 5.0


class LaterStarts:
    """Looks after the runs of an apply: what comes due is started, and its run followed in their place."""

    def __init__(
        self, mandate: Mandate, context: ApplyContext, done: Sequence[Outcome], told: Forgiving
    ) -> None:
        self._starts: list[LaterStart] = []
        self._held: dict[str, Change] = {}
        self._mandate = mandate
        self._means = context
        self._told = told
        self._jobs = {job.name: job for job in mandate.manifests.jobs}
        self._planned = {change.name: change for change in mandate.plan.allowed}
        self._started = Started(mandate.plan, mandate.active)
        self._has_failed = any(outcome.result.is_failure for outcome in done)
        undone = {one.name: one for one in done if one.result is Result.WAITING}
        self._awaiting = {name for name, change in self._planned.items() if change.op and name in undone}
        self._frozen = {name for name in self._awaiting if _is_frozen(self._planned[name], undone[name])}
        self._tried = {change.op for name, change in self._planned.items() if name not in self._awaiting}
        self._settled: set[_Key] = set()
        self._asked_since: dict[_Key, float] = {}
        self._rests_until = -inf

    @property
    def starts(self) -> tuple[LaterStart, ...]:
        """What came due, in that order; at last what a freeze holds to the end."""
        held = (LaterStart(change, outcomes.idle(change)) for change in self._held.values())
        return (*self._starts, *held)

    def is_busy(self, following: Following) -> bool:
        """Whether something may come of runs that have ended already."""
        return bool(self._due_names(following)) and not self._may_begin_nothing

    def tend(self, following: Following) -> None:
        """What has come due is started."""
        names = self._due_names(following)
        if not names or self._may_begin_nothing or self._means.clock.monotonic() < self._rests_until:
            return
        seen = _by_name(following.runs)
        try:
            made = self._mandate.planned_again(frozenset(names), self._means.clock.now())
        except DlcapplyError as error:
            for name in names:
                self._look_again(self._run(name, seen), f"it could not be planned: {error.message}")
            return
        due = [
            change
            for change in made.changes
            if self._comes_due(change, self._run(change.name, seen), made, following)
        ]
        self._carry_out(self._allowed(due, made, seen), made, seen, following)

    @property
    def _may_begin_nothing(self) -> bool:
        return self._means.interrupt.is_asked or (self._mandate.fail_fast and self._has_failed)

    def _due_names(self, following: Following) -> list[str]:
        """The jobs that may have a start to come, by how their runs were last seen."""
        seen = _by_name(following.runs)
        return [name for name in self._planned if self._may_be_due(name, seen.get(name))]

    def _may_be_due(self, name: str, one: WaitedRun | None) -> bool:
        key = (name, one.job_id if one else self._planned[name].target_id)
        if key in self._settled:
            return False
        if name in self._frozen:
            return not self._is_frozen_now()
        if one is not None and (not one.is_over or one.lost is LossReason.UNREADABLE or one.hopeless):
            return False
        return name in self._awaiting or (_has_failed(one) and may_retry(self._planned[name]))

    def _is_frozen_now(self) -> bool:
        return frozen(self._mandate.manifests.environment.freezes, self._means.clock.now()) is not None

    def _run(self, name: str, seen: dict[str, WaitedRun]) -> _Key:
        """The job, and the JobId of the run that came before what is due."""
        return name, seen[name].job_id if name in seen else self._planned[name].target_id

    def _comes_due(self, change: Change, key: _Key, made: Plan, following: Following) -> bool:
        """Whether the change is to be started; otherwise what becomes of it instead is settled."""
        planned, now = self._planned.get(change.name), self._means.clock.now()
        self._held.pop(change.name, None)
        if planned is None:
            return False
        if comes_due(planned, change, now=now) and change.op not in self._tried:
            return self._is_agreed(change, key, made, now)
        if change.reason.code == Why.FROZEN and approves(planned, change, now=now):
            self._hold(change)
        elif _goes_on(change.target, key[1]):
            self._look_again(key, "PAI's listing does not show that its run has ended")
        else:
            self._settle_instead(change, planned, key, following)
        return False

    def _hold(self, change: Change) -> None:
        """A freeze holds the start; once that is over, it is looked at again."""
        self._frozen.add(change.name)
        if change.name not in self._awaiting:  # of what waited from the beginning the plan has told
            self._held[change.name] = change
        self._told.due(change)

    def _settle_instead(self, change: Change, planned: Change, key: _Key, following: Following) -> None:
        """Nothing is started: another run is the job's by now, or nothing is asked for, or too much."""
        if change.target is not None and change.target_id != key[1] and not change.action.starts_a_run:
            self._follow_instead(key, change.target_id, following)
        elif change.action is Action.UNCHANGED:
            self._settled.add(key)
        elif change.action is Action.BLOCKED:
            self._settle(key, change, outcomes.idle(change))
        else:
            instead = Approvals({change.name: (planned,)}, self._means.clock.now()).instead(change)
            self._settle(key, change, outcomes.not_done(change, f"nobody agreed to it: {instead}"))

    def _is_agreed(self, change: Change, key: _Key, made: Plan, now: datetime) -> bool:
        expires = self._mandate.expires
        if change.name in made.held:
            self._settle(key, change, outcomes.not_approved(change, made.held[change.name]))
        elif expires is not None and now >= expires:
            message = f"the saved plan expired at {expires:%Y-%m-%d %H:%M} UTC"
            self._settle(key, change, outcomes.not_done(change, message, hint="make the plan again"))
        else:
            return True
        return False

    def _allowed(self, due: Sequence[Change], made: Plan, seen: dict[str, WaitedRun]) -> list[Change]:
        """Those that neither a limit nor a policy forbids, with all that the command has started before."""
        allowed: list[Change] = []
        started = self._started
        for change in due:
            more = started.joined(change)
            if denial := self._mandate.denial(change, more, made):
                self._settle(self._run(change.name, seen), change, denial, denied=True)
            else:
                started = more
                allowed.append(change)
        return allowed

    def _carry_out(
        self, changes: Sequence[Change], made: Plan, seen: dict[str, WaitedRun], following: Following
    ) -> None:
        if not changes:
            return
        for change in changes:
            self._told.due(change)
        done = apply_plan(
            replace(made, changes=tuple(changes), held={}),
            jobs=self._jobs,
            context=self._means,
            parallelism=self._mandate.parallelism,
            fail_fast=self._mandate.fail_fast,
            report=self._told.outcome,
            begin=self._told.began,
        )
        for change, outcome in zip(changes, done, strict=True):
            self._note(change, outcome, self._run(change.name, seen), following)

    def _note(self, change: Change, outcome: Outcome, key: _Key, following: Following) -> None:
        if outcome.result is Result.WAITING:  # a freeze began, or a stop takes long: its time is yet to come
            self._frozen.discard(key[0])
            self._frozen |= {key[0]} if _is_frozen(change, outcome) else set()
            self._awaiting.add(key[0])
            return
        self._tried.add(change.op)
        self._started = self._started.joined(change)
        self._has_failed = self._has_failed or outcome.result.is_failure
        self._starts.append(LaterStart(change, outcome))
        # Of a race that was lost, the run that stays is the job's, too.
        is_there = outcome.result.starts_a_run or outcome.result is Result.STALE
        if is_there and outcome.job_id not in {"", key[1]}:
            self._follow_instead(key, outcome.job_id, following)
        else:
            self._settled.add(key)

    def _follow_instead(self, key: _Key, job_id: str, following: Following) -> None:
        """The run of the job is that one now, whoever started it."""
        name, before = key
        self._settled.add(key)
        self._awaiting.discard(name)
        self._frozen.discard(name)
        following.drop(before)
        following.add(name, job_id)

    def _settle(self, key: _Key, change: Change, outcome: Outcome, *, denied: bool = False) -> None:
        self._settled.add(key)
        self._starts.append(LaterStart(change, outcome, denied))
        self._told.due(change)
        self._told.outcome(outcome)

    def _look_again(self, key: _Key, why: str) -> None:
        """What was asked does not tell yet; it may for as long as a listing may lag."""
        now = self._means.clock.monotonic()
        self._rests_until = now + _REST
        if now - self._asked_since.setdefault(key, now) < self._means.settle:
            return
        planned = self._planned[key[0]]
        self._settled.add(key)
        self._starts.append(LaterStart(planned, outcomes.not_done(planned, f"nothing was started: {why}")))
        self._told.outcome(self._starts[-1].outcome)


def _is_frozen(change: Change, undone: Outcome) -> bool:
    """Whether a freeze holds the start, by the plan or since."""
    return Why.FROZEN in {change.reason.code, undone.error.code if undone.error else ""}


def _has_failed(one: WaitedRun | None) -> bool:
    """Whether the run is seen to have failed, and to hold nothing any more."""
    return (
        one is not None
        and one.lost is LossReason.NO
        and one.run is not None
        and one.run.phase is Phase.FAILED
    )


def _goes_on(target: Target | None, job_id: str) -> bool:
    """Whether the run that has ended is shown as one that has not."""
    return target is not None and target.job_id == job_id and PHASES.get(target.status) not in TERMINAL


def _by_name(runs: Iterable[WaitedRun]) -> dict[str, WaitedRun]:
    return {one.name: one for one in runs}
