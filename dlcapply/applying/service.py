"""The part of PAI-DLC that an apply uses; `cloud` fulfils it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dlcapply.model.outcomes import Receipt
    from dlcapply.model.runs import Run
    from dlcapply.model.stops import SignalState


class JobService(Protocol):
    """The part of PAI-DLC that an apply uses; every method raises ServiceError where no usable answer came.

    Reads may be tried again inside; a write is sent once.
    """

    def runs_named(self, *names: str) -> tuple[Run, ...]:
        """Every run of exactly these names, from complete listings."""
        ...

    def runs_by_id(self, job_ids: Iterable[str]) -> tuple[Run, ...]:
        """The runs of these JobIds as a listing shows them; those that it does not show lack."""
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

    def delete(self, job_id: str) -> str:
        """The request id."""
        ...


class SignalService(Protocol):
    """The signals of runs; every method raises ServiceError where no usable answer came."""

    def send(self, job_id: str, signal: str, pods: Sequence[str]) -> str:
        """The id of the signal; sent once."""
        ...

    def state(self, job_id: str, signal_id: str) -> SignalState: ...

    def sent(self, job_id: str) -> tuple[SignalState, ...]:
        """The signals of the run."""
        ...
