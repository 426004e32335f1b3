"""How far one log has been read: what was told, what may still come late, and nothing else."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dlcapply.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from dlcapply.model.texts import TextLine
    from dlcapply.operating.log_windows import Reader, Window

# How late a line may be listed, in seconds of the service: no document says so.
LAG = 30
_MOST_REMEMBERED = 100_000


@dataclass(slots=True)
class Position:
    """A place in a log: all lines before the second `at` were told, and of those since the ones in `seen`.

    Lines since `at` are read again and again, as some are listed late. Of them only hashes are kept, and how
    often each came: lines that are alike are told as often as they are there. `before` are the lines of the
    window that ended at `at`, until the next was read. `read` is the service's time at which all was read.
    """

    reader: Reader
    at: int
    on_gap: Callable[[Window], None] = lambda _: None
    lag: int = LAG
    read: int | None = None
    seen: Counter[int] = field(default_factory=Counter)
    before: Sequence[TextLine] = ()
    _last_gap: int = -2

    def new_lines(self, now: int) -> Iterator[TextLine]:
        """The lines not told yet, in the order of time but for late ones; `now` is the service's time.

        Raises ServiceError; what came until then counts as told.
        """
        is_time_to_move = self.read is not None and now - self.lag - self.at >= self.lag
        window = None if is_time_to_move else self.reader.newest_window(self.at, self.before)
        if window is not None:
            yield from self._recent([window])
        else:
            yield from self._settled(now - self.lag)
            yield from self._recent(self.reader.rest(self.at, now, self.before))
        self.read = now

    def newest_lines(self, count: int, now: int) -> Iterator[TextLine]:
        """The newest lines, so many; all others count as told. Raises ServiceError, and then none does."""
        before = self.at
        try:
            lines = self._newest(count, now)
        except ServiceError:
            self.at, self.before, self.seen = before, (), Counter()
            raise
        self.read = now
        yield from lines

    def _newest(self, count: int, now: int) -> Sequence[TextLine]:
        recent = max(self.at, now - self.lag)
        self.before = self.reader.newest(self.at, recent, count)
        self.at = recent
        lines = deque(self.before, maxlen=count)
        lines.extend(self._recent(self.reader.rest(recent, now, self.before)))
        return lines

    def _settled(self, until: int) -> Iterator[TextLine]:
        """What is new up to a time after which no line is late."""
        for window in self.reader.windows(self.at, until, self.before):
            self._check(window)
            yield from self._unseen(window.lines)
            self.at, self.before = until if window.end is None else window.end, window.whole

    def _recent(self, windows: Iterable[Window]) -> Iterator[TextLine]:
        """What is new in all windows since `at`; their lines are those that are remembered."""
        remembered: Counter[int] = Counter()
        is_whole = False
        try:
            for window in windows:
                self._check(window)
                lines = window.lines if remembered else window.whole
                remembered.update(hash(line.raw) for line in lines)
                self.before = ()
                yield from self._unseen(window.lines)
            is_whole = True
        finally:
            self.seen = remembered if is_whole else self.seen + remembered
        if remembered.total() > _MOST_REMEMBERED:
            self.lag = max(1, self.lag // 2)

    def _unseen(self, lines: Iterable[TextLine]) -> Iterator[TextLine]:
        for line in lines:
            key = hash(line.raw)
            if self.seen[key] > 0:
                self.seen[key] -= 1
            else:
                yield line

    def _check(self, window: Window) -> None:
        """A second with a gap is told once, though two windows may have it, and later ones again."""
        if window.gap and window.start > self._last_gap + 1:
            self.on_gap(window)
        if window.gap:
            self._last_gap = max(self._last_gap, window.start)
