"""From a plan to outcomes: planned again, held against what was approved, carried out, followed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING

from dlcapply.api.approvals import approvals_from, check_alone
from dlcapply.api.attending import Attendance
from dlcapply.api.command_lines import typed
from dlcapply.api.follow import Forgiving, Silent, Waiting, judged, to_follow
from dlcapply.api.idle import is_still_idle
from dlcapply.api.journals import journal_of
from dlcapply.api.later_starts import LaterStarts, Mandate
from dlcapply.api.options import (
    AT_A_TIME,
    IMAGE_PULL_TIMEOUT,
    SETTLE,
    ApplyOptions,
    PlanOptions,
    WaitOptions,
    given,
    several,
    some,
    waits_for,
)
from dlcapply.api.plan import check_prune, plan_live
from dlcapply.api.saved_plans import (
    check_not_expired,
    check_target,
    plan_again_command,
    plan_options_of,
)
from dlcapply.applying.applier import apply_plan
from dlcapply.applying.context import ApplyContext
from dlcapply.applying.lost_journal import LostJournal
from dlcapply.applying.outcomes import left_alone, not_done
from dlcapply.errors import DeniedError, DlcapplyError, StaleError, UsageError
from dlcapply.model.plans import VariableState
from dlcapply.operating.following import Milestone
from dlcapply.planning.coming_due import awaits_a_start, may_come_due
from dlcapply.planning.needs import needs_of, starting
from dlcapply.planning.visibility import denied_starts
from dlcapply.rendering.text.needs import lacking_hint, lacking_text
from dlcapply.repository.provenance import provenance

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime
    from os import PathLike

    from dlcapply.api.approvals import Reviewed
    from dlcapply.api.connect import Service
    from dlcapply.api.follow import Progress
    from dlcapply.api.load import Manifests
    from dlcapply.api.plan import Planned
    from dlcapply.diagnosis.verdicts import Diagnosis
    from dlcapply.model.jobs import Job
    from dlcapply.model.outcomes import LaterStart, Outcome, StoppedRun
    from dlcapply.model.plans import Change, Plan
    from dlcapply.operating.following import WaitedRun
    from dlcapply.planning.restored_plans import SavedPlan


_SOME_FILE = "FILE"  # in a command that is shown for a saved plan that came from no file


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
    saved_as: str = _SOME_FILE

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
        )


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of a plan: an outcome for every change, and the runs that were waited for.

    `later` are the changes that came due while these were, and what became of them. `progress_error` is what
    the progress raised, after which it was told nothing more. `stopped` are runs that were to be stopped, as
    they were not done in time; `verdicts` say, by JobId, why the first few of those that failed did.
    """

    plan: Plan
    outcomes: tuple[Outcome, ...]
    waited: tuple[WaitedRun, ...] = ()
    progress_error: Exception | None = None
    later: tuple[LaterStart, ...] = ()
    stopped: tuple[StoppedRun, ...] = ()
    verdicts: Mapping[str, Diagnosis] = field(default_factory=dict)

    @property
    def all_outcomes(self) -> tuple[Outcome, ...]:
        """Of all changes, those that came due later included."""
        return (*self.outcomes, *(one.outcome for one in self.later))


def apply(  # noqa: PLR0913  the options of the command, by name
    manifests: Manifests,
    service: Service,
    *,
    consent: Callable[[Plan], bool],
    progress: Progress | None = None,
    note: Callable[[str], None] = lambda _: None,
    prune: bool = False,
    allow_replace: Iterable[str] = (),
    allow_stops: int | None = None,
    preflight: bool = True,
    expect: str | None = None,
    approved: str | PathLike[str] | Iterable[str | PathLike[str]] | None = None,
    saved: SavedPlan | None = None,
    parallelism: int = AT_A_TIME,
    fail_fast: bool = False,
    settle: float = SETTLE,
    journal_lost: bool = False,
    wait: str | None = None,
    wait_timeout: float | None = None,
    on_timeout: str = "report",
    image_pull_timeout: float = IMAGE_PULL_TIMEOUT,
    logs: bool = False,
) -> Applied:
    """The plan of now is carried out, as far as PAI and its guards allow.

    `consent` sees the plan, if it writes anything: only True is a yes. `expect` is the digest that the plan
    must have, `approved` are files or folders of saved plans outside of which nothing is done, `saved` is the
    plan that it must still be. `progress` and `note` are told what happens, and which approvals don't hold.
    Times are in seconds. Raises a DlcapplyError before anything is written where the plan is not the expected
    one, is over a limit, lacks a variable, or `consent` says no; afterwards, what failed is an outcome.
    """
    chosen = PlanOptions(prune, several("allow_replace", allow_replace), not preflight, allow_stops)
    options = ApplyOptions(
        expect=given("expect", expect),
        approved=() if approved is None else some("approved", approved),
        parallelism=parallelism,
        fail_fast=fail_fast,
        settle=settle,
        journal_lost=journal_lost,
        wait=waits_for(wait, logs=logs),
        wait_timeout=wait_timeout,
        on_timeout=on_timeout,
        image_pull_timeout=image_pull_timeout,
        logs=logs,
    )
    if options.approved:
        check_alone(plan=saved is not None, expect=options.expect)
    now, begun = service.clock.now(), service.clock.monotonic()
    if saved is not None:
        chosen = plan_options_of(saved, beside=chosen)
        check_not_expired(saved, _SOME_FILE, now)
    reviewed = checked(manifests, chosen, options, saved=saved, now=now, note=note)
    application = prepared(manifests, service, chosen, options, begun=begun, reviewed=reviewed, saved=saved)
    if reason := hindrance(application):
        raise reason
    if told := later_text(application):
        note(told)
    if application.asks and consent(application.plan) is not True:
        raise DlcapplyError("not applied: the answer was no", hint="nothing was written")
    if told := patience_text(application):
        note(told)
    return carry_out(application, apply_context(application), progress or Silent())


def checked(
    manifests: Manifests,
    chosen: PlanOptions,
    options: ApplyOptions,
    *,
    saved: SavedPlan | None,
    now: datetime,
    note: Callable[[str], None],
) -> Reviewed | None:
    """The approvals, if any are named; raises a DlcapplyError for what may not even be planned."""
    if saved is not None:
        check_target(saved, manifests)
    check_owner(manifests)
    if chosen.prune:
        check_prune(manifests)
    if not options.approved:
        return None
    return approvals_from(options.approved, manifests.environment, now=now, note=note)


def check_owner(manifests: Manifests) -> None:
    """Raises UsageError where nobody says whose the runs are."""
    if not manifests.environment.knows_ours:
        raise UsageError(
            "without a project file, apply needs --owner NAME",
            hint="the name says whose runs these are, so that no two teams share one by accident",
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
    saved_as: str = _SOME_FILE,
) -> Application:
    """The plan of now, with what it is to be held against; nothing is written."""
    approvals = reviewed.at(service.clock.now()) if reviewed else None
    planned = plan_live(manifests, service, chosen, approvals=approvals)
    return Application(manifests, service, chosen, options, planned, begun, reviewed, saved, saved_as)


def hindrance(application: Application) -> DlcapplyError | None:
    """Why the plan may not be carried out at all, whatever anybody answers."""
    plan, expected = application.plan, application.options.expect
    if application.saved is not None and application.differs:
        again = plan_again_command(application.saved, application.saved_as)
        return StaleError(
            "the saved plan is no longer what would be done; nothing was written",
            hint=f"review the new plan, and save it: {again}",
        )
    if expected and expected != plan.digest:
        return StaleError(
            f"the plan is not the approved one: approved {expected}, now {plan.digest}",
            hint="nothing was written; review the new plan, and approve it",
        )
    if plan.denials:
        denial = plan.denials[0]
        where = f"{denial.path}: " if denial.path else ""
        return DeniedError(f"{denial.rule}: {where}{denial.message}", hint=denial.hint)
    if unseen := denied_starts(plan):
        return unseen
    needs = needs_of(application.starting, application.manifests.environ)
    if lacking := [need for need in needs if need.here is not VariableState.SET]:
        return DlcapplyError(lacking_text(lacking), hint=lacking_hint(lacking))
    return None


def untouched(plan: Plan, reason: DlcapplyError) -> Applied:
    """The plan as it was left: nothing of it was done, for that reason."""
    return Applied(
        plan,
        tuple(
            left_alone(change, plan.held) or not_done(change, reason.message, hint=reason.hint)
            for change in plan.changes
        ),
    )


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


def apply_context(application: Application) -> ApplyContext:
    """What the writes of this apply rest on; raises DlcapplyError where the project's state can't be used."""
    manifests, service = application.manifests, application.service
    environ = manifests.environ
    manifests.state.make()
    may_start = {*(job.name for job in application.starting), *(one.name for one in application.starts_later)}
    variables = {
        source.variable for job in manifests.jobs if job.name in may_start for source in job.env_from
    }
    is_told = manifests.environment.provenance and application.asks
    started_from = provenance(Path(manifests.loaded.root), environ) if is_told else ""
    return ApplyContext(
        service=service.jobs,
        environment=manifests.environment,
        journal=journal_of(manifests, service, provenance=started_from),
        clock=service.clock,
        settle=application.options.settle,
        lost_journal=LostJournal(application.lost_until),
        env={name: environ[name] for name in variables if name in environ},
        provenance=started_from,
        status_command=typed("status", manifests.target),
        still_idle=partial(is_still_idle, manifests, service),
    )


def carry_out(application: Application, context: ApplyContext, progress: Progress) -> Applied:
    """An outcome for every change; the runs are followed if that was asked for.

    A progress that raises decides about nothing: it is told no more.
    """
    told = Forgiving(progress)
    outcomes = apply_plan(
        application.plan,
        jobs={job.name: job for job in application.manifests.jobs},
        context=context,
        parallelism=application.options.parallelism,
        fail_fast=application.options.fail_fast,
        report=told.outcome,
        begin=told.began,
    )
    waiting = application.waiting
    if waiting is None:
        return Applied(application.plan, tuple(outcomes), progress_error=told.error)
    attendance = _attendance(application, context, told)
    later = LaterStarts(application.mandate, context, outcomes, told)
    following = attendance.following(to_follow(outcomes, waiting))
    stopped = attendance.attend(following, [later] if waiting.until == Milestone.FINISHED else [])
    waited = judged(following, waiting)
    return Applied(
        application.plan,
        tuple(outcomes),
        waited,
        told.error,
        later.starts,
        stopped,
        attendance.verdicts(waited, stopped),
    )


def _attendance(application: Application, context: ApplyContext, told: Forgiving) -> Attendance:
    options = application.options
    return Attendance(
        application.manifests,
        application.service,
        WaitOptions(
            until=options.wait or Milestone.FINISHED,
            timeout=options.wait_timeout,
            on_timeout=options.on_timeout,
            image_pull_timeout=options.image_pull_timeout,
            logs=options.logs,
        ),
        context.interrupt,
        told,
        context.settle,
    )
