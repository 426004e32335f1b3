"""Stopping the runs that a person was shown, and no others."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dlcapply.applying.operation_runs import runs_of_ours
from dlcapply.applying.signalling import NOT_DONE, STALE, signal_all
from dlcapply.applying.stopping import send_stop
from dlcapply.errors import DlcapplyError, FailureKind, ServiceError
from dlcapply.model.outcomes import Trouble
from dlcapply.model.runs import Phase
from dlcapply.model.stops import Delivery, StopOutcome, StopResult
from dlcapply.planning.ownership import is_as_shown
from dlcapply.planning.reasons import describe

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from dlcapply.applying.context import ApplyContext
    from dlcapply.applying.service import SignalService
    from dlcapply.applying.signalling import Signalled, Signalling
    from dlcapply.model.runs import Run
    from dlcapply.model.stops import ShownRun

_POLL = 2.0
# Of the runs that no listing shows, so many are asked for one by one in each look.
_MOST_ALONE = 10
_ANYWAY = "so it was not stopped; --stop-anyway stops it without what it has not saved"
_AGAIN = "look at it again, and stop what is there then"


@dataclass(frozen=True, slots=True)
class Manner:
    """How runs are stopped.

    With `signalling`, one that the signal is not known to have come to is not stopped, unless `stop_anyway`.
    Without `waits`, nobody looks whether they have ended.
    """

    signalling: Signalling | None = None
    stop_anyway: bool = False
    waits: bool = True
    parallelism: int = 8


def stop_shown(
    chosen: Sequence[ShownRun],
    context: ApplyContext,
    manner: Manner,
    signals: SignalService,
    *,
    seen: Collection[str] = (),
    report: Callable[[StopOutcome], None] = lambda _: None,
    signal_report: Callable[[Signalled], None] = lambda _: None,
) -> tuple[StopOutcome, ...]:
    """What became of each run, in their order; `report` is told of each once it is known.

    A job of which another run appeared since it was shown is left alone; `seen` are JobIds of runs that were
    there, and are not to be stopped.
    """
    asked = manner.signalling
    known = _joined_since(chosen, {*seen, *(shown.job_id for shown in chosen)}, context)
    left = [shown for shown in chosen if shown.job_id not in known]
    signalled = (
        signal_all(left, asked, context, signals, signal_report, parallelism=manner.parallelism)
        if asked
        else {}
    )
    known |= {
        job_id: outcome
        for job_id, one in signalled.items()
        if (outcome := _after_signal(one, context, stop_anyway=manner.stop_anyway)) is not None
    }
    left = [shown for shown in left if shown.job_id not in known]
    for outcome in known.values():
        report(outcome)
    with ThreadPoolExecutor(max_workers=manner.parallelism) as pool:
        for outcome in pool.map(lambda shown: _stop(shown, context), left):
            known[outcome.job_id] = outcome
            if outcome.result is not StopResult.STOPPING:
                report(outcome)
    known |= {job_id: replace(known[job_id], signal=one.delivery) for job_id, one in signalled.items()}
    if manner.waits:
        _until_ended(known, context, report)
    return tuple(known[shown.job_id] for shown in chosen)


def _joined_since(
    chosen: Iterable[ShownRun], seen: Collection[str], context: ApplyContext
) -> dict[str, StopOutcome]:
    """The runs of jobs of which another run is under way that nobody was shown."""
    by_name = [shown for shown in chosen if not shown.by_id]
    if not by_name:
        return {}
    names = {name for shown in by_name for name in shown.names}
    listed = runs_of_ours(context.service.runs_named(*sorted(names)), context)
    new = [run for run in listed if not run.is_terminal and run.job_id not in seen]
    return {
        shown.job_id: _troubled(shown, StopResult.STALE, f"{describe(run)} of it appeared since", hint=_AGAIN)
        for shown in by_name
        for run in new
        if run.name in shown.names
    }


def _after_signal(one: Signalled, context: ApplyContext, *, stop_anyway: bool) -> StopOutcome | None:
    """The outcome of a run that needs no stop, or must not be stopped; None where it is to be."""
    if one.has_ended:
        return StopOutcome(one.shown, StopResult.ENDED, one.run, signal=one.delivery)
    if one.delivery is Delivery.FAILED and not stop_anyway:
        code, message, hint = _told(one)
        result = {STALE: StopResult.STALE, NOT_DONE: StopResult.NOT_DONE}.get(code)
        told = Trouble(code, message, hint=f"{hint}{_ANYWAY}") if result is None else one.trouble
        return StopOutcome(
            one.shown, result or StopResult.NOT_SIGNALLED, one.run, signal=one.delivery, error=told
        )
    if context.interrupt.is_asked:
        message = "interrupted before the stop; its processes got the signal"
        return _troubled(one.shown, StopResult.NOT_DONE, message, run=one.run)
    return None


def _told(one: Signalled) -> tuple[str, str, str]:
    """The code, the message and the hint of what went wrong with the signal."""
    if one.trouble is None:
        return "", "", ""
    return one.trouble.code, one.trouble.message, f"{one.trouble.hint}; " if one.trouble.hint else ""


def _stop(shown: ShownRun, context: ApplyContext) -> StopOutcome:
    if context.interrupt.is_asked:
        return _troubled(shown, StopResult.NOT_DONE, "interrupted before the stop")
    try:
        run = context.service.get(shown.job_id)
        return _stop_now(shown, run, context)
    except DlcapplyError as error:
        return _failed(shown, error)


def _stop_now(shown: ShownRun, run: Run, context: ApplyContext) -> StopOutcome:
    """The run, read right before, is told to stop if it is the one that was shown and still runs."""
    if not is_as_shown(run, shown, environment=context.environment):
        message = f"{run.job_id} is not the run that was shown any more"
        return _troubled(shown, StopResult.STALE, message, run=run, hint=_AGAIN)
    if run.is_terminal:
        return StopOutcome(shown, StopResult.ENDED, run)
    request_id = "" if run.phase is Phase.STOPPING else send_stop(run, shown.name, context)
    return StopOutcome(shown, StopResult.STOPPING, run, request_id)


def _failed(shown: ShownRun, error: DlcapplyError) -> StopOutcome:
    if not isinstance(error, ServiceError):
        return _troubled(shown, StopResult.FAILED, error.message, hint=error.hint)
    result = StopResult.REFUSED if error.kind is FailureKind.REFUSED else StopResult.FAILED
    trouble = Trouble(error.code or error.kind, error.message, error.hint)
    return StopOutcome(shown, result, shown.run, error.request_id, error=trouble)


def _troubled(
    shown: ShownRun, result: StopResult, message: str, *, run: Run | None = None, hint: str = ""
) -> StopOutcome:
    return StopOutcome(shown, result, run or shown.run, error=Trouble(result, message, hint))


def _until_ended(
    known: dict[str, StopOutcome], context: ApplyContext, report: Callable[[StopOutcome], None]
) -> None:
    """The runs that were told to stop have, or time is up: then they are still stopping."""
    deadline = context.clock.monotonic() + context.stop_patience
    while left := [job_id for job_id, one in known.items() if one.result is StopResult.STOPPING]:
        for run in _seen(left, context):
            known[run.job_id] = now = _looked_at(known[run.job_id], run)
            if now.result.is_over:
                report(now)
        if context.clock.monotonic() >= deadline or context.interrupt.is_asked:
            return
        if any(known[job_id].result is StopResult.STOPPING for job_id in left):
            context.clock.sleep(_POLL)


def _looked_at(outcome: StopOutcome, run: Run) -> StopOutcome:
    if not run.is_terminal:
        return replace(outcome, run=run)
    result = StopResult.STOPPED if run.phase is Phase.STOPPED else StopResult.ENDED
    return replace(outcome, result=result, run=run)


def _seen(job_ids: Sequence[str], context: ApplyContext) -> tuple[Run, ...]:
    """The runs now, the first few that are not listed yet as well; what can't be seen changes nothing."""
    found: list[Run] = []
    with suppress(ServiceError):
        found += context.service.runs_by_id(job_ids)
        listed = {run.job_id for run in found}
        unlisted = [job_id for job_id in job_ids if job_id not in listed]
        found += filter(None, map(context.service.find, unlisted[:_MOST_ALONE]))
    return tuple(found)
