"""Following the runs of an apply: which count, what became of them, and what goes on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dlcapply.api.command_lines import typed
from dlcapply.api.waiting.rows import MOST_NAMES, GoesOn, going_on
from dlcapply.model.jobs import State
from dlcapply.model.outcomes import Result
from dlcapply.model.runs import PHASES, TERMINAL, Run
from dlcapply.operating.following import WaitedRun
from dlcapply.planning.reasons import listed
from dlcapply.planning.unchanged import fell_short

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from dlcapply.api.options import TargetOptions
    from dlcapply.model.jobs import Job
    from dlcapply.model.outcomes import Outcome, StoppedRun
    from dlcapply.model.plans import Plan, Target
    from dlcapply.operating.following import Following


# What there is a run of, if not always the one that the manifest asks for.
_FOLLOWED = frozenset({Result.CREATED, Result.REPLACED, Result.UPDATED, Result.UNCHANGED, Result.WAITING})
_IDLE = frozenset({Result.UNCHANGED, Result.WAITING})


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is waited for: `live` are the plan's runs by JobId; `timeout` is in seconds, None for no end.

    `approved` are the saved plans without which the same command would do more, `logs` is whether it tells
    what runs print.
    """

    target: TargetOptions
    plan: Plan
    live: Mapping[str, Run]
    jobs: Sequence[Job]
    until: str
    timeout: float | None
    approved: Sequence[str] = ()
    logs: bool = False


def judged(following: Following, waiting: Waiting) -> tuple[WaitedRun, ...]:
    """Every run that counts, by name: those that were followed, and those that had ended badly before."""
    return tuple(sorted((*_ended_badly(waiting), *following.runs), key=lambda one: one.name))


def _ended_badly(waiting: Waiting) -> Iterator[WaitedRun]:
    """The runs that failed, or were stopped, before this command: to wait again makes none of them better."""
    for change in fell_short(waiting.plan.changes):
        if target := change.target:
            run = waiting.live.get(target.job_id) or Run(target.job_id, change.name, target.status, "", {})
            yield WaitedRun(target.job_id, change.name, run, reached=True)


def to_follow(outcomes: Sequence[Outcome], waiting: Waiting) -> list[tuple[str, str]]:
    """The name and JobId of every run that goes on, but for jobs that are declared stopped."""
    to_stop = {job.name for job in waiting.jobs if job.rules.state is State.STOPPED}
    ended = {change.name for change in waiting.plan.changes if change.target and _has_ended(change.target)}
    targets = {change.name: change.target_id for change in waiting.plan.changes}
    return [
        (outcome.name, job_id)
        for outcome in outcomes
        if outcome.result in _FOLLOWED
        and (job_id := outcome.job_id or (targets[outcome.name] if outcome.result in _IDLE else ""))
        and outcome.name not in to_stop
        and not (outcome.result in _IDLE and outcome.name in ended)
    ]


def _has_ended(target: Target) -> bool:
    return PHASES.get(target.status) in TERMINAL


def what_goes_on(
    outcomes: Sequence[Outcome],
    waited: Sequence[WaitedRun],
    waiting: Waiting | None,
    *,
    started: Collection[str] = (),
    stopped: Iterable[StoppedRun] = (),
) -> Iterator[GoesOn]:
    """The runs that go on, and cost, and the changes that this apply did not start.

    `started` are the jobs of which a change came due while their runs were waited for, `stopped` the runs
    that were to be stopped, as they were not done in time.
    """
    if waiting is None:
        return
    approvals = (word for file in waiting.approved for word in ("--approved", file))
    logs = ["--logs"] if waiting.logs else []
    again = typed("apply", waiting.target, *approvals, f"--wait={waiting.until}", *logs)
    if late := going_on(waited, stopped, again=again):
        yield late
    waits = [outcome.name for outcome in outcomes if outcome.result is Result.WAITING]
    if left := [name for name in waits if name not in started]:
        names = listed(left, most=MOST_NAMES)
        yield GoesOn(f"not started by this command: {names}; once the run, or the freeze, has ended", again)
