"""The part of PAI-DLC that an apply uses; `cloud` fulfils it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dlcapply.model.outcomes import Receipt
    from dlcapply.model.runs import Run


class JobService(Protocol):
    """The part of PAI-DLC that an apply uses; every method raises ServiceError where no usable answer came.

    Reads may be tried again inside; a write is sent once.
    """

    def runs_named(self, *names: str) -> tuple[Run, ...]:
        """Every run of exactly these names, from complete listings."""
        ...

    def get(self, job_id: str) -> Run: ...

    def find(self, job_id: str) -> Run | None:
        """The run, or None where PAI knows none of this JobId."""
        ...

    def create(self, body: Mapping[str, Any]) -> Receipt: ...

    def update(self, job_id: str, changes: Mapping[str, Any]) -> str:
        """The request id."""
        ...

    def stop(self, job_id: str) -> str:
        """The request id."""
        ...
