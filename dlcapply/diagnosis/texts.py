"""Lines as detectors read them: where each comes from, and what of it is no news."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from dlcapply.diagnosis.facts import Source
from dlcapply.diagnosis.verdicts import Evidence
from dlcapply.model.names_in_texts import names_pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from dlcapply.diagnosis.facts import Facts, Pod, Request, Said

_BREAK = re.compile(r"[\r\n]+")
# What is read of a line, in characters, and of all lines of one source: the more they have, the less of each.
# Of a longer one more of its end: a progress bar is one line, and its program's last word stands behind it.
_LONGEST, _LEAST, _MOST_OF_ALL = 4_000, 240, 64_000
_HEAD = 4  # a quarter


class Statement(NamedTuple):
    """A line and its source; `bare` is what detectors read: without the names that somebody chose."""

    source: Source
    text: str
    bare: str
    at: datetime | None = None
    pod: str = ""

    @property
    def evidence(self) -> Evidence:
        return Evidence(self.source, self.text, self.at, self.pod)


class Scribe:
    """Makes statements of a run's texts: a job may be called `oom`, and its image `unauthorized:403`."""

    def __init__(self, facts: Facts) -> None:
        chosen = (*facts.request.images, *_commands(facts.request))
        self._names = names_pattern(facts.name, chosen)
        self._facts = facts

    def of_run(self) -> Iterator[Statement]:
        """The service's own words about the run: its history, then the reason of its status."""
        facts = self._facts
        for move in facts.history:
            said = ": ".join(filter(None, (move.code, move.message)))
            yield self._statement(Source.HISTORY, f"{move.status} ({said})" if said else move.status, move.at)
        if said := ": ".join(filter(None, (facts.reason_code, facts.reason))):
            yield self._statement(Source.STATUS, said, facts.entered(facts.status))

    def of_restarts(self) -> Iterator[Statement]:
        for one in self._facts.restarts:
            yield self._statement(Source.RESTARTS, one.reason, one.at)

    def of_job_events(self) -> Iterator[Statement]:
        return self._all(Source.JOB_EVENTS, self._facts.job_events)

    def of_pod_events(self, pod: Pod) -> Iterator[Statement]:
        return self._all(Source.POD_EVENTS, self._facts.pod_events.get(pod.pod_id, ()), pod.pod_id)

    def of_logs(self, pod: Pod) -> Iterator[Statement]:
        """What it printed, line by line: an entry may hold a whole traceback, or a bar that was redrawn."""
        entries = self._facts.logs.get(pod.pod_id, ())
        lines = (replace(one, text=text) for one in entries for text in _BREAK.split(one.text))
        return self._all(Source.POD_LOGS, lines, pod.pod_id)

    def _all(self, source: Source, lines: Iterable[Said], pod: str = "") -> Iterator[Statement]:
        told = list(lines)
        most = _most_of_each([len(line.text) for line in told])
        return (self._statement(source, line.text, line.at, pod, most=most) for line in told)

    def _statement(
        self, source: Source, text: str, at: datetime | None, pod: str = "", *, most: int = _LONGEST
    ) -> Statement:
        read = _shortened(text, most)
        return Statement(source, text, self._names.sub(" ", read) if self._names else read, at, pod)


def _most_of_each(lengths: Sequence[int]) -> int:
    """How much is read of each line, so that all of them stay within what is read of one source."""
    if sum(min(length, _LONGEST) for length in lengths) <= _MOST_OF_ALL:
        return _LONGEST
    return min(max(_MOST_OF_ALL // len(lengths), _LEAST), _LONGEST)


def _shortened(text: str, most: int) -> str:
    head = most // _HEAD
    return text if len(text) <= most else f"{text[:head]} {text[head - most :]}"


def _commands(request: Request) -> list[str]:
    """The command and its lines: programs and the service repeat what they were started with."""
    return [request.command, *request.command.split("\n")]


def about_pod(statements: Iterable[Statement], pod: Pod) -> list[Statement]:
    """Those of the run's statements that name the pod."""
    whole = re.compile(rf"(?<![\w-]){re.escape(pod.pod_id)}(?![\w-])")
    return [one for one in statements if whole.search(one.text)]


def sub_status_of(pod: Pod) -> Statement:
    """The pod's status as the service shows it."""
    text = ", ".join(filter(None, (pod.status, pod.sub_status)))
    return Statement(Source.PODS, text, text, pod.finished, pod.pod_id)
