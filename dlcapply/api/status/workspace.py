"""The runs of a workspace as rows, whoever's they are: ours and strangers told apart."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dlcapply.api.runs.measures import measures_of
from dlcapply.api.status.rows import NO_MANIFEST, run_row
from dlcapply.api.where import where_of
from dlcapply.cloud.workspace_runs import lasting_runs
from dlcapply.manifest.selection import is_selected
from dlcapply.model.runs import FAILURES, Ownership
from dlcapply.planning.ownership import owners_of
from dlcapply.planning.run_progress import is_over
from dlcapply.planning.whose import whose_briefly
from dlcapply.rendering.rows.status import ORPHAN, StatusReport

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dlcapply.api.connect import Service
    from dlcapply.api.load import Manifests
    from dlcapply.cloud.workspace_runs import WorkspaceRuns
    from dlcapply.model.runs import Run
    from dlcapply.rendering.rows.status import StatusRow

# Rows of runs that have ended, unless somebody asks for more.
MOST_ROWS = 100


def all_runs(manifests: Manifests, service: Service, *, most: int = MOST_ROWS) -> StatusReport:
    """Every run that has not ended, however old, and so many of the newest that have; newest first."""
    found = lasting_runs(service.jobs, newest=most)
    ended = {run.job_id for run in [run for run in found.runs if is_over(run)][:most]}
    told = [run for run in found.runs if run.job_id in ended or not is_over(run)]
    rows = _rows(_selected(told, manifests), manifests, service, among=found.runs)
    return _report(manifests, service, rows, found, more=max(0, found.total - len(told) - found.unread))


def workspace_runs(manifests: Manifests, service: Service, *, most: int = MOST_ROWS) -> StatusReport:
    """The runs that have not ended, then of every other name its newest; each newest first.

    Of what has ended, only what is among so many of the workspace's newest runs.
    """
    found = lasting_runs(service.jobs, newest=most)
    chosen = _selected(found.runs, manifests)
    lasting = [run for run in chosen if not is_over(run)]
    names = {run.name for run in lasting}
    ended = {run.name: run for run in reversed(chosen) if run.name not in names}
    newest_first = sorted(ended.values(), key=lambda run: run.age_key, reverse=True)
    rows = _rows([*lasting, *newest_first[:most]], manifests, service, among=chosen)
    return _report(manifests, service, rows, found)


def unmanaged_runs(manifests: Manifests, service: Service) -> StatusReport:
    """The runs that have not ended and that no manifest declares: orphans, released runs, and strangers'."""
    found = lasting_runs(service.jobs, newest=MOST_ROWS)
    loaded = manifests.loaded
    declared = loaded.names | {one.name for one in loaded.broken}
    lasting = [run for run in found.runs if not is_over(run)]
    owners = owners_of(found.runs, environment=manifests.environment)
    chosen = [run for run in lasting if not (owners[run.job_id] is Ownership.OURS and run.name in declared)]
    rows = _rows(_selected(chosen, manifests), manifests, service, among=found.runs)
    report = _report(manifests, service, [_as_unmanaged(row) for row in rows], found)
    return replace(report, nothing="No active run that no manifest declares.")


def _as_unmanaged(row: StatusRow) -> StatusRow:
    if row.ownership is not Ownership.OURS:
        return row
    return replace(row, owner=ORPHAN, plan=ORPHAN, note=NO_MANIFEST)


def _rows(
    runs: Sequence[Run], manifests: Manifests, service: Service, *, among: Sequence[Run] = ()
) -> list[StatusRow]:
    """The runs as rows; whose each is is told by all of its name that are known."""
    known = among or runs
    owners = owners_of(known, environment=manifests.environment)
    oldest_first = sorted(known, key=lambda run: run.age_key)
    newest = {(run.name, whose_briefly(run, owners[run.job_id])): run for run in oldest_first}
    measures = measures_of(service, runs)
    return [
        replace(
            run_row(run.name, run, measures, ownership=owners[run.job_id]),
            newest_failed=newest[run.name, whose_briefly(run, owners[run.job_id])].phase in FAILURES,
        )
        for run in runs
    ]


def _selected(runs: Iterable[Run], manifests: Manifests) -> list[Run]:
    """The runs that --select and --exclude leave; labels are tags."""
    target = manifests.target
    return [run for run in runs if is_selected(run.name, run.tags, target.select, target.exclude)]


def _report(
    manifests: Manifests, service: Service, rows: Sequence[StatusRow], found: WorkspaceRuns, *, more: int = 0
) -> StatusReport:
    return StatusReport(
        where_of(manifests.environment, service),
        tuple(rows),
        service.now(),
        is_of_runs=True,
        more=more,
        unread=found.unread,
        names=manifests.names,
    )
