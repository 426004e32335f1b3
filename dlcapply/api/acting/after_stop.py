"""Whether an apply starts again what was stopped by hand, and what to do about that."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dlcapply.api.command_lines import typed
from dlcapply.api.options import PlanOptions
from dlcapply.api.plans.plan import gather_live
from dlcapply.errors import DlcapplyError
from dlcapply.model.findings import Level
from dlcapply.model.jobs import Identity, RerunOn
from dlcapply.model.plans import Action
from dlcapply.model.runs import GOING_ON, phase_of
from dlcapply.planning.decisions import Why
from dlcapply.planning.history import histories
from dlcapply.planning.planner import make_plan
from dlcapply.rendering.rows.actions import FollowsRow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dlcapply.api.connect import Service
    from dlcapply.api.load import Manifests
    from dlcapply.model.jobs import Job
    from dlcapply.model.plans import Change
    from dlcapply.model.runs import Run
    from dlcapply.model.stops import StopOutcome

# What asks for another run of a job whose run a person stopped.
_ASKS = {RerunOn.CHANGE: "another spec or run.token", RerunOn.TOKEN: "another run.token"}


def what_follows(
    manifests: Manifests, service: Service, outcomes: Sequence[StopOutcome]
) -> tuple[FollowsRow, ...]:
    """By name, whether the manifests start again what was stopped; nothing is written.

    A run that has not ended yet is taken for one that a person stopped: it will be.
    """
    ended = [one for one in outcomes if one.result.is_told and one.shown.is_ours]
    names = sorted({one.shown.name for one in ended})
    jobs = tuple(job for job in manifests.jobs if job.name in names)
    try:
        changes = _next_changes(manifests, service, jobs, ended)
    except DlcapplyError as error:
        text = f"nobody can tell now whether an apply starts it again ({error.message}); dlcapply plan tells"
        return tuple(FollowsRow(name, None, text) for name in names)
    return tuple(
        _follows(manifests, name, changes[name]) if name in changes else _undeclared(manifests, name)
        for name in names
    )


def _next_changes(
    manifests: Manifests, service: Service, jobs: tuple[Job, ...], ended: Sequence[StopOutcome]
) -> dict[str, Change]:
    """The changes of a plan that sees the runs as stopped, by job."""
    if not jobs:
        return {}
    alone = manifests.of_jobs({job.name for job in jobs})
    found = gather_live(alone, service, PlanOptions(no_preflight=True), is_shown=False)
    last = {one.job_id: one.run if one.run.is_terminal else _as_stopped(one.run) for one in ended}
    runs = [_as_known(run, last) for run in found.live.runs]
    made = make_plan(
        desired=jobs,
        live=histories(runs, environment=manifests.environment, jobs=jobs),
        environment=manifests.environment,
        census=found.census,
        inputs=found.inputs,
    )
    return {change.name: change for change in made.changes}


def _as_known(run: Run, last: Mapping[str, Run]) -> Run:
    """The run of a listing, which may be late, in the state that it was last seen in."""
    seen = last.get(run.job_id)
    if seen is None:
        return run
    body = {**run.body, **{key: value for key, value in seen.body.items() if key != "Settings"}}
    return replace(run, status=seen.status, body=body)


def _as_stopped(run: Run) -> Run:
    return replace(run, status="Stopped", body={**run.body, "ReasonCode": "JobStoppedByUser"})


def _follows(manifests: Manifests, name: str, change: Change) -> FollowsRow:
    file = change.source.file if change.source else "its manifest"
    if change.target and phase_of(change.target.status) in GOING_ON:
        other = f"{change.target.job_id} ({change.target.status})"
        return FollowsRow(name, True, f"{other} of it goes on: it was not among those to be stopped", change)
    if change.action.starts_a_run or (change.action is Action.WAITING and change.op):
        when = "the next apply starts" if change.action.starts_a_run else "an apply will start"
        keep = f"to keep it stopped, put run: {{state: stopped}} into {file}, and apply"
        return FollowsRow(name, True, f"{when} a new run: {change.reason.text}; {keep}", change)
    if change.action is not Action.UNCHANGED:
        return FollowsRow(name, None, f"an apply would find: {change.reason.text}", change)
    if change.reason.code == Why.STOPPED:
        return FollowsRow(name, False, _stays(manifests, name, file, change), change)
    return FollowsRow(name, False, f"an apply starts nothing: {change.reason.text}", change)


def _stays(manifests: Manifests, name: str, file: str, change: Change) -> str:
    """Of a stop that is final: what asks for a new run all the same, and what keeps even that from it."""
    if manifests.environment.identity is Identity.NAME:
        return f"an apply starts nothing: {change.reason.text}"
    asks = next(_ASKS[job.rules.rerun_on] for job in manifests.jobs if job.name == name)
    again = typed("rerun", manifests.target, name=name)
    none = f"none at all where {file} has run: {{state: stopped}}"
    return f"it stays stopped: an apply starts a run only for {asks} ({again}), and {none}"


def _undeclared(manifests: Manifests, name: str) -> FollowsRow:
    broken = sum(finding.level is Level.ERROR for finding in manifests.findings)
    if broken:
        text = "no manifest that can be read declares it; one with an error may, and would start it again"
        return FollowsRow(name, None, text)
    if not manifests.loaded.complete:
        return FollowsRow(name, None, "no manifest at hand declares it; where one does, its apply decides")
    return FollowsRow(name, False, "no manifest declares it: no apply starts it again")
