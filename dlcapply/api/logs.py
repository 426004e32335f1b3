"""The logs of a run: what is asked of the service, and what of the answers may be shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from dlcapply.cloud.pod_texts import pod_logs
from dlcapply.cloud.wire.redaction import Hiding, known_secrets
from dlcapply.errors import FailureKind, ServiceError
from dlcapply.operating.log_stream import LogStream, Wishes
from dlcapply.operating.pod_lives import Choice, moment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from dlcapply.api.connect import Service
    from dlcapply.model.runs import Run
    from dlcapply.model.texts import TextLine
    from dlcapply.operating.log_windows import Ask
    from dlcapply.operating.pod_lives import Life


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
    source = RunSource(service, job_id)
    wishes = Wishes(Choice(tuple(pods), tuple(roles)), since, tail, previous)
    return LogStream(source, service.clock, wishes, tell, source.look())


def mask_of(run: Run) -> Callable[[str], str]:
    """What puts masks in place of the run's own secrets, and of what looks like one."""
    return Hiding(known_secrets(run.body)).of


@dataclass(slots=True)
class RunSource:
    """One run of the service, as far as its texts are read."""

    service: Service
    job_id: str
    _time: datetime | None = field(default=None, init=False)

    @property
    def calls(self) -> int:
        return self.service.connection.calls

    def look(self) -> Run:
        run = self.service.jobs.get(self.job_id)
        self._time = _newest_time(run)
        return run

    def now(self) -> int:
        """The service's time; where no answer tells it, the newest that is known of the run."""
        now = self.service.now() or self._time
        return int(now.timestamp()) if now else 0

    def ask(self, life: Life) -> Ask:
        return _Asking(self.service, self.job_id, life).ask


@dataclass(slots=True)
class _Asking:
    """Asks about one life by its uid, as long as PAI takes that of a pod which has no other."""

    service: Service
    job_id: str
    life: Life
    _sends_uid: bool = field(default=True, init=False)

    def ask(self, start: int, end: int | None, most: int) -> Sequence[TextLine]:
        try:
            return self._lines(start, end, most)
        except ServiceError as error:
            is_newest = not (self.life.is_past or self.life.number)
            if error.kind is not FailureKind.REFUSED or not (self._sends_uid and self.life.uid and is_newest):
                raise
        self._sends_uid = False
        try:
            return self._lines(start, end, most)
        except ServiceError:
            self._sends_uid = True
            raise

    def _lines(self, start: int, end: int | None, most: int) -> Sequence[TextLine]:
        return pod_logs(
            self.service.connection,
            self.job_id,
            self.life.pod_id,
            uid=self.life.uid,
            since=datetime.fromtimestamp(start, UTC),
            until=None if end is None else datetime.fromtimestamp(end, UTC),
            most=most,
            sends_uid=self._sends_uid,
        )


def _newest_time(run: Run) -> datetime | None:
    told = (moment(value) for key, value in run.body.items() if key.startswith("Gmt"))
    return max(filter(None, told), default=None)
