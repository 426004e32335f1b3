"""The last look before a create, and the question whether an operation's run exists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dlcapply.model import Identity
from dlcapply.planning.history import NO_RUNS, histories
from dlcapply.planning.marks import OP_TAG, is_still_ours
from dlcapply.planning.reasons import describe

if TYPE_CHECKING:
    from dlcapply.applying.means import Means
    from dlcapply.model import Change, Run


@dataclass(frozen=True, slots=True)
class Fence:
    """What the last look found: the run of this very operation, or why there must be none, or neither."""

    existing: Run | None = None
    obstacle: str = ""


def look_again(change: Change, means: Means) -> Fence:
    """Whether the create may still happen; a run of ours that the plan did not know makes it stale."""
    runs = means.service.runs_named(change.name)
    history = histories(runs, environment=means.environment).get(change.name, NO_RUNS)
    existing = run_of(change.op, history.ours) or noted_run(change, means)
    if existing is not None:
        return Fence(existing)
    newest = history.newest
    planned = change.target_id
    if newest is not None and newest.job_id != planned:
        return Fence(obstacle=f"{describe(newest)} of this job appeared after the plan was made")
    under_way = [run for run in runs if not run.is_terminal]
    if under_way:
        return Fence(obstacle=f"{describe(under_way[0])} of this name is under way")
    if history.moved is not None:
        return Fence(obstacle=f"{describe(history.moved)} of another repository appeared")
    if newest is None and planned:
        return Fence(obstacle=f"{planned} of this job is not listed any more")
    return Fence()


def run_of(op: str, ours: tuple[Run, ...]) -> Run | None:
    """The earliest run of ours that carries the operation id; a later one is a copy, or lost a race."""
    same = [run for run in ours if run.tags.get(OP_TAG) == op]
    return min(same, key=lambda run: run.age_key, default=None)


def new_run(change: Change, means: Means) -> Run | None:
    """The run that a create with an unknown outcome started, as far as the listing shows it by now.

    Without marks, any run of the name that is newer than the planned one can only be it.
    """
    if (noted := noted_run(change, means)) is not None:
        return noted
    runs = means.service.runs_named(change.name)
    if means.environment.identity is Identity.MARKS:
        return run_of(change.op, runs_of_ours(runs, means))
    newest = max(runs, key=lambda run: run.age_key, default=None)
    planned = change.target_id
    return newest if newest is not None and newest.job_id != planned else None


def runs_of_ours(runs: tuple[Run, ...], means: Means) -> tuple[Run, ...]:
    """Those among the runs that are ours, of whichever name; one that lost a race is not."""
    by_name = histories(runs, environment=means.environment)
    return tuple(run for history in by_name.values() for run in history.ours)


def noted_run(change: Change, means: Means) -> Run | None:
    """The run that the journal says the operation created, also while no listing shows it.

    None where PAI does not know it any more, where it was released since, or where it is another run than
    the journal says: a file that came with the repository may hold what nobody did.
    """
    job_id = means.journal.trail(change.op).job_id
    run = means.service.find(job_id) if job_id else None
    return run if run is not None and _can_be_of(change, run, means) else None


def _can_be_of(change: Change, run: Run, means: Means) -> bool:
    """Whether the run itself agrees that this operation created it."""
    if not is_still_ours(run, name=change.name, environment=means.environment):
        return False
    if means.environment.identity is Identity.MARKS:
        return run.tags.get(OP_TAG) == change.op
    planned = means.service.find(change.target_id) if change.target_id else None
    return planned is None or run.age_key > planned.age_key
