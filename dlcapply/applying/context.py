"""What carrying out a plan needs: a service, a journal, a clock, and how long to wait for what."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dlcapply.applying.interrupt import Interrupt
from dlcapply.applying.lost_journal import LostJournal
from dlcapply.model.jobs import Identity

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dlcapply.applying.journal import Journal
    from dlcapply.applying.service import JobService
    from dlcapply.model.clock import Clock
    from dlcapply.model.jobs import Environment
    from dlcapply.model.runs import Run


@dataclass(frozen=True, slots=True)
class ApplyContext:
    """Service, journal, clock and patience of one apply. Times are in seconds.

    `settle`: how long a created run may take to show up in a listing. `env`: the values of
    the variables that `envFrom` names. `provenance`: what its runs are started from.
    `status_command` is what users type to look at an operation. `lost_journal` is waited out before a create.
    `still_idle` is asked right before a run is stopped because it is idle.
    """

    service: JobService
    environment: Environment
    journal: Journal
    clock: Clock
    settle: float = 90.0
    patience: float = 60.0
    stop_patience: float = 600.0
    env: Mapping[str, str] = field(default_factory=dict)
    provenance: str = ""
    status_command: str = "dlcapply status"
    interrupt: Interrupt = field(default_factory=Interrupt)
    lost_journal: LostJournal = field(default_factory=LostJournal)
    still_idle: Callable[[Run], bool] = lambda _: False

    def resolving(self, *, name: str, op: str) -> str:
        """The command that tells what became of an operation; without marks, it looks for the name."""
        by_marks = self.environment.identity is Identity.MARKS
        return f"{self.status_command} {f'--op {op}' if by_marks else _argument(name)}"


def _argument(name: str) -> str:
    """A job's name as a word that no command takes for an option."""
    return f"-- {name}" if name.startswith("-") else name
