"""Plan → outcomes: one for every change, whatever becomes of the others."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from dlcapply.applying import outcomes
from dlcapply.applying.creating import create
from dlcapply.applying.races import settle_races
from dlcapply.applying.stopping import replace, stop
from dlcapply.applying.updating import update
from dlcapply.errors import DlcapplyError
from dlcapply.model import Action, Result

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from dlcapply.applying.means import Means
    from dlcapply.model import Change, Job, Outcome, Plan

_BAD = frozenset({Result.REFUSED, Result.STALE, Result.FAILED, Result.UNKNOWN})


def apply_plan(
    plan: Plan,
    *,
    jobs: Mapping[str, Job],
    means: Means,
    parallelism: int = 8,
    fail_fast: bool = False,
    report: Callable[[Outcome], None] = lambda _: None,
) -> tuple[Outcome, ...]:
    """The outcomes in the plan's order; `report` is called as each becomes known.

    Stops and updates are carried out before anything is created. A change that fails leaves the others alone,
    unless `fail_fast`; after an interrupt nothing new is begun.
    """
    known: dict[str, Outcome] = {}
    worker = _Worker(jobs, means, held=plan.held, fail_fast=fail_fast)
    for changes in _stages(plan.changes):
        with ThreadPoolExecutor(max_workers=parallelism) as pool:
            for outcome in pool.map(worker.carry_out, changes):
                known[outcome.name] = outcome
                report(outcome)
    made = [
        (change, known[change.name])
        for change in plan.changes
        if known[change.name].result in {Result.CREATED, Result.REPLACED}
    ]
    for outcome in settle_races(made, means, last=means.clock.monotonic()):
        known[outcome.name] = outcome
    return tuple(known[change.name] for change in plan.changes)


class _Worker:
    """Carries out changes, from several threads; with `fail_fast` none is begun after one went wrong."""

    def __init__(
        self, jobs: Mapping[str, Job], means: Means, *, held: Mapping[str, str], fail_fast: bool
    ) -> None:
        self._jobs = jobs
        self._means = means
        self._held = held
        self._fail_fast = fail_fast
        self._failed = threading.Event()

    def carry_out(self, change: Change) -> Outcome:
        if not change.action.writes:
            return outcomes.idle(change)
        if change.name in self._held:
            return outcomes.not_approved(change, self._held[change.name])
        if self._means.interrupt.is_asked:
            return outcomes.not_done(change, "interrupted before it was begun")
        if self._fail_fast and self._failed.is_set():
            return outcomes.not_done(change, "left off after a failure (--fail-fast)")
        outcome = self._attempt(change)
        if outcome.result in _BAD:
            self._failed.set()
        return outcome

    def _attempt(self, change: Change) -> Outcome:
        try:
            return self._write(change)
        except DlcapplyError as error:
            return outcomes.failed(change, error)

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


def _stages(changes: Sequence[Change]) -> tuple[list[Change], list[Change]]:
    starts = [change for change in changes if change.action.starts_a_run]
    return [change for change in changes if not change.action.starts_a_run], starts
