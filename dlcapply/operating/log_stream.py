"""The logs of a run's pods as one stream: all that they printed, or on and on until the run has ended.

Nothing is collected: of each pod a window is in memory, and what may still come late as hashes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from heapq import merge
from http import HTTPStatus
from itertools import islice
from typing import TYPE_CHECKING, Protocol

from dlcapply.errors import DlcapplyError, FailureKind, ServiceError
from dlcapply.operating.log_position import LAG, Position
from dlcapply.operating.log_windows import Reader, Service
from dlcapply.operating.pod_lives import EVERY_POD, Choice, Life, moment, pods_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from dlcapply.model.clock import Clock
    from dlcapply.model.runs import Run
    from dlcapply.model.texts import TextLine
    from dlcapply.operating.log_windows import Ask, Window

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
_NOT_ALLOWED = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})


@dataclass(frozen=True, slots=True)
class PodLine:
    """A line, and the life of the pod that printed it."""

    life: Life
    line: TextLine


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
class _Log:
    """One life's log, and how it fares; `over` is when its end was noticed, by both clocks."""

    life: Life
    position: Position
    over: tuple[int, float] | None = None
    is_settled: bool = False
    trouble: ServiceError | None = None


@dataclass(slots=True)
class LogStream:
    """The lines of a run's pods; `run` is as it was last seen.

    `tell` is given what people should know besides: gaps, calls that fail, restarts. `pods_of` says which
    logs a run has. `missing` are the names of pods of whose lines some could not be had.
    """

    source: Source
    clock: Clock
    wishes: Wishes
    tell: Callable[[str], None]
    run: Run
    pods_of: Callable[[Run], Mapping[str, Sequence[Life]]] = pods_of
    missing: set[str] = field(default_factory=set)
    _service: Service = field(default_factory=Service)
    _pods: dict[str, list[_Log]] = field(default_factory=dict)
    _to_tail: set[str] = field(default_factory=set)
    _restarted: list[str] = field(default_factory=list)
    _has_looked: bool = False
    _is_unseen: bool = False

    def lives(self) -> tuple[Life, ...]:
        """The lives that are wanted, pod by pod; raises DlcapplyError where none is what was asked for."""
        self._take(self.run)
        lives = tuple(log.life for logs in self._pods.values() for log in logs)
        if not lives:
            self._refuse_what_is_not_there()
        return lives

    def lines(self) -> Iterator[PodLine]:
        """All lines so far, in the order of time."""
        self.lives()
        yield from _merged(self._all_of(logs) for logs in self._pods.values())

    def lines_of(self, life: Life) -> Iterator[PodLine]:
        """All lines of one of the `lives` so far."""
        logs = [log for log in self._pods[life.pod_id] if log.life == life]
        yield from self._all_of(logs)
        for log in logs:
            log.is_settled = self._has_settled(log)

    def is_whole(self, life: Life) -> bool:
        """Whether all that it ever printed has been read."""
        log = next((one for one in self._pods[life.pod_id] if one.life.uid == life.uid), None)
        return log is not None and log.is_settled and life.name not in self.missing

    def follow(self) -> Iterator[Sequence[PodLine]]:
        """Lines as they come, until the run has ended and all is read; an empty batch ends a round.

        Raises ServiceError where PAI refuses what nobody can do without.
        """
        self.lives()
        while True:
            calls = self.source.calls
            lines = _merged(self._new_of(logs) for logs in list(self._pods.values()))
            while batch := list(islice(lines, _BATCH)):
                yield batch
            yield ()
            if self._is_done():
                break
            spent = (self.source.calls - calls) / _CALLS_A_SECOND
            self.clock.sleep(max(_PAUSE if self._pods else _PAUSE_WITHOUT_PODS, spent))
            self._look()
        if not self._pods:
            self._refuse_what_is_not_there()

    def _look(self) -> None:
        try:
            self.run = self.source.look()
        except ServiceError as error:
            if error.kind is FailureKind.REFUSED:
                raise
            if not self._is_unseen:
                self.tell(f"{self.run.name} can't be seen now, and is looked at again: {error.message}")
            self._is_unseen = True
            return
        self._is_unseen = False
        self._take(self.run)

    def _take(self, run: Run) -> None:
        """The logs are those of the run's pods as they are now."""
        pods = {pod_id: self._wanted(lives) for pod_id, lives in self.pods_of(run).items()}
        most = _MOST_OF_ALL // max(1, len(pods))
        for pod_id, lives in pods.items():
            known = self._pods.get(pod_id, [])
            for life in lives:
                self._take_life(known, life, min(max(most, _LEAST_OF_ONE), _MOST_OF_ONE))
            if known and pod_id not in self._pods:
                self._pods[pod_id] = known
                if self.wishes.tail is not None and not self._has_looked:
                    self._to_tail.add(pod_id)
        self._has_looked = True
        self._tell_restarts()

    def _wanted(self, lives: Sequence[Life]) -> Sequence[Life]:
        chosen = lives[-2:-1] if self.wishes.previous else lives
        return [life for life in chosen if self.wishes.choice.has(life)]

    def _take_life(self, known: list[_Log], life: Life, most: int) -> None:
        same = (one for one in reversed(known) if one.life.uid in {life.uid, ""} or not life.uid)
        log = next(same, None)
        if log is None:
            if known and self._has_looked:
                self._restarted.append(life.name)
            start = self._start(life)
            reader = Reader(self.source.ask(life), start, most, self._service)
            log = _Log(life, Position(reader, start))
            log.position.on_gap = lambda window: self._tell_gap(life, window)
            known.append(log)
        elif log.life != life:
            log.life = life
            log.position.reader.ask = self.source.ask(life)
        if log.over is None and (life.is_over or self.run.is_terminal):
            log.over = self.source.now(), self.clock.monotonic()

    def _tell_restarts(self) -> None:
        """The pods that were restarted since the last look, most often all of them at once, are told."""
        names, self._restarted = self._restarted, []
        if not names:
            return
        some = ", ".join(names[:_MOST_NAMES])
        more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
        self.tell(f"restarted: {some}{more}: what follows is from a new life")

    def _start(self, life: Life) -> int:
        created = life.created or moment(self.run.created) or _BEGINNING
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
        there = ", ".join(f"{life.name} ({life.role})" for life in pods[:_MOST_TOLD])
        more = f" and {len(pods) - _MOST_TOLD} more" if len(pods) > _MOST_TOLD else ""
        raise DlcapplyError(f"{self.run.name} has no such pod", hint=f"its pods: {there}{more}")

    def _all_of(self, logs: Sequence[_Log]) -> Iterator[PodLine]:
        """All lines of one pod so far."""
        if self.wishes.tail is None:
            for log in logs:
                yield from self._read(log)
        else:
            yield from self._tailed(logs, self.wishes.tail)
        self.missing.update(log.life.name for log in logs if log.trouble)

    def _new_of(self, logs: Sequence[_Log]) -> Iterator[PodLine]:
        """What is new of one pod: a life is read to its end before the next begins."""
        pod_id = logs[0].life.pod_id
        if pod_id in self._to_tail:
            yield from self._tailed(logs, self.wishes.tail or 0)
            if not logs[-1].trouble:
                self._to_tail.remove(pod_id)
            return
        for log in logs:
            if not log.is_settled:
                yield from self._read(log)
                log.is_settled = self._has_settled(log)
            if not log.is_settled:
                return

    def _tailed(self, logs: Sequence[_Log], count: int) -> Iterator[PodLine]:
        """The newest lines of one pod, of its earlier lives too where the newest has fewer."""
        found: list[PodLine] = []
        for log in reversed(logs):
            newest = partial(log.position.newest_lines, count - len(found))
            found = [*self._guarded(log, newest), *found]
            if log.trouble:
                break
            log.is_settled = log is not logs[-1]
        yield from found

    def _read(self, log: _Log) -> Iterator[PodLine]:
        yield from self._guarded(log, log.position.new_lines)

    def _guarded(self, log: _Log, read: Callable[[int], Iterable[TextLine]]) -> Iterator[PodLine]:
        """The lines; a call that fails ends them for now, and is told once."""
        try:
            for line in read(self.source.now()):
                yield PodLine(log.life, line)
        except ServiceError as error:
            if error.status in _NOT_ALLOWED:
                raise
            if log.trouble is None:
                self.tell(f"{log.life.name}: its log can't be read now: {error.message}")
            log.trouble = error
        else:
            if log.trouble is not None:
                self.tell(f"{log.life.name}: its log can be read again")
            log.trouble = None

    def _has_settled(self, log: _Log) -> bool:
        """Whether nothing is to come any more: all was read when no line of its life could be late."""
        if log.over is None:
            return False
        noticed, since = log.over
        ended = noticed if log.life.ended is None else int(log.life.ended.timestamp())
        waited = self.clock.monotonic() - since
        if log.trouble is None:
            read = log.position.read
            return waited >= LAG or (read is not None and read >= min(ended, noticed) + LAG)
        if waited < 2 * LAG:
            return False
        self.missing.add(log.life.name)
        return True

    def _is_done(self) -> bool:
        if not self.run.is_terminal or self._to_tail:
            return False
        return all(log.is_settled for logs in self._pods.values() for log in logs)

    def _tell_gap(self, life: Life, window: Window) -> None:
        at = datetime.fromtimestamp(window.start, UTC)
        self.missing.add(life.name)
        self.tell(
            f"{life.name}: LINES ARE MISSING at {at:%Y-%m-%d %H:%M:%S} UTC: PAI gives only the newest "
            f"{len(window.lines):,} lines of a second, and there are or may be more"
        )


def _merged(streams: Iterable[Iterator[PodLine]]) -> Iterator[PodLine]:
    """The lines of all in the order of time; those without one stay behind the line before them."""
    timed = merge(*map(_timed, streams), key=lambda pair: pair[0])
    return (told for _, told in timed)


def _timed(lines: Iterator[PodLine]) -> Iterator[tuple[datetime, PodLine]]:
    latest = _BEGINNING
    for told in lines:
        latest = max(latest, told.line.at or latest)
        yield latest, told
