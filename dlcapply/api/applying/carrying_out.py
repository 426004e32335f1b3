"""From an apply that may begin to what became of it: carried out, and its runs waited for."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from dlcapply.api.applying.follow import judged, to_follow
from dlcapply.api.applying.later_starts import LaterStarts
from dlcapply.api.command_lines import typed
from dlcapply.api.journals import journal_of
from dlcapply.api.options import WaitOptions
from dlcapply.api.runs.idle_stops import is_still_idle
from dlcapply.api.waiting.attending import Attendance
from dlcapply.api.waiting.progress import Forgiving
from dlcapply.applying.applier import apply_plan
from dlcapply.applying.context import ApplyContext
from dlcapply.applying.lost_journal import LostJournal
from dlcapply.applying.outcomes import left_alone, not_done
from dlcapply.operating.following import Milestone
from dlcapply.repository.provenance import provenance

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dlcapply.api.applying.application import Application
    from dlcapply.api.waiting.progress import Progress
    from dlcapply.diagnosis.verdicts import Diagnosis
    from dlcapply.errors import DlcapplyError
    from dlcapply.model.outcomes import LaterStart, Outcome, StoppedRun
    from dlcapply.model.plans import Plan
    from dlcapply.operating.following import WaitedRun


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


def untouched(plan: Plan, reason: DlcapplyError) -> Applied:
    """The plan as it was left: nothing of it was done, for that reason."""
    return Applied(
        plan,
        tuple(
            left_alone(change, plan.held) or not_done(change, reason.message, hint=reason.hint)
            for change in plan.changes
        ),
    )


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
