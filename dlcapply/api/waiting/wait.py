"""Waiting for runs that are there: which of them count, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from dlcapply.api.command_lines import typed
from dlcapply.api.options import PlanOptions
from dlcapply.api.plans.plan import plan_live
from dlcapply.api.runs.named import named_run
from dlcapply.api.waiting.attending import Attendance
from dlcapply.api.waiting.progress import Forgiving, Silent
from dlcapply.api.waiting.rows import MOST_NAMES, going_on
from dlcapply.applying.interrupt import Interrupt
from dlcapply.errors import DlcapplyError, UsageError
from dlcapply.model.plans import Action
from dlcapply.operating.following import Milestone
from dlcapply.planning.decisions import Why
from dlcapply.planning.reasons import listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dlcapply.api.connect import Service
    from dlcapply.api.load import Manifests
    from dlcapply.api.options import TargetOptions, WaitOptions
    from dlcapply.api.plans.plan import Planned
    from dlcapply.api.runs.named import NamedRun
    from dlcapply.api.waiting.progress import Progress
    from dlcapply.api.waiting.rows import GoesOn
    from dlcapply.diagnosis.verdicts import Diagnosis
    from dlcapply.model.outcomes import StoppedRun
    from dlcapply.model.plans import Change
    from dlcapply.operating.following import WaitedRun

# Of these changes the run that is named was started for the spec and token that are declared now.
_SAME_AGAIN = frozenset({Why.RETRY, Why.NEW_CIRCUMSTANCES})
_NOT_WAITED_FOR = "is not waited for"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The runs to wait for, each with its job's name, and what else there is to say of its jobs.

    `left` are the jobs without a run to wait for, and why. `blocked`: of a job nobody can tell which run
    counts. `named` are the runs, by JobId, that no manifest is needed for.
    """

    runs: tuple[tuple[str, str], ...]
    remarks: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    blocked: bool = False
    named: Mapping[str, NamedRun] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Waited:
    """Every run that was waited for, by name; `progress_error` is what the progress raised.

    `stopped` are those that were to be stopped, as they were not done in time; `verdicts` say, by JobId, why
    the first few of those that failed did. `remarks` are on jobs without a run that counts; `blocked`: of one
    of them nobody can tell which run does.
    """

    runs: tuple[WaitedRun, ...]
    progress_error: Exception | None = None
    stopped: tuple[StoppedRun, ...] = ()
    verdicts: Mapping[str, Diagnosis] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    blocked: bool = False


def wanted_runs(manifests: Manifests, service: Service, names: Sequence[str]) -> Wanted:
    """The runs that the names, or JobIds, mean; without names, those of the selected jobs.

    Of a job it is the run that a plan names: the one under way, else the newest of its present spec and
    token. Raises UsageError where nothing is named, DlcapplyError for a name without such a run, and where
    no job at all has one to wait for: who waits must not take that for success. ServiceError where PAI gives
    no answer.
    """
    if not names and not manifests.target.select:
        raise UsageError(
            "nothing is named to be waited for", hint="name jobs or JobIds, or select jobs: --select '*'"
        )
    declared = {job.name for job in manifests.jobs}
    jobs = [name for name in dict.fromkeys(names) if name in declared] if names else sorted(declared)
    planned = _planned(manifests, service, jobs) if jobs else None
    found = _of_jobs(planned, manifests.target, is_named=bool(names)) if planned else Wanted(())
    others = [named_run(manifests, service, name) for name in dict.fromkeys(names) if name not in declared]
    if not names:
        found = _with_broken(found, manifests)
    runs = (*found.runs, *((one.name, one.run.job_id) for one in others))
    if not runs and not found.blocked:
        raise _nothing(manifests, found.left)
    return replace(found, runs=runs, named={one.run.job_id: one for one in others})


def _with_broken(found: Wanted, manifests: Manifests) -> Wanted:
    """With what is wrong with manifests that are selected: nobody can tell which of their runs count."""
    broken = tuple(
        f"{one.name or 'the job of ' + one.file} {_NOT_WAITED_FOR}: its manifest is broken: {one.told}"
        for one in manifests.loaded.broken
    )
    return replace(found, remarks=(*broken, *found.remarks), blocked=found.blocked or bool(broken))


def _nothing(manifests: Manifests, left: Sequence[str]) -> DlcapplyError:
    if not left:
        hint = manifests.loaded.meant or "dlcapply status lists the jobs"
        return DlcapplyError("no job is selected", hint=hint)
    hint = f"what an apply would start, or why nothing: {typed('plan', manifests.target)}"
    return DlcapplyError(f"there is no run to wait for: {listed(left, most=MOST_NAMES)}", hint=hint)


def _planned(manifests: Manifests, service: Service, names: Iterable[str]) -> Planned:
    return plan_live(
        manifests.of_jobs(frozenset(names)), service, PlanOptions(no_preflight=True), is_shown=False
    )


def _of_jobs(planned: Planned, target: TargetOptions, *, is_named: bool) -> Wanted:
    runs, remarks, left, blocked = [], [], [], False
    for change in planned.plan.changes:
        if job_id := _run_that_counts(change, planned):
            runs.append((change.name, job_id))
            if change.action is Action.BLOCKED:
                remarks.append(
                    f"{change.name} is blocked, and its run under way is waited for: {change.reason.text}"
                )
        elif change.action is Action.BLOCKED:
            remarks.append(f"{change.name} {_NOT_WAITED_FOR}: it is blocked, {change.reason.text}")
            blocked = True
        elif change.reason.code in {Why.NOT_WANTED, Why.STATE_STOPPED}:
            left.append((change.name, "is declared stopped"))
        elif is_named:
            raise _no_run(change, target)
        else:
            left.append((change.name, "has no run of its present spec and token"))
    remarks += [f"{name} {_NOT_WAITED_FOR}: it {why}" for name, why in left]
    return Wanted(tuple(runs), tuple(remarks), tuple(f"{name} {why}" for name, why in left), blocked)


def _run_that_counts(change: Change, planned: Planned) -> str:
    """The JobId of the run that a plan names; empty where none counts."""
    if change.reason.code in {Why.NOT_WANTED, Why.STATE_STOPPED}:
        return ""
    history = planned.histories.get(change.name)
    if history is not None and history.running is not None:
        return history.running.job_id
    is_answer = change.action is Action.UNCHANGED or change.reason.code in _SAME_AGAIN
    return change.target_id if is_answer else ""


def what_goes_on(
    waited: Waited, names: Sequence[str], options: WaitOptions, target: TargetOptions
) -> GoesOn | None:
    """The runs that go on, and cost, and how to wait for them again; None where none does."""
    words = [name for name in names if not name.startswith("-")]
    until = [] if options.until == Milestone.FINISHED else ["--for", options.until]
    logs = ["--logs"] if options.logs else []
    again = typed("wait", target, *words, *until, *logs) if len(words) == len(names) else ""
    return going_on(waited.runs, waited.stopped, again=again)


def _no_run(change: Change, target: TargetOptions) -> DlcapplyError:
    return DlcapplyError(
        f"{change.name} has no run of its present spec and token to wait for",
        hint=f"what an apply would start, or why nothing: {typed('plan', target)}",
    )


def wait(
    manifests: Manifests,
    service: Service,
    wanted: Wanted,
    options: WaitOptions,
    *,
    progress: Progress | None = None,
    interrupt: Interrupt | None = None,
) -> Waited:
    """What became of the runs, once all have come so far, or time is up, or somebody interrupted it."""
    told = Forgiving(progress or Silent())
    attendance = Attendance(manifests, service, options, interrupt or Interrupt(), told, known=wanted.named)
    following = attendance.following(wanted.runs)
    stopped = attendance.attend(following)
    runs = tuple(sorted(following.runs, key=lambda one: one.name))
    return Waited(runs, told.error, stopped, attendance.verdicts(runs, stopped))
