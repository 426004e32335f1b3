"""Jobs as rows: the run that counts for each, and what a plan would do about it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dlcapply.api.options import PlanOptions
from dlcapply.api.plans.plan import gather_live
from dlcapply.api.runs.idle import idle_runs
from dlcapply.api.runs.measures import measures_of
from dlcapply.api.status.rows import NO_MANIFEST, UNKNOWN_RUN, no_run_row, others_of, run_row
from dlcapply.cloud.job_rows import is_name
from dlcapply.model.plans import Action, Behaviour
from dlcapply.model.runs import FAILURES, Ownership
from dlcapply.planning.history import NO_RUNS, histories
from dlcapply.planning.planner import make_plan
from dlcapply.planning.unchanged import fell_short
from dlcapply.rendering.rows.status import BROKEN, IN_SYNC, ORPHAN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dlcapply.api.connect import Service
    from dlcapply.api.load import Manifests
    from dlcapply.api.runs.idle import JudgedRun
    from dlcapply.api.runs.measures import Measures
    from dlcapply.cloud.gathering import LiveState
    from dlcapply.manifest.broken_manifests import BrokenManifest
    from dlcapply.model.plans import Change
    from dlcapply.model.runs import Run
    from dlcapply.planning.history import History
    from dlcapply.rendering.rows.status import StatusRow


_BROKEN_NOTE = "broken manifest"


@dataclass(frozen=True, slots=True)
class _Seen:
    """A job, and what is to be told of it: the run that counts, and what the planner says of both."""

    name: str
    run: Run | None
    history: History
    change: Change | None = None
    broken: BrokenManifest | None = None


def job_rows(manifests: Manifests, service: Service, *, has_all: bool) -> list[StatusRow]:
    """A row for each job, for each broken manifest, and with `has_all` for each orphan."""
    broken = manifests.loaded.broken
    bad = {one.name for one in broken}
    jobs = tuple(job for job in manifests.jobs if job.name not in bad)
    readable = replace(manifests, loaded=replace(manifests.loaded, jobs=jobs))
    unasked = PlanOptions(no_preflight=True)
    gathered = gather_live(readable, service, unasked, is_shown=False, needs_all_ours=has_all)
    of_broken = list(_broken(broken, manifests, service))
    measures = measures_of(service, [*gathered.live.runs, *filter(None, (one.run for one in of_broken))])
    inputs = replace(gathered.inputs, accelerators=measures.accelerators, cpus=measures.cpus)
    plan = make_plan(
        desired=jobs,
        live=gathered.live.histories,
        environment=manifests.environment,
        census=gathered.census,
        inputs=inputs,
    )
    by_id = {run.job_id: run for run in gathered.live.runs}
    declared = [
        _declared(change, gathered.live.histories.get(change.name, NO_RUNS), by_id) for change in plan.changes
    ]
    idle = idle_runs(readable, service, (one.run for one in declared if one.run and not one.run.is_terminal))
    orphans = _orphans(gathered.live, manifests) if has_all else ()
    undeclared = manifests.undeclared if any(not one.name for one in broken) else ""
    rows = (_row(one, measures, undeclared) for one in (*declared, *of_broken, *orphans))
    return [replace(row, idle=idle[row.job_id].text) if _is_idle(row, idle) else row for row in rows]


def _is_idle(row: StatusRow, judged: Mapping[str, JudgedRun]) -> bool:
    return row.job_id in judged and judged[row.job_id].is_idle


def _declared(change: Change, history: History, by_id: Mapping[str, Run]) -> _Seen:
    run = by_id.get(change.target_id) or history.running or history.newest
    return _Seen(change.name, run, history, change)


def _broken(broken: Sequence[BrokenManifest], manifests: Manifests, service: Service) -> Iterable[_Seen]:
    """The broken ones, with the runs of their names that carry our marks."""
    names = sorted({one.name for one in broken if is_name(one.name)})
    runs = service.jobs.runs_named(*names) if names else ()
    found = histories(runs, environment=manifests.environment)
    for one in broken:
        history = found.get(one.name, NO_RUNS)
        yield _Seen(one.name or one.file, history.running or history.newest, history, broken=one)


def _orphans(live: LiveState, manifests: Manifests) -> Iterable[_Seen]:
    """The active runs of ours whose name no manifest has, as far as manifests can be read."""
    loaded = manifests.loaded
    declared = loaded.names | {one.name for one in loaded.broken} | {job.name for job in loaded.jobs}
    for name, history in live.histories.items():
        if name not in declared and history.running is not None:
            yield _Seen(name, history.running, history)


def _row(seen: _Seen, measures: Measures, undeclared: str) -> StatusRow:
    row = run_row(seen.name, seen.run, measures) if seen.run else no_run_row(seen.name)
    newest = seen.history.newest
    row = replace(
        row,
        others=others_of(seen.history, seen.run),
        newest_failed=newest is not None and newest.phase in FAILURES,
        ownership=Ownership.OURS if seen.run else None,
    )
    if seen.broken:
        return _with_broken(row, seen.broken)
    if seen.change is None:
        return replace(row, note=NO_MANIFEST, plan=ORPHAN, explanation=undeclared)
    return _with_plan(row, seen.change)


def _with_broken(row: StatusRow, broken: BrokenManifest) -> StatusRow:
    place = broken.finding.place
    explanation = f"{_BROKEN_NOTE}: {broken.told}"
    if not broken.name:  # so nobody knows which runs are its own
        row = replace(row, status=UNKNOWN_RUN)
    return replace(row, note=_BROKEN_NOTE, plan=BROKEN, explanation=explanation, place=place)


def _with_plan(row: StatusRow, change: Change) -> StatusRow:
    """In sync is what needs nothing, ended as it should and does as declared; otherwise the note says why."""
    is_same = all(field.behaviour is Behaviour.NEXT_RUN for field in change.fields)
    in_sync = change.action is Action.UNCHANGED and is_same and not fell_short([change])
    tells_more = change.action in {Action.BLOCKED, Action.UNCHANGED, Action.WAITING}
    note = f"{change.action}: {change.reason.code}" if tells_more else change.action.value
    return replace(
        row,
        in_sync=in_sync,
        note="" if in_sync else note,
        plan=IN_SYNC if in_sync else change.action.value,
        explanation="" if in_sync or change.action is Action.CREATE else change.reason.text,
        place=change.source,
    )
