"""What happens while an apply goes on, on stderr: a live view on a terminal, otherwise a line per event."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Self

from dlcapply.cli.printing import console_of, show
from dlcapply.cli.shell import Shell, is_able_terminal
from dlcapply.cli.streams import Teller, status_held, stderr
from dlcapply.operating.following import LossReason
from dlcapply.rendering.text.lines import to_rich
from dlcapply.rendering.text.outcomes import progress_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.live import Live

    from dlcapply.cli.patience import Patience
    from dlcapply.model.outcomes import Outcome
    from dlcapply.model.plans import Change
    from dlcapply.operating.following import WaitedRun
    from dlcapply.rendering.text.lines import Line


class Progress:
    """Tells of outcomes and statuses as they become known; waits for nobody who does not read.

    While a change is under way, `patience` says so; on a terminal statuses are then shown in place.
    """

    def __init__(self, shell: Shell, patience: Patience, *, names: Iterable[str]) -> None:
        self._shell = shell
        self._patience = patience
        self._stream = stderr().impatient()
        self._name_width = max(map(len, names), default=0)
        self._is_terminal = is_able_terminal(self._stream, shell)
        self._doing: dict[str, ExitStack] = {}
        self._live: Live | None = None
        self._shown = ExitStack()
        self._latest: dict[str, Line] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._shown.close()

    def began(self, change: Change) -> None:
        doing = self._doing[change.name] = ExitStack()
        doing.enter_context(self._patience.doing(f"{change.action} of {change.name}"))

    def outcome(self, outcome: Outcome) -> None:
        if doing := self._doing.pop(outcome.name, None):
            doing.close()
        if outcome.action.writes:
            show([self._line(outcome.name, outcome.result, outcome.job_id)], self._stream, self._shell)

    def status(self, waited: WaitedRun) -> None:
        if waited.run is not None:
            self._tell(waited.name, waited.run.status, waited.job_id)

    def trouble(self, waited: WaitedRun) -> None:
        """A run that is followed can't be seen now; what was seen of it before stays the last word."""
        words = "can't be seen now" if waited.lost is LossReason.NO else waited.lost.value
        self._tell(waited.name, words, waited.job_id)

    def _line(self, name: str, status: str, job_id: str) -> Line:
        return progress_line(name, status, job_id, name_width=self._name_width)

    def _tell(self, name: str, status: str, job_id: str) -> None:
        told = self._line(name, status, job_id)
        if not self._is_terminal:
            show([told], self._stream, self._shell)
            return
        if self._live is None:
            self._shown.enter_context(status_held())
            self._live = _open_live(self._stream, self._shell)
            self._shown.callback(self._live.stop)
        self._latest[name] = told
        self._live.update(to_rich(self._latest.values(), width=self._live.console.width))


def _open_live(stream: Teller, shell: Shell) -> Live:
    from rich.live import Live

    live = Live(
        console=console_of(stream, shell),
        transient=True,
        refresh_per_second=4,
        redirect_stdout=False,
        redirect_stderr=False,
    )
    live.start()
    return live
