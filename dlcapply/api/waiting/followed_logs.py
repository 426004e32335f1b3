"""The logs of runs that are waited for: each from its begin, told as it comes, until all of it was."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from functools import partial
from math import inf
from typing import TYPE_CHECKING

from dlcapply.api.command_lines import typed
from dlcapply.api.inspecting.logs import mask_of, source_of, told_line
from dlcapply.errors import FailureKind, ServiceError
from dlcapply.model.runs import WAITING
from dlcapply.operating.following import LossReason
from dlcapply.operating.log_seats import MOST_AT_ONCE, Seats
from dlcapply.operating.log_stream import LogStream, Wishes
from dlcapply.operating.pod_lives import pods_of
from dlcapply.planning.reasons import listed
from dlcapply.rendering.rows.logs import LogEnd
from dlcapply.rendering.text.words import counted, first_remarks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from dlcapply.api.connect import Service
    from dlcapply.api.inspecting.logs import RunSource
    from dlcapply.api.options import TargetOptions
    from dlcapply.api.waiting.progress import Forgiving
    from dlcapply.applying.interrupt import Interrupt
    from dlcapply.model.runs import Run
    from dlcapply.operating.following import Following, WaitedRun
    from dlcapply.operating.pod_lives import Life
    from dlcapply.operating.pod_log import PodLine

# Which pods a run has only GetJob shows: so often, and for so many runs in each round, a second apart.
_BETWEEN_LOOKS = 10.0
_MOST_LOOKS = 5
# What one round of reading may take; the rest is read in the next, so that nothing else waits for long.
_MOST_CALLS = 60
_LONGEST = 3.0
_AT_ONCE = 100
_MOST_NAMES = 8
# Once its run has ended, nobody waits longer for a service, or a reader, of which nothing is to be had.
_PATIENCE = 30.0


@dataclass(slots=True)
class _RunLog:
    """The log of one run that is followed, or was; `resting` is a reading that goes on in the next round.

    `trouble` is why it is not told any further, `left` are the pods that wait for their turn.
    """

    name: str
    job_id: str
    seen: WaitedRun | None
    source: RunSource
    stream: LogStream | None = None
    resting: Iterator[Sequence[PodLine]] | None = None
    looked: float = -inf
    unseen_since: float | None = None
    trouble: str = ""
    left: list[str] = field(default_factory=list)
    mask: Callable[[str], str] = str
    is_over: bool = False

    @property
    def is_behind(self) -> bool:
        """Whether the run has ended, whoever has seen that, and not all of its log was told."""
        has_ended = self.stream is not None and self.stream.has_ended
        return not self.is_over and (has_ended or self.seen is None or self.seen.is_over)


class FollowedLogs:
    """Tells, after each look at the runs that are followed, what their pods have printed since.

    `target` is where the commands go that show what could not be told. Whoever is `told` may take nothing for
    a while: then nothing is read, and it comes later.
    """

    def __init__(
        self,
        service: Service,
        target: TargetOptions,
        told: Forgiving,
        interrupt: Interrupt,
        *,
        most: int = MOST_AT_ONCE,
    ) -> None:
        self._service = service
        self._target = target
        self._told = told
        self._interrupt = interrupt
        self._logs: dict[str, _RunLog] = {}
        self._turns: deque[_RunLog] = deque()
        self._seats = Seats(most)
        self._remarks: list[str] = []
        self._told_left: set[tuple[str, str]] = set()
        self._told_codes: set[str] = set()
        self._stuck_since: float | None = None

    def is_busy(self, following: Following) -> bool:
        """Whether more is to come of the logs of runs that have ended."""
        del following
        now = self._service.clock.monotonic()
        is_read = self._stuck_since is None or now - self._stuck_since < _PATIENCE
        return is_read and self._told.error is None and any(one.is_behind for one in self._logs.values())

    def tend(self, following: Following) -> None:
        """What is new has been told, as far as it could be read in a while."""
        if self._told.error is not None:
            return
        self._may_go_on()
        self._note(following)
        self._look(following)
        self._read()
        self._tell_of_what_waits()
        self._tell_remarks()

    @property
    def last_words(self) -> Iterator[str]:
        """What was not told, and how it is shown; what goes on is nobody's news here."""
        for one in self._logs.values():
            if why := self._lack(one):
                shows = typed("logs", self._target, "--job-id", one.job_id, name=one.name)
                yield f"{one.name} {one.job_id}: {why}; {shows}"

    def _lack(self, one: _RunLog) -> str:
        if one.trouble:
            return f"its logs were not told to the end: {one.trouble}"
        if one.is_behind:
            left = f", and not begun to be of {_few(one.left)}" if one.left else ""
            return f"its logs were not read to the end{left}"
        missing = sorted(one.stream.missing) if one.stream else []
        return f"not all lines could be read of {_few(missing)}" if missing else ""

    def _note(self, following: Following) -> None:
        """The runs as they were seen last; one that another took the place of is not, any more."""
        now = {run.job_id: run for run in following.runs}
        for run in now.values():
            if run.job_id not in self._logs:
                source = source_of(self._service, run.job_id)
                self._logs[run.job_id] = one = _RunLog(run.name, run.job_id, run, source)
                self._turns.append(one)
        for one in self._logs.values():
            one.seen = now.get(one.job_id)
            if one.seen is not None and (one.seen.hopeless or one.seen.lost is not LossReason.NO):
                self._end(one)  # what became of it is told already

    def _end(self, one: _RunLog, trouble: str = "") -> None:
        if not one.is_over:
            one.is_over, one.trouble, one.resting, one.left = True, trouble, None, []
            self._seats.leave_all(one.job_id)

    def _look(self, following: Following) -> None:
        """The pods of those runs are known anew that have changed, or were not looked at for long."""
        now = self._service.clock.monotonic()
        due = sorted(
            (one for one in self._logs.values() if self._is_due(one, now)),
            key=lambda one: (not _has_changed(one), one.looked),
        )
        for one in due[:_MOST_LOOKS]:
            if self._interrupt.is_asked:
                return
            self._look_at(one, following)

    def _is_due(self, one: _RunLog, now: float) -> bool:
        if one.is_over or one.resting is not None or (one.stream is not None and one.stream.has_ended):
            return False
        return _has_changed(one) or (one.stream is not None and now - one.looked >= _BETWEEN_LOOKS)

    def _look_at(self, one: _RunLog, following: Following) -> None:
        one.looked = self._service.clock.monotonic()
        known = one.seen.run if one.seen else None
        if known is not None and known.detailed and known.body.get("Pods"):
            self._take(one, known)
            return
        try:
            run = following.call(lambda: self._service.jobs.find(one.job_id))
        except ServiceError as error:
            one.unseen_since = one.looked if one.unseen_since is None else one.unseen_since
            is_long = one.is_behind and one.looked - one.unseen_since >= 2 * _PATIENCE
            if is_long or error.kind is FailureKind.REFUSED:
                self._give_up(one, error)
            return
        one.unseen_since = None
        if run is not None:
            self._take(one, run)
        elif one.seen is None:
            self._end(one, "PAI does not show it any more")

    def _take(self, one: _RunLog, run: Run) -> None:
        if one.stream is None:
            one.stream = LogStream(
                one.source,
                self._service.clock,
                Wishes(),
                lambda text: self._remarks.append(f"{one.name}: {text}"),
                run,
                pods_of=partial(self._seated, one),
            )
        one.mask = mask_of(run)
        one.stream.seen(one.source.saw(run))

    def _seated(self, one: _RunLog, run: Run) -> Mapping[str, Sequence[Life]]:
        """The pods whose logs are read: those that have a seat, and those that were read."""
        runs = [log.job_id for log in self._logs.values() if not log.is_over and _has_pods(log)]
        pods = pods_of(run)
        seated = {pod_id: lives for pod_id, lives in pods.items() if self._may_sit(one, pod_id, lives, runs)}
        one.left = [pod_id for pod_id in pods if pod_id not in seated]
        return seated

    def _may_sit(self, one: _RunLog, pod_id: str, lives: Sequence[Life], runs: Sequence[str]) -> bool:
        is_read = one.stream is not None and one.stream.has_read(pod_id, lives[-1])
        return is_read or self._seats.take(one.job_id, pod_id, runs)

    def _read(self) -> None:
        """Each run has had its turn, or as many as there was time for."""
        clock, connection = self._service.clock, self._service.connection
        until, calls = clock.monotonic() + _LONGEST, connection.calls + _MOST_CALLS

        def has_time() -> bool:
            return clock.monotonic() < until and connection.calls < calls and self._may_go_on()

        for _ in range(len(self._turns)):
            if not has_time():
                return
            one = self._turns[0]
            self._turns.rotate(-1)
            while has_time() and (batch := self._next(one)):
                self._told.lines([told_line(one.name, one.job_id, line, one.mask) for line in batch])

    def _may_go_on(self) -> bool:
        """Whether lines are taken now; since when they are not, is remembered."""
        takes = self._told.takes_lines()
        if takes or self._stuck_since is None:
            self._stuck_since = None if takes else self._service.clock.monotonic()
        return takes and not self._interrupt.is_asked

    def _next(self, one: _RunLog) -> Sequence[PodLine]:
        """The next lines of the run; none where all that there are by now were told."""
        stream = one.stream
        if stream is None or one.is_over:
            return ()
        if one.resting is None:
            if one.left:
                stream.seen(stream.run)  # a seat may have become free
            one.resting = stream.new_lines(_AT_ONCE)
        try:
            batch = next(one.resting, ())
        except ServiceError as error:
            self._give_up(one, error)
            return ()
        if not batch:
            one.resting = None
            self._after(one, stream)
        return batch

    def _after(self, one: _RunLog, stream: LogStream) -> None:
        """All that there was has been read: seats become free, and what is done is over."""
        lives = pods_of(stream.run)
        for pod_id in self._seats.pods_of(one.job_id):
            if pod_id in lives and stream.has_read(pod_id, lives[pod_id][-1]):
                self._seats.leave(one.job_id, pod_id)
        if stream.is_done and not one.left:
            self._end(one)
            self._told.log_end(LogEnd(one.name, stream.run, one.mask(stream.run.reason_message)))

    def _give_up(self, one: _RunLog, error: ServiceError) -> None:
        """Its log is not read any further; of one cause, all runs that have it are named at the end."""
        self._end(one, error.message)
        cause = f"{error.status} {error.code}"
        if cause not in self._told_codes:
            self._told_codes.add(cause)
            self._remarks.append(f"{one.name}: its logs can't be read: {error.message}")

    def _tell_of_what_waits(self) -> None:
        """Which logs are not read at present, once for each, as there are too many."""
        left = [(one, pod_id) for one in self._logs.values() for pod_id in one.left]
        new = [(one, pod_id) for one, pod_id in left if (one.job_id, pod_id) not in self._told_left]
        if not new:
            return
        self._told_left |= {(one.job_id, pod_id) for one, pod_id in new}
        names = _few([f"{one.name}/{pod_id.removeprefix(f'{one.job_id}-')}" for one, pod_id in new])
        self._told.note(
            f"the logs of {self._seats.most} pods are read at once; {counted(len(new), 'more pod')} "
            f"will be, each from its begin, as others end: {names}"
        )

    def _tell_remarks(self) -> None:
        for text in first_remarks(self._remarks, "on logs"):
            self._told.note(text)
        self._remarks.clear()


def _has_pods(one: _RunLog) -> bool:
    """Whether it may print something by now; one that waits for its turn may do so for days."""
    return one.stream is not None or _has_changed(one)


def _has_changed(one: _RunLog) -> bool:
    """Whether the run is known to have another status than when its pods were looked at."""
    if one.seen is None:  # another run took its place, so it has ended
        return True
    run = one.seen.run
    if run is None:
        return False
    return run.status not in WAITING if one.stream is None else run.status != one.stream.run.status


def _few(names: Sequence[str]) -> str:
    return listed(names, most=_MOST_NAMES)
