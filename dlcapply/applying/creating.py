"""Creating a run exactly once, although CreateJob takes no idempotency token: a second call pays twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.applying import outcomes
from dlcapply.applying.journal import CREATE_CALL
from dlcapply.applying.operation_runs import new_run
from dlcapply.applying.preconditions import check_precondition
from dlcapply.applying.retrying import retried
from dlcapply.errors import FailureKind, ServiceError
from dlcapply.model.outcomes import Result
from dlcapply.planning.create_body import body_to_create
from dlcapply.planning.freezes import frozen
from dlcapply.planning.operations import work_id

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from typing import Any

    from dlcapply.applying.context import ApplyContext
    from dlcapply.model.jobs import Job
    from dlcapply.model.outcomes import Outcome, Receipt
    from dlcapply.model.plans import Change

_POLLS = (1.0, 2.0, 5.0, 10.0)


def create(job: Job, change: Change, context: ApplyContext) -> Outcome:
    """There is one run of the operation, or none and the outcome says why, or nobody knows yet: `unknown`.

    An outcome without a request id names a run that an earlier call, or another apply, created.
    """
    since = context.journal.trail(change.op).since
    if since is not None and (found := _settle(job, change, context, since=since)):
        return found
    _wait_for_others(job, change, context)
    context.lost_journal.wait_out(context.clock, context.interrupt)
    try:
        return retried(lambda: _attempt(job, change, context), context)
    except ServiceError as error:
        return outcomes.failed(change, error)


def _attempt(job: Job, change: Change, context: ApplyContext) -> Outcome:
    """Looks again, then makes the one call; raises ServiceError where nothing was created."""
    if context.interrupt.is_asked:
        return outcomes.not_done(change, "interrupted before the create")
    found = check_precondition(change, context)
    if found.existing is not None:
        return _created(job, change, context, found.existing.job_id)
    if found.obstacle:
        return outcomes.stale(change, found.obstacle)
    if freeze := frozen(context.environment.freezes, context.clock.now()):
        return outcomes.frozen(change, freeze)
    context.journal.intend(op=change.op, name=change.name, call=CREATE_CALL, work=work_id(job))
    rival = context.journal.rival(change.op, within=context.settle)
    if rival is None:
        return _call(job, change, context)
    context.journal.conclude(op=change.op, name=change.name, result=Result.NOT_DONE)
    return _settle(job, change, context, since=rival) or outcomes.stale(
        change, "another apply on this machine began to create it at the same time, and no run is listed yet"
    )


def _call(job: Job, change: Change, context: ApplyContext) -> Outcome:
    """The CreateJob call, classified; an unclear answer never leads to a second one."""
    try:
        receipt = context.service.create(_body(job, change, context))
    except ServiceError as error:
        if error.kind is FailureKind.AMBIGUOUS:
            found = _settle(job, change, context, since=context.clock.now())
            return found or _unknown(change, context, error)
        context.journal.conclude(
            op=change.op, name=change.name, result=error.kind, request_id=error.request_id
        )
        raise
    return _created(job, change, context, receipt.job_id, receipt)


def _body(job: Job, change: Change, context: ApplyContext) -> dict[str, Any]:
    return body_to_create(
        job,
        identity=context.environment.identity,
        op=change.op,
        env={source.name: context.env[source.variable] for source in job.env_from},
        provenance=context.provenance,
    )


def _settle(job: Job, change: Change, context: ApplyContext, *, since: datetime) -> Outcome | None:
    """The created run, once a listing shows it; None when the settle window ends without it."""
    for _ in _looks(context, since=since):
        if (run := _seen(change, context)) is not None:
            return _created(job, change, context, run)
    return None


def _wait_for_others(job: Job, change: Change, context: ApplyContext) -> None:
    """No run can exist unseen that was begun for the same under another name or origin of the job."""
    since = context.journal.unclear(work_id(job), besides=change.op, names=change.names)
    for _ in _looks(context, since=since) if since else ():
        if _is_decided(change, context):
            return


def _is_decided(change: Change, context: ApplyContext) -> bool:
    try:
        found = check_precondition(change, context)
    except ServiceError:  # as below
        return False
    return bool(found.existing or found.obstacle)


def _looks(context: ApplyContext, *, since: datetime) -> Iterator[None]:
    """A look at once, and others for as long as what was begun then may exist unseen."""
    passed = max(0.0, (context.clock.now() - since).total_seconds())
    deadline = context.clock.monotonic() + context.settle - passed
    polls = iter(_POLLS)
    pause = next(polls)
    while True:
        yield
        left = deadline - context.clock.monotonic()
        if left <= 0 or context.interrupt.is_asked:
            return
        context.clock.sleep(min(pause, left))
        pause = next(polls, pause)


def _seen(change: Change, context: ApplyContext) -> str | None:
    try:
        run = new_run(change, context)
    except ServiceError:  # a failed look proves nothing; the next one may succeed
        return None
    return run.job_id if run else None


def _created(
    job: Job, change: Change, context: ApplyContext, job_id: str, receipt: Receipt | None = None
) -> Outcome:
    request_id = receipt.request_id if receipt else ""
    context.journal.conclude(
        op=change.op,
        name=change.name,
        result=Result.CREATED,
        job_id=job_id,
        request_id=request_id,
        work=work_id(job),
    )
    return outcomes.done(change, Result.CREATED, job_id=job_id, request_id=request_id)


def _unknown(change: Change, context: ApplyContext, error: ServiceError) -> Outcome:
    return outcomes.troubled(
        change,
        Result.UNKNOWN,
        f"nobody knows whether the run was created: {error.message}",
        code=error.code or error.kind,
        hint=context.resolving(name=change.name, op=change.op),
        meets_all=error.meets_all,
    )
