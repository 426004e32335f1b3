"""What happens while an apply or a wait goes on, on stderr: a live view on a terminal, or lines."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from dlcapply.api.waiting.rows import watched_rows
from dlcapply.cli.live import Live
from dlcapply.cli.streams import stderr
from dlcapply.operating.following import LossReason
from dlcapply.rendering.text.diagnoses import stall_lines
from dlcapply.rendering.text.lines import column, line
from dlcapply.rendering.text.outcomes import progress_line
from dlcapply.rendering.text.plans import change_lines
from dlcapply.rendering.text.watching import waiting_text, watch_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from dlcapply.cli.patience import Patience
    from dlcapply.cli.shell import Shell
    from dlcapply.diagnosis.verdicts import Diagnosis
    from dlcapply.model.outcomes import Outcome, StoppedRun
    from dlcapply.model.plans import Change
    from dlcapply.operating.following import WaitedRun
    from dlcapply.rendering.rows.where import Where
    from dlcapply.rendering.text.lines import Line

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
    said for long. `now` is the service's time.
    """

    def __init__(
        self,
        shell: Shell,
        patience: Patience,
        watched: WatchedNames,
        *,
        now: Callable[[], datetime | None],
    ) -> None:
        self._patience = patience
        self._clock = shell.clock
        self._now = now
        self._watched = watched
        self._name_width = column(watched.names, widest=_WIDEST_NAME)
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

    def _view(self, width: int, height: int) -> Sequence[Line]:
        rows = watched_rows(self._runs, self._now())
        return watch_lines(rows, width, height, where=self._watched.where, known=self._watched.known)

    def _say(self, *lines: Line) -> None:
        self._said = self._clock.monotonic()
        self._live.tell(*lines)

    def _line(self, name: str, status: str, job_id: str) -> Line:
        return progress_line(name, status, job_id, name_width=self._name_width)
