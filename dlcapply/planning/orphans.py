"""Orphans, the runs of ours that no manifest declares any more: a warning each, or a stop with --prune."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dlcapply.model.findings import Finding, Level
from dlcapply.model.plans import Action, Change, Target
from dlcapply.model.runs import Phase
from dlcapply.planning.claims import deciding_claims
from dlcapply.planning.decisions import Ruling, Why
from dlcapply.planning.marks import PROTECT_TAG
from dlcapply.planning.ownership import is_anothers
from dlcapply.planning.reason_details import allowed_stop, loss
from dlcapply.planning.reasons import describe, describe_claim, reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dlcapply.model.jobs import Environment
    from dlcapply.model.runs import Run
    from dlcapply.planning.history import History
    from dlcapply.planning.inputs import PlanInputs


# Runs that stand for a decision when no manifest is left: who knows what an unknown status costs.
_STANDING = frozenset({Phase.ACTIVE, Phase.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Successors:
    """What may be meant to replace an orphan, so that it is not stopped: `heirs`, by the orphan's name, are
    jobs that look like it; `missing` are jobs that want a run, have none under way, and are kept from
    starting one.
    """

    heirs: Mapping[str, str]
    missing: tuple[str, ...] = ()


def orphaned(by_name: Mapping[str, History], declared: set[str]) -> tuple[History, ...]:
    return tuple(
        history
        for name, history in sorted(by_name.items())
        if name not in declared and any(run.phase in _STANDING for run in history.under_way)
    )


def kept_from_starting(changes: Iterable[Change], by_name: Mapping[str, History]) -> tuple[str, ...]:
    """The jobs whose name is taken by somebody else's active run: they go on once it ends, or is adopted."""
    return tuple(
        change.name
        for change in changes
        if change.reason.code == Why.NAME_TAKEN and by_name[change.name].running is None
    )


def prune(history: History, environment: Environment, inputs: PlanInputs, successors: Successors) -> Change:
    run = history.under_way[-1]
    ruling = _orphan_ruling(run, history, environment, successors)
    runs = ", ".join(describe(other) for other in history.under_way)
    return Change(
        run.name,
        ruling.action,
        reason(
            ruling.why,
            run,
            runs=runs,
            stop=_stop_command(run, ruling.why, inputs),
            loss=loss(run, inputs),
            former=run.name,
            heir=successors.heirs.get(run.name, ""),
            missing=next(iter(successors.missing), ""),
        ),
        target=Target(run.job_id, run.status),
        claims=deciding_claims(history, environment),
        private=run.body.get("Accessibility") != "PUBLIC",
    )


def _stop_command(run: Run, why: Why, inputs: PlanInputs) -> str:
    """What stops what prune leaves: every run of the name, or the protected one."""
    is_several = why is Why.ORPHAN_CONFLICT
    return inputs.typed("stop", run.name) if is_several else allowed_stop(run, inputs)


def orphan_warning(
    history: History, environment: Environment, inputs: PlanInputs, successors: Successors
) -> Finding:
    """What --prune would say of the runs, or do."""
    change = prune(history, environment, inputs, successors)
    if change.action is Action.STOP:
        release = inputs.typed("release", change.name)
        hint = f"restore its manifest, stop it with --prune, or leave it to others: {release}"
        claims = "".join(f"; {describe_claim(one, owner=environment.owner)}" for one in change.claims)
        return Finding("orphan", Level.WARNING, f"{change.name}: {change.reason.text}{claims}", hint)
    return Finding("orphan", Level.WARNING, f"{change.name}: {change.reason.text}")


def _orphan_ruling(run: Run, history: History, environment: Environment, successors: Successors) -> Ruling:
    obstacles = (
        (history.is_conflict, Why.ORPHAN_CONFLICT),
        (run.name in successors.heirs, Why.ORPHAN_RENAMED),
        (run.phase is Phase.UNKNOWN, Why.UNKNOWN_STATUS),
        (run.tags.get(PROTECT_TAG) == "true", Why.ORPHAN_PROTECTED),
        (is_anothers(run, environment), Why.ORPHAN_CLAIMED),
        (bool(successors.missing), Why.ORPHAN_HELD),
    )
    why = next((why for holds, why in obstacles if holds), None)
    return Ruling(Action.STOP, Why.ORPHAN) if why is None else Ruling(Action.BLOCKED, why)
