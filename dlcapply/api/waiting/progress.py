"""Who is told of what happens while runs are started and waited for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dlcapply.diagnosis.verdicts import Diagnosis
    from dlcapply.model.outcomes import Outcome, StoppedRun
    from dlcapply.model.plans import Change
    from dlcapply.operating.following import WaitedRun
    from dlcapply.rendering.rows.logs import LogEnd, LogLine


class Progress(Protocol):
    """Who is told of what happens while an apply goes on, from any thread.

    One that has a method `began` is also told of each change when it is begun, by `due` of each that comes
    due while runs are waited for, by `look` of all runs after each look at them, and by `stopped` of those
    that were not done in time and were to be stopped then. `explained` is given a run to which nothing
    happens for long, with the verdict about it, and `note` a line of text. Where logs are followed, `lines`
    is given those that came, each a `LogLine`, some at a time and in the thread that waits, and `log_end` the
    end of each log; while `takes_lines` says no, none are read.
    """

    def outcome(self, outcome: Outcome) -> None:
        """A change is over."""

    def status(self, waited: WaitedRun) -> None:
        """A run that is followed has another status."""

    def trouble(self, waited: WaitedRun) -> None:
        """A run that is followed can't be seen now, or is given up."""


class Silent:
    """The progress that nobody is told of."""

    def outcome(self, outcome: Outcome) -> None: ...

    def status(self, waited: WaitedRun) -> None: ...

    def trouble(self, waited: WaitedRun) -> None: ...


class Forgiving:
    """Tells a progress until it raises: telling must never decide about doing. `error` is what it raised."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self.error: Exception | None = None

    def began(self, change: Change) -> None:
        self._tell_if_asked("began", change)

    def due(self, change: Change) -> None:
        """A change comes due while runs are waited for: it is begun now, or `outcome` says why not."""
        self._tell_if_asked("due", change)

    def look(self, runs: Sequence[WaitedRun]) -> None:
        """All runs that are waited for have been looked at."""
        self._tell_if_asked("look", runs)

    def note(self, text: str) -> None:
        """Something that is worth a line."""
        self._tell_if_asked("note", text)

    def explained(self, waited: WaitedRun, diagnosis: Diagnosis) -> None:
        """Why nothing happens to a run that is waited for."""
        self._tell_if_asked("explained", (waited, diagnosis))

    def stopped(self, stopped: StoppedRun) -> None:
        """A run that was not done in time was stopped, or not."""
        self._tell_if_asked("stopped", stopped)

    def lines(self, lines: Sequence[LogLine]) -> None:
        """What pods of runs that are waited for have printed."""
        self._tell_if_asked("lines", lines)

    def log_end(self, end: LogEnd) -> None:
        """A run has ended, and all that its pods printed was told."""
        self._tell_if_asked("log_end", end)

    def takes_lines(self) -> bool:
        """Whether more lines are taken now; who has no such method takes them whenever they come."""
        answers: list[bool] = []
        if asked := getattr(self._progress, "takes_lines", None):
            self._tell(lambda _: answers.append(asked()), None)
        return all(answers)

    def outcome(self, outcome: Outcome) -> None:
        self._tell(self._progress.outcome, outcome)

    def status(self, waited: WaitedRun) -> None:
        self._tell(self._progress.status, waited)

    def trouble(self, waited: WaitedRun) -> None:
        self._tell(self._progress.trouble, waited)

    def _tell_if_asked(self, method: str, news: object) -> None:
        """Only who has a method of this name is told, so that a progress need not have one."""
        if told := getattr(self._progress, method, None):
            self._tell(told, news)

    def _tell(self, told: Callable[[Any], None], news: object) -> None:
        if self.error is None:
            try:
                told(news)
            except Exception as error:  # noqa: BLE001  it is the caller's, and given back
                self.error = error
