"""Removing ended runs that a person was shown: nothing brings one back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from dlcapply.applying.journal import DELETE_CALL
from dlcapply.applying.retrying import retried
from dlcapply.errors import DlcapplyError, FailureKind, ServiceError
from dlcapply.model.outcomes import Trouble
from dlcapply.model.stops import DeleteOutcome, DeleteResult
from dlcapply.planning.ownership import is_as_shown
from dlcapply.planning.reasons import describe
from dlcapply.planning.run_progress import is_over

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dlcapply.applying.context import ApplyContext
    from dlcapply.model.runs import Run
    from dlcapply.model.stops import ShownRun


def delete_shown(
    chosen: Sequence[ShownRun],
    context: ApplyContext,
    *,
    parallelism: int = 8,
    report: Callable[[DeleteOutcome], None] = lambda _: None,
) -> tuple[DeleteOutcome, ...]:
    """What became of each run, in their order; `report` is told of each once it is known."""
    found = []
    with ThreadPoolExecutor(max_workers=parallelism) as pool:
        for outcome in pool.map(lambda shown: _delete(shown, context), chosen):
            found.append(outcome)
            report(outcome)
    return tuple(found)


def _delete(shown: ShownRun, context: ApplyContext) -> DeleteOutcome:
    if context.interrupt.is_asked:
        return _troubled(shown, DeleteResult.NOT_DONE, "interrupted before it was deleted")
    try:
        run = context.service.find(shown.job_id)
        return DeleteOutcome(shown, DeleteResult.GONE) if run is None else _delete_now(shown, run, context)
    except ServiceError as error:
        result = DeleteResult.REFUSED if error.kind is FailureKind.REFUSED else DeleteResult.FAILED
        trouble = Trouble(error.code or error.kind, error.message, error.hint)
        return DeleteOutcome(shown, result, error.request_id, trouble)
    except DlcapplyError as error:
        return _troubled(shown, DeleteResult.FAILED, error.message)


def _delete_now(shown: ShownRun, run: Run, context: ApplyContext) -> DeleteOutcome:
    """The run, read right before, is removed if it is the one that was shown, and is done with."""
    if not is_as_shown(run, shown, environment=context.environment):
        return _troubled(shown, DeleteResult.STALE, f"{run.job_id} is not the run that was shown any more")
    if not is_over(run):
        return _troubled(shown, DeleteResult.STALE, f"{describe(run)} has not ended")
    return DeleteOutcome(shown, DeleteResult.DELETED, _send(shown, context))


def _send(shown: ShownRun, context: ApplyContext) -> str:
    """The request id; empty where an answer was lost and the run is gone. It is noted in the journal."""
    job_id, name = shown.job_id, shown.name
    context.journal.intend(op=job_id, name=name, call=DELETE_CALL)
    result, request_id = "", ""
    try:
        request_id = retried(lambda: _delete_if_there(job_id, context), context)
        result = DeleteResult.DELETED
    except ServiceError as error:
        result, request_id = error.kind, error.request_id
        raise
    finally:
        context.journal.conclude(op=job_id, name=name, result=result, job_id=job_id, request_id=request_id)
    return request_id


def _delete_if_there(job_id: str, context: ApplyContext) -> str:
    try:
        return context.service.delete(job_id)
    except ServiceError as error:
        if error.kind is FailureKind.NOT_EXECUTED or context.service.find(job_id) is not None:
            raise
        return ""


def _troubled(shown: ShownRun, result: DeleteResult, message: str) -> DeleteOutcome:
    return DeleteOutcome(shown, result, error=Trouble(result, message))
