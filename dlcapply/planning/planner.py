"""(desired jobs, live runs, options) → plan; a pure function."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from dlcapply.model import (
    Action,
    Behaviour,
    Change,
    Consent,
    Finding,
    Identity,
    Level,
    Phase,
    Plan,
    Scope,
    Target,
)
from dlcapply.planning.approval_terms import terms_of
from dlcapply.planning.approvals import held_back
from dlcapply.planning.claims import deciding_claims, void_claims, void_text
from dlcapply.planning.decisions import Circumstances, Difference, Ruling, Why, decide, strongest_difference
from dlcapply.planning.digest import digest
from dlcapply.planning.history import NO_RUNS, History, histories
from dlcapply.planning.limits import check_limits
from dlcapply.planning.marks import ORIGIN_TAG, PROTECT_TAG, token_changed
from dlcapply.planning.operations import operation_id
from dlcapply.planning.ownership import giver_of, is_anothers, is_guarded
from dlcapply.planning.reasons import (
    describe,
    describe_claim,
    describe_loss,
    describe_moved,
    describe_other,
    listed,
    reason,
)
from dlcapply.planning.renames import looks_renamed, ran_elsewhere, rename_warnings, renaming
from dlcapply.planning.situation import compared, new_circumstances, see
from dlcapply.planning.spend import spend_of, spent_by
from dlcapply.planning.visibility import hidden_runs, is_private, sight_warnings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from dlcapply.model import Census, Environment, FieldChange, Job, Run, Spend
    from dlcapply.planning.approvals import Approvals
    from dlcapply.planning.ended_runs import Record
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
# What an active run goes on with, although the manifest asks for something else.
_WARNED = frozenset({Why.IGNORED, Why.CIRCUMSTANCE, Why.NEXT_RUN, Why.RAN_BEFORE, Why.UNKNOWN_STATUS})
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
_MOST_NAMED = 5
# The reason names the runs of the name that are not ours.
_NAMESAKE_TOLD = frozenset({Why.NAME_TAKEN, Why.LOOKS_MOVED})
# Runs that stand for a decision when no manifest is left: who knows what an unknown status costs.
_STANDING = frozenset({Phase.ACTIVE, Phase.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Options:
    """What a plan depends on beside jobs and runs.

    `complete`: the jobs are all that the project declares, so that what is missing from them is an orphan.
    `accelerators` and `cpus`: how many each instance type has. `allow_stops`: how many stops and replaces a
    person consented to. `findings`: what was found before planning.
    `typed`: a command about a job of this name, as the reader would type it. `can_claim`: there is a project
    for claims to be kept in. `sight_unknown`: why nobody can tell whose jobs the census saw. `names`: those
    that any job of the project has or had, None where nobody can know them. `gone`: by operation id, a
    run that was created for the same, and that PAI does not show any more. `approvals`: only what these hold
    is to be carried out; None where all is.
    """

    now: datetime
    complete: bool = False
    prune: bool = False
    allow_replace: frozenset[str] = frozenset()
    select: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    accelerators: Mapping[str, int] = field(default_factory=dict)
    cpus: Mapping[str, float] = field(default_factory=dict)
    allow_stops: int | None = None
    findings: tuple[Finding, ...] = ()
    typed: Callable[..., str] = lambda command, name, *words: " ".join(("dlcapply", command, name, *words))
    can_claim: bool = True
    approvals: Approvals | None = None
    sight_unknown: str = ""
    names: frozenset[str] | None = frozenset()
    gone: Mapping[str, str] = field(default_factory=dict)


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
    orphans = _orphans(by_name, declared) if options.complete else ()
    heirs = {run.name: name for name, runs in sorted(renamed.items()) for run in runs}
    successors = _Successors(heirs, _kept_from_starting(changes, by_name))
    if options.prune:
        changes += [_prune(history, environment, options, successors) for history in orphans]
    changes.sort(key=lambda change: change.name)
    held = held_back(changes, options.approvals)
    findings = (
        *sight_warnings(jobs, environment, sees=census.sees, why_unknown=options.sight_unknown),
        *options.findings,
        *_warnings(jobs, by_name, changes, environment, options),
        *void_claims(by_name),
        *hidden_runs(jobs, by_name),
        *(
            _orphan_warning(history, environment, options, successors)
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
        reason=reason(ruling.why, case.told(ruling), **_details(case, shown, ruling, environment, options)),
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
        done=bool(_gone(case, options)),
        moved=history.moved is not None,
        renamed=bool(case.elsewhere) and options.names is not None,
    )


def _may_replace(name: str, run: Run | None, options: Options) -> bool:
    """Whether a person consented to it, here or in a review."""
    if name in options.allow_replace:
        return True
    reviewed = options.approvals
    return run is not None and reviewed is not None and reviewed.consent_to_replace(name, run.job_id)


def _gone(case: Seen, options: Options) -> str:
    """The run that the operation to come has created before; empty where none is known."""
    if not options.gone:
        return ""
    return options.gone.get(operation_id(case.job, newest=case.history.newest), "")


def _difference(case: Seen, *, new_token: bool) -> Difference:
    if case.history.running is None:
        return Difference.EQUAL
    return strongest_difference(case.fields, token_changed=new_token)


def _details(
    case: Seen,
    fields: tuple[FieldChange, ...],
    ruling: Ruling,
    environment: Environment,
    options: Options,
) -> dict[str, object]:
    job, history, used = case.job, case.history, case.record.retries_used
    run, moved = history.running or history.newest, history.moved
    adopt = _adopt(job, "it", next(iter(history.rivals), None), environment, options)
    return {
        "name": job.name,
        "asks": "this change needs" if fields else "the new run.token asks for",
        "paths": _paths(new_circumstances(case) if ruling.why is Why.NEW_CIRCUMSTANCES else fields),
        "done": describe(case.record.deciding),
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
        "adopt_moved": _adopt(job, "that run", moved, environment, options),
        "moved_from": moved.tags[ORIGIN_TAG] if moved else "",
        "loss": _loss(run, options) if run else "",
        "gone": _gone(case, options),
        **renaming(case.elsewhere),
    }


def _paths(fields: tuple[FieldChange, ...]) -> str:
    """The fields that the reason is about: of several kinds, those that a person would miss most."""
    for behaviour in (Behaviour.CIRCUMSTANCE, Behaviour.IGNORED):
        if chosen := [change.path for change in fields if change.behaviour is behaviour]:
            return ", ".join(chosen)
    return ", ".join(change.path for change in fields)


def _listed(job: Job, history: History) -> str:
    """The runs that stand in the way: several of ours, or else those that are not ours."""
    if history.is_conflict or history.is_outlived:
        older = [run for run in history.under_way if history.is_conflict or run is not history.newest]
        return ", ".join(map(describe, older))
    return ", ".join(describe_other(run, history.owners[run.job_id], job=job.name) for run in history.rivals)


def _adopt(job: Job, it: str, run: Run | None, environment: Environment, options: Options) -> str:
    """How to take over the run that stands in the way, if there is one, as one of the ways out."""
    if run is None or not options.can_claim:
        return ""
    return f"adopt {it} ({_adopting(job, run, environment, options)}), "


def _adopting(job: Job, run: Run, environment: Environment, options: Options) -> str:
    giver = giver_of(run, environment)
    return options.typed("adopt", job.name, "--job-id", run.job_id, *(("--from", giver) if giver else ()))


def _spend(case: Seen, options: Options) -> Spend:
    """What the start and the retries that may follow can spend, now or once it need not wait."""
    left = case.job.rules.retries - case.record.retries_used
    runs = left if case.record.is_repeated else left + 1  # a retry is one of those that are left
    return spend_of(case.job.spec, accelerators=options.accelerators, cpus=options.cpus, runs=max(runs, 1))


def _loss(run: Run, options: Options) -> str:
    """The work that is lost if the run is stopped."""
    return describe_loss(spent_by(run, accelerators=options.accelerators, cpus=options.cpus, now=options.now))


def _shown_fields(ruling: Ruling, fields: tuple[FieldChange, ...]) -> tuple[FieldChange, ...]:
    if ruling.action.starts_a_run:  # the new run takes every field, whatever PAI would do with the old one
        return tuple(replace(change, behaviour=_IN_A_START[change.behaviour]) for change in fields)
    is_silent = ruling.action is Action.UNCHANGED and ruling.why not in _TELLING
    return () if is_silent else fields


def _consent(job: Job, ruling: Ruling) -> Consent | None:
    given = ruling.action is Action.REPLACE
    needed = given or ruling.why is Why.NEEDS_CONSENT
    return Consent(f"--allow-replace {job.name}", given) if needed else None


def _orphans(by_name: Mapping[str, History], declared: set[str]) -> tuple[History, ...]:
    return tuple(
        history
        for name, history in sorted(by_name.items())
        if name not in declared and any(run.phase in _STANDING for run in history.under_way)
    )


@dataclass(frozen=True, slots=True)
class _Successors:
    """What may be meant to come after an orphan: the job that looks like it, by the orphan's name, and jobs
    that want a run, have none under way, and are kept from starting one.
    """

    heirs: Mapping[str, str]
    missing: tuple[str, ...] = ()


def _kept_from_starting(changes: Iterable[Change], by_name: Mapping[str, History]) -> tuple[str, ...]:
    """The jobs whose name somebody else's active run has: when it ends, or is adopted, they go on."""
    return tuple(
        change.name
        for change in changes
        if change.reason.code == Why.NAME_TAKEN and by_name[change.name].running is None
    )


def _prune(history: History, environment: Environment, options: Options, successors: _Successors) -> Change:
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
            loss=_loss(run, options),
            former=run.name,
            heir=successors.heirs.get(run.name, ""),
            missing=next(iter(successors.missing), ""),
        ),
        target=Target(run.job_id, run.status),
        claims=deciding_claims(history, environment),
        private=run.body.get("Accessibility") != "PUBLIC",
    )


def _orphan_ruling(run: Run, history: History, environment: Environment, successors: _Successors) -> Ruling:
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


def _orphan_warning(
    history: History, environment: Environment, options: Options, successors: _Successors
) -> Finding:
    """What --prune would say of the runs, or do."""
    change = _prune(history, environment, options, successors)
    if change.action is Action.STOP:
        release = options.typed("release", change.name)
        hint = f"restore its manifest, stop it with --prune, or leave it to others: {release}"
        claims = "".join(f"; {describe_claim(one, owner=environment.owner)}" for one in change.claims)
        return Finding("orphan", Level.WARNING, f"{change.name}: {change.reason.text}{claims}", hint)
    return Finding("orphan", Level.WARNING, f"{change.name}: {change.reason.text}")


def _warnings(
    jobs: Sequence[Job],
    by_name: Mapping[str, History],
    changes: Sequence[Change],
    environment: Environment,
    options: Options,
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
            yield _namesake_warning(job, history, environment, options)
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


def _namesake_warning(job: Job, history: History, environment: Environment, options: Options) -> Finding:
    others = (*history.rivals, *history.past)[:3]
    runs = ", ".join(describe_other(run, history.owners[run.job_id], job=job.name) for run in others)
    adopt = _adopting(job, others[0], environment, options)
    if not history.rivals:
        hint = "give this job a name of its own"
        hint += f"; or count it as this job's: {adopt}" if options.can_claim else ""
    elif history.under_way:
        hint = "stop it by hand if it is a mistake: it goes on beside this job's own run, and is paid for"
    else:
        hint = "stop it by hand if it is a mistake: it goes on"
        hint += f"; or take it over: {adopt}" if options.can_claim else ""
    return Finding("same-name", Level.WARNING, f"{job.name}: {runs}; left alone", hint, place=job.place)
