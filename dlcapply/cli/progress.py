"""What happens while an apply or a wait goes on, on stderr: a live view on a terminal, or lines."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import click

from dlcapply.api.waiting.rows import watched_rows
from dlcapply.cli.live import Drawn, Live
from dlcapply.cli.log_output import Prefixes, rows_of
from dlcapply.cli.shell import is_colored
from dlcapply.cli.streams import stderr
from dlcapply.operating.following import LossReason
from dlcapply.rendering.text.cutting import cut_names
from dlcapply.rendering.text.diagnoses import stall_lines
from dlcapply.rendering.text.lines import cells, column, line
from dlcapply.rendering.text.logs import end_line
from dlcapply.rendering.text.outcomes import progress_line
from dlcapply.rendering.text.plans import change_lines
from dlcapply.rendering.text.watching import waiting_text, watch_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from dlcapply.cli.patience import Patience
    from dlcapply.cli.shell import Shell
    from dlcapply.diagnosis.verdicts import Diagnosis
    from dlcapply.model.outcomes import Outcome, StoppedRun
    from dlcapply.model.plans import Change
    from dlcapply.operating.following import WaitedRun
    from dlcapply.rendering.rows.logs import LogEnd, LogLine
    from dlcapply.rendering.rows.where import Where
    from dlcapply.rendering.text.lines import Line

# Of names before lines of a log at a terminal, in columns.
_LONGEST_NAME = 20
_LEAST_BESIDE = 20  # columns
# Of the live view, where most of the screen is for logs.
_FEWEST_ROWS = 5
# Without a terminal nothing is silent for longer.
_QUIET_SECONDS = 15.0
_WIDEST_NAME = 40  # a longer one stands out of its column, and widens no other line


@dataclass(frozen=True, slots=True)
class WatchedNames:
    """Where the runs are that are followed, the names of theirs, and those of all jobs."""

    where: Where
    names: tuple[str, ...]
    known: tuple[str, ...]


class Progress:
    """Tells of outcomes and statuses as they become known; waits for nobody who does not read.

    While a change is under way, `patience` says so. Runs that are waited for are shown in place on a
    terminal; elsewhere each change of a status is a line, and so is what is waited for where nothing else was
    said for long. `now` is the service's time. With `logs` the live view is low: what runs print is above.
    """

    def __init__(
        self,
        shell: Shell,
        patience: Patience,
        watched: WatchedNames,
        *,
        now: Callable[[], datetime | None],
        logs: bool = False,
    ) -> None:
        self._patience = patience
        self._clock = shell.clock
        self._now = now
        self._shell = shell
        self._has_logs = logs
        self._watched = watched
        self._name_width = column(watched.names, widest=_WIDEST_NAME)
        self._short = cut_names((*watched.names, *watched.known), _LONGEST_NAME)
        self._prefixes = Prefixes()
        self._known: dict[str, list[str]] = {}
        self._doing: dict[str, ExitStack] = {}
        self._runs: Sequence[WaitedRun] = ()
        self._said = shell.clock.monotonic()
        self._stream = stderr().impatient()
        self._live = Live(shell, self._stream, self._view)
        self._open = ExitStack()
        self._is_open = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def began(self, change: Change) -> None:
        doing = self._doing[change.name] = ExitStack()
        doing.enter_context(self._patience.doing(f"{change.action} of {change.name}"))

    def outcome(self, outcome: Outcome) -> None:
        if doing := self._doing.pop(outcome.name, None):
            doing.close()
        if outcome.action.writes:
            self._say(self._line(outcome.name, outcome.result, outcome.job_id))

    def due(self, change: Change) -> None:
        """A change that comes due is told as a plan tells it."""
        self._say(*change_lines(change))

    def note(self, text: str) -> None:
        self._say(line(text))

    def explained(self, explained: tuple[WaitedRun, Diagnosis]) -> None:
        """Why nothing happens to a run, with the line that says most."""
        waited, diagnosis = explained
        self._say(*stall_lines(waited.name, waited.status, diagnosis))

    def stopped(self, stopped: StoppedRun) -> None:
        self._say(line(f"{stopped.name} {stopped.job_id}: {stopped.text}"))

    def status(self, waited: WaitedRun) -> None:
        if waited.hopeless:
            self._say(line(f"{waited.name} {waited.job_id}: {waited.hopeless}"))
        elif waited.run is not None and (not self._live.is_on or waited.failed):
            self._say(self._line(waited.name, waited.run.status, waited.job_id))

    def trouble(self, waited: WaitedRun) -> None:
        """A run that is followed can't be seen now; what was seen of it before stays the last word."""
        words = "can't be seen now" if waited.lost is LossReason.NO else waited.lost.value
        if not self._live.is_on or waited.is_over:
            self._say(self._line(waited.name, words, waited.job_id))

    def look(self, runs: Sequence[WaitedRun]) -> None:
        if not self._is_open:
            self._is_open = True
            self._open.enter_context(self._live)
        self._runs = runs
        self._live.draw()
        is_quiet = self._clock.monotonic() - self._said >= _QUIET_SECONDS
        if is_quiet and not self._live.is_on and any(not one.is_over for one in runs):
            self._say(line(waiting_text(watched_rows(runs, self._now()))))

    def takes_lines(self) -> bool:
        """Whether somebody reads, and has read what there was: lines of logs wait at PAI until then."""
        return not self._live.is_behind()

    def lines(self, lines: Sequence[LogLine]) -> None:
        """What pods print goes above the live view, and is what they printed."""
        self._said = self._clock.monotonic()
        if self._live.is_on:
            width = self._live.columns
            self._live.tell(*(row for one in lines for row in self._rows(one, width)))
        else:
            self._live.tell(*(row for one in lines for row in self._whole(one)))

    def log_end(self, end: LogEnd) -> None:
        self._say(end_line(end.name, end.run, end.reason))

    def _rows(self, one: LogLine, width: int) -> Iterator[Drawn]:
        """The line in rows that fit: a terminal that wraps nothing would show its beginning alone."""
        prefix = self._prefix(one)
        taken = self._prefixes.taken
        if width - taken < _LEAST_BESIDE:
            plain = click.unstyle(prefix)
            yield from (
                Drawn(row, cells(row)) for text in _texts(one) for row in rows_of(plain + text, width)
            )
            return
        for text in _texts(one):
            for number, row in enumerate(rows_of(text, width - taken)):
                yield Drawn(f"{prefix}{row}" if number == 0 else f"{' ' * taken}{row}", taken + cells(row))

    def _whole(self, one: LogLine) -> Iterator[Drawn]:
        prefix = self._prefix(one)
        return (Drawn(f"{prefix}{text}", self._prefixes.taken + cells(text)) for text in _texts(one))

    def _prefix(self, one: LogLine) -> str:
        """What stands before the line: the job, which of its runs if not the first, and the pod."""
        runs = self._known.setdefault(one.name, [])
        if one.job_id not in runs:
            runs.append(one.job_id)
        nth = runs.index(one.job_id) + 1
        name = self._short.get(one.name, one.name) if self._live.is_on else one.name
        called = f"{name}{f'[{nth}]' if nth > 1 else ''}/{one.pod}"
        is_styled = is_colored(self._stream, self._shell)
        return self._prefixes.styled(called) if is_styled else self._prefixes.of(called)

    def _view(self, width: int, height: int) -> Sequence[Line]:
        most = max(_FEWEST_ROWS, height // 3) if self._has_logs else height
        rows, watched = watched_rows(self._runs, self._now()), self._watched
        return watch_lines(rows, width, min(most, height), where=watched.where, known=watched.known)

    def _say(self, *lines: Line) -> None:
        self._said = self._clock.monotonic()
        self._live.tell(*lines)

    def _line(self, name: str, status: str, job_id: str) -> Line:
        return progress_line(name, status, job_id, name_width=self._name_width)


def _texts(one: LogLine) -> list[str]:
    return one.text.split("\n")
