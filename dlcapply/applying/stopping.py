"""Stopping the run that the plan named, and no other; and replacing it."""

from __future__ import annotations

from dataclasses import replace as with_changes
from datetime import timedelta
from typing import TYPE_CHECKING

from dlcapply.applying import outcomes
from dlcapply.applying.creating import create
from dlcapply.applying.journal import STOP_CALL
from dlcapply.applying.preconditions import check_precondition
from dlcapply.applying.retrying import retried
from dlcapply.errors import FailureKind, ServiceError
from dlcapply.model.outcomes import Result, Trouble
from dlcapply.model.runs import GOING_ON, Phase, Run
from dlcapply.planning.decisions import Why
from dlcapply.planning.freezes import frozen
from dlcapply.planning.ownership import is_still_ours
from dlcapply.planning.reasons import describe

if TYPE_CHECKING:
    from dlcapply.applying.context import ApplyContext
    from dlcapply.model.jobs import Job
    from dlcapply.model.outcomes import Outcome
    from dlcapply.model.plans import Change
    from dlcapply.planning.freezes import Frozen

_SAFE_TO_REPEAT = (FailureKind.NOT_EXECUTED, FailureKind.AMBIGUOUS)
_POLL = 2.0


def stop(change: Change, context: ApplyContext, *, patience: float | None = None) -> Outcome:
    """The run has ended, or is on its way (`waiting`), or the outcome says why not.

    Raises ServiceError when the run can't be read before the call; then nothing was written.
    """
    run = context.service.get(change.target_id)
    if not is_still_ours(run, names=change.names, environment=context.environment):
        return outcomes.stale(change, f"{run.job_id} is not a run of this job any more")
    if run.phase is Phase.UNKNOWN:
        return outcomes.stale(change, f"{describe(run)}: dlcapply does not know this status")
    if change.reason.code == Why.IDLE and not run.is_terminal and not context.still_idle(run):
        return outcomes.stale(change, f"{run.job_id} is not idle any more, or nobody can tell")
    if run.phase is Phase.ACTIVE and (refusal := _send(change, run, context)) is not None:
        return refusal
    return _until_ended(change, context, context.patience if patience is None else patience)


def replace(job: Job, change: Change, context: ApplyContext) -> Outcome:
    """The old run has ended and a new one exists; never a new one beside the old."""
    context.lost_journal.wait_out(context.clock, context.interrupt)
    if context.interrupt.is_asked:
        return outcomes.not_done(change, "interrupted before the stop")
    precondition = check_precondition(change, context, replaces=True)
    if precondition.obstacle:  # nothing would come after the stop
        return outcomes.stale(change, precondition.obstacle)
    if freeze := _frozen_before_its_end(context):
        return outcomes.frozen(change, freeze)
    stopped = stop(change, context, patience=context.stop_patience)
    if stopped.result is not Result.STOPPED:
        return stopped
    created = create(job, change, context)
    if created.result is Result.CREATED:
        return with_changes(created, result=Result.REPLACED, stopped_job_id=stopped.job_id)
    return _half_done(created, stopped)


def _frozen_before_its_end(context: ApplyContext) -> Frozen | None:
    """What would hold the new run, now or once the old one may have ended."""
    now = context.clock.now()
    longest = timedelta(seconds=context.stop_patience + context.settle)
    return frozen(context.environment.freezes, now, end=now + longest)


def _half_done(created: Outcome, stopped: Outcome) -> Outcome:
    trouble = created.error or Trouble("failed", "")
    message = f"{stopped.job_id} was stopped, and then: {trouble.message}"
    return with_changes(created, error=with_changes(trouble, message=message), stopped_job_id=stopped.job_id)


def _send(change: Change, run: Run, context: ApplyContext) -> Outcome | None:
    """None once the run is stopping or has ended."""
    try:
        send_stop(run, change.name, context)
    except ServiceError as error:
        return outcomes.failed(change, error)
    return None


def send_stop(run: Run, name: str, context: ApplyContext) -> str:
    """The request id of the StopJob after which the run is stopping, or has ended; noted in the journal.

    StopJob is sent again even after an unclear answer: the run is looked at in between. Raises ServiceError
    where the run goes on, or nobody knows, DlcapplyError where the journal can't be written.
    """
    context.journal.intend(op=run.job_id, name=name, call=STOP_CALL)
    try:
        request_id = retried(lambda: _stop_if_active(run.job_id, context), context, kinds=_SAFE_TO_REPEAT)
    except ServiceError as error:
        _conclude(run, name, context, result=error.kind, request_id=error.request_id)
        raise
    _conclude(run, name, context, result=Result.STOPPED, request_id=request_id)
    return request_id


def _stop_if_active(job_id: str, context: ApplyContext) -> str:
    """The request id; empty where the call failed and the run is not active any more all the same."""
    try:
        return context.service.stop(job_id)
    except ServiceError:
        if context.service.get(job_id).phase in GOING_ON:
            raise
        return ""


def _conclude(run: Run, name: str, context: ApplyContext, *, result: str, request_id: str) -> None:
    context.journal.conclude(
        op=run.job_id, name=name, result=result, job_id=run.job_id, request_id=request_id
    )


def _until_ended(change: Change, context: ApplyContext, patience: float) -> Outcome:
    deadline = context.clock.monotonic() + patience
    while True:
        seen = _look(change, context)
        if isinstance(seen, Run) and seen.is_terminal:
            return outcomes.done(change, Result.STOPPED, job_id=seen.job_id)
        if context.clock.monotonic() >= deadline or context.interrupt.is_asked:
            return _on_its_way(change, context, seen)
        context.clock.sleep(_POLL)


def _look(change: Change, context: ApplyContext) -> Run | ServiceError:
    """The run now; a look that fails changes nothing about the stop."""
    try:
        return context.service.get(change.target_id)
    except ServiceError as error:
        return error


def _on_its_way(change: Change, context: ApplyContext, seen: Run | ServiceError) -> Outcome:
    told = describe(seen) if isinstance(seen, Run) else f"{change.target_id} can't be read ({seen.message})"
    shows = f"{context.status_command} shows when it has"
    return outcomes.troubled(
        change,
        Result.WAITING,
        f"PAI was told to stop it, and it has not ended yet: {told}",
        code="stopping",
        hint="apply again once it has" if change.action.starts_a_run else shows,
    )
