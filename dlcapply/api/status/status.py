"""What is live in an environment: the run that counts for each job, beside what its manifest declares."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dlcapply.api.journals import journal_of
from dlcapply.api.options import MOST_LIMIT, check_count, check_flag
from dlcapply.api.runs.measures import measures_of
from dlcapply.api.runs.named import named_run, place_of
from dlcapply.api.runs.sight import with_sight
from dlcapply.api.status.jobs import job_rows
from dlcapply.api.status.rows import other_run, run_row
from dlcapply.api.status.workspace import MOST_ROWS, all_runs, unmanaged_runs, workspace_runs
from dlcapply.api.where import where_of
from dlcapply.errors import DlcapplyError, NoManifestsError, ServiceError, UsageError
from dlcapply.model.findings import Level
from dlcapply.planning.marks import OP_TAG
from dlcapply.planning.ownership import calls_ours, carried, classify
from dlcapply.rendering.rows.status import StatusReport

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from dlcapply.api.connect import Service
    from dlcapply.api.load import Manifests
    from dlcapply.api.runs.named import NamedRun
    from dlcapply.model.jobs import Environment
    from dlcapply.model.runs import Run
    from dlcapply.rendering.rows.status import StatusRow


@dataclass(frozen=True, slots=True)
class StatusOptions:
    """What is to be shown: all runs of the workspace, those that no manifest declares, or those of jobs.

    `limit` bounds the runs that are shown of a workspace. `op` is an operation whose runs are shown alone.
    """

    all: bool = False
    unmanaged: bool = False
    limit: int = MOST_ROWS
    op: str = ""


def status(
    manifests: Manifests,
    service: Service,
    *names: str,
    op: str = "",
    everything: bool = False,
    unmanaged: bool = False,
    limit: int = MOST_ROWS,
) -> list[StatusRow]:
    """A row for each job and the run that counts for it, and for each run of ours that no manifest has.

    `names` are those of jobs, or of runs that no manifest declares, or JobIds: only they are told of. With
    `op`, the rows are the runs of that operation; with `everything` those of the workspace, `limit` ended
    ones at most; with `unmanaged` those under way that no manifest declares. Raises UsageError for a name
    that nothing has, DlcapplyError where no run has the operation.
    """
    check_flag("everything", everything)
    check_flag("unmanaged", unmanaged)
    check_count("limit", limit, 1, MOST_LIMIT)
    options = StatusOptions(everything, unmanaged, limit, op)
    check_one_is_asked(options, names)
    return list(status_report(manifests, service, names, options).rows)


def check_one_is_asked(options: StatusOptions, words: Sequence[str]) -> None:
    """Raises UsageError for options that ask for different things."""
    asked = [name for name in ("all", "unmanaged", "op") if getattr(options, name)]
    if len(asked) > 1:
        raise UsageError(f"--{asked[0]} and --{asked[1]} ask for different runs")
    if words and asked and asked != ["op"]:
        hint = f"leave --{asked[0]} out, or the names"
        raise UsageError(f"--{asked[0]} is about the workspace, and {words[0]} about a job", hint=hint)


def status_report(
    manifests: Manifests, service: Service, words: Sequence[str], options: StatusOptions
) -> StatusReport:
    """What is live, as the options ask; without manifests, the runs of the workspace.

    Raises as `status` does, NoManifestsError where what was asked for has none, ServiceError where the
    service gives no answer.
    """
    if options.op and words:
        raise UsageError("an operation is of one job: give names, or op, and not both")
    return with_sight(look(manifests, service, words, options), manifests, service)


def look(
    manifests: Manifests, service: Service, words: Sequence[str], options: StatusOptions
) -> StatusReport:
    """The same, without a word on how much of the workspace is seen."""
    errors = tuple(one for one in manifests.findings if one.level is Level.ERROR)
    return replace(_looked(manifests, service, words, options), findings=errors)


def _looked(
    manifests: Manifests, service: Service, words: Sequence[str], options: StatusOptions
) -> StatusReport:
    if options.op:
        return _report(manifests, service, _of_operation(manifests, service, options.op))
    if options.unmanaged:
        return unmanaged_runs(manifests, service)
    if options.all:
        return all_runs(manifests, service, most=options.limit)
    if words:
        return _report(manifests, service, _named_rows(manifests, service, words))
    if not manifests.jobs and not manifests.loaded.broken:
        _check_nothing_was_meant(manifests)
        return workspace_runs(manifests, service, most=options.limit)
    return _report(manifests, service, job_rows(manifests, service, has_all=_is_whole(manifests)))


def _report(manifests: Manifests, service: Service, rows: Iterable[StatusRow]) -> StatusReport:
    ordered = tuple(sorted(rows, key=lambda row: row.name))
    where = where_of(manifests.environment, service)
    return StatusReport(where, ordered, service.now(), names=manifests.names)


def _check_nothing_was_meant(manifests: Manifests) -> None:
    """Raises NoManifestsError where manifests were asked for: a workspace's runs are no answer to that."""
    target = manifests.target
    if target.select or target.exclude:
        raise NoManifestsError("no manifest is selected", hint=manifests.loaded.meant)
    if target.paths:
        hint = "without a path, status shows the project's jobs, or the runs of the workspace"
        raise NoManifestsError(f"no manifests found in {', '.join(target.paths)}", hint=hint)


def _is_whole(manifests: Manifests) -> bool:
    """Whether all jobs of a project were asked for, so that what is missing from them is an orphan."""
    target = manifests.target
    return manifests.loaded.has_project and not (target.paths or target.select or target.exclude)


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
    measures = measures_of(service, runs)
    return [run_row(run.name, run, measures) for run in runs]


def _may_be_ours(run: Run, environment: Environment) -> bool:
    """A copy, and what lost a race, is shown too; an operation of another owner or repository is not ours."""
    return not environment.owner or calls_ours(carried(run), environment)


def _not_found(op: str, names: Sequence[str], since: datetime | None) -> DlcapplyError:
    begun = f"; its create was begun at {since:%Y-%m-%d %H:%M:%S} UTC" if since else ""
    return DlcapplyError(
        f"no listing shows a run of {', '.join(names)} with operation {op}{begun}",
        hint="PAI may list a run late: ask again after the settle window (90 s), then apply again",
    )


def _named_rows(manifests: Manifests, service: Service, words: Sequence[str]) -> list[StatusRow]:
    """The rows of the jobs that the words name, by a present or a former name, and of the runs they name."""
    present = {name: job.name for job in reversed(manifests.jobs) for name in reversed(job.names)}
    broken = {one.name for one in manifests.loaded.broken}
    named = {present.get(word, word) for word in words}
    rest = [word for word in dict.fromkeys(words) if word not in present and word not in broken]
    rows = job_rows(manifests.of_jobs(named), service, has_all=False) if len(rest) < len(words) else []
    return rows + [_named_row(_found(manifests, service, word), manifests, service) for word in rest]


def _found(manifests: Manifests, service: Service, word: str) -> NamedRun:
    try:
        return named_run(manifests, service, word)
    except ServiceError:
        raise
    except DlcapplyError as error:
        place = place_of(manifests.environment)
        message = f"there is no file, no job and no run called {word}: looked in {place}"
        raise UsageError(message, hint=error.hint) from error


def _named_row(named: NamedRun, manifests: Manifests, service: Service) -> StatusRow:
    row = run_row(named.name, named.run, measures_of(service, [named.run]), ownership=named.ownership)
    owners = classify([named.run, *named.others], environment=manifests.environment)
    return replace(row, others=tuple(other_run(one, owners[one.job_id]) for one in named.others))
