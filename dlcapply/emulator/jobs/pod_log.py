"""Everything that one pod has printed in one life, without printing all of it where a part is asked for."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from dlcapply.emulator.clock import text_time
from dlcapply.emulator.jobs.causes.last_words import SILENT, aftermath, last_words
from dlcapply.emulator.jobs.causes.outcomes import OUTCOMES
from dlcapply.emulator.jobs.causes.training import chatter, farewell, opening
from dlcapply.emulator.jobs.lifecycle import FAILED, RECLAIMED, SUCCEEDED
from dlcapply.emulator.jobs.scenes import scene_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from dlcapply.emulator.answers import JsonObject
    from dlcapply.emulator.jobs.causes.scene import Scene
    from dlcapply.emulator.jobs.lifecycle import Move
    from dlcapply.emulator.jobs.pods import PodLife
    from dlcapply.emulator.jobs.table import Job
    from dlcapply.emulator.world.world import Lifecycle

_ROWS_PER_SHARD = 4096
_STEPS_PER_EPOCH = 100
_SHARD_JOBS = frozenset({"DataJuicerJob", "RayJob"})


class Line(NamedTuple):
    """A line and its place: at one time the opening comes first, the last words last."""

    at: float
    part: int
    number: int
    text: str

    def __str__(self) -> str:
        return f"{text_time(self.at)}  {self.text}"


_order = attrgetter("at", "part", "number")


@dataclass(frozen=True, slots=True)
class PodLog:
    """The log of a pod: some lines that are known, and `rate` a second from `started` until `until`."""

    started: float
    until: float
    rate: float
    line: Callable[[int], str]
    known: tuple[Line, ...]

    def newest(self, wanted: int, start: float, end: float) -> list[Line]:
        """The newest `wanted` lines of those from `start` to `end`, in the order of time."""
        known = [one for one in self.known if start <= one.at <= end]
        numbers = self._numbers(start, end)
        first = max(numbers.start, numbers.stop - wanted)
        printed = (self._printed(number) for number in range(first, numbers.stop))
        return sorted((*known, *printed), key=_order)[-wanted:]

    def all(self) -> Iterator[Line]:
        """Every line, in the order of time; they are made while they are read."""
        waiting = sorted(self.known, key=_order, reverse=True)
        for number in self._numbers(-math.inf, math.inf):
            line = self._printed(number)
            while waiting and _order(waiting[-1]) < _order(line):
                yield waiting.pop()
            yield line
        yield from reversed(waiting)

    def _printed(self, number: int) -> Line:
        return Line(self._time(number), 1, number, self.line(number))

    def _time(self, number: int) -> float:
        return self.started + number / self.rate

    def _numbers(self, start: float, end: float) -> range:
        """The numbers of the lines from `start` to `end`; times are compared as they are told."""
        if self.rate <= 0:
            return range(0)
        end = min(end, self.until)
        first = max(1, math.ceil((max(start, self.started) - self.started) * self.rate) - 1)
        last = math.floor((end - self.started) * self.rate) + 1
        while first <= last and self._time(first) < start:
            first += 1
        while last >= first and self._time(last) > end:
            last -= 1
        return range(first, last + 1)


def pod_log(
    job: Job,
    body: JsonObject,
    rank: int,
    own: PodLife,
    rules: Lifecycle,
    now: float,
    extra: Iterable[tuple[float, str]] = (),
) -> PodLog | None:
    """What the pod at `rank` has printed by `now`; None before its container has started.

    `extra` are lines that something from outside has made it print.
    """
    life = own.life
    if life.started is None:
        return None
    scene, until = scene_of(job, body, rank, life), now if own.ended is None else min(own.ended, now)
    known = [*_parts(life.started, 0, _opening(scene)), *(Line(at, 2, 0, text) for at, text in extra)]
    if own.ended is not None:
        known += _parts(own.ended, 3, _ending(scene, own))
    is_silent = scene.cause in SILENT
    quiet = min(until, life.quiet or until, until if life.ended is None else life.ended)
    return PodLog(
        started=life.started,
        until=life.started if is_silent else quiet,
        rate=rules.log_lines_per_second,
        line=_line(scene, body["JobType"], rules),
        known=tuple(line for line in known if line.at <= until),
    )


def _parts(at: float, part: int, texts: Iterable[str]) -> Iterator[Line]:
    return (Line(at, part, number, text) for number, text in enumerate(texts))


def _opening(scene: Scene) -> tuple[str, ...]:
    if scene.cause and scene.cause not in SILENT:
        return opening(scene)
    return (f"Started: {scene.command.partition(chr(10))[0]}",)


def _line(scene: Scene, job_type: str, rules: Lifecycle) -> Callable[[int], str]:
    """What the line of a number says: where nothing special is asked for, a loss that falls by the second."""
    if scene.cause or rules.log_lines_per_second != 1:
        return chatter
    return lambda number: _progress_line(job_type, number)


def _progress_line(job_type: str, second: int) -> str:
    if job_type in _SHARD_JOBS:
        return f"shard {second} done, {second * _ROWS_PER_SHARD} rows"
    loss = 0.2 + 2.1 * math.exp(-second / 20)
    if job_type == "XGBoostJob":
        return f"[{second}] train-rmse:{loss:.5f}"
    return f"epoch {second} step {second * _STEPS_PER_EPOCH} loss {loss:.4f}"


_TOLD_CODE = re.compile(r"exited with code (\d+)")
# What programs print on their way to an exit code; Alibaba's own diagnosis of failed jobs names the codes.
_LAST_WORDS = {
    126: "bash: permission denied",
    127: "bash: command not found",
    137: "Killed",
    138: "User defined signal 1",
    139: "Segmentation fault (core dumped)",
    140: "User defined signal 2",
    143: "Received SIGTERM; shutting down.",
    245: "[E ProcessGroupNCCL.cpp] Watchdog caught collective operation timeout.",
    255: "ssh: connect to host: Connection refused",
}


def _ending(scene: Scene, own: PodLife) -> tuple[str, ...]:
    life = own.life
    if life.is_struck and (own.is_first or OUTCOMES[scene.cause].is_collective):
        return last_words(scene)
    if life.is_struck and own.exit_code != 0:
        return aftermath(scene, own.exit_code)
    if scene.cause and life.move.status in SUCCEEDED:
        return farewell()
    return _plain_ending(life.move)


def _plain_ending(last: Move) -> tuple[str, ...]:
    if last.status in SUCCEEDED:
        return ("Finished: everything is saved.",)
    if last.status not in {*FAILED, "Restarting"} or last.message == RECLAIMED:
        return ("Received SIGTERM; shutting down.",)
    told = _TOLD_CODE.search(last.message)
    code = int(told[1]) if told else 1
    if code in _LAST_WORDS:
        return (_LAST_WORDS[code],)
    return (
        "Traceback (most recent call last):",
        f"subprocess.CalledProcessError: the command returned non-zero exit status {code}.",
    )
