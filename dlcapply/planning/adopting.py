"""Adopting and releasing runs: by claims, because nothing changes a run's tags after the create."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.errors import DeniedError, UsageError
from dlcapply.model.claims import Claim
from dlcapply.model.jobs import MARK_PREFIX
from dlcapply.model.plans import Behaviour
from dlcapply.model.runs import Ownership
from dlcapply.planning.diff import differences
from dlcapply.planning.marks import marks_for
from dlcapply.planning.ownership import carried, classify, giver_of
from dlcapply.planning.reasons import describe

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dlcapply.model.jobs import Environment, Job
    from dlcapply.model.runs import Run


def run_to_adopt(
    name: str, runs: Sequence[Run], *, environment: Environment, job_id: str = "", giver: str = ""
) -> Run:
    """The run of this name that may become ours: the named one, otherwise the only one that has not ended.

    `giver` is who agreed to give it up: the other owner, or the other repository of ours, that its own marks
    name. Raises UsageError where it is not clear which run is meant, DeniedError where the run belongs to
    somebody who did not agree, or would stand beside a run of ours.
    """
    owners = classify(runs, environment=environment)
    ours = [run for run in runs if owners[run.job_id] is Ownership.OURS]
    others = [run for run in runs if owners[run.job_id] is not Ownership.OURS]
    if job_id in {run.job_id for run in ours}:
        return _named(runs, job_id, name)
    run = _named(others, job_id, name) if job_id else _only(others, f"run of {name} that is not ours")
    needed = giver_of(run, environment)
    if giver not in ({needed} if needed else {"", carried(run).owner}):
        raise _anothers(run, needed, giver)
    if busy := [one for one in ours if not one.is_terminal]:
        raise DeniedError(
            f"{name}: {describe(busy[0])} of this job is under way already",
            hint="a job has one run at a time: stop one of the two",
        )
    return run


def run_to_release(name: str, runs: Sequence[Run], *, environment: Environment, job_id: str = "") -> Run:
    """The run of this name that is ours and has not ended; raises UsageError where that is not one."""
    owners = classify(runs, environment=environment)
    ours = [run for run in runs if owners[run.job_id] is Ownership.OURS]
    return _named(ours, job_id, name) if job_id else _only(ours, f"run of {name} that is ours")


def adopted(run: Run, *, job: Job) -> Claim:
    """The claim by which the run is ours and counts as started for the job as it now stands.

    Raises DeniedError where the run is under way and differs in what only a new run could have: the claim
    would be false.
    """
    fields = () if run.is_terminal else differences(desired=job, live=run)
    if paths := [field.path for field in fields if field.behaviour is Behaviour.NEEDS_RUN]:
        raise DeniedError(
            f"{job.name}: {describe(run)} differs from the manifest in {', '.join(paths)}",
            hint="make the manifest say what the run has (see it with dlcapply plan), then adopt it",
        )
    marks = {tag.removeprefix(MARK_PREFIX): mark for tag, mark in marks_for(job, op="").items() if mark}
    return Claim(run.job_id, run.name, marks, carried(run))


def released(run: Run) -> Claim:
    """The claim by which the run belongs to nobody."""
    return Claim(run.job_id, run.name, {}, carried(run))


def _named(runs: Iterable[Run], job_id: str, name: str) -> Run:
    for run in runs:
        if run.job_id == job_id:
            return run
    raise UsageError(
        f"{job_id} is not a run of {name}",
        hint="dlcapply plan names the runs that it found",
    )


def _only(runs: Sequence[Run], what: str) -> Run:
    match [run for run in runs if not run.is_terminal]:
        case [run]:
            return run
        case []:
            ended = ", ".join(map(describe, runs))
            hint = f"one that has ended is named with --job-id: {ended}" if ended else ""
            raise UsageError(f"there is no {what} and has not ended", hint=hint)
        case under_way:
            listed = ", ".join(map(describe, under_way))
            raise UsageError(f"there is more than one {what}: {listed}", hint="name one with --job-id")


def _anothers(run: Run, needed: str, giver: str) -> DeniedError:
    if not needed:
        return DeniedError(f"{run.job_id} carries no other owner's mark, and --from names {giver}")
    return DeniedError(
        f"{describe(run)} belongs to {needed}",
        hint=f"agree with them, let them release it, and add --from {needed}",
    )
