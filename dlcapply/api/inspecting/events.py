"""The events of a run and of its pods: what happened, each kind once, with how often and when."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from dlcapply.api.inspecting.logs import Asking, RunSource, mask_of
from dlcapply.cloud.pod_texts import job_events, pod_events
from dlcapply.operating.log_stream import LogStream, Wishes
from dlcapply.operating.pod_lives import Choice, Life, pods_of
from dlcapply.rendering.rows.logs import EventRow
from dlcapply.rendering.text.lines import cut
from dlcapply.rendering.text.log_lines import shown_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from dlcapply.api.connect import Service
    from dlcapply.model.runs import Run
    from dlcapply.model.texts import TextLine
    from dlcapply.operating.log_windows import Ask

# In the place of a pod's id and name, for the events of the job itself.
_JOB = ""
_LONGEST = 1_500  # characters of an event


def run_events(
    service: Service,
    job_id: str,
    *,
    pods: Iterable[str] = (),
    since: float | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> LogStream:
    """The events of the run, and of its pods, or of these `pods` alone; as `run_logs`."""
    source = RunSource(service, job_id, partial(_events_of, service, job_id))
    wishes = Wishes(Choice(tuple(pods)), since)
    return LogStream(source, service.clock, wishes, tell, source.look(), pods_of=_with_job)


def event_rows(stream: LogStream, tail: int | None) -> list[EventRow]:
    """The newest `tail` of the events so far, or all; each once, the newest last, with how often it happened.

    What the job tells of a pod at the same time as the pod itself is the pod's.
    """
    shown = partial(_shown, mask=mask_of(stream.run))
    found: dict[tuple[str, str], EventRow] = {}
    of_job: list[TextLine] = []
    told: set[tuple[datetime | None, str]] = set()
    for one in stream.lines():
        if one.life.pod_id == _JOB:
            of_job.append(one.line)
            continue
        told.add((one.line.at, one.line.text))
        _count(found, one.life.name, one.line, shown)
    for line in of_job:
        if (line.at, line.text) not in told:
            _count(found, _JOB, line, shown)
    rows = sorted(found.values(), key=_when)
    return rows if tail is None else rows[max(0, len(rows) - tail) :]


def _count(
    found: dict[tuple[str, str], EventRow], pod: str, line: TextLine, shown: Callable[[str], str]
) -> None:
    before = found.get((pod, line.text))
    if before is None:
        found[pod, line.text] = EventRow(line.at, line.at, 1, pod, shown(line.text))
        return
    times = sorted(at for at in (before.first, before.last, line.at) if at)
    first, last = (times[0], times[-1]) if times else (None, None)
    found[pod, line.text] = EventRow(first, last, before.count + 1, pod, before.text)


def _shown(text: str, mask: Callable[[str], str]) -> str:
    return cut(" ".join(shown_lines(text, mask)), _LONGEST)


def _when(row: EventRow) -> tuple[bool, str, str]:
    """Those without a time come first: nobody can tell that they are new."""
    return (row.last is not None, row.last.isoformat() if row.last else "", row.pod)


def _with_job(run: Run) -> dict[str, Sequence[Life]]:
    job = Life(_JOB, "job", "", run.job_id, 0, run.created_at, run.ended, is_over=run.is_terminal)
    return {_JOB: (job,), **pods_of(run)}


def _events_of(service: Service, job_id: str, life: Life) -> Ask:
    if life.pod_id == _JOB:
        return partial(_of_job, service, job_id)
    return Asking(life, partial(pod_events, service.connection, job_id, life.pod_id)).ask


def _of_job(service: Service, job_id: str, start: int, end: int | None, most: int) -> Sequence[TextLine]:
    since = datetime.fromtimestamp(start, UTC)
    until = None if end is None else datetime.fromtimestamp(end, UTC)
    return job_events(service.connection, job_id, since=since, until=until, most=most)
