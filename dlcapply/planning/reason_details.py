"""The details of a plan's reasons: what fills the names in their texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.model.jobs import Identity
from dlcapply.model.plans import Behaviour
from dlcapply.planning.claims import void_text
from dlcapply.planning.decisions import Ruling, Why
from dlcapply.planning.marks import ORIGIN_TAG
from dlcapply.planning.ownership import giver_of
from dlcapply.planning.reasons import describe, describe_loss, describe_moved, describe_other
from dlcapply.planning.renames import renaming
from dlcapply.planning.run_progress import spent_by
from dlcapply.planning.situation import new_circumstances

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dlcapply.model.jobs import Environment, Job
    from dlcapply.model.plans import FieldChange
    from dlcapply.model.runs import Run
    from dlcapply.planning.history import History
    from dlcapply.planning.inputs import PlanInputs
    from dlcapply.planning.situation import Situation


# What asks for a new run of what has ended.
_AGAIN = {
    Identity.MARKS: "change run.token to ask for a new run",
    Identity.NAME: "change its spec to ask for a new run",
}


# What does where a changed spec does not.
_ONLY_TOKEN = {
    Identity.MARKS: "only a new run.token asks for a run",
    Identity.NAME: "nothing asks for a run: by name alone no token is known; set it to change",
}


def details(
    situation: Situation,
    fields: tuple[FieldChange, ...],
    ruling: Ruling,
    environment: Environment,
    inputs: PlanInputs,
) -> dict[str, object]:
    job, history, used = situation.job, situation.history, situation.ended.retries_used
    run, moved = history.running or history.newest, history.moved
    adopt = _adopt(job, "it", next(iter(history.rivals), None), environment, inputs)
    return {
        "name": job.name,
        "asks": "this change needs" if fields else "the new run.token asks for",
        "paths": _paths(new_circumstances(situation) if ruling.why is Why.NEW_CIRCUMSTANCES else fields),
        "done": describe(situation.ended.deciding),
        "again": _AGAIN[environment.identity],
        "only_token": _ONLY_TOKEN[environment.identity],
        "instead": f"; --allow-replace {job.name} replaces it" if ruling.replaceable else "",
        "retry": used + 1,
        "retries": job.rules.retries,
        "retried": f", and {used} of {job.rules.retries} retries are used" if job.rules.retries else "",
        "not_after": f"{job.rules.not_after:%Y-%m-%d %H:%M} UTC" if job.rules.not_after else "",
        "runs": _listed(job, history),
        "void": void_text(history),
        "adopt": f"{adopt}or " if adopt else "",
        "moved": describe_moved(moved, origin=environment.origin) if moved else "",
        "adopt_moved": _adopt(job, "that run", moved, environment, inputs),
        "moved_from": moved.tags[ORIGIN_TAG] if moved else "",
        "loss": loss(run, inputs) if run else "",
        "gone": gone_run(situation, inputs),
        "stop": _stop_command(history, inputs, is_protected=ruling.why is Why.MARK_PROTECTED),
        "idle": inputs.idle.get(run.job_id, "") if run else "",
        **renaming(situation.renamed_from),
    }


def _paths(fields: tuple[FieldChange, ...]) -> str:
    """The fields that the reason is about; of several kinds, those that a person would miss most."""
    for behaviour in (Behaviour.CIRCUMSTANCE, Behaviour.IGNORED):
        if chosen := [change.path for change in fields if change.behaviour is behaviour]:
            return ", ".join(chosen)
    return ", ".join(change.path for change in fields)


def _listed(job: Job, history: History) -> str:
    """The runs that stand in the way: several of ours, or otherwise those that are not ours."""
    if history.is_conflict or history.is_outlived:
        older = [run for run in history.under_way if history.is_conflict or run is not history.newest]
        return ", ".join(map(describe, older))
    return ", ".join(describe_other(run, history.owners[run.job_id], job=job.name) for run in history.rivals)


def _adopt(job: Job, it: str, run: Run | None, environment: Environment, inputs: PlanInputs) -> str:
    """How to take over the run that stands in the way, if there is one, as one of the ways out."""
    if run is None or not inputs.can_claim:
        return ""
    return f"adopt {it} ({adopt_command(job, run, environment, inputs)}), "


def _stop_command(history: History, inputs: PlanInputs, *, is_protected: bool) -> str:
    """What stops the runs that stand in the way; empty where none of ours does."""
    if is_protected and history.running:
        return allowed_stop(history.running, inputs)
    older = outdated(history)
    return stop_command(older, inputs) if older else ""


def outdated(history: History) -> tuple[Run, ...]:
    """The runs under way but for the newest of them; where that is alone, a newer one has ended."""
    return history.under_way[:-1] or history.under_way


def stop_command(runs: Sequence[Run], inputs: PlanInputs) -> str:
    first, *more = [run.job_id for run in runs]
    return inputs.typed("stop", first, *more)


def allowed_stop(run: Run, inputs: PlanInputs) -> str:
    """What stops a run although it is protected."""
    return inputs.typed("stop", run.job_id, "--allow-protected", run.job_id)


def stop_of_stranger(run: Run, inputs: PlanInputs) -> str:
    """What stops a run that is not ours."""
    return inputs.typed("stop", run.job_id, "--not-ours")


def adopt_command(job: Job, run: Run, environment: Environment, inputs: PlanInputs) -> str:
    giver = giver_of(run, environment)
    return inputs.typed("adopt", job.name, "--job-id", run.job_id, *(("--from", giver) if giver else ()))


def loss(run: Run, inputs: PlanInputs) -> str:
    """The work that is lost if the run is stopped."""
    return describe_loss(spent_by(run, accelerators=inputs.accelerators, cpus=inputs.cpus, now=inputs.now))


def gone_run(situation: Situation, inputs: PlanInputs) -> str:
    """The run that the operation to come has created before; empty where none is known."""
    return inputs.gone.get(situation.op, "")
