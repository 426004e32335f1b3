"""The part of PAI-DLC that following runs takes; `cloud` fulfils it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dlcapply.model.runs import Run


class RunService(Protocol):
    """Runs by their JobIds; every method raises ServiceError where no usable answer came."""

    def runs_by_id(self, job_ids: Iterable[str]) -> tuple[Run, ...]:
        """Those of the runs that a listing shows."""
        ...

    def find(self, job_id: str) -> Run | None:
        """The run with all that PAI shows of it, or None where PAI knows none of this JobId."""
        ...
