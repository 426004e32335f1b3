"""What the answers of a service tell of it, beside what was asked: its time, and whether it is PAI at all."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from dlcapply.model.times import in_utc

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

# How an emulator of dlcapply says what it is, in each answer. Whoever else says so changes a word in reports.
_EMULATOR = "dlcapply-emulator"


@dataclass(slots=True)
class Heard:
    """Of all the products of one service: `now` is the time of its newest answer, None where none told it."""

    now: datetime | None = None
    is_emulator: bool = False

    def note(self, headers: Mapping[str, str]) -> None:
        """The headers of an answer have been listened to."""
        told = {name.lower(): value for name, value in headers.items()}
        self.now = _time_of(told.get("date", "")) or self.now
        self.is_emulator = told.get("server", "").strip().lower() == _EMULATOR


def _time_of(date: str) -> datetime | None:
    """When the answer was sent, by the clock of whoever sent it; None where it does not tell."""
    try:
        return in_utc(parsedate_to_datetime(date))
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
