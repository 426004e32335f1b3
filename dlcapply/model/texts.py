"""Lines of text with the time that they begin with: logs and events, as a service keeps them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class TextLine:
    """One entry of a log or of a list of events; `raw` is the whole of it.

    `at` is the time that it begins with, None where it begins with none; `begin` is where `text` does.
    """

    raw: str
    at: datetime | None = None
    begin: int = 0

    @property
    def text(self) -> str:
        """What was said, without the time that the service put before it."""
        return self.raw[self.begin :]

    @property
    def has_services_time(self) -> bool:
        """Whether the time was put there by the service, so that lines of two seconds always differ."""
        return self.begin > 0
