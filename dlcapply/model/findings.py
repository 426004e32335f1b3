"""What is wrong in a file or a plan, and where it was written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a value was written; line and column count from 1."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Level(StrEnum):
    ERROR = "error"
    WARNING = "warning"

    def fails(self, least: Level) -> bool:
        """Whether such a finding fails a validation for which one of the `least` level is enough."""
        return self is Level.ERROR or least is Level.WARNING


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem in a file or a plan; `path` is the dotted path inside the document or the job."""

    rule: str
    level: Level
    message: str
    hint: str = ""
    place: Place | None = None
    path: str = ""

    def named(self, name_of: Callable[[str], str]) -> Finding:
        """The finding with its file under the name that this gives it."""
        return replace(self, place=replace(self.place, file=name_of(self.place.file))) if self.place else self
