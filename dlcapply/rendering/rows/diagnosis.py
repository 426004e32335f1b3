"""A run, and the verdict about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from dlcapply.diagnosis.verdicts import Diagnosis
    from dlcapply.model.runs import Ownership
    from dlcapply.rendering.rows.where import Where


@dataclass(frozen=True, slots=True)
class DiagnosedRun:
    """A run and the verdict about it; `called` is its own name, where that is a former one of the job.

    `now` is the service's time. `whose` is empty for a run of ours. `others` are the JobIds of more runs of
    the name that have not ended. `plan` is what the plan would do about the job, empty where that is nothing.
    Without a run `job_id` is empty. `idle` says what its accelerators are used for, where that is less than
    its manifest asks for.
    """

    where: Where
    name: str
    diagnosis: Diagnosis
    job_id: str = ""
    called: str = ""
    status: str = ""
    created: datetime | None = None
    now: datetime | None = None
    ownership: Ownership | None = None
    whose: str = ""
    others: tuple[str, ...] = ()
    plan: str = ""
    idle: str = ""
