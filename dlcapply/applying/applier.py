"""Plan → outcomes: one for each change, whatever becomes of the others."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

from dlcapply.applying import outcomes
from dlcapply.applying.creating import create
from dlcapply.applying.open_writes import look_up
from dlcapply.applying.races import settle_races
from dlcapply.applying.stopping import replace, stop
from dlcapply.applying.updating import update
from dlcapply.errors import DlcapplyError
from dlcapply.model.outcomes import Result
from dlcapply.model.plans import Action, VariableState
from dlcapply.planning.needs import needs_of
from dlcapply.planning.reasons import listed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from dlcapply.applying.context import ApplyContext
    from dlcapply.model.jobs import Job
    from dlcapply.model.outcomes import Outcome
    from dlcapply.model.plans import Change, Plan

_MOST_NAMED = 3
# What a start that did not happen says of those to come.
_OUTLOOKS = {
    Result.REFUSED: "{name} was refused ({code}), and the new run would be, too",
    Result.FAILED: "{name} did not start ({code}), and the new run might not, either",
    Result.UNKNOWN: "nobody knows whether {name} started ({code}), and the new run might not start",
}


def apply_plan(
    plan: Plan,
    *,
    jobs: Mapping[str, Job],
    context: ApplyContext,
    parallelism: int = 8,
    fail_fast: bool = False,
    report: Callable[[Outcome], None] = lambda _: None,
    begin: Callable[[Change], None] = lambda _: None,
) -> tuple[Outcome, ...]:
    """The outcomes in the plan's order; `report` is called as each becomes known, `begin` before each write.

    What can't be taken back comes last: updates and declared stops, creates, replaces, and prunes only where
    everything started that should have. A change that fails leaves the others alone, unless `fail_fast` or it
    says that they would fail too; after an interrupt nothing new is begun.
    """
    known: dict[str, Outcome] = {}
    worker = _Worker(jobs, context, held=plan.held, fail_fast=fail_fast, begin=begin)

    def carry_out(changes: Sequence[Change]) -> None:
        with ThreadPoolExecutor(max_workers=parallelism) as pool:
            for outcome in pool.map(worker.carry_out, changes):
                known[outcome.name] = outcome
                report(outcome)

    stages = _stages(plan.changes)
    carry_out(stages.first)
    carry_out(stages.creates)
    for replaces in _in_trust(stages.replaces, known):
        carry_out(replaces)
    started = [(change, known[change.name]) for change in plan.changes if _has_started(change, known)]
    known |= {one.name: one for one in settle_races(started, context, last=context.clock.monotonic())}
    worker.missing = tuple(change.name for change in stages.starts if not _has_started(change, known))
    carry_out(stages.prunes)
    look_up(context, besides={change.op for change in stages.starts})
    return tuple(known[change.name] for change in plan.changes)


def _has_started(change: Change, known: Mapping[str, Outcome]) -> bool:
    return change.name in known and known[change.name].result.starts_a_run


class _Stages(NamedTuple):
    first: list[Change]
    creates: list[Change]
    replaces: list[Change]
    prunes: list[Change]

    @property
    def starts(self) -> list[Change]:
        return [*self.creates, *self.replaces]


def _stages(changes: Sequence[Change]) -> _Stages:
    stages = _Stages([], [], [], [])
    for change in changes:
        if change.action is Action.REPLACE:
            stages.replaces.append(change)
        elif change.action.starts_a_run:
            stages.creates.append(change)
        else:
            (stages.prunes if change.is_prune else stages.first).append(change)
    return stages


def _in_trust(replaces: Sequence[Change], known: Mapping[str, Outcome]) -> Iterator[Sequence[Change]]:
    """Until PAI has taken a create here, each replace goes alone: it may stop its run for nothing."""
    for place, change in enumerate(replaces):
        if any(outcome.result.starts_a_run for outcome in known.values()):
            yield replaces[place:]
            return
        yield [change]


class _Worker:
    """Carries out changes, from several threads; with `fail_fast` none is begun after one went wrong.

    `missing` are the jobs that should have started and did not: prunes are held back for them.
    """

    def __init__(
        self,
        jobs: Mapping[str, Job],
        context: ApplyContext,
        *,
        held: Mapping[str, str],
        fail_fast: bool,
        begin: Callable[[Change], None],
    ) -> None:
        self._jobs = jobs
        self._means = context
        self._held = held
        self._fail_fast = fail_fast
        self._begin = begin
        self._failed = threading.Event()
        self._outlook = ""
        self.missing: tuple[str, ...] = ()

    def carry_out(self, change: Change) -> Outcome:
        if outcome := outcomes.left_alone(change, self._held):
            return outcome
        if self._means.interrupt.is_asked:
            return outcomes.not_done(change, "interrupted before it was begun")
        if self._fail_fast and self._failed.is_set():
            return outcomes.not_done(change, "left off after a failure (--fail-fast)")
        if reason := self._held_back(change):
            return outcomes.not_done(change, reason, hint="mend that, and apply again")
        self._begin(change)
        outcome = self._attempt(change)
        if outcome.result.is_failure:
            self._failed.set()
        if change.action.starts_a_run and outcome.error and outcome.error.meets_all:
            self._outlook = _OUTLOOKS[outcome.result].format(name=change.name, code=outcome.error.code)
        return outcome

    def _held_back(self, change: Change) -> str:
        """Why the change would lose a run for nothing; empty where it may be begun."""
        if change.action is Action.REPLACE and self._outlook:
            return f"its run was not stopped: {self._outlook}"
        if change.is_prune and self.missing:
            return f"its run was not stopped: {listed(self.missing, most=_MOST_NAMED)} did not start"
        return ""

    def _attempt(self, change: Change) -> Outcome:
        if change.action.starts_a_run and (lacking := self._lacking(change)):
            return outcomes.troubled(
                change,
                Result.FAILED,
                f"nothing was sent: {', '.join(lacking)} is not set, or empty",
                code="failed",
                hint="set what envFrom names where the plan is carried out",
            )
        try:
            return self._write(change)
        except DlcapplyError as error:
            return outcomes.failed(change, error)

    def _lacking(self, change: Change) -> list[str]:
        """The variables without which no run of the job may start, and none be stopped for it."""
        needs = needs_of([self._jobs[change.name]], self._means.env)
        return [need.variable for need in needs if need.here is not VariableState.SET]

    def _write(self, change: Change) -> Outcome:
        match change.action:
            case Action.STOP:
                return stop(change, self._means)
            case Action.UPDATE:
                return update(self._jobs[change.name], change, self._means)
            case Action.REPLACE:
                return replace(self._jobs[change.name], change, self._means)
            case _:
                return create(self._jobs[change.name], change, self._means)
