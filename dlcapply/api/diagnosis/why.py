"""Why the run of a job is as it is, or why there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.api.diagnosis.diagnosing import diagnosed, told, with_commands
from dlcapply.api.options import PlanOptions
from dlcapply.api.plans.plan import plan_live
from dlcapply.api.runs.idle import idle_runs
from dlcapply.api.runs.named import named_run
from dlcapply.api.where import where_of
from dlcapply.diagnosis.verdicts import Code, Diagnosis, Step
from dlcapply.errors import DlcapplyError, ServiceError
from dlcapply.model.plans import Action
from dlcapply.planning.whose import whose
from dlcapply.rendering.rows.diagnosis import DiagnosedRun

if TYPE_CHECKING:
    from dlcapply.api.connect import Service
    from dlcapply.api.load import Manifests
    from dlcapply.api.runs.named import NamedRun

_STARTS = frozenset({Action.CREATE, Action.RERUN, Action.REPLACE})
_NOTHING_TO_DO = frozenset({Action.UNCHANGED, Action.UPDATE})


def why(manifests: Manifests, service: Service, name: str, *, job_id: str = "") -> DiagnosedRun:
    """The report about the run that the name, or JobId, means, as `named_run` finds it.

    Of a job whose newest attempt was never created, it says what the plan says. Raises DlcapplyError where
    there is neither such a run nor such a job, ServiceError where no listing came.
    """
    job = next((one for one in manifests.jobs if one.name == name), None)
    try:
        named = named_run(manifests, service, name, job_id=job_id)
    except ServiceError:
        raise
    except DlcapplyError:
        broken = _broken(manifests, name)
        if job_id or (job is None and not broken):
            raise
        plan = broken or _planned(manifests, service, name, is_judged=True)
        where = where_of(manifests.environment, service)
        return DiagnosedRun(where, name, _without_a_run(manifests, name), plan=plan)
    is_newest = named.job is not None and not job_id and name == named.name
    return DiagnosedRun(
        where_of(manifests.environment, service),
        named.name,
        diagnosed(manifests, service, named, word=job_id or name),
        job_id=named.run.job_id,
        called="" if named.run.name == named.name else named.run.name,
        status=named.run.status,
        created=named.run.created_at,
        now=service.now(),
        ownership=named.ownership,
        whose="" if named.is_ours else whose(named.run, named.ownership),
        others=tuple(run.job_id for run in named.others),
        plan=_planned(manifests, service, name, is_judged=not named.is_ours)
        if is_newest
        else _undeclared(manifests, named),
        idle=_idle(manifests, service, named),
    )


def _broken(manifests: Manifests, name: str) -> str:
    """What is wrong with the manifest of that name, which declares no job for it; empty where nothing is."""
    found = next((one for one in manifests.loaded.broken if one.name == name), None)
    return f"broken manifest: {found.told}" if found else ""


def _undeclared(manifests: Manifests, named: NamedRun) -> str:
    """Why the plan has nothing about a run of ours, where that is no older run of a job."""
    if named.job is not None or not named.is_ours:
        return ""
    return _broken(manifests, named.name) or manifests.undeclared


def _idle(manifests: Manifests, service: Service, named: NamedRun) -> str:
    """How little the run uses, where that is less than its manifest asks for."""
    found = idle_runs(manifests, service, [named.run] if named.is_ours else [])
    return "; ".join(one.text for one in found.values() if one.is_idle)


def _planned(manifests: Manifests, service: Service, name: str, *, is_judged: bool = False) -> str:
    """What the plan says of the job in one sentence; empty where there is nothing to start or to change.

    `is_judged`: with why there is nothing, and what limits and policies say, for which instance types are
    looked up.
    """
    try:
        planned = plan_live(
            manifests.of_jobs([name]), service, PlanOptions(no_preflight=not is_judged), is_shown=is_judged
        )
    except DlcapplyError as error:
        return f"what the plan says of it could not be found: {told(error)}"
    change = next((one for one in planned.plan.changes if one.name == name), None)
    if change is None or (change.action in _NOTHING_TO_DO and not is_judged):
        return ""
    is_asked = is_judged and change.action in _STARTS
    denials = [denial.message for denial in planned.plan.denials] if is_asked else []
    return "; ".join([f"{change.action}: {change.reason.text}", *(f"denied: {one}" for one in denials)])


def _without_a_run(manifests: Manifests, name: str) -> Diagnosis:
    steps = (Step("see what would start it, or why nothing does", ("plan",)),)
    found = Diagnosis(Code.NO_RUN, "It has no run.", next_steps=steps)
    return with_commands(found, manifests.target, name, job=name)
