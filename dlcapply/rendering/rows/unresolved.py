"""The writes without an outcome."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class UnresolvedRow:
    """A write of an apply whose outcome nobody noted: since when, by whom, and the command that tells it.

    `op` is the operation of a create, otherwise the JobId of the run. `command` is empty for an entry that no
    apply wrote.
    """

    name: str
    call: str
    op: str
    begun: datetime
    where: str
    command: str
    provenance: str = ""


@dataclass(frozen=True, slots=True)
class Unresolved:
    """What a journal leaves open, oldest first; `elsewhere` counts that of other environments."""

    journal: str
    exists: bool
    rows: tuple[UnresolvedRow, ...] = ()
    elsewhere: int = 0
