"""Changing a run in place, and proving that it changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dlcapply.applying import outcomes
from dlcapply.applying.journal import UPDATE_CALL
from dlcapply.applying.retrying import retried
from dlcapply.errors import FailureKind, ServiceError
from dlcapply.model.outcomes import Result
from dlcapply.model.plans import Behaviour
from dlcapply.planning.diff import differences
from dlcapply.planning.fields import in_place_value
from dlcapply.planning.marks import in_place_print
from dlcapply.planning.ownership import is_still_ours

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dlcapply.applying.context import ApplyContext
    from dlcapply.model.jobs import Job
    from dlcapply.model.outcomes import Outcome
    from dlcapply.model.plans import Change, FieldChange
    from dlcapply.model.runs import Run

# GetJob shows a new priority only 10 to 60 s later (PAI skill).
_POLL = 5.0


def update(job: Job, change: Change, context: ApplyContext) -> Outcome:
    """The run reads back as declared, or the outcome says which field did not move, or that nobody saw it.

    Raises ServiceError when the run can't be read before the call; then nothing was written.
    """
    run = context.service.get(change.target_id)
    if (obstacle := _obstacle(job, change, run, context)) is not None:
        return outcomes.stale(change, obstacle)
    context.journal.intend(op=run.job_id, name=change.name, call=UPDATE_CALL)
    outcome = _send(job, change, context) or _read_back(job, change, context)
    context.journal.conclude(
        op=run.job_id,
        name=change.name,
        result=outcome.result,
        job_id=run.job_id,
        request_id=outcome.request_id,
        moved=_moved(job, change) if outcome.result is Result.UPDATED else None,
    )
    return outcome


def _moved(job: Job, change: Change) -> dict[str, str]:
    return {path: in_place_print(in_place_value(path, job.spec)) for path in _movable(change.fields)}


def _obstacle(job: Job, change: Change, run: Run, context: ApplyContext) -> str | None:
    """Why the run is no longer the one that was reviewed."""
    if not is_still_ours(run, names=job.names, environment=context.environment):
        return f"{run.job_id} is not a run of this job any more"
    now = differences(desired=job, live=run)
    if _movable(now) != _movable(change.fields):
        return (
            f"{run.job_id} is {run.status} now, and what PAI would change in it is {_listed(_movable(now))}"
        )
    return None


def _movable(fields: Iterable[FieldChange]) -> dict[str, tuple[Any, Any]]:
    """What PAI would change in place: the value before and the value after, by path."""
    return {
        field.path: (field.before, field.after) for field in fields if field.behaviour is Behaviour.IN_PLACE
    }


def _send(job: Job, change: Change, context: ApplyContext) -> Outcome | None:
    """None once the call was taken, or may have been: reading back decides then."""
    changes = {path: in_place_value(path, job.spec) for path in _movable(change.fields)}
    try:
        retried(lambda: context.service.update(change.target_id, changes), context)
    except ServiceError as error:
        return None if error.kind is FailureKind.AMBIGUOUS else outcomes.failed(change, error)
    return None


def _read_back(job: Job, change: Change, context: ApplyContext) -> Outcome:
    deadline = context.clock.monotonic() + context.patience
    while True:
        left = _unmoved(job, change, context)
        if left == set():
            return outcomes.done(change, Result.UPDATED, job_id=change.target_id)
        if context.clock.monotonic() >= deadline or context.interrupt.is_asked:
            return _not_seen(change, left, in_time=not context.interrupt.is_asked)
        context.clock.sleep(_POLL)


def _unmoved(job: Job, change: Change, context: ApplyContext) -> set[str] | None:
    """The paths of the update that do not read back yet; None where the run can't be read now."""
    try:
        run = context.service.get(change.target_id)
    except ServiceError:
        return None
    return _movable(change.fields).keys() & {field.path for field in differences(desired=job, live=run)}


def _not_seen(change: Change, left: set[str] | None, *, in_time: bool) -> Outcome:
    if left is None or not in_time:
        paths = _listed(_movable(change.fields))
        return outcomes.troubled(
            change,
            Result.UNKNOWN,
            f"UpdateJob was sent, and nobody saw yet whether {paths} changed",
            code="not-seen",
            hint="plan again: what did not change shows there",
        )
    return outcomes.troubled(
        change,
        Result.FAILED,
        f"UpdateJob was sent, but {_listed(left)} did not change",
        code="not-applied",
        hint="plan again: the run may have left the statuses in which PAI changes this",
    )


def _listed(paths: Iterable[str]) -> str:
    return ", ".join(sorted(paths)) or "nothing"
