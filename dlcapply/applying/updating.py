"""Changing a run in place, and proving that it changed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from dlcapply.applying import outcomes
from dlcapply.applying.retrying import retried
from dlcapply.errors import ServiceError, Verdict
from dlcapply.model import Behaviour, Result
from dlcapply.planning.diff import differences
from dlcapply.planning.marks import is_still_ours

if TYPE_CHECKING:
    from dlcapply.applying.means import Means
    from dlcapply.model import Change, Job, Outcome, Run

# GetJob shows a new priority only 10 to 60 s later (PAI skill).
_POLL = 5.0


def update(job: Job, change: Change, means: Means) -> Outcome:
    """The run reads back as declared, or the outcome says which field did not move.

    Raises ServiceError when the run can't be read before the call; then nothing was written.
    """
    run = means.service.get(change.target_id)
    planned = {field.path for field in change.fields if field.behaviour is Behaviour.IN_PLACE}
    if (obstacle := _obstacle(job, run, planned, means)) is not None:
        return outcomes.stale(change, obstacle)
    means.journal.intend(op=run.job_id, name=change.name, call="UpdateJob")
    outcome = _send(job, change, means, planned) or _read_back(job, change, means, planned)
    means.journal.conclude(
        op=run.job_id,
        name=change.name,
        result=outcome.result,
        job_id=run.job_id,
        request_id=outcome.request_id,
    )
    return outcome


def _obstacle(job: Job, run: Run, planned: set[str], means: Means) -> str | None:
    if not is_still_ours(run, name=job.name, environment=means.environment):
        return f"{run.job_id} is not a run of this job any more"
    now = {
        field.path for field in differences(desired=job, live=run) if field.behaviour is Behaviour.IN_PLACE
    }
    if now != planned:
        return f"{run.job_id} is {run.status} now, and differs in {_listed(now)}"
    return None


def _send(job: Job, change: Change, means: Means, paths: set[str]) -> Outcome | None:
    """None once the call was taken, or may have been: reading back decides then."""
    changes = {path: job.spec[path] for path in sorted(paths)}
    try:
        retried(lambda: means.service.update(change.target_id, changes), means)
    except ServiceError as error:
        return None if error.verdict is Verdict.AMBIGUOUS else outcomes.failed(change, error)
    return None


def _read_back(job: Job, change: Change, means: Means, paths: set[str]) -> Outcome:
    deadline = means.clock.now() + timedelta(seconds=means.patience)
    while True:
        left = {field.path for field in differences(desired=job, live=means.service.get(change.target_id))}
        if not left & paths:
            return outcomes.done(change, Result.UPDATED, job_id=change.target_id)
        if means.clock.now() >= deadline:
            return outcomes.troubled(
                change,
                Result.FAILED,
                f"PAI took the update, but {_listed(left & paths)} did not change",
                code="not-applied",
                hint="plan again: the run may have left the statuses in which PAI changes this",
            )
        means.clock.sleep(_POLL)


def _listed(paths: set[str]) -> str:
    return ", ".join(sorted(paths)) or "nothing that PAI changes in place"
