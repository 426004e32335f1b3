"""Whether a run that holds accelerators uses them less than its manifest asks for.

Data that is missing is never idleness: a run is below only where every pod that has accelerators was measured
through the whole window. The measure is the mean over these pods and the window, by the service's time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from math import isfinite
from typing import TYPE_CHECKING, Any

from dlcapply.model.times import moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dlcapply.model.jobs import Utilization
    from dlcapply.model.runs import Run

Point = tuple[datetime, float]

_RUNNING = "Running"
# Of the points that a window has, so many have to be there, and none of its parts may be without any.
_ENOUGH = 0.8
_LONGEST_GAP = 3  # steps
_FEWEST = 2
_MOST_PERCENT = 100.0
_MOST_PODS = 100_000
# The id that stands for all pods, of what was measured of the run as a whole.
_WHOLE = ""


class Use(StrEnum):
    BELOW = "below"
    ENOUGH = "enough"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured in one pod, in percent, in any order; without an id, in the run as a whole."""

    pod_id: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Idleness:
    """How the accelerators were used over the window; `why` nobody knows, where it is UNKNOWN.

    `percent` is the mean, `highest` the most that one pod had at one time. `is_whole`: the run was measured
    as a whole, and not pod by pod.
    """

    use: Use
    percent: float = 0.0
    highest: float = 0.0
    pods: int = 0
    why: str = ""
    is_whole: bool = False


def unknown(why: str) -> Idleness:
    return Idleness(Use.UNKNOWN, why=why)


def too_young(run: Run, window: timedelta, now: datetime) -> str:
    """Why nothing has to be measured: it does not run, or not for the whole window; empty where it does."""
    if run.status != _RUNNING:
        return f"it is {run.status}"
    since = running_since(run)
    if since is None:
        return "since when it runs can't be read"
    return "it runs for less than the window" if now - since < window else ""


def judged(
    asked: Utilization,
    run: Run,
    measured: Iterable[Measured],
    *,
    accelerators: Mapping[str, int],
    step: timedelta,
    now: datetime,
) -> Idleness:
    """How the run uses its accelerators; `accelerators` are those of each instance type.

    Points are `step` apart where none is missing.
    """
    if why := too_young(run, asked.window, now):
        return unknown(why)
    pods = pods_with_accelerators(run, accelerators)
    if isinstance(pods, str):
        return unknown(pods)
    found = {one.pod_id: one.points for one in measured}
    values: list[list[float]] = []
    for pod in [_WHOLE] if found.keys() == {_WHOLE} else sorted(pods):
        points = within(found.get(pod, ()), now - asked.window, now)
        if not covers(points, now - asked.window, now, step):
            return unknown(f"the metrics of {pod or 'the run'} do not cover the window")
        values.append(list(points.values()))
    return replace(_of_values(values, asked.least), is_whole=found.keys() == {_WHOLE})


def _of_values(values: Sequence[Sequence[float]], least: float) -> Idleness:
    means = [sum(one) / len(one) for one in values]
    mean, highest = sum(means) / len(means), max(map(max, values))
    return Idleness(Use.BELOW if mean < least else Use.ENOUGH, mean, highest, len(values))


def within(points: Iterable[tuple[datetime, float]], start: datetime, end: datetime) -> dict[datetime, float]:
    """The points of that time that can be believed; of several at one time, the highest."""
    kept: dict[datetime, float] = {}
    for at, value in points:
        if start <= at <= end and isfinite(value) and 0.0 <= value <= _MOST_PERCENT:
            kept[at] = max(value, kept.get(at, 0.0))
    return dict(sorted(kept.items()))


def covers(points: Mapping[datetime, float], start: datetime, end: datetime, step: timedelta) -> bool:
    """Whether hardly any points are missing between the two times, and no part is without any."""
    wanted = max(_FEWEST, _ENOUGH * ((end - start) // step))
    if len(points) < wanted:
        return False
    return all(later - earlier <= _LONGEST_GAP * step for earlier, later in pairwise((start, *points, end)))


def running_since(run: Run) -> datetime | None:
    """When it began to run for the last time: a restart, of one pod too, begins anew.

    None where that can't be read.
    """
    entries = _entries_to_running(run.body.get("StatusHistory"))
    pods = _times_in(run.body.get("Pods"), "GmtStartTime")
    restarts = _times_in(run.body.get("RestartRecord"), "OccurTime")
    times = [run.started, *entries, *pods, *restarts]
    known = [time for time in times if time is not None]
    return max(known) if known and None not in times else None


def _entries_to_running(history: Any) -> Iterator[datetime | None]:
    if history is None:
        return
    if not isinstance(history, list):
        yield None
        return
    for entry in history:
        if isinstance(entry, Mapping) and entry.get("Status") == _RUNNING:
            yield moment(entry.get("StartTime"))


def _times_in(rows: Any, key: str) -> Iterator[datetime | None]:
    """What the rows tell under the key; None for what is there and no time."""
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, Mapping) and (told := row.get(key)):
            yield moment(told)


def pods_with_accelerators(run: Run, accelerators: Mapping[str, int]) -> frozenset[str] | str:
    """The ids of the run's pods that hold accelerators, or why they are not known, or not all of them."""
    roles = _roles(run.body.get("JobSpecs"))
    pods = run.body.get("Pods")
    if not roles or not isinstance(pods, list) or not 0 < len(pods) <= _MOST_PODS:
        return "its pods can't be read"
    chosen: dict[str, set[str]] = {kind: set() for kind in roles}
    for pod in pods:
        pod_id, kind = (pod.get("PodId"), pod.get("Type")) if isinstance(pod, Mapping) else (None, None)
        if not isinstance(pod_id, str) or not isinstance(kind, str):
            return "its pods can't be read"
        # Where no Master is given, the service makes the first Worker one (SDK, JobSpec.Type).
        name = kind.lower() if kind.lower() in roles or kind.lower() != "master" else "worker"
        count = _accelerators_of(roles[name], accelerators) if name in roles else None
        if count is None:
            return f"how many accelerators {pod_id} has is not known"
        if count:
            chosen[name].add(pod_id)
    return _all_of(chosen, roles, accelerators)


def _all_of(
    chosen: Mapping[str, set[str]], roles: Mapping[str, Mapping[str, Any]], accelerators: Mapping[str, int]
) -> frozenset[str] | str:
    """The pods, where as many are shown as the roles have: one that is not shown may be busy."""
    for name, role in roles.items():
        count = role.get("PodCount", 1)
        if not isinstance(count, int) or isinstance(count, bool):
            return "how many pods it has can't be read"
        if len(chosen[name]) < count and _accelerators_of(role, accelerators) != 0:
            return f"{len(chosen[name])} of its {count} {name} pods are shown"
    return frozenset().union(*chosen.values()) or "it has no accelerators"


def _roles(specs: Any) -> dict[str, Mapping[str, Any]]:
    """By its type in small letters, each role; none where a type is there twice."""
    rows = [one for one in specs if isinstance(one, Mapping)] if isinstance(specs, list) else []
    roles = {one["Type"].lower(): one for one in rows if isinstance(one.get("Type"), str)}
    return roles if len(roles) == len(rows) else {}


def _accelerators_of(role: Mapping[str, Any], accelerators: Mapping[str, int]) -> int | None:
    config, instance = role.get("ResourceConfig"), role.get("EcsSpec")
    if isinstance(instance, str) and instance:
        return accelerators.get(instance)
    count = config.get("GPU", "0") if isinstance(config, Mapping) else None
    text = str(count)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else None  # noqa: PLR2004
