"""Which logs are read at once, where there are more than can be: the others wait for their turn."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

# Each costs a call every few seconds, and up to 5,000 lines of memory.
MOST_AT_ONCE = 32


@dataclass(slots=True)
class Seats:
    """The pods whose logs are read, at most so many; a run that has none yet finds one kept for it.

    What is read stays so to its end: a log that is laid aside would have to be told of anew.
    """

    most: int = MOST_AT_ONCE
    _taken: set[tuple[str, str]] = field(default_factory=set)

    def take(self, job_id: str, pod_id: str, runs: Collection[str]) -> bool:
        """Whether the pod has a seat now; `runs` are the JobIds of all that may ask for one."""
        seat = job_id, pod_id
        if seat not in self._taken and self._is_free(job_id, runs):
            self._taken.add(seat)
        return seat in self._taken

    def leave(self, job_id: str, pod_id: str) -> None:
        self._taken.discard((job_id, pod_id))

    def leave_all(self, job_id: str) -> None:
        self._taken = {seat for seat in self._taken if seat[0] != job_id}

    def pods_of(self, job_id: str) -> list[str]:
        """The pods of the run that have a seat."""
        return sorted(pod_id for one, pod_id in self._taken if one == job_id)

    def _is_free(self, job_id: str, runs: Collection[str]) -> bool:
        seated = {one for one, _ in self._taken}
        kept = 0 if job_id not in seated else len(set(runs) - seated)
        return len(self._taken) + kept < self.most
