"""The log of one life of a pod, and how reading it fares: calls that fail, gaps, its end."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

from dlcapply.errors import ServiceError
from dlcapply.operating.log_position import LAG, Position
from dlcapply.operating.log_windows import Reader, Service

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from dlcapply.model.texts import TextLine
    from dlcapply.operating.log_windows import Ask, Window
    from dlcapply.operating.pod_lives import Life

_NOT_ALLOWED = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})


@dataclass(frozen=True, slots=True)
class PodLine:
    """A line, and the life of the pod that printed it."""

    life: Life
    line: TextLine


@dataclass(slots=True)
class PodLog:
    """One life's log; `tell` is told what goes wrong, once.

    `is_settled` says that nothing is to come any more, `lacks_lines` that some could not be had, `trouble`
    why the latest read failed. `over` is when its end was noticed, by the service's time and by ours.
    """

    life: Life
    position: Position
    tell: Callable[[str], None]
    over: tuple[int, float] | None = None
    is_settled: bool = False
    lacks_lines: bool = False
    trouble: ServiceError | None = field(default=None, init=False)

    @classmethod
    def begun(
        cls,
        life: Life,
        ask: Ask,
        start: int,
        *,
        most: int,
        service: Service,
        tell: Callable[[str], None],
    ) -> PodLog:
        """The log from the second `start` on; `most` lines are asked for at once."""
        log = cls(life, Position(Reader(ask, start, most, service), start), tell)
        log.position.on_gap = log.note_gap
        return log

    def goes_by(self, life: Life, ask: Ask) -> None:
        """The life as it is now, and how it is asked about."""
        self.life = life
        self.position.reader.ask = ask

    def new_lines(self, now: int) -> Iterator[PodLine]:
        """The lines not read yet; raises ServiceError only where nobody may read them."""
        return self._guarded(self.position.new_lines(now))

    def newest_lines(self, count: int, now: int) -> Iterator[PodLine]:
        """The newest lines, so many; all others count as read."""
        return self._guarded(self.position.newest_lines(count, now))

    def _guarded(self, lines: Iterable[TextLine]) -> Iterator[PodLine]:
        """The lines; a call that fails ends them for now."""
        try:
            for line in lines:
                yield PodLine(self.life, line)
        except ServiceError as error:
            if error.status in _NOT_ALLOWED:
                raise
            if self.trouble is None:
                self.tell(f"{self.life.name}: its log can't be read now: {error.message}")
            self.trouble = error
        else:
            if self.trouble is not None:
                self.tell(f"{self.life.name}: its log can be read again")
            self.trouble = None

    def settle(self, end: datetime | None, monotonic: float) -> None:
        """It is settled where all was read when no line could be late any more, or can't be read for long.

        `end` is when the run ended, for a life of which nobody tells that.
        """
        if self.over is None:
            return
        noticed, since = self.over
        waited = monotonic - since
        if self.trouble is not None:
            self.is_settled = waited >= 2 * LAG
            self.lacks_lines |= self.is_settled
            return
        told = self.life.ended or end
        ended = min(noticed, int(told.timestamp())) if told else noticed
        read = self.position.read
        # A service whose clock stands still is not waited for.
        self.is_settled = waited >= LAG or (read is not None and read >= ended + LAG)

    def note_gap(self, window: Window) -> None:
        """Some lines of a second can't be had."""
        known = next((line.at for line in window.lines if line.at), datetime.fromtimestamp(window.start, UTC))
        self.lacks_lines = True
        self.tell(
            f"{self.life.name}: LINES ARE MISSING at {known:%Y-%m-%d %H:%M:%S} UTC: "
            f"PAI gives only the newest {len(window.whole):,} lines of a second, and there are or may be more"
        )
