"""The runs that a job had."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from dlcapply.model.findings import Place
    from dlcapply.planning.run_changes import RunChange
    from dlcapply.rendering.rows.where import Where


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One run of a job: times are the service's, seconds and accelerator-hours None where nobody knows.

    `whose` is empty for a run of ours. `changes` are those since `since`, the run of ours before it, where
    that is known, whose token was `former_token`; `is_first` where there is none. `stopped_by` says who
    stopped it, as far as is known; `notes` what else is odd. `console` is the address of its page there.
    """

    job_id: str
    name: str
    status: str
    whose: str = ""
    created: str = ""
    started: str = ""
    ended: str = ""
    queued_seconds: int | None = None
    run_seconds: int | None = None
    accelerator_hours: float | None = None
    token: str = ""
    spec: str = ""
    since: str = ""
    same_spec: bool | None = None
    former_token: str = ""
    is_first: bool = False
    changes: tuple[RunChange, ...] = ()
    commit: str = ""
    actor: str = ""
    ci_run: str = ""
    reason_code: str = ""
    reason: str = ""
    stopped_by: str = ""
    notes: tuple[str, ...] = ()
    console: str = ""


@dataclass(frozen=True, slots=True)
class RunHistory:
    """The newest runs of a job; `is_all` is whether there are no older ones.

    They were found among `looked_at` jobs. `others` counts the runs of the name that are not ours and not
    shown. `place` is where the manifest is.
    """

    where: Where
    name: str
    names: tuple[str, ...]
    rows: tuple[HistoryRow, ...]
    is_all: bool
    limit: int
    looked_at: int
    others: int = 0
    now: datetime | None = None
    place: Place | None = None
