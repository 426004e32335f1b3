"""What the checks of a run's hardware found (SanityCheck)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

# In the order in which a check goes through them (GetJobSanityCheckResult's help page).
PHASES = ("CheckInit", "DeviceCheck", "SingleNodeCommCheck", "TwoNodeCommCheck", "AllNodeCommCheck")


@dataclass(frozen=True, slots=True)
class Check:
    """One phase of one check; `number` counts the checks of a run from 1, and is 0 where PAI names none.

    `status` and `message` are in PAI's words, and the nodes at fault, if any, are named in the message alone.
    """

    number: int
    phase: str
    status: str
    message: str = ""
    started: datetime | None = None
    finished: datetime | None = None

    @property
    def has_failed(self) -> bool:
        """Whether PAI says that it failed: its documents name no status but Succeeded."""
        return "fail" in self.status.lower() or "error" in self.status.lower()
