"""What was measured of a run, in the window and the steps that were asked for."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from dlcapply.api.inspecting.run_heads import head_of
from dlcapply.cloud.metrics import (
    MOST_CALLS,
    POINTS_A_CALL,
    cloud_monitor,
    has_cloud_monitor,
    metrics,
    step_seconds,
)
from dlcapply.errors import FailureKind, ServiceError, UsageError
from dlcapply.rendering.rows.inspection import Measured
from dlcapply.rendering.text.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from dlcapply.api.connect import Service
    from dlcapply.api.load import Manifests
    from dlcapply.api.runs.named import NamedRun
    from dlcapply.model.curves import Curves
    from dlcapply.model.runs import Run

DEFAULT_SINCE = 3600.0
# Steps that PAI's documents, or public programs that use the service, have in examples.
_STEPS = ("10s", "1m", "5m", "30m", "1h")
_NO_TIME = "No answer of PAI told the time: these values end with the newest time that it tells of the run"
_FEW = "PAI keeps a job's own metrics for pay-as-you-go jobs on general computing resources alone"


def measured(
    manifests: Manifests,
    service: Service,
    named: NamedRun,
    names: Sequence[str],
    *,
    since: float = DEFAULT_SINCE,
    step: str = "",
) -> Measured:
    """The metrics of the run in the `since` seconds before now, or before it ended.

    Without `step` it is the finest that takes one call. Where PAI has kept nothing, CloudMonitor is asked for
    what is known to be there. Raises UsageError for a step that is none, or makes too many points,
    ServiceError where PAI gives no answer.
    """
    now, run = service.now(), named.run
    window = _window(run, now or run.last_told, since)
    head = head_of(manifests, service, named)
    if window is None:
        when = "never ran" if run.is_terminal else "has not run yet"
        return Measured(head, (), (f"{run.job_id} {when}: there is nothing to measure",))
    start, end = window
    step = _step(step, end - start)
    told: list[Curves] = []
    notes = [] if now or run.ended else [_NO_TIME]
    for name in names:
        kept = metrics(service.connection, named.run.job_id, name, start=start, end=end, step=step)
        if not kept.curves and has_cloud_monitor(name):
            kept = _monitored(manifests, service, named.run, kept, notes)
        told.append(kept)
    return Measured(head, tuple(told), (*notes, *_unread(told), *_missing(named.run, told)))


def _window(run: Run, now: datetime | None, since: float) -> tuple[datetime, datetime] | None:
    """The time that was asked for, as far as the run ran in it; None for one that has not begun to."""
    if run.started is None:
        return None
    ends = filter(None, (now, run.ended))
    end = max(min(ends, default=run.started), run.started + timedelta(seconds=1))
    return max(run.started, end - timedelta(seconds=since)), end


def _step(step: str, length: timedelta) -> str:
    seconds = length.total_seconds()
    if not step:
        return next((one for one in _STEPS if seconds / step_seconds(one) <= POINTS_A_CALL), _STEPS[-1])
    try:
        points = seconds / step_seconds(step)
    except ValueError:
        hint = "write a number and s, m or h, such as 10s, 5m or 1h"
        raise UsageError(f"{step!r} is not a step", hint=hint) from None
    if points > POINTS_A_CALL * MOST_CALLS:
        hint = "choose a longer --step or a shorter --since"
        raise UsageError(f"a value for each {step} would be {points:,.0f} values of each pod", hint=hint)
    return step


def _monitored(manifests: Manifests, service: Service, run: Run, kept: Curves, notes: list[str]) -> Curves:
    """What CloudMonitor has in the same time, if anything; what keeps it from telling is a note."""
    try:
        monitored = cloud_monitor(
            service.connection,
            run.body,
            kept.metric,
            region=manifests.environment.region,
            start=kept.start,
            end=kept.end,
            step=kept.step,
        )
    except ServiceError as error:
        if error.kind is not FailureKind.REFUSED:
            raise
        notes.append(f"CloudMonitor: {error.message}")
        return kept
    return monitored if monitored.curves or not kept.unread else kept


def _unread(told: Sequence[Curves]) -> Iterator[str]:
    """Says how many values are no numbers, so that nobody takes a gap for a time without work."""
    for one in told:
        if one.unread:
            values = counted(one.unread, "value")
            yield f"{values} of {one.metric} left out: what {one.source} wrote is no number, or has no time"


def _missing(run: Run, told: Sequence[Curves]) -> Iterator[str]:
    """Says which metrics have no value, and why that may be."""
    absent = [one.metric for one in told if not (one.curves or one.unread)]
    if not absent:
        return
    what = "no metric" if len(absent) == len(told) else f"nothing of {', '.join(absent)}"
    quota = run.body.get("ResourceId")
    on = f", and this one runs on quota {quota}" if isinstance(quota, str) and quota else ""
    yield f"PAI has kept {what} of this time. {_FEW}{on}; the console's monitoring page has the others"
