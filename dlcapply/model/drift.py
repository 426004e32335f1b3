"""Drift: what changed on the service's side, and no manifest asked for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dlcapply.model.findings import Finding, Place
    from dlcapply.model.jobs import Environment
    from dlcapply.model.plans import Context, Scope
    from dlcapply.model.runs import Census


class DriftCode(StrEnum):
    """What kind of drift it is; stable."""

    VALUE_CHANGED = "value-changed"
    VALUE_DIFFERS = "value-differs"  # and nobody can tell who changed it
    STOPPED = "stopped"
    GONE = "gone"
    NOT_SEEN = "not-seen"  # gone, or kept from who looks
    STRANGER = "stranger"
    ENDED_STRANGER = "ended-stranger"
    SECOND_RUN = "second-run"
    UNDECLARED = "undeclared"
    SEVERAL_RUNS = "several-runs"
    OUTLIVED = "outlived"
    UNKNOWN_STATUS = "unknown-status"


_UNCLEAR = frozenset({DriftCode.VALUE_DIFFERS, DriftCode.NOT_SEEN})


@dataclass(frozen=True, slots=True)
class DriftedField:
    """One value of a run that is not what the manifest declares; secrets are masked."""

    path: str
    declared: Any
    live: Any


@dataclass(frozen=True, slots=True)
class Drift:
    """One thing that is otherwise than it was left: what, by which evidence, and what a person can do.

    `name` is the job's; `job_id` and `status` are of the run that it is about.
    """

    code: DriftCode
    name: str
    job_id: str
    status: str
    what: str
    evidence: str
    hint: str
    fields: tuple[DriftedField, ...] = ()
    source: Place | None = None

    @property
    def is_proven(self) -> bool:
        """Whether it can't be the manifest that changed instead, nor the eyes that look."""
        return self.code not in _UNCLEAR


@dataclass(frozen=True, slots=True)
class DriftReport:
    """The drift of the jobs, sorted by name, and what was looked at for it.

    `has_journal`: there are records of earlier writes to this target here.
    """

    environment: Environment
    scope: Scope
    census: Census
    context: Context
    rows: tuple[Drift, ...]
    findings: tuple[Finding, ...] = ()
    has_journal: bool = False

    @property
    def proven(self) -> tuple[Drift, ...]:
        return tuple(row for row in self.rows if row.is_proven)

    @property
    def unclear(self) -> tuple[Drift, ...]:
        return tuple(row for row in self.rows if not row.is_proven)
