"""What runs print, and what happens to them, from Python."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from dlcapply.api.inspecting.events import event_rows, run_events
from dlcapply.api.inspecting.logs import mask_of, run_logs, told_line
from dlcapply.api.options import LogOptions, check_tail, check_time, given, several
from dlcapply.api.runs.named import named_run
from dlcapply.errors import DlcapplyError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from dlcapply.api.connect import Service
    from dlcapply.api.load import Manifests
    from dlcapply.operating.log_stream import LogStream
    from dlcapply.rendering.rows.logs import EventRow, LogLine


@dataclass(frozen=True, slots=True)
class RunEvents:
    """The events of a run and its pods, the newest last; `missing` are pods whose events are not all here."""

    name: str
    job_id: str
    rows: tuple[EventRow, ...]
    missing: tuple[str, ...] = ()


def logs(  # noqa: PLR0913  the options of the command, by name
    manifests: Manifests,
    service: Service,
    name: str,
    *,
    job_id: str | None = None,
    pods: str | Iterable[str] = (),
    roles: str | Iterable[str] = (),
    follow: bool = False,
    since: float | None = None,
    tail: int | None = None,
    previous: bool = False,
    tell: Callable[[str], None] = lambda _: None,
) -> Iterator[LogLine]:
    """The lines of the run that the name of a job, or a JobId, means, each once, as they are read.

    With `follow` until the run has ended. `since` is in seconds before the service's time, `tail` a number of
    lines of each pod, `previous` those before the newest restart; `tell` is told what goes wrong meanwhile.
    Raises DlcapplyError where there is no such run or pod, and behind the last line where some could not be
    had; ServiceError, between two lines, where PAI refuses.
    """
    asked = LogOptions(follow, since, tail, previous)
    named = named_run(manifests, service, given("name", name), job_id=given("job_id", job_id))
    stream = run_logs(
        service,
        named.run.job_id,
        pods=several("pods", pods),
        roles=several("roles", roles),
        since=asked.since,
        tail=asked.tail,
        previous=asked.previous,
        tell=tell,
    )
    stream.lives()
    return _lines(named.name, stream, follow=asked.follow)


def _lines(name: str, stream: LogStream, *, follow: bool) -> Iterator[LogLine]:
    job_id, mask = stream.run.job_id, mask_of(stream.run)
    for line in chain.from_iterable(stream.follow()) if follow else stream.lines():
        yield told_line(name, job_id, line, mask)
    if missing := sorted(stream.missing):
        raise DlcapplyError(f"not all lines could be read of {', '.join(missing)}")


def events(
    manifests: Manifests,
    service: Service,
    name: str,
    *,
    job_id: str | None = None,
    pods: str | Iterable[str] = (),
    since: float | None = None,
    tail: int | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> RunEvents:
    """What happened to the run that the name, or a JobId, means: each event once, with how often it did.

    Options as for `logs`; with `pods`, those of the run itself are left out. Raises DlcapplyError where there
    is no such run or pod, ServiceError where PAI gives no answer.
    """
    if since is not None:
        check_time("since", since)
    check_tail(tail)
    named = named_run(manifests, service, given("name", name), job_id=given("job_id", job_id))
    wanted = several("pods", pods)
    stream = run_events(service, named.run.job_id, pods=wanted, since=since, tell=tell)
    rows = tuple(event_rows(stream, tail))
    return RunEvents(named.name, named.run.job_id, rows, tuple(sorted(stream.missing)))
