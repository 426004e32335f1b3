"""What a run and its pods told: events, and files of logs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class EventRow:
    """What happened `count` times, from `first` to `last`; `pod` is empty for what is of the job itself."""

    first: datetime | None
    last: datetime | None
    count: int
    pod: str
    text: str


@dataclass(frozen=True, slots=True)
class SavedLogRow:
    """The file of a pod's life, the first of which has no `restart`; a whole log has its own name."""

    file: str
    pod: str
    uid: str
    restart: int
    lines: int
    size: int
    is_whole: bool
