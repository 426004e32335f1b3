"""What happens while an apply goes on, on stderr: a live view on a terminal, otherwise a line per event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from dlcapply.applying.waiting import LossReason
from dlcapply.cli.printing import console_of, show
from dlcapply.cli.shell import Shell, is_able_terminal
from dlcapply.cli.streams import Teller, stderr
from dlcapply.rendering.text.lines import to_rich
from dlcapply.rendering.text.outcomes import progress_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.live import Live

    from dlcapply.applying.waiting import WaitedRun
    from dlcapply.model.outcomes import Outcome
    from dlcapply.rendering.text.lines import Line


class Progress:
    """Tells of outcomes and statuses as they become known; waits for nobody who does not read."""

    def __init__(self, shell: Shell, *, names: Iterable[str]) -> None:
        self._shell = shell
        self._stream = stderr().impatient()
        self._name_width = max(map(len, names), default=0)
        self._live: Live | None = None
        self._latest: dict[str, Line] = {}

    def __enter__(self) -> Self:
        if is_able_terminal(self._stream, self._shell):
            self._live = _open_live(self._stream, self._shell)
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.stop()

    def outcome(self, outcome: Outcome) -> None:
        if outcome.action.writes:
            self._tell(outcome.name, outcome.result, outcome.job_id)

    def status(self, waited: WaitedRun) -> None:
        if waited.run is not None:
            self._tell(waited.name, waited.run.status, waited.job_id)

    def trouble(self, waited: WaitedRun) -> None:
        """A run that is followed can't be seen now; what was seen of it before stays the last word."""
        words = "can't be seen now" if waited.lost is LossReason.NO else waited.lost.value
        self._tell(waited.name, words, waited.job_id)

    def _tell(self, name: str, status: str, job_id: str) -> None:
        told = progress_line(name, status, job_id, name_width=self._name_width)
        if self._live is None:
            show([told], self._stream, self._shell)
            return
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
