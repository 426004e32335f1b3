"""What must still hold right before a create: no run of the job that the plan did not know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dlcapply.applying.operation_runs import lost_run, noted_run, run_of
from dlcapply.planning.history import NO_RUNS, histories
from dlcapply.planning.reasons import describe

if TYPE_CHECKING:
    from dlcapply.applying.context import ApplyContext
    from dlcapply.model.plans import Change
    from dlcapply.model.runs import Run
    from dlcapply.planning.history import History


@dataclass(frozen=True, slots=True)
class Precondition:
    """What the last look found: the run of this very operation, or why there must be none, or neither."""

    existing: Run | None = None
    obstacle: str = ""


def check_precondition(change: Change, context: ApplyContext, *, replaces: bool = False) -> Precondition:
    """Whether the create may still happen; a run of ours that the plan did not know makes it stale.

    `replaces`: the run that the plan knew still goes on, and is to make room.
    """
    runs = context.service.runs_named(*change.names)
    by_name = histories(runs, environment=context.environment, jobs=[change])
    history = by_name.get(change.name, NO_RUNS)
    existing = run_of(change.op, history.ours) or noted_run(change, context)
    if existing is not None:
        return Precondition(existing)
    if lost := lost_run(change, context):
        return Precondition(
            obstacle=f"{lost} was created by this very operation, and PAI does not show it any more"
        )
    return Precondition(obstacle=_obstacle(change, history, replaced=change.target_id if replaces else ""))


def _obstacle(change: Change, history: History, *, replaced: str) -> str:
    """What the plan did not know of the job's runs, and must not start another beside or after."""
    newest, planned = history.newest, change.target_id
    if newest is not None and newest.job_id != planned:
        return f"{describe(newest)} of this job appeared after the plan was made"
    under_way = (run for run in (*history.under_way, *history.rivals) if run.job_id != replaced)
    if (other := next(under_way, None)) is not None:
        return f"{describe(other)} of this name is under way"
    if history.moved is not None:
        return f"{describe(history.moved)} of another repository appeared"
    if newest is None and planned:
        return f"{planned} of this job is not listed any more"
    return ""
