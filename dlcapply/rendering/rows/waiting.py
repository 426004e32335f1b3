"""The runs that are waited for, while they are and afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dlcapply.diagnosis.verdicts import Diagnosis
    from dlcapply.rendering.rows.status import StatusRow


@dataclass(frozen=True, slots=True)
class WaitedRow:
    """A run that was waited for: whether it came as far as it was to, and whether it failed.

    `stop` is what became of its stop, where it was to be stopped as it was not done in time; `verdict` is why
    it failed, where that was asked.
    """

    row: StatusRow
    reached: bool
    failed: bool
    stop: str = ""
    verdict: Diagnosis | None = None


@dataclass(frozen=True, slots=True)
class WatchedRow:
    """A run while it is waited for: for how long it has its status, where that is known.

    `is_open`: it is waited for still. `note` is why it failed, can't be seen, or is given up.
    """

    name: str
    status: str
    job_id: str
    seconds: int | None = None
    is_open: bool = True
    failed: bool = False
    note: str = ""
