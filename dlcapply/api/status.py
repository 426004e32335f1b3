"""The run that counts for each job, or the runs of one operation, as rows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dlcapply.api.journals import journal_of
from dlcapply.api.options import PlanOptions
from dlcapply.api.plan import plan_live
from dlcapply.errors import DlcapplyError, UsageError
from dlcapply.model.jobs import LONGEST_TAG
from dlcapply.model.plans import Action, Behaviour
from dlcapply.planning.marks import FROM_TAG, OP_TAG
from dlcapply.planning.ownership import calls_ours, carried
from dlcapply.planning.unchanged import fell_short
from dlcapply.rendering.report_rows import StatusRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from dlcapply.api.connect import Service
    from dlcapply.api.load import Manifests
    from dlcapply.api.plan import Planned
    from dlcapply.model.jobs import Environment
    from dlcapply.model.plans import Change
    from dlcapply.model.runs import Run


def status(manifests: Manifests, service: Service, *names: str, op: str = "") -> list[StatusRow]:
    """A row for each job and the run that counts for it, and for each run of ours that no manifest has.

    `names` are those of jobs: only they are told of. With `op`, the rows are the runs of that operation.
    Raises UsageError for a name that no manifest has, DlcapplyError where no run has the operation.
    """
    if op and names:
        raise UsageError("an operation is of one job: give names, or op, and not both")
    if op:
        return _of_operation(manifests, service, op)
    chosen = only(manifests, names)
    planned = plan_live(chosen, service, PlanOptions(no_preflight=True), is_shown=False)
    return _rows(planned)


def _of_operation(manifests: Manifests, service: Service, op: str) -> list[StatusRow]:
    journal = journal_of(manifests, service)
    noted = [str(entry["name"]) for entry in journal.entries(op)][-1:]  # an operation is of one job
    names = noted or sorted(job.name for job in manifests.jobs)
    found = [run for name in names for run in service.jobs.runs_named(name) if run.tags.get(OP_TAG) == op]
    listed = [run for run in found if _may_be_ours(run, manifests.environment)]
    job_id = journal.trail(op).job_id
    runs = listed or list(filter(None, [service.jobs.find(job_id)] if job_id else []))
    if not runs:
        raise _not_found(op, names, journal.trail(op).since)
    return [_row(run.name, run) for run in runs]


def _may_be_ours(run: Run, environment: Environment) -> bool:
    """A copy, and what lost a race, is shown too; an operation of another owner or repository is not ours."""
    return not environment.owner or calls_ours(carried(run), environment)


def _not_found(op: str, names: Sequence[str], since: datetime | None) -> DlcapplyError:
    begun = f"; its create was begun at {since:%Y-%m-%d %H:%M:%S} UTC" if since else ""
    return DlcapplyError(
        f"no listing shows a run of {', '.join(names)} with operation {op}{begun}",
        hint="PAI may list a run late: ask again after the settle window (90 s), then apply again",
    )


def only(manifests: Manifests, names: Sequence[str]) -> Manifests:
    """The manifests of the jobs of these names, or all; raises UsageError for a name that none has."""
    unknown = sorted(set(names) - {job.name for job in manifests.jobs})
    if unknown:
        raise UsageError(
            f"neither a file nor a job of the manifests: {', '.join(unknown)}",
            hint=_called_now(manifests, unknown) or "dlcapply status without names shows every job",
        )
    if not names:
        return manifests
    jobs = tuple(job for job in manifests.jobs if job.name in names)
    return replace(manifests, loaded=replace(manifests.loaded, jobs=jobs, complete=False))


def _called_now(manifests: Manifests, words: Iterable[str]) -> str:
    """The present names of jobs that were called by one of the words."""
    present = {former: job.name for job in manifests.jobs for former in job.formerly}
    return "; ".join(f"{word} is called {present[word]} now" for word in words if word in present)


def _rows(planned: Planned) -> list[StatusRow]:
    changes = planned.plan.changes
    declared = [_compared(change, planned.live.get(change.target_id)) for change in changes]
    names = {change.name for change in changes}
    orphans = [
        _row(name, history.running, note="no manifest")
        for name, history in sorted(planned.histories.items())
        if name not in names and history.running is not None
    ]
    return declared + orphans


def _compared(change: Change, run: Run | None) -> StatusRow:
    """In sync is what needs nothing, ended as it should and does as declared; otherwise the note says why."""
    is_same = all(field.behaviour is Behaviour.NEXT_RUN for field in change.fields)
    in_sync = change.action is Action.UNCHANGED and is_same and not fell_short([change])
    tells_more = change.action in {Action.BLOCKED, Action.UNCHANGED, Action.WAITING} and not in_sync
    note = f"{change.action}: {change.reason.code}" if tells_more else change.action.value
    return _row(change.name, run, in_sync=in_sync, note="" if in_sync else note)


def _row(name: str, run: Run | None, *, in_sync: bool | None = None, note: str = "") -> StatusRow:
    if run is None:
        return StatusRow(name, "no run", "", "", in_sync=in_sync, note=note)
    lasted, called = run.duration_seconds, "" if run.name == name else run.name
    return StatusRow(
        name, run.status, run.job_id, run.created, lasted, in_sync, note, _provenance(run), called
    )


def _provenance(run: Run) -> str:
    """What the run says it was started from: for people, so that nothing fails where it can't be read."""
    mark = run.tags.get(FROM_TAG, "")
    return mark[:LONGEST_TAG] if isinstance(mark, str) and mark.isprintable() else ""
