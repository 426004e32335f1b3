"""The logs of a run: what is asked of the service, and what of the answers may be shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Protocol

from dlcapply.cloud.pod_texts import pod_logs
from dlcapply.cloud.wire.redaction import Hiding, known_secrets
from dlcapply.disk import usable_folder
from dlcapply.errors import FailureKind, ServiceError
from dlcapply.one_line import printable
from dlcapply.operating.log_stream import LogStream as LogStream  # noqa: PLC0414  for who reads them
from dlcapply.operating.log_stream import Wishes
from dlcapply.operating.pod_lives import Choice
from dlcapply.operating.saved_logs import SavedLogs
from dlcapply.rendering.rows.logs import LogLine, SavedLogRow
from dlcapply.rendering.text.log_lines import shown_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from dlcapply.api.connect import Service
    from dlcapply.model.runs import Run
    from dlcapply.model.texts import TextLine
    from dlcapply.operating.log_windows import Ask
    from dlcapply.operating.pod_lives import Life
    from dlcapply.operating.pod_log import PodLine as PodLine  # noqa: PLC0414


def run_logs(
    service: Service,
    job_id: str,
    *,
    pods: Iterable[str] = (),
    roles: Iterable[str] = (),
    since: float | None = None,
    tail: int | None = None,
    previous: bool = False,
    tell: Callable[[str], None] = lambda _: None,
) -> LogStream:
    """The logs of the run's pods, read as they are asked for; `tell` is told what goes wrong meanwhile.

    `pods` are ids, or what is behind the JobId in them; `since` is in seconds, before the service's time.
    Raises ServiceError where PAI does not show the run.
    """
    source = source_of(service, job_id)
    wishes = Wishes(Choice(tuple(pods), tuple(roles)), since, tail, previous)
    return LogStream(source, service.clock, wishes, tell, source.look())


def source_of(service: Service, job_id: str) -> RunSource:
    """Where the logs of the run are read."""
    return RunSource(service, job_id, partial(_logs_of, service, job_id))


def told_line(name: str, job_id: str, told: PodLine, mask: Callable[[str], str]) -> LogLine:
    """The line as it may be shown, of a run of the job `name`."""
    text = "\n".join(shown_lines(told.line.text, mask))
    return LogLine(printable(name), job_id, told.life.name, told.life.uid, told.line.at, text)


def mask_of(run: Run) -> Callable[[str], str]:
    """What puts masks in place of the run's own secrets, and of what looks like one."""
    return Hiding(known_secrets(run.body)).of


def is_of_one_pod(stream: LogStream) -> bool:
    """Whether all lines are of one pod, so that no name before each need say of which."""
    if len(stream.wishes.choice.pods) == 1:
        return True
    return max(len({life.pod_id for life in stream.lives()}), _declared_pods(stream.run)) <= 1


def _declared_pods(run: Run) -> int:
    """How many pods the run is to have; a service may show them one after the other."""
    specs = run.body.get("JobSpecs")
    counts = (
        [one.get("PodCount") for one in specs if isinstance(one, dict)] if isinstance(specs, list) else []
    )
    return sum(count for count in counts if isinstance(count, int) and not isinstance(count, bool))


def saving(
    stream: LogStream, folder: str, *, follow: bool, text: Callable[[PodLine], Iterable[str]]
) -> Saving:
    """What saves the stream's logs in the folder; raises DlcapplyError where that can't be used.

    `text` makes lines of an entry. With `follow` they are read until the run has ended.
    """
    return Saving(stream, SavedLogs(usable_folder(folder)), text, follow)


@dataclass(slots=True)
class Saving:
    """Logs on their way to files; `rows` are the files as they are by now."""

    stream: LogStream
    files: SavedLogs
    text: Callable[[PodLine], Iterable[str]]
    follow: bool

    @property
    def rows(self) -> tuple[SavedLogRow, ...]:
        return tuple(
            SavedLogRow(
                str(log.present_path),
                log.life.name,
                log.life.uid,
                log.life.number,
                log.lines,
                log.size,
                log.is_whole,
            )
            for log in self.files.logs
        )

    def run(self) -> None:
        """All that there is has been written; raises DlcapplyError where it can't be read or written.

        A log that may still grow, or lacks something, stays marked as a part.
        """
        try:
            if self.follow:
                self._follow()
            else:
                for life in self.stream.lives():
                    self.files.add(life, ())
                    self._write(self.stream.lines_of(life))
                    self._finish(life)
        finally:
            self.files.close()

    def _follow(self) -> None:
        for batch in self.stream.follow():
            self._write(batch)
            self.files.flush()
        for life in self.stream.lives():
            self._finish(life)

    def _write(self, lines: Iterable[PodLine]) -> None:
        for life, told in groupby(lines, key=lambda one: one.life):
            self.files.add(life, (line for one in told for line in self.text(one)))

    def _finish(self, life: Life) -> None:
        if self.stream.is_whole(life):
            self.files.finish(life)


@dataclass(slots=True)
class RunSource:
    """One run of the service, as far as its texts are read; `ask` says how those of one life are."""

    service: Service
    job_id: str
    ask: Callable[[Life], Ask]
    _time: datetime | None = field(default=None, init=False)

    @property
    def calls(self) -> int:
        return self.service.connection.calls

    def look(self) -> Run:
        return self.saw(self.service.jobs.get(self.job_id))

    def saw(self, run: Run) -> Run:
        """The run, which was seen right now."""
        self._time = run.last_told
        return run

    def now(self) -> int:
        """The service's time; where no answer tells it, the newest that is known of the run."""
        now = self.service.now() or self._time
        return int(now.timestamp()) if now else 0


def _logs_of(service: Service, job_id: str, life: Life) -> Ask:
    return Asking(life, partial(pod_logs, service.connection, job_id, life.pod_id)).ask


class Read(Protocol):
    """Reads the newest texts of one pod."""

    def __call__(
        self, *, uid: str, since: datetime, until: datetime | None, most: int, sends_uid: bool
    ) -> Sequence[TextLine]: ...


@dataclass(slots=True)
class Asking:
    """Asks about one life by its uid, as long as PAI takes that of a pod which has no other."""

    life: Life
    read: Read
    _sends_uid: bool = field(default=True, init=False)

    def ask(self, start: int, end: int | None, most: int) -> Sequence[TextLine]:
        try:
            return self._lines(start, end, most)
        except ServiceError as error:
            is_only = not (self.life.is_past or self.life.number)
            if error.kind is not FailureKind.REFUSED or not (self._sends_uid and self.life.uid and is_only):
                raise
        self._sends_uid = False
        try:
            return self._lines(start, end, most)
        except ServiceError:
            self._sends_uid = True
            raise

    def _lines(self, start: int, end: int | None, most: int) -> Sequence[TextLine]:
        return self.read(
            uid=self.life.uid,
            since=datetime.fromtimestamp(start, UTC),
            until=None if end is None else datetime.fromtimestamp(end, UTC),
            most=most,
            sends_uid=self._sends_uid,
        )
