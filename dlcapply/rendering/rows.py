"""The rows of a status report."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StatusRow:
    """The newest run of one job: `created` is the service's ISO time, empty where there is no run.

    `in_sync` is None where nobody compared the run with its manifest. `called` is the run's own name, where
    that is a former one of the job.
    """

    name: str
    status: str
    job_id: str
    created: str
    duration_seconds: int | None = None
    in_sync: bool | None = None
    note: str = ""
    called: str = ""
