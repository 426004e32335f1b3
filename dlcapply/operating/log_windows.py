"""A log read through windows of time: every line once, whatever the service leaves open.

An answer holds the newest lines of a window, up to a number of them. So one that may be full is asked for
again in halves, down to a second. What no document says is found out: whether a window holds the very second
at which it ends, whether lines are kept by parts of a second, and whether the service gives as many lines
as it was asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import TYPE_CHECKING

from dlcapply.errors import TOO_LARGE, FailureKind, ServiceError
from dlcapply.model.texts import TextLine
from dlcapply.planning.readable import HINT, UNREADABLE

if TYPE_CHECKING:
    from collections.abc import Iterator

# The newest lines from the second `start` on, up to `end` or to now, at most so many, the oldest first.
Ask = Callable[[int, int | None, int], Sequence[TextLine]]

USUAL = 2_000  # MaxLines where it is not sent (SDK): no service gives fewer and keeps to its documents
_HIGHEST = 1_000_000  # what is asked for of one second; PAI's own maximum is not documented
_MORE = 10
_FEW = 50  # the lowest number of lines that anybody would cut answers at
_FARTHEST = 1 << 17  # seconds beyond its own time that a service may have lines of
_WIDEN, _NARROW = 8, 2


@dataclass(frozen=True, slots=True)
class Window:
    """Every line from `start` to `end`, but those that the window before it had; to now, where `end` is None.

    `shared` are these. Of one with a `gap`, only the newest lines are known.
    """

    start: int
    end: int | None
    lines: Sequence[TextLine]
    shared: Sequence[TextLine] = ()
    gap: bool = False

    @property
    def whole(self) -> Sequence[TextLine]:
        return (*self.shared, *self.lines)


@dataclass(slots=True)
class Service:
    """What was found out about the service: how many lines its longest answer had.

    `cut` is the number of lines that it surely cuts answers at, 0 where none is known.
    """

    longest: int = 0
    cut: int = 0

    def has_given(self, count: int) -> None:
        self.longest = max(self.longest, count)
        self.cut = 0 if count > self.cut else self.cut


@dataclass(frozen=True, slots=True)
class _Answer:
    lines: Sequence[TextLine]
    is_full: bool  # there may be older lines
    is_cut: bool = False  # it has fewer lines than were asked for
    is_stuck: bool = False  # it has as many as before, though more were asked for


@dataclass(slots=True)
class Reader:
    """Reads one log; `most` lines are asked for at once, and `beginning` is before the first of them."""

    ask: Ask
    beginning: int
    most: int = USUAL
    service: Service = field(default_factory=Service)

    def windows(self, start: int, end: int, before: Sequence[TextLine] = ()) -> Iterator[Window]:
        """All lines from `start` to `end`, in windows; `before` are those of the window that ended there."""
        at, step = start, end - start
        while at < end:
            until = min(at + step, end)
            found = self._window(at, until)
            if found is None:
                step = max(1, (until - at) // _NARROW)
                continue
            shared = self._shared(before, found.lines, at)
            yield Window(at, until, found.lines[shared:], found.lines[:shared], gap=found.gap)
            at, before = until, found.lines
            step = self._next_step(step, len(found.lines))

    def newest_window(
        self, start: int, before: Sequence[TextLine] = (), *, is_last: bool = False
    ) -> Window | None:
        """All lines since `start`; None where one answer can't hold them.

        Unless it `is_last`, the same is asked again, and sooner or later more surely.
        """
        answer = self._asked(start, None, self.most, is_last=is_last or start <= self.beginning)
        if answer.is_full:
            return None
        shared = self._shared(before, answer.lines, start)
        return Window(start, None, answer.lines[shared:], answer.lines[:shared])

    def rest(self, start: int, now: int, before: Sequence[TextLine] = ()) -> Iterator[Window]:
        """All lines since `start`, in windows, the last of which has no end; `now` is the service's time."""
        at, beyond = start, 1
        while (last := self.newest_window(at, before, is_last=True)) is None:
            if at > now + _FARTHEST:
                raise _endless(at)
            until = max(now, at + beyond)
            for window in self.windows(at, until, before):
                before = window.whole
                yield window
            at, beyond = until, beyond * 2
        yield last

    def newest(self, start: int, end: int, count: int) -> Sequence[TextLine]:
        """The newest `count` lines from `start` to `end`."""
        if count <= 0 or start >= end:
            return ()
        answer = self._asked(start, end, min(count, self.most))
        if len(answer.lines) >= count or not answer.is_full:
            return answer.lines[-count:]
        if end - start == 1:
            found = self._second(start, answer)
            return found.lines[-count:]
        middle = start + (end - start) // 2
        right = self.newest(middle, end, count)
        if len(right) >= count:
            return right
        left = self.newest(start, middle, count)
        return (*left, *right[self._shared(left, right, middle) :])[-count:]

    def _window(self, start: int, end: int) -> Window | None:
        """The whole window, as far as the service gives it; None for one to be asked for in parts."""
        answer = self._asked(start, end, self.most)
        if not answer.is_full:
            return Window(start, end, answer.lines)
        return self._second(start, answer) if end - start == 1 else None

    def _second(self, start: int, answer: _Answer) -> Window:
        """The lines from one second to the next, of which the answer may have only the newest."""
        answer = self._with_more(start, start + 1, answer)
        if not answer.is_full or (answer.is_cut and not self._cuts_at(answer)):
            return Window(start, start + 1, answer.lines)
        lines = self._by_seconds(start, answer.lines)
        return Window(start, start + 1, answer.lines if lines is None else lines, gap=lines is None)

    def _with_more(self, start: int, end: int, answer: _Answer) -> _Answer:
        """The answer with as many lines as the service gives."""
        asked = self.most
        while answer.is_full and not answer.is_cut and asked < _HIGHEST:
            asked = min(asked * _MORE, _HIGHEST)
            try:
                more = self._asked(start, end, asked)
            except ServiceError as error:
                if error.kind is not FailureKind.REFUSED:
                    raise
                return answer
            if not more.lines:  # they are too many for one answer
                return answer if answer.lines else self._with_fewer(start, end)
            has_grown = len(more.lines) > len(answer.lines)
            answer = more if has_grown else replace(answer, is_cut=True, is_stuck=True)
        return answer

    def _with_fewer(self, start: int, end: int) -> _Answer:
        asked = self.most
        while not (answer := self._asked(start, end, asked)).lines and asked > 1:
            asked //= 2
        return _Answer(answer.lines, is_full=True)

    def _by_seconds(self, start: int, newest: Sequence[TextLine]) -> Sequence[TextLine] | None:
        """The lines of the two seconds, each asked for alone; None unless they surely are all.

        They are where the service keeps whole seconds, and an answer holds one of them and not both.
        """
        try:
            first, second = (self._asked(at, at, self.most) for at in (start, start + 1))
        except ServiceError as error:
            if error.kind is not FailureKind.REFUSED:
                raise
            return None
        lines = (*first.lines, *second.lines)
        is_whole = not (first.is_full or second.is_full) and len(lines) >= len(newest)
        return lines if is_whole and list(lines[-len(newest) :]) == list(newest) else None

    def _cuts_at(self, answer: _Answer) -> bool:
        """Whether the service gives so many lines and no more: then it does so of the whole log too."""
        count = len(answer.lines)
        if count == self.service.cut or (longest := self._longest_answer()) is None:
            return True
        is_limit = answer.is_stuck or count == USUAL
        return len(longest) == count and (is_limit or list(longest) != list(answer.lines))

    def _asked(self, start: int, end: int | None, most: int, *, is_last: bool = True) -> _Answer:
        try:
            lines = self.ask(start, end, most)
            if is_last and not lines and start != end:  # one answer alone does not make it empty
                lines = self.ask(start, end, most)
        except ServiceError as error:
            if error.code == TOO_LARGE:
                return _Answer((), is_full=True)
            if error.status == HTTPStatus.BAD_REQUEST and USUAL < most <= self.most:
                self.most = USUAL
                return self._asked(start, end, USUAL)
            raise
        is_cut = len(lines) < most and self._is_cut(lines, is_all=end is None and start <= self.beginning)
        self.service.has_given(len(lines))
        return _Answer(lines, is_full=is_cut or len(lines) >= most, is_cut=is_cut)

    def _is_cut(self, lines: Sequence[TextLine], *, is_all: bool) -> bool:
        """Whether the service may have given fewer lines than it was asked for: a round number of them.

        None of its answers had more so far, and none of a wider window has; `is_all` where there is no wider.
        """
        count, service = len(lines), self.service
        is_round = count % _FEW == 0 or count & (count - 1) == 0
        if count < max(_FEW, service.longest) or not is_round:
            return False
        if is_all or count in {service.cut, USUAL} or (longest := self._longest_answer()) is None:
            return True
        if len(longest) == count and list(longest) != list(lines):
            service.cut = count
        return len(longest) <= count

    def _longest_answer(self) -> Sequence[TextLine] | None:
        """As much of the whole log as the service gives; None where it gives none of it."""
        try:
            lines = self.ask(self.beginning, None, self.most * _MORE)
        except ServiceError as error:
            if error.code == TOO_LARGE or error.kind is FailureKind.REFUSED:
                return None
            raise
        self.service.has_given(len(lines))
        return lines

    def _shared(self, before: Sequence[TextLine], lines: Sequence[TextLine], at: int) -> int:
        """How many of the lines the window before has too: those of the second `at`, if it holds that.

        Alike they may be for other reasons, where no time of the service tells them apart: then it is asked.
        """
        alike = _overlap(before, lines)
        if alike == 0 or lines[0].has_services_time:
            return alike
        try:
            there = self._asked(at, at, self.most)
        except ServiceError as error:
            if error.kind is not FailureKind.REFUSED:
                raise
            return 0  # rather once more than not at all
        return alike if there.is_full else min(len(there.lines), alike)

    def _next_step(self, step: int, count: int) -> int:
        """The width of the next window, which is to hold half of what an answer can."""
        fitting = step * self.most // (2 * max(count, 1))
        return max(1, step // _NARROW, min(fitting, step * _WIDEN))


def _overlap(before: Sequence[TextLine], lines: Sequence[TextLine]) -> int:
    """How many lines at the end of one are those at the beginning of the other, at most."""
    if not before or not lines:
        return 0
    last, first = before[-1].raw, lines[0].raw
    for count in range(min(len(before), len(lines)), 0, -1):
        is_candidate = lines[count - 1].raw == last and before[-count].raw == first
        if is_candidate and _are_alike(before, lines, count):
            return count
    return 0


def _are_alike(before: Sequence[TextLine], lines: Sequence[TextLine], count: int) -> bool:
    start = len(before) - count
    return all(before[start + at].raw == lines[at].raw for at in range(count))


def _endless(at: int) -> ServiceError:
    return ServiceError(
        f"the service has lines for {at} seconds since 1970, long after its own time",
        kind=FailureKind.AMBIGUOUS,
        code=UNREADABLE,
        hint=HINT,
    )
