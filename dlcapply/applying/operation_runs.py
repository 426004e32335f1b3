"""The run of an operation: as listings show it, and as the journal has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.model.jobs import Identity
from dlcapply.planning.history import histories
from dlcapply.planning.marks import OP_TAG
from dlcapply.planning.ownership import is_still_ours

if TYPE_CHECKING:
    from dlcapply.applying.context import ApplyContext
    from dlcapply.model.plans import Change
    from dlcapply.model.runs import Run


def run_of(op: str, ours: tuple[Run, ...]) -> Run | None:
    """The earliest run of ours that carries the operation id; a later one is a copy, or lost a race."""
    same = [run for run in ours if run.tags.get(OP_TAG) == op]
    return min(same, key=lambda run: run.age_key, default=None)


def new_run(change: Change, context: ApplyContext) -> Run | None:
    """The run that a create with an unknown outcome started, as far as the listing shows it by now.

    Without marks, any run of the name that is newer than the planned one can only be it.
    """
    if (noted := noted_run(change, context)) is not None:
        return noted
    runs = context.service.runs_named(*change.names)
    if context.environment.identity is Identity.MARKS:
        return run_of(change.op, runs_of_ours(runs, context))
    newest = max(runs, key=lambda run: run.age_key, default=None)
    if newest is None or newest.job_id == change.target_id or newest.name != change.name:
        return None
    return newest


def lost_run(change: Change, context: ApplyContext) -> str:
    """The JobId of the run that the operation created once, in this very target; empty where PAI knows it."""
    noted = context.journal.created(change.op)
    return next((job_id for job_id in noted if context.service.find(job_id) is None), "")


def runs_of_ours(runs: tuple[Run, ...], context: ApplyContext) -> tuple[Run, ...]:
    """Those among the runs that are ours, of whichever name; one that lost a race is not."""
    by_name = histories(runs, environment=context.environment)
    return tuple(run for history in by_name.values() for run in history.ours)


def noted_run(change: Change, context: ApplyContext) -> Run | None:
    """The run that the journal says the operation created, also while no listing shows it.

    None where PAI does not know it any more, where it was released since, or where it is another run than
    the journal says: a file that came with the repository may hold what nobody did.
    """
    job_id = context.journal.trail(change.op).job_id
    run = context.service.find(job_id) if job_id else None
    return run if run is not None and _can_be_of(change, run, context) else None


def _can_be_of(change: Change, run: Run, context: ApplyContext) -> bool:
    """Whether the run itself agrees that this operation created it."""
    if not is_still_ours(run, names=(change.name,), environment=context.environment):
        return False
    if context.environment.identity is Identity.MARKS:
        return run.tags.get(OP_TAG) == change.op
    planned = context.service.find(change.target_id) if change.target_id else None
    return planned is None or run.age_key > planned.age_key
