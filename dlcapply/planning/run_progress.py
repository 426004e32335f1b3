"""How a run goes, as far as an answer tells: its times, its pods, and what it has used up.

An answer may hold anything: what can't be read is not known, and fails nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from dlcapply.model.answers import maps
from dlcapply.model.runs import BEFORE_WORK, WAITING, Phase
from dlcapply.model.times import seconds_between
from dlcapply.planning.ceilings import roles, whole
from dlcapply.planning.readable import sound
from dlcapply.planning.spend import accelerators_now, accelerators_of, cpus_of, spend_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from dlcapply.model.runs import Run, Step

# Nothing is held any more; a reserved end still costs what a running job does.
_OVER = frozenset({"Succeeded", "Failed", "Stopped"})
_LEADING_NUMBER = re.compile(r"\d{1,6}")
_MOST_PODS = 100_000


@dataclass(frozen=True, slots=True)
class Pods:
    """How many pods of a run there are, and how they are; None where nobody knows."""

    total: int | None = None
    running: int | None = None
    failed: int | None = None


@dataclass(frozen=True, slots=True)
class RunProgress:
    """How a run goes: times in whole seconds, hours of accelerators; None where that is not known.

    `queued_seconds` is how long it waited for what it needs, also before restarts; `run_seconds` since when
    it is, or was, Running. `ceiling_hours` is what it can use up at most; it is None, too, where nothing
    bounds it: then `is_unbounded`.
    """

    queued_seconds: int | None = None
    run_seconds: int | None = None
    started: datetime | None = None
    ended: datetime | None = None
    pods: Pods = field(default_factory=Pods)
    accelerators: int | None = None
    hours: float | None = None
    ceiling_hours: float | None = None
    is_unbounded: bool = False
    restarts: int | None = None


class Spent(NamedTuple):
    """What a run has used up since it was Running; None where that can't be known."""

    accelerator_hours: float | None
    cpu_hours: float | None
    has_accelerators: bool


def is_over(run: Run) -> bool:
    """Whether it has ended and holds nothing any more."""
    return lets_go(run.status)


def lets_go(status: str) -> bool:
    """Whether a run in this status holds nothing any more, and costs nothing."""
    return status in _OVER


def progress_of(run: Run, *, accelerators: Mapping[str, int], now: datetime | None) -> RunProgress:
    """How the run goes `now`, by the service's clock; `accelerators` are those of each instance type."""
    started, end = run.started, _ended(run)
    until = _until(run, now)
    count = accelerators_of(run.body, accelerators=accelerators)
    ceiling, is_unbounded = _ceiling(run, accelerators)
    return RunProgress(
        queued_seconds=_queued(run, started, until),
        run_seconds=_run_seconds(run, started, until),
        started=started,
        ended=end,
        pods=_pods(run),
        accelerators=accelerators_now(run.body, accelerators=accelerators),
        hours=_times(count, _held_hours(run, now)),
        ceiling_hours=ceiling,
        is_unbounded=is_unbounded,
        restarts=_restarts(run),
    )


def spent_by(
    run: Run,
    *,
    accelerators: Mapping[str, int],
    cpus: Mapping[str, float] | None = None,
    now: datetime | None,
) -> Spent:
    """What the run has used up by `now`: of one that goes on, what is lost if it is stopped."""
    gpu = accelerators_of(run.body, accelerators=accelerators)
    hours = _held_hours(run, now)
    return Spent(_times(gpu, hours), _times(cpus_of(run.body, cpus=cpus or {}), hours), gpu != 0)


def _until(run: Run, now: datetime | None) -> datetime | None:
    """Until when it has held something; None where that can't be known."""
    return _ended(run) or (None if is_over(run) else now)


def _ended(run: Run) -> datetime | None:
    """When it let go of what it held; None while it has not, and where that can't be read."""
    if not is_over(run):
        return None
    last = _history(run)[-1:]
    starts = [step.start for step in last if step.status == run.status]
    return next(iter(starts), run.ended)


def _queued(run: Run, started: datetime | None, until: datetime | None) -> int | None:
    steps = _history(run)
    if not steps:
        return seconds_between(run.created_at, started or (until if run.status in WAITING else None))
    follows = [*(step.start for step in steps[1:]), until]
    waits = [
        seconds_between(step.start, step.end or following)
        for step, following in zip(steps, follows, strict=True)
        if step.status in WAITING
    ]
    return None if None in waits else sum(filter(None, waits))


def _run_seconds(run: Run, started: datetime | None, until: datetime | None) -> int | None:
    """PAI's own word for a run that has ended; of one that goes on, it may be as old as the answer.

    Of one that may never have been Running, nobody knows what it counts.
    """
    has_run = started is not None or run.phase is Phase.SUCCEEDED
    if has_run and run.is_terminal and run.duration_seconds is not None:
        return run.duration_seconds
    return seconds_between(started, until)


def _held_hours(run: Run, now: datetime | None) -> float | None:
    """For how many hours its pods have been there; nothing is used up before the first Running."""
    if run.started is None and _never_ran(run):
        return 0.0
    held = seconds_between(run.started, _until(run, now))
    return None if held is None else held / 3600


def _times(count: float | None, hours: float | None) -> float | None:
    if count == 0 or hours == 0:
        return 0.0
    return None if count is None or hours is None else count * hours


def _never_ran(run: Run) -> bool:
    steps = [step.status for step in _history(run)]
    return "Running" not in steps if steps else run.status in BEFORE_WORK


def _ceiling(run: Run, accelerators: Mapping[str, int]) -> tuple[float | None, bool]:
    """The hours that bound the run, and whether nothing does; GetJob alone does not tell its maximum."""
    if run.detailed and "JobMaxRunningTimeMinutes" not in run.body:
        return None, False
    spend = spend_of(sound(run.body), accelerators=accelerators)
    return spend.hours, spend.hours is None and not spend.unpriced and bool(roles(run.body))


def _pods(run: Run) -> Pods:
    listed = run.body.get("Pods")
    statuses = [pod.get("Status") for pod in maps(listed)]
    if statuses:
        return Pods(len(statuses), statuses.count("Running"), statuses.count("Failed"))
    none_yet = 0 if run.status in BEFORE_WORK else None
    return Pods(_declared_pods(run), none_yet, none_yet)


def _declared_pods(run: Run) -> int | None:
    """As many as it begins with; what may be scaled is known once the pods are there."""
    counts = [whole(role.get("PodCount") or 1) for role in roles(sound(run.body))]
    total = sum(count for count in counts if count is not None)
    return total if counts and None not in counts and total <= _MOST_PODS else None


def _restarts(run: Run) -> int | None:
    """`1` in a list and `1/10` in GetJob (metadata's examples); a number would do as well."""
    for value in (run.body.get("RestartTimes"), run.body.get("RetryCount")):
        found = _LEADING_NUMBER.match(str(value)) if isinstance(value, str | int) else None
        if found and not isinstance(value, bool):
            return int(found[0])
    return None


def _history(run: Run) -> list[Step]:
    """The statuses that it went through, as far as they can be read."""
    return [step for step in run.steps if step.status and step.start]
