"""(desired jobs, live runs, options) → plan; a pure function."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dlcapply.model import Action, Behaviour, Change, Consent, Identity, Plan, Scope, Target
from dlcapply.planning.approval_terms import terms_of
from dlcapply.planning.approvals import held_back
from dlcapply.planning.claims import deciding_claims, void_claims
from dlcapply.planning.decisions import Circumstances, Difference, Ruling, Why, decide, strongest_difference
from dlcapply.planning.digest import digest
from dlcapply.planning.history import NO_RUNS, History, histories
from dlcapply.planning.limits import check_limits
from dlcapply.planning.marks import token_changed
from dlcapply.planning.operations import operation_id
from dlcapply.planning.orphans import Successors, kept_from_starting, orphan_warning, orphaned, prune
from dlcapply.planning.ownership import is_guarded
from dlcapply.planning.plan_warnings import warnings_of
from dlcapply.planning.reason_details import details, gone_run
from dlcapply.planning.reasons import reason
from dlcapply.planning.renames import looks_renamed, ran_elsewhere, rename_warnings
from dlcapply.planning.situation import compared, see
from dlcapply.planning.spend import spend_of
from dlcapply.planning.visibility import hidden_runs, is_private, sight_warnings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dlcapply.model import Census, Environment, FieldChange, Job, Run, Spend
    from dlcapply.planning.approvals import Approvals
    from dlcapply.planning.ended_runs import Record
    from dlcapply.planning.inputs import Options
    from dlcapply.planning.situation import Seen


# Nothing is done, although the manifest asks for something else than there is.
_TELLING = frozenset(
    {Why.IGNORED, Why.CIRCUMSTANCE, Why.NEXT_RUN, Why.RAN_BEFORE, Why.RERUN_ON_TOKEN, Why.PAST_NOT_AFTER}
)
# What is said of a field where a run starts, which takes every field.
_IN_A_START = {
    **dict.fromkeys(Behaviour, Behaviour.NEEDS_RUN),
    **dict.fromkeys((Behaviour.CIRCUMSTANCE, Behaviour.NEXT_RUN), Behaviour.NEXT_RUN),
}


def make_plan(
    *, desired: Iterable[Job], live: Iterable[Run], environment: Environment, census: Census, options: Options
) -> Plan:
    """The plan that brings the live runs to what the jobs ask for: one change per name, sorted by name."""
    jobs = sorted(desired, key=lambda job: job.name)
    by_name = histories(live, environment=environment, jobs=jobs)
    renamed = looks_renamed(jobs, by_name, environment=environment, names=options.names)
    changes = [
        _change(job, by_name.get(job.name, NO_RUNS), environment, options, renamed.get(job.name, ()))
        for job in jobs
    ]
    declared = {job.name for job in jobs}
    orphans = orphaned(by_name, declared) if options.complete else ()
    heirs = {run.name: name for name, runs in sorted(renamed.items()) for run in runs}
    successors = Successors(heirs, kept_from_starting(changes, by_name))
    if options.prune:
        changes += [prune(history, environment, options, successors) for history in orphans]
    changes.sort(key=lambda change: change.name)
    held = held_back(changes, options.approvals)
    findings = (
        *sight_warnings(jobs, environment, sees=census.sees, why_unknown=options.sight_unknown),
        *options.findings,
        *warnings_of(jobs, by_name, changes, environment, options),
        *void_claims(by_name),
        *hidden_runs(jobs, by_name),
        *(
            orphan_warning(history, environment, options, successors)
            for history in orphans
            if not options.prune
        ),
        *(rename_warnings(jobs, renamed) if options.names is None else ()),
        *ran_elsewhere(jobs, by_name, {change.name for change in changes if change.op}),
        *check_limits(
            [change for change in changes if change.name not in held],
            limits=environment.limits,
            active=sum(len(history.active) for history in by_name.values()),
            allow_stops=options.allow_stops,
            consented=_consented(changes, options.approvals),
        ),
    )
    scope = _scope(environment, options)
    named = digest(scope=scope, changes=changes)
    return Plan(environment, scope, census, tuple(changes), findings, named, held=held)


def _consented(changes: Iterable[Change], approvals: Approvals | None) -> frozenset[str]:
    """The jobs whose stop or replace was among those that a review consented to."""
    if approvals is None:
        return frozenset()
    return frozenset(change.name for change in changes if approvals.consent_to_stop(change))


def _scope(environment: Environment, options: Options) -> Scope:
    return Scope(
        environment.owner,
        environment.region,
        environment.workspace_id,
        environment.identity,
        options.prune,
        options.select,
        options.exclude,
        environment.endpoint,
        options.allow_stops,
        environment.origin,
    )


def _change(
    job: Job, history: History, environment: Environment, options: Options, elsewhere: tuple[Run, ...]
) -> Change:
    case = replace(see(job, history, environment), elsewhere=elsewhere)
    ruling = decide(_circumstances(case, environment, options))
    shown = compared(case, ruling)
    starts = ruling.action.starts_a_run or ruling.awaits_start
    run = case.about(ruling)
    return Change(
        name=job.name,
        action=ruling.action,
        reason=reason(ruling.why, case.told(ruling), **details(case, shown, ruling, environment, options)),
        source=job.place,
        target=Target(run.job_id, run.status) if run else None,
        op=operation_id(job, newest=history.newest) if starts else "",
        fields=_shown_fields(ruling, shown),
        spend=_spend(case, options) if starts else None,
        consent=_consent(job, ruling),
        claims=deciding_claims(history, environment, also=case.record.deciding),
        retry=_retry(ruling, case.record),
        terms=terms_of(job, identity=environment.identity),
        private=is_private(job),
        formerly=job.formerly,
    )


def _retry(ruling: Ruling, record: Record) -> int:
    """Which retry is started; one of an older spec than that of the newest run is a return to it."""
    return record.retries_used + 1 if ruling.why is Why.RETRY and record.is_latest else 0


def _circumstances(case: Seen, environment: Environment, options: Options) -> Circumstances:
    job, history, record, running = case.job, case.history, case.record, case.history.running
    run = running or history.newest
    new_token = run is not None and token_changed(run, job=job)
    not_after = job.rules.not_after
    return Circumstances(
        phase=running.phase if running else None,
        difference=_difference(case, new_token=new_token),
        rules=job.rules,
        last=record.last,
        is_latest=record.is_latest,
        has_runs=history.newest is not None,
        token_changed=new_token,
        token_known=record.token_known,
        around_changed=record.around_changed,
        around_differs=any(change.behaviour is Behaviour.CIRCUMSTANCE for change in case.fields),
        out_of_time=record.ran_out_of_time,
        retries_left=job.rules.retries - record.retries_used,
        past_not_after=not_after is not None and options.now > not_after,
        replace_allowed=_may_replace(job.name, running, options),
        conflict=history.is_conflict,
        outlived=history.is_outlived,
        by_name=environment.identity is Identity.NAME,
        rivals=bool(history.rivals),
        disputed=bool(history.disputed),
        guarded=run is not None and is_guarded(run, environment),
        done=bool(gone_run(case, options)),
        moved=history.moved is not None,
        renamed=bool(case.elsewhere) and options.names is not None,
    )


def _may_replace(name: str, run: Run | None, options: Options) -> bool:
    """Whether a person consented to it, here or in a review."""
    if name in options.allow_replace:
        return True
    reviewed = options.approvals
    return run is not None and reviewed is not None and reviewed.consent_to_replace(name, run.job_id)


def _difference(case: Seen, *, new_token: bool) -> Difference:
    if case.history.running is None:
        return Difference.EQUAL
    return strongest_difference(case.fields, token_changed=new_token)


def _spend(case: Seen, options: Options) -> Spend:
    """What the start and the retries that may follow can spend, now or once it need not wait."""
    left = case.job.rules.retries - case.record.retries_used
    runs = left if case.record.is_repeated else left + 1  # a retry is one of those that are left
    return spend_of(case.job.spec, accelerators=options.accelerators, cpus=options.cpus, runs=max(runs, 1))


def _shown_fields(ruling: Ruling, fields: tuple[FieldChange, ...]) -> tuple[FieldChange, ...]:
    if ruling.action.starts_a_run:  # the new run takes every field, whatever PAI would do with the old one
        return tuple(replace(change, behaviour=_IN_A_START[change.behaviour]) for change in fields)
    is_silent = ruling.action is Action.UNCHANGED and ruling.why not in _TELLING
    return () if is_silent else fields


def _consent(job: Job, ruling: Ruling) -> Consent | None:
    given = ruling.action is Action.REPLACE
    needed = given or ruling.why is Why.NEEDS_CONSENT
    return Consent(f"--allow-replace {job.name}", given) if needed else None
