"""Trouble as a test declares it: which requests go wrong, and how."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection


class FaultKind(StrEnum):
    LOST = "lost"  # the connection closes without an answer
    THROTTLED = "throttled"  # 429 Throttling.User
    ERROR = "error"  # `status` and `code` as JSON, 503 ServiceUnavailable by default
    HTML = "html"  # 502 from something in between
    EMPTY = "empty"  # 200 without a body
    SLOW = "slow"  # carried out at once, answered late
    SHORT_LISTING = "short-listing"  # a page of ListJobs without rows; the total stands
    MOVED_TOTAL = "moved-total"  # ListJobs counts one job more than there is

    def operations(self, known: Collection[str]) -> Collection[str]:
        """Those of the known operations that can go wrong in this way."""
        return {"ListJobs"} if self in {FaultKind.SHORT_LISTING, FaultKind.MOVED_TOTAL} else known


_ALWAYS_CARRIED_OUT = frozenset({FaultKind.SLOW, FaultKind.SHORT_LISTING, FaultKind.MOVED_TOTAL})


@dataclass(frozen=True, slots=True)
class Fault:
    """Lets `after` fitting requests of `operation` pass, then spoils the next `times` (None: every one).

    `effect`: the request is carried out, and only its answer spoilt. `match` is a part of DisplayName or
    JobId. `seconds` is the real delay of the answer, or of the end without one; `retry_after_ms` goes out as
    x-acs-retry-after with throttling; `status` and `code` are those of an error.
    """

    operation: str
    kind: FaultKind
    after: int = 0
    times: int | None = 1
    match: str = ""
    effect: bool = False
    seconds: float = 0.0
    retry_after_ms: int = 0
    status: int = 503
    code: str = "ServiceUnavailable"

    def __post_init__(self) -> None:
        if self.status not in range(200, 600):
            raise ValueError("status must be from 200 to 599")

    @property
    def is_carried_out(self) -> bool:
        return self.effect or self.kind in _ALWAYS_CARRIED_OUT
