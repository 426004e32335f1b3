"""(jobs, live runs, records) → what changed on the service's side; a pure function.

Nothing here heals: a run that a person stopped, or a value that a person changed, may be as it should be.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dlcapply.model.drift import Drift, DriftCode, DriftedField
from dlcapply.model.jobs import State
from dlcapply.model.plans import FieldKind
from dlcapply.model.runs import Phase
from dlcapply.model.stop_causes import StopCause, stop_cause
from dlcapply.one_line import printable
from dlcapply.pai import IN_PLACE
from dlcapply.planning.fields import FIELDS, in_place_value
from dlcapply.planning.history import NO_RUNS
from dlcapply.planning.marks import OP_TAG, SET_TAG, has_spec_mark, in_place_print, set_fields
from dlcapply.planning.orphans import orphaned
from dlcapply.planning.ownership import carried, is_released, is_twin
from dlcapply.planning.reason_details import adopt_command, gone_run, outdated, stop_command, stop_of_stranger
from dlcapply.planning.reasons import describe, describe_other
from dlcapply.planning.situation import situation_of
from dlcapply.planning.visibility import is_private
from dlcapply.planning.whose import marks_say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from dlcapply.model.jobs import Environment, Job
    from dlcapply.model.plans import FieldChange
    from dlcapply.model.runs import Ownership, Run
    from dlcapply.planning.history import History
    from dlcapply.planning.inputs import PlanInputs
    from dlcapply.planning.situation import Situation

_LONGEST_CODE = 100


@dataclass(frozen=True, slots=True)
class Writes:
    """What is noted of earlier writes from here: whether a run was told to stop, and its fields that were
    changed, with the hashes of their values; by operation id, the JobIds of the runs that were created.
    """

    has_stopped: Callable[[str], bool] = lambda _: False
    moved: Callable[[str], Mapping[str, str]] = lambda _: {}
    created: Callable[[str], tuple[str, ...]] = lambda _: ()


def drift_of(
    jobs: Iterable[Job],
    live: Mapping[str, History],
    environment: Environment,
    inputs: PlanInputs,
    writes: Writes,
    *,
    misses_none: bool = True,
) -> tuple[Drift, ...]:
    """What is otherwise on the service than the manifests, or earlier applies, left it; sorted by name.

    What a manifest alone changed is none of it. `misses_none`: no run that is there is kept from who looks.
    """
    declared = sorted(jobs, key=lambda job: job.name)
    rows: list[Drift] = []
    for job in declared:
        history = live.get(job.name, NO_RUNS)
        situation = situation_of(job, history, environment)
        if gone := gone_run(situation, inputs):
            rows.append(_gone(job, gone, may_be_unseen=is_private(job) and not misses_none))
        rows += _of_our_runs(situation, writes, inputs)
        rows += _strangers(job, history, environment, inputs)
    known = {job.name for job in declared}
    rows += [_undeclared(history, inputs) for history in (orphaned(live, known) if inputs.complete else ())]
    return tuple(sorted(rows, key=lambda row: (row.name, row.code, row.job_id)))


def _of_our_runs(situation: Situation, writes: Writes, inputs: PlanInputs) -> Iterator[Drift]:
    job, history = situation.job, situation.history
    run = history.running
    if run is None or run.phase is Phase.STOPPING:
        yield from _stopped(job, history, writes)
    if run is None:
        return
    if history.is_conflict or history.is_outlived:
        yield _beside(job, history, inputs)
    if run.phase is Phase.UNKNOWN:
        yield _unknown(job, run)
    else:
        yield from _values(situation, run, writes)


def _row(
    job: Job,
    run: Run,
    code: DriftCode,
    *,
    what: str,
    evidence: str,
    hint: str,
    fields: Sequence[FieldChange] = (),
) -> Drift:
    differing = tuple(DriftedField(field.path, field.after, field.before) for field in fields)
    return Drift(
        code, job.name, run.job_id, run.status, what, evidence, hint, fields=differing, source=job.place
    )


def _gone(job: Job, gone: str, *, may_be_unseen: bool) -> Drift:
    return Drift(
        DriftCode.NOT_SEEN if may_be_unseen else DriftCode.GONE,
        job.name,
        gone.partition(" ")[0],
        "",
        f"{gone} was created for this job, and is not {'shown' if may_be_unseen else 'there any more'}",
        "the journal notes its create for this very spec and token, and PAI shows no such run"
        + (" to this identity, from which others' PRIVATE jobs may be kept" if may_be_unseen else ""),
        "if somebody removed it, a new run.token asks for another; else look with an identity that sees it",
        source=job.place,
    )


def _stopped(job: Job, history: History, writes: Writes) -> Iterator[Drift]:
    """The newest run, if somebody else stopped it; what was started after it has settled the others."""
    run = history.newest
    is_stop = run is not None and run.phase in {Phase.STOPPED, Phase.STOPPING}
    if run is None or not is_stop or job.rules.state is State.STOPPED:
        return
    if stop_cause(run) in {StopCause.TIME_LIMIT, StopCause.WORKSPACE} or writes.has_stopped(run.job_id):
        return
    yield _row(
        job,
        run,
        DriftCode.STOPPED,
        what=f"{describe(run, job=job.name)} was stopped, and not by this manifest",
        evidence=f"{_said(run)}; no journal here notes that dlcapply stopped it",
        hint="a stop is final: declare it (run.state: stopped), or change run.token to ask for a new run",
    )


def _said(run: Run) -> str:
    """PAI's code: its message may hold anything."""
    code = printable(run.reason_code[:_LONGEST_CODE])
    return f"PAI gives the reason {code}" if code else "PAI gives no reason"


def _beside(job: Job, history: History, inputs: PlanInputs) -> Drift:
    is_conflict, run = history.is_conflict, history.under_way[-1]
    runs = ", ".join(map(describe, history.under_way))
    outlived = f"{runs} is under way, although a newer run of this job has ended"
    return _row(
        job,
        run,
        DriftCode.SEVERAL_RUNS if is_conflict else DriftCode.OUTLIVED,
        what=f"several runs of this job are under way: {runs}" if is_conflict else outlived,
        evidence="all of them carry this project's marks, and a job has one run at a time",
        hint=f"stop what is not the newest ({stop_command(outdated(history), inputs)}), or let it end",
    )


def _unknown(job: Job, run: Run) -> Drift:
    return _row(
        job,
        run,
        DriftCode.UNKNOWN_STATUS,
        what=f"{describe(run)} has a status that dlcapply does not know",
        evidence="none of the documented statuses is called so",
        hint="look at the run in the console: nothing touches it until its status is known",
    )


def _values(situation: Situation, run: Run, writes: Writes) -> Iterator[Drift]:
    """The values of an active run that somebody changed, and those of which nobody can tell."""
    job = situation.job
    known = [(field, _is_changed(field, job, run, writes)) for field in situation.fields]
    if changed := [field for field, is_changed in known if is_changed]:
        yield _row(
            job,
            run,
            DriftCode.VALUE_CHANGED,
            what=f"{_named(changed)} of {describe(run, job=job.name)} was changed on the service",
            evidence="the run's marks, or the journal, say that it was last given another value",
            hint="declare the new value; or apply, which sets the declared one where PAI still changes it",
            fields=changed,
        )
    if unclear := [field for field, is_changed in known if is_changed is None]:
        yield _row(
            job,
            run,
            DriftCode.VALUE_DIFFERS,
            what=f"{_named(unclear)} of {describe(run, job=job.name)} is not what the manifest says",
            evidence="neither the run nor a journal here says what was given last; the manifest may be newer",
            hint="see it with dlcapply plan",
            fields=unclear,
        )


def _named(fields: Sequence[FieldChange]) -> str:
    return ", ".join(field.path for field in fields)


def _is_changed(field: FieldChange, job: Job, run: Run, writes: Writes) -> bool | None:
    """Whether somebody else than the manifest changed the value; None where nobody can tell."""
    path = field.path
    if field.kind is FieldKind.DRIFTED:
        return True
    if path not in IN_PLACE or _is_without_effect(path, job):
        return False  # the manifest's own change, or one of which no mark tells
    live = in_place_print(run.body.get(path, FIELDS[path].default))
    if noted := writes.moved(run.job_id).get(path):
        return live != noted
    created_with = _created_with(path, run)
    if live == created_with:
        return False
    is_as_then = created_with == in_place_print(in_place_value(path, job.spec))
    knows_all = run.job_id in writes.created(run.tags.get(OP_TAG, ""))
    return True if created_with and (is_as_then or knows_all) else None


def _is_without_effect(path: str, job: Job) -> bool:
    """Whether PAI takes the value and does nothing with it: then no run ever had it (PAI skill)."""
    return path == "Priority" and not job.spec.get("ResourceId")


def _created_with(path: str, run: Run) -> str:
    """The hash of the value that the run was started with; empty where nobody knows it.

    A claim's marks are those of the job when the run was adopted, and the run may never have had its values.
    """
    if run.claim is not None or not has_spec_mark(run):
        return ""
    created_with = set_fields(run.tags.get(SET_TAG, ""))
    return created_with[path] if path in created_with else in_place_print(FIELDS[path].default)


def _strangers(job: Job, history: History, environment: Environment, inputs: PlanInputs) -> Iterator[Drift]:
    """Runs of the job's names that are not ours: those under way, and those that came after our newest.

    A run that a claim leaves to others is theirs by a reviewed word, and changed nothing.
    """
    newest = history.newest
    since = [run for run in history.past if newest is not None and run.age_key > newest.age_key]
    for run in (one for one in (*history.rivals, *since) if not is_released(one)):
        ownership = history.owners[run.job_id]
        yield _row(
            job,
            run,
            _kind_of_stranger(run, ownership),
            what=describe_other(run, ownership, job=job.name),
            evidence=f"{marks_say(carried(run))}; it was created at {printable(run.created)}",
            hint=_about_stranger(job, run, environment, inputs, is_twin=is_twin(run, ownership)),
        )


def _kind_of_stranger(run: Run, ownership: Ownership) -> DriftCode:
    if is_twin(run, ownership):
        return DriftCode.SECOND_RUN
    return DriftCode.ENDED_STRANGER if run.is_terminal else DriftCode.STRANGER


def _about_stranger(
    job: Job, run: Run, environment: Environment, inputs: PlanInputs, *, is_twin: bool
) -> str:
    if is_twin:
        return f"stop one of the two, both are paid for: {stop_of_stranger(run, inputs)}"
    hint = "find out whose it is; give this job a name of its own"
    if not inputs.can_claim:
        return hint
    return f"{hint}; or adopt it: {adopt_command(job, run, environment, inputs)}"


def _undeclared(history: History, inputs: PlanInputs) -> Drift:
    run = history.under_way[-1]
    release = inputs.typed("release", run.name)
    return Drift(
        DriftCode.UNDECLARED,
        run.name,
        run.job_id,
        run.status,
        f"no manifest declares {', '.join(map(describe, history.under_way))}",
        "it carries this project's marks, and every manifest of the project was read",
        f"restore its manifest, stop it with apply --prune, or leave it to others: {release}",
    )
