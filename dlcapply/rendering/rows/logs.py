"""What a run and its pods told: events, and files of logs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from dlcapply.model.runs import Run


@dataclass(frozen=True, slots=True)
class EventRow:
    """What happened `count` times, from `first` to `last`; `pod` is empty for what is of the job itself."""

    first: datetime | None
    last: datetime | None
    count: int
    pod: str
    text: str


@dataclass(frozen=True, slots=True)
class LogLine:
    """What a pod of the job's run printed: a line, or a few that belong together.

    `text` has masks in place of secrets, and nothing that a terminal obeys. `pod` is the id without the JobId
    that it begins with; `uid` tells its lives apart. `at` is None where nothing tells the time.
    """

    name: str
    job_id: str
    pod: str
    uid: str
    at: datetime | None
    text: str


@dataclass(frozen=True, slots=True)
class LogEnd:
    """A run that has ended, and all of whose log was told; `reason` is PAI's, and may be shown."""

    name: str
    run: Run
    reason: str


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
