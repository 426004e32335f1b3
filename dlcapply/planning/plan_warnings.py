"""Warnings about jobs whose run is not what the manifest asks for, and about other runs of their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.model.findings import Finding, Level
from dlcapply.model.plans import Action, Change
from dlcapply.planning.decisions import Why
from dlcapply.planning.history import NO_RUNS
from dlcapply.planning.reason_details import adopt_command, stop_of_stranger
from dlcapply.planning.reasons import describe_other, listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dlcapply.model.jobs import Environment, Job
    from dlcapply.planning.history import History
    from dlcapply.planning.inputs import PlanInputs


# An active run goes on with what it has, although the manifest asks for something else.
_WARNED = frozenset({Why.IGNORED, Why.CIRCUMSTANCE, Why.NEXT_RUN, Why.RAN_BEFORE, Why.UNKNOWN_STATUS})


# The reason names the runs of the name that are not ours.
_NAMESAKE_TOLD = frozenset({Why.NAME_TAKEN, Why.LOOKS_MOVED})


_MOST_NAMED = 5


def warnings_of(
    jobs: Sequence[Job],
    by_name: Mapping[str, History],
    changes: Sequence[Change],
    environment: Environment,
    inputs: PlanInputs,
) -> Iterable[Finding]:
    planned = {change.name: change for change in changes}
    for job in jobs:
        change = planned[job.name]
        if change.reason.code in _WARNED - {Why.NEXT_RUN} and change.action is Action.UNCHANGED:
            yield Finding(
                change.reason.code, Level.WARNING, f"{job.name}: {change.reason.text}", place=job.place
            )
        history = by_name.get(job.name, NO_RUNS)
        if (history.past or history.rivals) and change.reason.code not in _NAMESAKE_TOLD:
            yield _namesake_warning(job, history, environment, inputs)
    yield from _next_run_warnings([change for change in changes if change.reason.code == Why.NEXT_RUN])


def _next_run_warnings(changes: Iterable[Change]) -> Iterable[Finding]:
    """One for all jobs that keep the same fields: a tag of the commit concerns each, at every commit."""
    by_paths: dict[tuple[str, ...], list[Change]] = {}
    for change in changes:
        by_paths.setdefault(tuple(field.path for field in change.fields), []).append(change)
    for paths, keeping in by_paths.items():
        match keeping:
            case [change]:
                text, place = f"{change.name}: {change.reason.text}", change.source
            case _:
                names = listed([change.name for change in keeping], most=_MOST_NAMED)
                text = f"the runs of {names} keep their {', '.join(paths)}: the next runs will have the new"
                place = None
        yield Finding(Why.NEXT_RUN, Level.WARNING, text, place=place)


def _namesake_warning(job: Job, history: History, environment: Environment, inputs: PlanInputs) -> Finding:
    others = (*history.rivals, *history.past)[:3]
    runs = ", ".join(describe_other(run, history.owners[run.job_id], job=job.name) for run in others)
    adopt = adopt_command(job, others[0], environment, inputs)
    if not history.rivals:
        hint = "give this job a name of its own"
        hint += f"; or count it as this job's: {adopt}" if inputs.can_claim else ""
    elif history.under_way:
        hint = "it goes on beside this job's own run, and is paid for; if it is a mistake, stop it: "
        hint += stop_of_stranger(others[0], inputs)
    else:
        hint = f"it goes on; if it is a mistake, stop it: {stop_of_stranger(others[0], inputs)}"
        hint += f"; or take it over: {adopt}" if inputs.can_claim else ""
    return Finding("same-name", Level.WARNING, f"{job.name}: {runs}; left alone", hint, place=job.place)
