"""What the status command tells: the run that a plan names for each job, or that of one operation."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from dlcapply.cli.choices import Wishes
from dlcapply.cli.connecting import connected
from dlcapply.cli.loading import load_valid
from dlcapply.cli.planning import journal_of, plan_live
from dlcapply.cli.printing import JSON, report, say
from dlcapply.cli.streams import stderr
from dlcapply.errors import DlcapplyError, ExitCode, UsageError
from dlcapply.manifest.paths import is_typed
from dlcapply.model import LONGEST_TAG, Action, Behaviour
from dlcapply.planning.history import histories
from dlcapply.planning.marks import FROM_TAG, OP_TAG
from dlcapply.planning.ownership import calls_ours, carried
from dlcapply.planning.standing import fell_short
from dlcapply.rendering.json_documents import status_document, to_json
from dlcapply.rendering.report_rows import StatusRow
from dlcapply.rendering.text.statuses import status_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from dlcapply.cli.choices import Where
    from dlcapply.cli.printing import Output
    from dlcapply.cli.shell import Shell
    from dlcapply.manifest.load import Loaded
    from dlcapply.model import Change, Environment, Job, Plan, Run


def show_statuses(shell: Shell, outputs: Sequence[Output], *, where: Where, read_timeout: float) -> ExitCode:
    """One row per job has been shown; words in `where.paths` that are no files name jobs."""
    where, names = _split(where)
    loaded, environment = load_valid(where, shell.environ)
    loaded = _only(loaded, names)
    if not environment.knows_ours:
        warning = "no owner: no run can be told to be yours; --owner NAME says whose runs to show"
        say(stderr(), shell, warning)
    with connected(environment, shell, loaded=loaded, read_timeout=read_timeout) as cloud:
        wishes = Wishes(no_preflight=True)
        plan, runs = plan_live(loaded, environment, cloud, shell, where=where, wishes=wishes, is_shown=False)
    _show(_rows(plan, runs, environment, loaded.jobs), outputs, shell)
    return ExitCode.OK


def show_operation(
    shell: Shell, outputs: Sequence[Output], *, where: Where, op: str, read_timeout: float
) -> ExitCode:
    """The runs that carry the operation id have been shown; raises DlcapplyError where there is none."""
    loaded, environment = load_valid(where, shell.environ)
    with connected(environment, shell, loaded=loaded, read_timeout=read_timeout) as cloud:
        journal = journal_of(loaded, environment, cloud, shell)
        noted = [str(entry["name"]) for entry in journal.entries(op)][-1:]  # an operation is of one job
        names = noted or sorted(job.name for job in loaded.jobs)
        found = [run for name in names for run in cloud.jobs.runs_named(name) if run.tags.get(OP_TAG) == op]
        listed = [run for run in found if _may_be_ours(run, environment)]
        job_id = journal.trail(op).job_id
        runs = listed or list(filter(None, [cloud.jobs.find(job_id)] if job_id else []))
    if not runs:
        raise _not_found(op, names, journal.trail(op).since)
    _show([_row(run.name, run) for run in runs], outputs, shell)
    return ExitCode.OK


def _may_be_ours(run: Run, environment: Environment) -> bool:
    """A copy, and what lost a race, is shown too; an operation of another owner or repository is not ours."""
    return not environment.owner or calls_ours(carried(run), environment)


def _not_found(op: str, names: Sequence[str], since: datetime | None) -> DlcapplyError:
    begun = f"; its create was begun at {since:%Y-%m-%d %H:%M:%S} UTC" if since else ""
    return DlcapplyError(
        f"no listing shows a run of {', '.join(names)} with operation {op}{begun}",
        hint="PAI may list a run late: ask again after the settle window (90 s), then apply again",
    )


def _split(where: Where) -> tuple[Where, tuple[str, ...]]:
    paths = tuple(word for word in where.paths if is_typed(word) or os.path.exists(word))  # noqa: PTH110
    return replace(where, paths=paths), tuple(word for word in where.paths if word not in paths)


def _called_now(loaded: Loaded, words: Iterable[str]) -> str:
    """The present names of jobs that were called by one of the words."""
    present = {former: job.name for job in loaded.jobs for former in job.formerly}
    return "; ".join(f"{word} is called {present[word]} now" for word in words if word in present)


def _only(loaded: Loaded, names: Sequence[str]) -> Loaded:
    unknown = sorted(set(names) - {job.name for job in loaded.jobs})
    if unknown:
        raise UsageError(
            f"neither a file nor a job of the manifests: {', '.join(unknown)}",
            hint=_called_now(loaded, unknown) or "dlcapply status without names shows every job",
        )
    if not names:
        return loaded
    return replace(loaded, jobs=tuple(job for job in loaded.jobs if job.name in names), complete=False)


def _rows(plan: Plan, runs: Iterable[Run], environment: Environment, jobs: Iterable[Job]) -> list[StatusRow]:
    by_id = {run.job_id: run for run in runs}
    declared = [_compared(change, by_id.get(change.target_id)) for change in plan.changes]
    names = {change.name for change in plan.changes}
    orphans = [
        _row(name, history.running, note="no manifest")
        for name, history in sorted(histories(by_id.values(), environment=environment, jobs=jobs).items())
        if name not in names and history.running is not None
    ]
    return declared + orphans


def _compared(change: Change, run: Run | None) -> StatusRow:
    """In sync is what needs nothing, ended as it should and does what is declared; else the note says why."""
    is_same = all(field.behaviour is Behaviour.NEXT_RUN for field in change.fields)
    in_sync = change.action is Action.UNCHANGED and is_same and not fell_short([change])
    tells_more = change.action in {Action.BLOCKED, Action.UNCHANGED} and not in_sync
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


def _show(rows: Sequence[StatusRow], outputs: Sequence[Output], shell: Shell) -> None:
    report(
        outputs,
        shell,
        lines=lambda: status_lines(rows, now=shell.clock.now()),
        others={JSON: lambda: to_json(status_document(rows))},
    )
