"""An apply that may begin: its plan, and what it is held against."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import TYPE_CHECKING

from dlcapply.api.applying.follow import Waiting
from dlcapply.api.applying.mandate import Mandate
from dlcapply.api.plans.plan import plan_live
from dlcapply.operating.following import Milestone
from dlcapply.planning.coming_due import awaits_a_start, may_come_due
from dlcapply.planning.needs import starting

if TYPE_CHECKING:
    from dlcapply.api.connect import Service
    from dlcapply.api.load import Manifests
    from dlcapply.api.options import ApplyOptions, PlanOptions
    from dlcapply.api.plans.plan import Planned
    from dlcapply.api.review.approvals import Reviewed
    from dlcapply.model.jobs import Job
    from dlcapply.model.plans import Change, Plan
    from dlcapply.planning.restored_plans import SavedPlan


SOME_FILE = "FILE"  # in a command that is shown for a saved plan that came from no file


@dataclass(frozen=True, slots=True)
class Application:
    """An apply that may begin: what was asked for, and the plan that came of it.

    It was begun at `begun`, by the service's monotonic clock. `reviewed` are the approvals outside of which
    nothing is done, `saved` is the plan, of the file `saved_as`, that it must still be.
    """

    manifests: Manifests
    service: Service
    chosen: PlanOptions
    options: ApplyOptions
    planned: Planned
    begun: float
    reviewed: Reviewed | None = None
    saved: SavedPlan | None = None
    saved_as: str = SOME_FILE

    @property
    def plan(self) -> Plan:
        return self.planned.plan

    @property
    def writes(self) -> bool:
        return bool(self.plan.writing)

    @property
    def starts_later(self) -> tuple[Change, ...]:
        """The changes that start nothing at once, and may while their runs are waited for."""
        is_long = self.options.wait == Milestone.FINISHED
        return may_come_due(self.plan.allowed) if is_long else ()

    @property
    def asks(self) -> bool:
        """Whether there is something to agree to."""
        return self.writes or bool(self.starts_later)

    @property
    def starting(self) -> tuple[Job, ...]:
        """The jobs that this apply creates runs of, at once or when their time comes."""
        names = {change.name for change in self.starts_later if awaits_a_start(change)}
        now = starting(self.plan.writing, self.manifests.jobs)
        return (*now, *(job for job in self.manifests.jobs if job.name in names))

    @property
    def mandate(self) -> Mandate:
        """What was agreed to, for what comes due later."""
        return Mandate(
            self.manifests,
            self.service,
            self.chosen,
            self.planned,
            approvals=lambda now: self.reviewed.at(now) if self.reviewed else None,
            expires=self.saved.expires if self.saved else None,
            parallelism=self.options.parallelism,
            fail_fast=self.options.fail_fast,
        )

    @property
    def lost_until(self) -> float:
        """Until when a run may exist unseen that an earlier apply began; 0 where its journal is there."""
        return self.begun + self.options.settle if self.options.journal_lost else 0.0

    @property
    def differs(self) -> bool:
        """Whether it is no longer what the saved plan would do."""
        return self.saved is not None and self.saved.plan.digest != self.plan.digest

    @property
    def waiting(self) -> Waiting | None:
        """What is to be waited for, if anything."""
        if self.options.wait is None:
            return None
        return Waiting(
            self.manifests.target,
            self.plan,
            self.planned.live,
            self.manifests.jobs,
            self.options.wait,
            self.options.wait_timeout,
            self.options.approved,
            self.options.logs,
        )


def prepared(
    manifests: Manifests,
    service: Service,
    chosen: PlanOptions,
    options: ApplyOptions,
    *,
    begun: float,
    reviewed: Reviewed | None = None,
    saved: SavedPlan | None = None,
    saved_as: str = SOME_FILE,
) -> Application:
    """The plan of now, with what it is to be held against; nothing is written."""
    approvals = reviewed.at(service.clock.now()) if reviewed else None
    planned = plan_live(manifests, service, chosen, approvals=approvals)
    return Application(manifests, service, chosen, options, planned, begun, reviewed, saved, saved_as)


def patience_text(application: Application) -> str:
    """What the first create waits for, if it has to: that PAI lists what no journal tells of any more."""
    clock = application.service.clock
    left = application.lost_until - clock.monotonic()
    if left <= 0 or not application.starting:
        return ""
    until = clock.now() + timedelta(seconds=left)
    return (
        f"the journal is lost: no run is created before {until:%H:%M:%S} UTC, in {ceil(left)} s; "
        "by then PAI lists those that earlier applies began"
    )


def later_text(application: Application) -> str:
    """What this apply may start beyond what its plan does at once; empty where that is nothing."""
    parts = [_later(change) for change in application.starts_later]
    return f"while it waits, this apply starts what comes due: {'; '.join(parts)}" if parts else ""


def _later(change: Change) -> str:
    if awaits_a_start(change):
        return f"{change.name}, which is waiting now"
    retries = change.terms.retries if change.terms else 0
    return f"retries of {change.name}, as run.retries: {retries} allows"
