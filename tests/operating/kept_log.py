"""A log as some service might keep it: every reading of what the documents leave open."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from datetime import UTC, datetime
from itertools import groupby

from dlcapply.cloud.pod_texts import log_line
from dlcapply.errors import FailureKind, ServiceError

WHOLE, PARTS = "whole seconds", "parts of a second"
CLOSED, OPEN, THROUGH = "the end's moment", "nothing of the end", "all of the end's second"


class KeptLog:
    """Lines, each with when it happened and when it shows; `calls` are the windows that were asked for.

    Of an answer no more than `most` lines come, whatever is asked for; where `refuses`, asking for more is an
    error, and where there are `no_instants`, asking for one moment. `failing` calls from now on fail, and of
    each number of calls in `empty_at` the answer is empty.
    """

    def __init__(self, *, end=CLOSED, keeps=PARTS, most=None, refuses=False, no_instants=False):
        self.end, self.keeps, self.most, self.refuses = end, keeps, most, refuses
        self.no_instants = no_instants
        self.lines = []  # (time, shows at, text)
        self.now = 0.0
        self.calls = []
        self.failing = 0
        self.empty_at = frozenset()

    def add(self, at, text, *, lag=0.0, prefix=True):
        told = f"{datetime.fromtimestamp(int(at), UTC):%Y-%m-%d %H:%M:%S}  {text}" if prefix else text
        kept = float(int(at)) if self.keeps == WHOLE else at
        insort(self.lines, (kept, at + lag, told), key=_time)  # within a moment as they came

    def texts(self, since=0.0):
        return [text for at, shows, text in self.lines if at >= since and shows <= self.now]

    def ask(self, start, end, most):
        self.calls.append((start, end, most))
        if len(self.calls) in self.empty_at:
            return []
        if self.failing:
            self.failing -= 1
            raise ServiceError("no answer", kind=FailureKind.AMBIGUOUS)
        if (self.refuses and self.most and most > self.most) or (self.no_instants and start == end):
            raise ServiceError("too many", kind=FailureKind.REFUSED, code="InvalidParameter", status=400)
        shown = (text for _, shows, text in self.lines[self._part(start, end)] if shows <= self.now)
        return [log_line(text) for text in list(shown)[-min(most, self.most or most) :]]

    def _part(self, start, end):
        first = bisect_left(self.lines, start, key=_time)
        if end is None:
            return slice(first, None)
        if self.end == CLOSED:
            return slice(first, bisect_right(self.lines, end, key=_time))
        return slice(first, bisect_left(self.lines, end if self.end == OPEN else end + 1, key=_time))

    def may_seem_cut(self, most):
        """Whether a second has as many lines as are asked for at once: no more of them come then either."""
        around = sorted({int(at) + step for at, *_ in self.lines for step in (-1, 0)})
        return any(len(self.lines[self._part(at, at + 1)]) == most for at in around)

    def fullest_second(self):
        """The most lines from one second to the next, both of them counted where a window may hold both."""
        seconds = {int(at): len(list(group)) for at, group in groupby(self.lines, lambda one: int(one[0]))}
        return max((seconds[at] + seconds.get(at + 1, 0) for at in seconds), default=0)


def _time(line):
    return line[0]
