"""Two appliers at once: of several runs of one operation the earliest stays."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dlcapply.applying import outcomes
from dlcapply.applying.operation_runs import run_of, runs_of_ours
from dlcapply.applying.stopping import stop
from dlcapply.errors import DlcapplyError
from dlcapply.model.outcomes import Result
from dlcapply.model.plans import Target

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dlcapply.applying.context import ApplyContext
    from dlcapply.model.outcomes import Outcome
    from dlcapply.model.plans import Change
    from dlcapply.model.runs import Run

# A create of the other applier that crossed ours is listed by then.
_AGE = 2.0


def settle_races(
    created: Iterable[tuple[Change, Outcome]], context: ApplyContext, *, last: float
) -> tuple[Outcome, ...]:
    """The outcomes after one more look at all of these names; where ours came second, it is stopped.

    `last` is when, by the monotonic clock, the last of them was created.
    """
    pairs = tuple(created)
    if not pairs:
        return ()
    wait = last + _AGE - context.clock.monotonic()
    if wait > 0:
        context.clock.sleep(wait)
    try:
        runs = runs_of_ours(context.service.runs_named(*(change.name for change, _ in pairs)), context)
    except DlcapplyError:  # our runs exist all the same; the next plan tells of a double
        return tuple(outcome for _, outcome in pairs)
    return tuple(_settle(change, outcome, context, runs) for change, outcome in pairs)


def _settle(change: Change, outcome: Outcome, context: ApplyContext, ours: tuple[Run, ...]) -> Outcome:
    survivor = run_of(change.op, ours)
    if survivor is None or survivor.job_id == outcome.job_id:
        return outcome
    if not outcome.request_id:  # found, not made by this process: whose it is to stop, nobody here knows
        return outcomes.stale(change, f"{survivor.job_id} and {outcome.job_id} are both runs of this create")
    return _give_way(change, outcome, context, survivor_id=survivor.job_id)


def _give_way(change: Change, outcome: Outcome, context: ApplyContext, *, survivor_id: str) -> Outcome:
    message = f"{survivor_id} is an earlier run of the same create; {outcome.job_id}, created here,"
    try:
        end = stop(replace(change, target=Target(outcome.job_id, "")), context)
        ending = "was stopped" if end.result is Result.STOPPED else "could not be stopped yet"
    except DlcapplyError as error:
        ending = f"could not be stopped: {error.message}"
    settled = outcomes.stale(change, f"{message} {ending}")
    stopped = outcome.stopped_job_id
    return replace(settled, job_id=survivor_id, request_id=outcome.request_id, stopped_job_id=stopped)
