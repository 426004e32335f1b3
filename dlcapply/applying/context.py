"""What carrying out a plan needs from outside."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from dlcapply.model import Identity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dlcapply.applying.journal import Journal
    from dlcapply.model import Clock, Environment, Receipt, Run


class JobService(Protocol):
    """The part of PAI-DLC that an apply uses; every method raises ServiceError where no usable answer came.

    Reads may be tried again inside; a write is sent once.
    """

    def runs_named(self, *names: str) -> tuple[Run, ...]:
        """Every run of exactly these names, from complete listings."""
        ...

    def get(self, job_id: str) -> Run: ...

    def find(self, job_id: str) -> Run | None:
        """The run, or None where PAI knows none of this JobId."""
        ...

    def create(self, body: Mapping[str, Any]) -> Receipt: ...

    def update(self, job_id: str, changes: Mapping[str, Any]) -> str:
        """The request id."""
        ...

    def stop(self, job_id: str) -> str:
        """The request id."""
        ...


class Interrupt:
    """Whether the user asked to leave off: no new writes from then on."""

    def __init__(self) -> None:
        self._asked = threading.Event()
        self.signal = 0

    def ask(self, signal: int) -> None:
        self.signal = self.signal or signal
        self._asked.set()

    @property
    def is_asked(self) -> bool:
        return self._asked.is_set()


@dataclass(frozen=True, slots=True)
class Means:
    """Service, journal, clock and patience of one apply. Times are in seconds.

    `settle`: how long a created run may take to show up in a listing. `env`: the values of
    the variables that `envFrom` names. `provenance`: what its runs are started from.
    `status_command` is what users type to look at an operation.
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

    def resolving(self, *, name: str, op: str) -> str:
        """The command that tells what became of an operation; without marks, it looks for the name."""
        by_marks = self.environment.identity is Identity.MARKS
        return f"{self.status_command} {f'--op {op}' if by_marks else _argument(name)}"


def _argument(name: str) -> str:
    """A job's name as a word that is no option."""
    return f"-- {name}" if name.startswith("-") else name
