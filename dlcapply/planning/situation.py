"""The situation of one job: its runs, what those that have ended say of it, and what differs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dlcapply.model.jobs import Identity, RerunOn
from dlcapply.model.plans import Behaviour
from dlcapply.planning.decisions import Why
from dlcapply.planning.diff import differences
from dlcapply.planning.ended_runs import EndedRuns, ended_runs, ended_runs_by_name
from dlcapply.planning.marks import token_changed
from dlcapply.planning.operations import operation_id
from dlcapply.planning.readable import sound

if TYPE_CHECKING:
    from dlcapply.model.jobs import Environment, Job
    from dlcapply.model.plans import FieldChange
    from dlcapply.model.runs import Run
    from dlcapply.planning.decisions import Ruling
    from dlcapply.planning.history import History

# The reason is how an ended run of this spec and token ended, whatever run was the newest.
_OF_THE_PAST = frozenset(
    {
        *(Why.SUCCEEDED, Why.DONE_BEFORE, Why.RETRY, Why.FAILED, Why.FAILED_RESERVING, Why.STOPPED),
        *(Why.OUT_OF_TIME, Why.WORKSPACE_RULE, Why.NEW_CIRCUMSTANCES, Why.RETURNED),
    }
)


@dataclass(frozen=True, slots=True)
class Situation:
    """One job beside its runs: `fields` are its differences to the run under way, or otherwise to the newest.

    `op` names the operation that would start its next run. `renamed_from` are runs of ours for its spec and
    token under names that nobody has.
    """

    job: Job
    history: History
    ended: EndedRuns
    fields: tuple[FieldChange, ...]
    op: str
    renamed_from: tuple[Run, ...] = ()

    def about(self, ruling: Ruling) -> Run | None:
        """The run that the change is about; what is started follows the newest."""
        if self.history.running is not None:
            return self.history.running
        is_start = ruling.action.starts_a_run
        return self.history.newest if is_start else self.ended.deciding or self.history.newest

    def told(self, ruling: Ruling) -> Run | None:
        """The run that the reason names."""
        is_past = ruling.why in _OF_THE_PAST and self.ended.deciding is not None
        return self.ended.deciding if is_past else self.about(ruling)


def situation_of(
    job: Job, history: History, environment: Environment, *, renamed_from: tuple[Run, ...] = ()
) -> Situation:
    """The job beside its runs: by their marks, or by what of the newest can be read."""
    run = history.running or history.newest
    by_marks = environment.identity is Identity.MARKS
    ended, fields = _by_marks(job, history, run) if by_marks else _by_name(job, history, run)
    op = operation_id(job, newest=history.newest)
    return Situation(job, history, ended, _asked(fields, job, run), op, renamed_from)


def _by_marks(job: Job, history: History, run: Run | None) -> tuple[EndedRuns, tuple[FieldChange, ...]]:
    ended = ended_runs(history.ours, job=job)
    # An ended run that was started for this very spec is never looked at again.
    is_done = run is not None and run.is_terminal and run in ended.same
    return ended, differences(desired=job, live=run) if run and not is_done else ()


def _by_name(job: Job, history: History, run: Run | None) -> tuple[EndedRuns, tuple[FieldChange, ...]]:
    fields = differences(desired=job, live=run) if run else ()
    found = {change.behaviour for change in fields}
    ended = ended_runs_by_name(
        history.ours,
        differs=Behaviour.NEEDS_RUN in found,
        around_differs=Behaviour.CIRCUMSTANCE in found,
    )
    return ended, fields


def _asked(fields: tuple[FieldChange, ...], job: Job, run: Run | None) -> tuple[FieldChange, ...]:
    """The differences, where only a token asks for a run."""
    if run is None or job.rules.rerun_on is not RerunOn.TOKEN or token_changed(run, job=job):
        return fields
    return tuple(
        replace(change, behaviour=Behaviour.NEEDS_TOKEN)
        if change.behaviour is Behaviour.NEEDS_RUN
        else change
        for change in fields
    )


def compared(situation: Situation, ruling: Ruling) -> tuple[FieldChange, ...]:
    """The differences that the change is about."""
    match ruling.why:
        case Why.NAME_TAKEN:
            return _to_a_rival(situation.job, situation.history.rivals[0])
        case Why.NEW_CIRCUMSTANCES if situation.ended.is_latest:
            return new_circumstances(situation)
    return situation.fields


def new_circumstances(situation: Situation) -> tuple[FieldChange, ...]:
    """In which circumstances the job differs from the run of this spec and token that decides."""
    deciding = situation.ended.deciding
    found = differences(desired=situation.job, live=deciding) if deciding else ()
    return tuple(change for change in found if change.behaviour is Behaviour.CIRCUMSTANCE)


def _to_a_rival(job: Job, rival: Run) -> tuple[FieldChange, ...]:
    """What differs, to be shown: nothing rests on what can't be read of a run that is not ours."""
    return differences(desired=job, live=replace(rival, body=sound(rival.body)))
