"""The logs of a run's pods as one stream: all that they printed, or on and on until the run has ended.

Nothing is collected: of each pod a window is in memory, and what may still come late as hashes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from heapq import merge
from itertools import islice
from typing import TYPE_CHECKING, Protocol

from dlcapply.errors import DlcapplyError, FailureKind, ServiceError
from dlcapply.operating.log_position import LAG
from dlcapply.operating.log_windows import Service
from dlcapply.operating.pod_lives import EVERY_POD, Choice, Life, pods_of
from dlcapply.operating.pod_log import PodLine, PodLog
from dlcapply.planning.reasons import listed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from dlcapply.model.clock import Clock
    from dlcapply.model.runs import Run
    from dlcapply.operating.log_windows import Ask

# Lines in one answer, and in the memory of all pods together.
_MOST_OF_ONE, _LEAST_OF_ONE, _MOST_OF_ALL = 5_000, 200, 200_000
# Clocks of nodes and of the service differ: what a pod printed may seem to be from before it was created.
_EARLIER = 600
_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)  # before the service existed
_CALLS_A_SECOND = 10
_PAUSE, _PAUSE_WITHOUT_PODS = 2.0, 5.0
_BATCH = 500
_MOST_TOLD = 20
_MOST_NAMES = 3
# No document names it; clients of the real service take it for an end (facts gathered from their code).
_DELETED = "Deleted"


@dataclass(frozen=True, slots=True)
class Wishes:
    """Which lines are wanted: those of the `choice`, of the last `since` seconds, the newest `tail` of a pod.

    `previous` are those of the life before the newest alone.
    """

    choice: Choice = EVERY_POD
    since: float | None = None
    tail: int | None = None
    previous: bool = False


class Source(Protocol):
    """Where logs are: one run of a service."""

    def look(self) -> Run:
        """The run as it is now; raises ServiceError."""
        ...

    @property
    def ask(self) -> Callable[[Life], Ask]:
        """What asks about the texts of a life."""
        ...

    def now(self) -> int:
        """The service's time, in seconds since 1970."""
        ...

    @property
    def calls(self) -> int:
        """How many were made so far."""
        ...


@dataclass(slots=True)
class LogStream:
    """The lines of a run's pods; `run` is as it was last seen.

    `tell` is given what people should know besides: gaps, calls that fail, restarts. `pods_of` says which
    logs a run has.
    """

    source: Source
    clock: Clock
    wishes: Wishes
    tell: Callable[[str], None]
    run: Run
    pods_of: Callable[[Run], Mapping[str, Sequence[Life]]] = pods_of
    _service: Service = field(default_factory=Service)
    _pods: dict[str, list[PodLog]] = field(default_factory=dict)
    _to_tail: set[str] = field(default_factory=set)
    _has_looked: bool = False
    _is_unseen: bool = False

    @property
    def has_ended(self) -> bool:
        """Whether the run has ended, or was removed."""
        return self.run.is_terminal or self.run.status == _DELETED

    @property
    def missing(self) -> set[str]:
        """The names of pods of whose lines some could not be had."""
        return {log.life.name for log in self._logs() if log.lacks_lines}

    def lives(self) -> tuple[Life, ...]:
        """The lives that are wanted, pod by pod; raises DlcapplyError where none is what was asked for."""
        self._take(self.run)
        lives = tuple(log.life for log in self._logs())
        if not lives:
            self._refuse_what_is_not_there()
        return lives

    def lines(self) -> Iterator[PodLine]:
        """All lines so far, in the order of time."""
        self.lives()
        return _merged(self._all_of(logs) for logs in self._pods.values())

    def lines_of(self, life: Life) -> Iterator[PodLine]:
        """All lines of one of the `lives` so far."""
        logs = [log for log in self._pods[life.pod_id] if log.life == life]
        yield from self._all_of(logs)
        for log in logs:
            log.settle(self.run.ended, self.clock.monotonic())

    def is_whole(self, life: Life) -> bool:
        """Whether all that it ever printed has been read."""
        log = next((one for one in self._pods[life.pod_id] if one.life.uid == life.uid), None)
        return log is not None and log.is_settled and not log.lacks_lines

    def follow(self) -> Iterator[Sequence[PodLine]]:
        """Lines as they come, until the run has ended and all is read.

        Raises ServiceError where PAI refuses what nobody can do without.
        """
        self.lives()
        while True:
            calls = self.source.calls
            yield from self.new_lines(_BATCH)
            if self.is_done:
                break
            spent = (self.source.calls - calls) / _CALLS_A_SECOND
            self.clock.sleep(max(_PAUSE if self._pods else _PAUSE_WITHOUT_PODS, spent))
            self._look()
        if not self._pods:
            self._refuse_what_is_not_there()

    def new_lines(self, at_once: int) -> Iterator[Sequence[PodLine]]:
        """What there is of all pods beyond what was told, so many lines at once.

        It may rest between any two of them: what was given counts as told; the rest comes when it goes on.
        """
        lines = _merged(self._new_of(logs) for logs in list(self._pods.values()))
        while batch := list(islice(lines, at_once)):
            yield batch

    def seen(self, run: Run) -> None:
        """The run is as somebody saw it, and its logs are those of its pods as they are now.

        Not while `new_lines` rests: what is read then is older than what is seen.
        """
        self.run = run
        self._take(run)

    @property
    def is_done(self) -> bool:
        """Whether the run has ended, and all that its pods printed was told."""
        return self.has_ended and not self._to_tail and all(log.is_settled for log in self._logs())

    def has_read(self, pod_id: str, life: Life) -> bool:
        """Whether all that this life of the pod printed was told, as far as it could be had."""
        logs = self._pods.get(pod_id, ())
        return any(log.is_settled and log.life.uid == life.uid for log in logs)

    def _logs(self) -> Iterator[PodLog]:
        return (log for logs in self._pods.values() for log in logs)

    def _look(self) -> None:
        before = self.run.status
        try:
            run = self.source.look()
        except ServiceError as error:
            if error.kind is FailureKind.REFUSED:
                raise
            if not self._is_unseen:
                self.tell(f"{self.run.name} can't be seen now, and is looked at again: {error.message}")
            self._is_unseen = True
            return
        self._is_unseen = False
        self.run = run
        if run.status != before:
            late = f": what comes late is waited for, up to {LAG} s" if self.has_ended else ""
            self.tell(f"{run.name} is {run.status} now{late}")
        self._take(run)

    def _take(self, run: Run) -> None:
        """The logs are those of the run's pods as they are now."""
        pods = {pod_id: self._wanted(lives) for pod_id, lives in self.pods_of(run).items()}
        most = min(max(_MOST_OF_ALL // max(1, len(pods)), _LEAST_OF_ONE), _MOST_OF_ONE)
        restarted = []
        for pod_id, lives in pods.items():
            known = self._pods.get(pod_id, [])
            begun = [life for life in lives if self._begins(known, life, most)]
            restarted += [life.name for life in begun if life is not known[0].life]
            if known and pod_id not in self._pods:
                self._pods[pod_id] = known
                if self.wishes.tail is not None and not self._has_looked:
                    self._to_tail.add(pod_id)
        if self.has_ended:  # also of pods that are not shown any more
            for log in self._logs():
                self._is_over(log)
        if restarted and self._has_looked:
            names = listed(list(dict.fromkeys(restarted)), most=_MOST_NAMES)
            self.tell(f"restarted: {names}: what follows is from a new life")
        self._has_looked = True

    def _wanted(self, lives: Sequence[Life]) -> Sequence[Life]:
        chosen = lives[-2:-1] if self.wishes.previous else lives
        return [life for life in chosen if self.wishes.choice.has(life)]

    def _begins(self, known: list[PodLog], life: Life, most: int) -> bool:
        """Whether the life was not known; it is now, as it is."""
        same = (one for one in reversed(known) if one.life.uid in {life.uid, ""} or not life.uid)
        log = next(same, None)
        is_new = log is None
        if log is None:
            ask, start = self.source.ask(life), self._start(life)
            log = PodLog.begun(life, ask, start, most=most, service=self._service, tell=self.tell)
            known.append(log)
        elif log.life != life:
            log.goes_by(life, self.source.ask(life))
        if life.is_over or self.has_ended:
            self._is_over(log)
        elif log.over is not None:  # without uids, a pod that was started again is the same life
            log.over, log.is_settled = None, False
        return is_new

    def _is_over(self, log: PodLog) -> None:
        if log.over is None:
            log.over = self.source.now(), self.clock.monotonic()

    def _start(self, life: Life) -> int:
        created = life.created or self.run.created_at or _BEGINNING
        earliest = max(0, int(created.timestamp()) - _EARLIER)
        if self.wishes.since is None:
            return earliest
        return max(earliest, self.source.now() - int(self.wishes.since))

    def _refuse_what_is_not_there(self) -> None:
        """Raises DlcapplyError for pods that are not among the run's, and restarts that never were."""
        pods = [lives[-1] for lives in self.pods_of(self.run).values()]
        if not pods:
            return
        if self.wishes.previous and any(map(self.wishes.choice.has, pods)):
            hint = "without --previous, the whole log is shown"
            raise DlcapplyError(f"no pod of {self.run.name} was restarted", hint=hint)
        there = listed([f"{life.name} ({life.role})" for life in pods if life.pod_id], most=_MOST_TOLD)
        raise DlcapplyError(f"{self.run.name} has no such pod", hint=f"its pods: {there}")

    def _all_of(self, logs: Sequence[PodLog]) -> Iterator[PodLine]:
        """All lines of one pod so far."""
        if self.wishes.tail is None:
            for log in logs:
                yield from log.new_lines(self.source.now())
        else:
            yield from self._tailed(logs, self.wishes.tail)
        for log in logs:
            log.lacks_lines |= log.trouble is not None

    def _new_of(self, logs: Sequence[PodLog]) -> Iterator[PodLine]:
        """What is new of one pod: a life is read to its end before the next begins."""
        pod_id = logs[0].life.pod_id
        if pod_id in self._to_tail:
            yield from self._tailed(logs, self.wishes.tail or 0)
            if not logs[-1].trouble:
                self._to_tail.remove(pod_id)
            return
        for log in logs:
            if not log.is_settled:
                yield from log.new_lines(self.source.now())
                log.settle(self.run.ended, self.clock.monotonic())
            if not log.is_settled:
                return

    def _tailed(self, logs: Sequence[PodLog], count: int) -> Iterator[PodLine]:
        """The newest lines of one pod, of its earlier lives too where the newest has fewer."""
        found: list[PodLine] = []
        for log in reversed(logs):
            found = [*log.newest_lines(count - len(found), self.source.now()), *found]
            if log.trouble:
                break
            log.is_settled = log is not logs[-1]
        yield from found


def _merged(streams: Iterable[Iterator[PodLine]]) -> Iterator[PodLine]:
    """The lines of all in the order of time; those without one stay behind the line before them."""
    timed = merge(*map(_timed, streams), key=lambda pair: pair[0])
    return (told for _, told in timed)


def _timed(lines: Iterator[PodLine]) -> Iterator[tuple[datetime, PodLine]]:
    latest = _BEGINNING
    for told in lines:
        latest = max(latest, told.line.at or latest)
        yield latest, told
