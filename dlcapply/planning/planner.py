"""(desired jobs, live runs, inputs) → plan; a pure function."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dlcapply.model.jobs import Identity
from dlcapply.model.plans import Action, Behaviour, Change, Consent, Plan, Scope, Target
from dlcapply.model.stop_causes import StopCause
from dlcapply.planning.approval_terms import terms_of
from dlcapply.planning.approvals import held_back
from dlcapply.planning.claims import deciding_claims, void_claims
from dlcapply.planning.context import context_of
from dlcapply.planning.costs import cost_of
from dlcapply.planning.decisions import Case, Difference, Ruling, Why, decide, strongest_difference
from dlcapply.planning.digest import digest
from dlcapply.planning.freezes import frozen
from dlcapply.planning.history import NO_RUNS
from dlcapply.planning.limits import check_limits
from dlcapply.planning.marks import token_changed
from dlcapply.planning.masking import shown_labels
from dlcapply.planning.orphans import Successors, kept_from_starting, orphan_warning, orphaned, prune
from dlcapply.planning.ownership import is_guarded
from dlcapply.planning.plan_warnings import warnings_of
from dlcapply.planning.reason_details import details, gone_run
from dlcapply.planning.reasons import reason
from dlcapply.planning.renames import looks_renamed, ran_elsewhere, rename_warnings
from dlcapply.planning.situation import compared, situation_of
from dlcapply.planning.spend import spend_of
from dlcapply.planning.visibility import is_private, private_runs, visibility_warnings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dlcapply.model.findings import Finding
    from dlcapply.model.jobs import Environment, Job
    from dlcapply.model.plans import Cost, FieldChange, Reason, Spend
    from dlcapply.model.runs import Census, Run
    from dlcapply.planning.approvals import Approvals
    from dlcapply.planning.ended_runs import EndedRuns
    from dlcapply.planning.history import History
    from dlcapply.planning.inputs import PlanInputs
    from dlcapply.planning.situation import Situation


# Nothing is done, although the manifest asks for something that the run does not have.
_TELLING = frozenset(
    {Why.IGNORED, Why.CIRCUMSTANCE, Why.NEXT_RUN, Why.RAN_BEFORE, Why.RERUN_ON_TOKEN, Why.PAST_NOT_AFTER}
)
# What is said of a field where a run starts, which takes every field.
_IN_A_START = {
    **dict.fromkeys(Behaviour, Behaviour.NEEDS_RUN),
    **dict.fromkeys((Behaviour.CIRCUMSTANCE, Behaviour.NEXT_RUN), Behaviour.NEXT_RUN),
}


def make_plan(
    *,
    desired: Iterable[Job],
    live: Mapping[str, History],
    environment: Environment,
    census: Census,
    inputs: PlanInputs,
) -> Plan:
    """The plan that brings the live runs to what the jobs ask for: one change per name, sorted by name.

    `live` are the runs by the name of the job whose history they are.
    """
    jobs = sorted(desired, key=lambda job: job.name)
    renamed = looks_renamed(jobs, live, environment=environment, names=inputs.names)
    situations = [
        situation_of(job, live.get(job.name, NO_RUNS), environment, renamed_from=renamed.get(job.name, ()))
        for job in jobs
    ]
    changes = [_change(situation, environment, inputs) for situation in situations]
    prunes, orphan_warnings = _orphans(changes, live, renamed, environment, inputs)
    changes = sorted((*changes, *prunes), key=lambda change: change.name)
    held = held_back(changes, inputs.approvals)
    findings = (
        *visibility_warnings(jobs, environment, sees=census.sees, why_unknown=inputs.view_unknown),
        *inputs.findings,
        *warnings_of(jobs, live, changes, environment, inputs),
        *void_claims(live),
        *private_runs(situations),
        *orphan_warnings,
        *(rename_warnings(jobs, renamed) if inputs.names is None else ()),
        *ran_elsewhere(jobs, live, {change.name for change in changes if change.op}),
        *check_limits(
            [change for change in changes if change.name not in held],
            limits=environment.limits,
            active=sum(len(history.active) for history in live.values()),
            allow_stops=inputs.allow_stops,
            consented=_consented(changes, inputs.approvals),
        ),
    )
    scope = scope_of(environment, inputs)
    named = digest(scope=scope, changes=changes)
    context = context_of(inputs.now, inputs.zone)
    return Plan(environment, scope, census, tuple(changes), findings, named, held=held, context=context)


def _orphans(
    changes: Sequence[Change],
    live: Mapping[str, History],
    renamed: Mapping[str, Sequence[Run]],
    environment: Environment,
    inputs: PlanInputs,
) -> tuple[list[Change], list[Finding]]:
    """What becomes of runs that no manifest asks about: they are pruned, or else warned of."""
    declared = {change.name for change in changes}
    orphans = orphaned(live, declared) if inputs.complete else ()
    heirs = {run.name: name for name, runs in sorted(renamed.items()) for run in runs}
    successors = Successors(heirs, kept_from_starting(changes, live))
    if inputs.prune:
        return [prune(history, environment, inputs, successors) for history in orphans], []
    return [], [orphan_warning(history, environment, inputs, successors) for history in orphans]


def _consented(changes: Iterable[Change], approvals: Approvals | None) -> frozenset[str]:
    """The jobs whose stop or replace was among those that a review consented to."""
    if approvals is None:
        return frozenset()
    return frozenset(change.name for change in changes if approvals.consent_to_stop(change))


def scope_of(environment: Environment, inputs: PlanInputs) -> Scope:
    """What is asked about, and where."""
    return Scope(
        environment.owner,
        environment.region,
        environment.workspace_id,
        environment.identity,
        inputs.prune,
        inputs.select,
        inputs.exclude,
        environment.endpoint,
        inputs.allow_stops,
        environment.origin,
    )


def _change(situation: Situation, environment: Environment, inputs: PlanInputs) -> Change:
    job = situation.job
    ruling = decide(_case(situation, environment, inputs))
    meant = ruling.meant
    shown = compared(situation, meant)
    starts = ruling.action.starts_a_run or ruling.awaits_start
    run = situation.about(meant)
    return Change(
        name=job.name,
        action=ruling.action,
        reason=_reason(situation, shown, ruling, environment, inputs),
        source=job.place,
        target=Target(run.job_id, run.status) if run else None,
        op=situation.op if starts else "",
        fields=_shown_fields(meant, shown),
        spend=_spend(situation, inputs) if starts else None,
        consent=_consent(job, meant),
        claims=deciding_claims(situation.history, environment, also=situation.ended.deciding),
        retry=_retry(meant, situation.ended),
        terms=terms_of(job, identity=environment.identity),
        private=is_private(job),
        formerly=job.formerly,
        labels=shown_labels(job),
        cost=_cost(situation, inputs) if starts else None,
    )


def _reason(
    situation: Situation,
    shown: tuple[FieldChange, ...],
    ruling: Ruling,
    environment: Environment,
    inputs: PlanInputs,
) -> Reason:
    meant = ruling.meant
    told = reason(meant.why, situation.told(meant), **details(situation, shown, meant, environment, inputs))
    if meant is ruling:
        return told
    return reason(ruling.why, None, frozen=frozen(environment.freezes, inputs.now), then=told.text)


def _retry(ruling: Ruling, ended: EndedRuns) -> int:
    """Which retry is started, from 1; 0 where it is not one, as in a return to an older spec."""
    return ended.retries_used + 1 if ruling.why is Why.RETRY and ended.is_latest else 0


def _case(situation: Situation, environment: Environment, inputs: PlanInputs) -> Case:
    job, history, ended = situation.job, situation.history, situation.ended
    running = history.running
    run = running or history.newest
    new_token = run is not None and token_changed(run, job=job)
    not_after = job.rules.not_after
    return Case(
        phase=running.phase if running else None,
        difference=_difference(situation, new_token=new_token),
        rules=job.rules,
        last=ended.last,
        is_latest=ended.is_latest,
        has_runs=history.newest is not None,
        token_changed=new_token,
        token_known=ended.token_known,
        around_changed=ended.around_changed,
        around_differs=any(change.behaviour is Behaviour.CIRCUMSTANCE for change in situation.fields),
        out_of_time=ended.stopped_by is StopCause.TIME_LIMIT,
        by_workspace=ended.stopped_by is StopCause.WORKSPACE,
        retries_left=job.rules.retries - ended.retries_used,
        past_not_after=not_after is not None and inputs.now > not_after,
        replace_allowed=_may_replace(job.name, running, inputs),
        conflict=history.is_conflict,
        outlived=history.is_outlived,
        by_name=environment.identity is Identity.NAME,
        rivals=bool(history.rivals),
        disputed=bool(history.disputed),
        guarded=run is not None and is_guarded(run, environment),
        done=bool(gone_run(situation, inputs)),
        moved=history.moved is not None,
        renamed=bool(situation.renamed_from) and inputs.names is not None,
        frozen=frozen(environment.freezes, inputs.now) is not None,
        idle=running is not None and running.job_id in inputs.idle,
    )


def _may_replace(name: str, run: Run | None, inputs: PlanInputs) -> bool:
    """Whether a person consented to it, here or in a review."""
    if name in inputs.allow_replace:
        return True
    reviewed = inputs.approvals
    return run is not None and reviewed is not None and reviewed.consent_to_replace(name, run.job_id)


def _difference(situation: Situation, *, new_token: bool) -> Difference:
    if situation.history.running is None:
        return Difference.EQUAL
    return strongest_difference(situation.fields, token_changed=new_token)


def _spend(situation: Situation, inputs: PlanInputs) -> Spend:
    """What the start and the retries that may follow can spend, now or once it need not wait."""
    runs = _runs(situation)
    return spend_of(situation.job.spec, accelerators=inputs.accelerators, cpus=inputs.cpus, runs=runs)


def _cost(situation: Situation, inputs: PlanInputs) -> Cost | None:
    """The same in money, where anybody says what instances cost."""
    return cost_of(situation.job.spec, inputs.prices, runs=_runs(situation)) if inputs.prices else None


def _runs(situation: Situation) -> int:
    left = situation.job.rules.retries - situation.ended.retries_used
    return max(left if situation.ended.is_repeated else left + 1, 1)  # a retry is one of those that are left


def _shown_fields(ruling: Ruling, fields: tuple[FieldChange, ...]) -> tuple[FieldChange, ...]:
    if ruling.action.starts_a_run:  # the new run takes every field, whatever PAI would do with the old one
        return tuple(replace(change, behaviour=_IN_A_START[change.behaviour]) for change in fields)
    is_silent = ruling.action is Action.UNCHANGED and ruling.why not in _TELLING
    return () if is_silent else fields


def _consent(job: Job, ruling: Ruling) -> Consent | None:
    given = ruling.action is Action.REPLACE
    needed = given or ruling.why is Why.NEEDS_CONSENT
    return Consent(f"--allow-replace {job.name}", given) if needed else None
