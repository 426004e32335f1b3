"""A log as some service might keep it: every reading of what the documents leave open."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import groupby

from dlcapply.cloud.pod_texts import log_line
from dlcapply.errors import FailureKind, ServiceError

WHOLE, PARTS = "whole seconds", "parts of a second"
CLOSED, OPEN, THROUGH = "the end's moment", "nothing of the end", "all of the end's second"


class KeptLog:
    """Lines, each with when it happened and when it shows; `calls` are the windows that were asked for.

    Of an answer no more than `most` lines come, whatever is asked for; where `refuses`, asking for more is an
    error. `failing` calls from now on fail.
    """

    def __init__(self, *, end=CLOSED, keeps=PARTS, most=None, refuses=False):
        self.end, self.keeps, self.most, self.refuses = end, keeps, most, refuses
        self.lines = []  # (time, shows at, text)
        self.now = 0.0
        self.calls = []
        self.failing = 0

    def add(self, at, text, *, lag=0.0, prefix=True):
        told = f"{datetime.fromtimestamp(int(at), UTC):%Y-%m-%d %H:%M:%S}  {text}" if prefix else text
        kept = float(int(at)) if self.keeps == WHOLE else at
        self.lines.append((kept, at + lag, told))
        self.lines.sort(key=lambda line: line[0])  # stable: as they came within a moment

    def texts(self, since=0.0):
        return [text for at, shows, text in self.lines if at >= since and shows <= self.now]

    def ask(self, start, end, most):
        self.calls.append((start, end, most))
        if self.failing:
            self.failing -= 1
            raise ServiceError("no answer", kind=FailureKind.AMBIGUOUS)
        if self.refuses and self.most and most > self.most:
            raise ServiceError("too many", kind=FailureKind.REFUSED, code="InvalidParameter", status=400)
        found = [text for at, shows, text in self.lines if shows <= self.now and self._holds(start, at, end)]
        return [log_line(text) for text in found[-min(most, self.most or most) :]]

    def _holds(self, start, at, end):
        if end is None:
            return start <= at
        limit = {CLOSED: at <= end, OPEN: at < end, THROUGH: int(at) <= end}
        return start <= at and limit[self.end]

    def fullest_second(self):
        """The most lines from one second to the next, both of them counted where a window may hold both."""
        seconds = {int(at): len(list(group)) for at, group in groupby(self.lines, lambda one: int(one[0]))}
        return max((seconds[at] + seconds.get(at + 1, 0) for at in seconds), default=0)
