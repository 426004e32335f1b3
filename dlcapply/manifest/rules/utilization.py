"""What is asked of a run's use of its accelerators, as far as it can be measured."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from dlcapply.manifest.nodes import Node, get, string
from dlcapply.manifest.rules.rule import Problem, Rule, Subject
from dlcapply.model.durations import duration_of
from dlcapply.model.jobs import WhenIdle

if TYPE_CHECKING:
    from collections.abc import Iterator

# GetJobMetrics has a point every five minutes unless asked otherwise (its metadata).
RESOLUTION = timedelta(minutes=5)
# No document says for how long they are kept; logs and events are asked for seven days back by default.
LONGEST = timedelta(days=7)
SHORTEST_TO_STOP = timedelta(minutes=30)


def _window(subject: Subject) -> Iterator[Problem]:
    path = ("run", "utilization", "window")
    node = get(subject.document, *path)
    window = _duration(node)
    if node is None or window is None:
        return
    if window < RESOLUTION:
        message = f"the window is {string(node)}, and PAI's metrics have one point in 5 minutes"
        yield Problem(message, node, path, "write 5m at least; 1h tells a pause from an idle run")
    elif window > LONGEST:
        message = f"the window is {string(node)}: nobody says that metrics are kept for so long"
        yield Problem(message, node, path, "write 7d at most")


def _duration(node: Node | None) -> timedelta | None:
    try:
        return duration_of(string(node))
    except (ValueError, OverflowError):
        return None


def _stop(subject: Subject) -> Iterator[Problem]:
    """What it takes to have a run stopped: the environment's word, and time to be sure."""
    path = ("run", "utilization", "then")
    node = get(subject.document, *path)
    if node is None or string(node) != WhenIdle.STOP:
        return
    environment = subject.environment
    if environment is not None and not environment.limits.idle_stops:
        message = f"the environment {environment.name} does not allow that idle runs are stopped"
        hint = "write then: report, or limits: {idle: stop, stops: N} into the environment"
        yield Problem(message, node, path, hint)
    window = _duration(get(subject.document, "run", "utilization", "window"))
    if window is not None and RESOLUTION <= window < SHORTEST_TO_STOP:
        message = "a run is stopped for no window shorter than 30m"
        yield Problem(message, node, path, "write window: 30m at least: what loads data or saves looks idle")


RULES = (Rule("utilization-window", _window), Rule("utilization-stop", _stop))
