"""The decision table: what the run under way, or otherwise the runs that have ended, and the job ask for.

`PRESENT`, `ENDED` and `STOPPED` are the judgement; the functions below only apply the job's own rules to
a cell.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from dlcapply.model.jobs import OnChange, RerunOn, State
from dlcapply.model.plans import ORPHAN, Action, Behaviour
from dlcapply.model.runs import Phase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dlcapply.model.jobs import RunRules
    from dlcapply.model.plans import FieldChange


class Difference(StrEnum):
    """The strongest difference between a job and its run that is under way, weakest first."""

    EQUAL = "equal"
    NEXT_RUN = "the next run will have it"
    IGNORED = "ignored"
    CIRCUMSTANCE = "changes no result"
    NEEDS_TOKEN = "needs a new run, which only a token asks for"  # noqa: S105
    IN_PLACE = "in place"
    NEEDS_RUN = "needs a new run"


class Cell(StrEnum):
    """What a cell of the table says, before the job's own rules."""

    NEXT = "by the runs that have ended"
    UNCHANGED = "unchanged"
    NEXT_RUN = "unchanged, with a warning that the next run will have it"
    IGNORED = "unchanged, with a warning that PAI would ignore the change"
    CIRCUMSTANCE = "unchanged, with a warning, or replace with consent"
    NEEDS_TOKEN = "unchanged, with a warning that only a token asks for a run"  # noqa: S105
    UNTOUCHED = "unchanged, with a warning that nobody knows the status"
    UPDATE = "update"
    BY_ON_CHANGE = "by onChange"
    WAITING = "waiting"
    RERUN = "create where there is no run at all, otherwise by rerunOn"
    RETRY = "rerun while retries are left, or the circumstances changed"
    RETURN = "unchanged where it is the newest run or ran out of time, otherwise by rerunOn"
    STOP = "stop"
    STOP_IDLE = "stop, unless it is protected"
    BLOCKED = "blocked"


D, C = Difference, Cell

# The run under way, in what differs; where none is, the runs that have ended decide.
PRESENT: dict[Phase | None, dict[Difference, Cell]] = {
    None: dict.fromkeys(D, C.NEXT),
    Phase.ACTIVE: {
        D.EQUAL: C.UNCHANGED,
        D.NEXT_RUN: C.NEXT_RUN,
        D.IGNORED: C.IGNORED,
        D.CIRCUMSTANCE: C.CIRCUMSTANCE,
        D.NEEDS_TOKEN: C.NEEDS_TOKEN,
        D.IN_PLACE: C.UPDATE,
        D.NEEDS_RUN: C.BY_ON_CHANGE,
    },
    Phase.STOPPING: dict.fromkeys(D, C.WAITING),
    Phase.UNKNOWN: {**dict.fromkeys(D, C.BLOCKED), D.EQUAL: C.UNTOUCHED, D.NEXT_RUN: C.UNTOUCHED},
}

# By how the run ended that decides among the ended ones of this spec and token; None where none has ended.
ENDED: dict[Phase | None, Cell] = {
    None: C.RERUN,
    Phase.SUCCEEDED: C.UNCHANGED,
    Phase.FAILED: C.RETRY,
    Phase.FAILED_RESERVING: C.UNCHANGED,
    Phase.STOPPED: C.RETURN,
}

# The run under way, for a job whose run.state is stopped.
STOPPED: dict[Phase | None, Cell] = {
    None: C.UNCHANGED,
    Phase.ACTIVE: C.STOP,
    Phase.STOPPING: C.WAITING,
    Phase.UNKNOWN: C.BLOCKED,
}

# The cells of a run that would go on as it is, for one that is idle; a change of it goes first.
IDLE: dict[Cell, Cell] = {C.UNCHANGED: C.STOP_IDLE, C.NEXT_RUN: C.STOP_IDLE}

_BY_BEHAVIOUR = {
    Behaviour.NEXT_RUN: D.NEXT_RUN,
    Behaviour.IGNORED: D.IGNORED,
    Behaviour.CIRCUMSTANCE: D.CIRCUMSTANCE,
    Behaviour.IN_PLACE: D.IN_PLACE,
    Behaviour.NEEDS_TOKEN: D.NEEDS_TOKEN,
    Behaviour.NEEDS_RUN: D.NEEDS_RUN,
}
_WEAKEST_FIRST = tuple(D)


class Why(StrEnum):
    """The reason codes of a plan."""

    FIRST_RUN = "first-run"
    NEW_SPEC = "new-spec"
    NEW_TOKEN = "new-token"  # noqa: S105
    RETRY = "retry"
    IN_PLACE = "in-place"
    REPLACE = "replace"
    STATE_STOPPED = "state-stopped"
    ORPHAN = ORPHAN
    EQUAL = "equal"
    IGNORED = "ignored-by-pai"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    FAILED_RESERVING = "failed-reserving"
    STOPPED = "stopped"
    NOT_WANTED = "not-wanted"
    RERUN_ON_TOKEN = "rerun-on-token"  # noqa: S105
    PAST_NOT_AFTER = "past-not-after"
    STOPPING = "stopping"
    ON_CHANGE_WAIT = "on-change-wait"
    ON_CHANGE_BLOCK = "on-change-block"
    NEEDS_CONSENT = "needs-consent"
    PROTECTED = "protected"
    MARK_PROTECTED = "mark-protected"
    ORPHAN_PROTECTED = "orphan-protected"
    ORPHAN_CLAIMED = "orphan-claimed"
    VOID_CLAIM = "void-claim"
    CONFLICT = "conflict"
    OUTLIVED = "outlived"
    OPERATION_DONE = "operation-done"
    LOOKS_RENAMED = "looks-renamed"
    ORPHAN_RENAMED = "orphan-looks-renamed"
    ORPHAN_CONFLICT = "orphan-conflict"
    NAME_TAKEN = "name-taken"
    LOOKS_MOVED = "looks-moved"
    UNKNOWN_STATUS = "unknown-status"
    NEW_CIRCUMSTANCES = "new-circumstances"
    RETURNED = "returned"
    DONE_BEFORE = "done-before"
    RAN_BEFORE = "ran-before"
    OUT_OF_TIME = "out-of-time"
    WORKSPACE_RULE = "workspace-rule"
    CIRCUMSTANCE = "circumstance"
    NEXT_RUN = "next-run"
    ORPHAN_HELD = "orphan-held"
    FROZEN = "frozen"
    IDLE = "idle"


@dataclass(frozen=True, slots=True)
class Case:
    """Everything that decides about one job.

    `phase` and `difference` are of the run under way, None and EQUAL where none is. `last` is how the run
    ended that decides among those of this spec and token, `is_latest` whether none of ours is newer.
    `has_runs`: there is a run of ours, of whatever spec. `token_changed`: the run under way, or else the
    newest one, was started for another token; `token_known`: some run was started for this one.
    `around_changed`: no run of this spec and token has ended badly in these circumstances; `around_differs`:
    they are not those of the run under way. `out_of_time`: its time limit ended the run of `last`;
    `by_workspace`: a rule of the workspace did.
    `conflict`: several runs of ours are under way. `outlived`: only one is, and it is not the newest.
    `by_name`: there are no marks, and the newest run of the name decides.
    `rivals`: active runs of the same name that are not ours. `disputed`: runs of the name under a void claim.
    `guarded`: ours by a claim or by its name, and protected by marks that are not. `done`: the operation that
    would start a run is known to have started one. `moved`: a run of our owner and of another repository may
    be this very job's. `renamed`: none of our runs of this name was started for this spec and token, and one
    of a name that no manifest has was. `frozen`: nothing may start at this time. `idle`: the run under way
    uses so little of its accelerators that its manifest has it stopped.
    """

    phase: Phase | None
    difference: Difference
    rules: RunRules
    last: Phase | None = None
    is_latest: bool = False
    has_runs: bool = False
    token_changed: bool = False
    token_known: bool = False
    around_changed: bool = False
    around_differs: bool = False
    out_of_time: bool = False
    by_workspace: bool = False
    retries_left: int = 0
    past_not_after: bool = False
    replace_allowed: bool = False
    conflict: bool = False
    outlived: bool = False
    by_name: bool = False
    rivals: bool = False
    disputed: bool = False
    guarded: bool = False
    done: bool = False
    moved: bool = False
    renamed: bool = False
    frozen: bool = False
    idle: bool = False


@dataclass(frozen=True, slots=True)
class Ruling:
    """The action and its reason.

    `awaits_start`: what is waited for makes room for a new run. `replaceable`: what goes on could be
    replaced, by a person's consent. `then` is the start that a freeze holds.
    """

    action: Action
    why: Why
    awaits_start: bool = False
    replaceable: bool = False
    then: Ruling | None = None

    @property
    def meant(self) -> Ruling:
        """What is ruled, or will be once no freeze holds it."""
        return self.then or self


def strongest_difference(fields: Iterable[FieldChange], *, token_changed: bool) -> Difference:
    """The difference that decides; a new token weighs as much as a field that needs a new run."""
    found = [_BY_BEHAVIOUR[change.behaviour] for change in fields]
    if token_changed:
        found.append(D.NEEDS_RUN)
    return max(found, key=_WEAKEST_FIRST.index, default=D.EQUAL)


def decide(case: Case) -> Ruling:
    """The one action for a job, and why; where several would fit, the one that risks least."""
    if case.disputed:
        return Ruling(Action.BLOCKED, Why.VOID_CLAIM)
    if case.conflict:
        return Ruling(Action.BLOCKED, Why.CONFLICT)
    if case.outlived and case.by_name:
        return Ruling(Action.BLOCKED, Why.OUTLIVED)
    ruling = _RULINGS[cell_for(case)](case)
    is_start = ruling.action.starts_a_run or ruling.awaits_start
    return _guarded(ruling, case) if is_start else ruling


def _guarded(start: Ruling, case: Case) -> Ruling:
    obstacle = _obstacle(start, case)
    if obstacle is None:
        return _in_its_time(start, case)
    is_quiet = obstacle is Why.PAST_NOT_AFTER and start.action is not Action.REPLACE
    return Ruling(Action.UNCHANGED if is_quiet else Action.BLOCKED, obstacle)


def _in_its_time(start: Ruling, case: Case) -> Ruling:
    """The start, or the wait for it: a replace waits as a whole, so that no run is stopped for nothing."""
    if case.frozen and start.action.starts_a_run:
        return Ruling(Action.WAITING, Why.FROZEN, awaits_start=True, then=start)
    return start


def _obstacle(start: Ruling, case: Case) -> Why | None:
    """What forbids the start, or the one that is waited for: the first that a person should see."""
    is_now, replaces = start.action.starts_a_run, start.action is Action.REPLACE
    obstacles = (
        (case.done, Why.OPERATION_DONE),
        (case.moved, Why.LOOKS_MOVED),
        (case.renamed, Why.LOOKS_RENAMED),
        (is_now and case.past_not_after, Why.PAST_NOT_AFTER),
        (replaces and case.outlived, Why.OUTLIVED),
        (replaces and not case.replace_allowed, Why.NEEDS_CONSENT),
        (is_now and case.rivals, Why.NAME_TAKEN),
    )
    return next((why for holds, why in obstacles if holds), None)


def cell_for(case: Case) -> Cell:
    if case.rules.state is State.STOPPED:
        return STOPPED[case.phase]
    cell = PRESENT[case.phase][case.difference]
    return IDLE.get(cell, cell) if case.idle else cell


def _next(case: Case) -> Ruling:
    """What happens where no run is under way, or once the one that is has ended."""
    return _NEXT[ENDED[case.last]](case)


def _retry(case: Case) -> Ruling:
    if case.around_changed and case.rules.rerun_on is RerunOn.CHANGE:
        return Ruling(Action.RERUN, Why.NEW_CIRCUMSTANCES)
    return Ruling(Action.RERUN, Why.RETRY) if case.retries_left > 0 else Ruling(Action.UNCHANGED, Why.FAILED)


def _return(case: Case) -> Ruling:
    """What was stopped stays so, until the time limit that did it changed or another run came between.

    What a rule of the workspace stopped would be stopped by it again: no change of the manifest lifts that.
    """
    if case.by_workspace:
        return Ruling(Action.UNCHANGED, Why.WORKSPACE_RULE)
    if case.out_of_time and case.around_changed and case.rules.rerun_on is RerunOn.CHANGE:
        return Ruling(Action.RERUN, Why.NEW_CIRCUMSTANCES)
    if case.out_of_time or case.is_latest:
        return Ruling(Action.UNCHANGED, Why.OUT_OF_TIME if case.out_of_time else Why.STOPPED)
    rerun = _rerun(case)
    return Ruling(Action.RERUN, Why.RETURNED) if rerun.action is Action.RERUN else rerun


def _rerun(case: Case) -> Ruling:
    if not case.has_runs:
        return Ruling(Action.CREATE, Why.FIRST_RUN)
    if case.rules.rerun_on is RerunOn.TOKEN and case.token_known:
        return Ruling(Action.UNCHANGED, Why.RERUN_ON_TOKEN)
    return Ruling(Action.RERUN, Why.NEW_TOKEN if case.token_changed else Why.NEW_SPEC)


def _by_on_change(case: Case) -> Ruling:
    then = _next(case)
    match case.rules.on_change:
        case OnChange.WAIT if case.past_not_after:
            return Ruling(Action.UNCHANGED, Why.PAST_NOT_AFTER)
        case OnChange.WAIT if then.action.starts_a_run:
            return Ruling(Action.WAITING, Why.ON_CHANGE_WAIT, awaits_start=True)
        case OnChange.WAIT:
            return _nothing_follows(Action.UNCHANGED, then)
        case _ if not then.action.starts_a_run:
            return _nothing_follows(Action.BLOCKED, then)
        case OnChange.BLOCK:
            return Ruling(Action.BLOCKED, Why.ON_CHANGE_BLOCK)
        case OnChange.REPLACE:
            return _replace(case)


def _nothing_follows(action: Action, then: Ruling) -> Ruling:
    """The runs that have ended ask for no new one, and the run under way is not what is declared."""
    return then if then.why is Why.RERUN_ON_TOKEN else Ruling(action, Why.RAN_BEFORE)


def _circumstance(case: Case) -> Ruling:
    is_asked = case.rules.on_change is OnChange.REPLACE and case.rules.rerun_on is RerunOn.CHANGE
    can_replace = is_asked and not case.past_not_after and case.last is not Phase.SUCCEEDED
    if can_replace and case.replace_allowed:
        return _replace(case)
    is_protected = case.guarded or case.rules.protect
    return Ruling(Action.UNCHANGED, Why.CIRCUMSTANCE, replaceable=can_replace and not is_protected)


def _update(case: Case) -> Ruling:
    """A replacement that a person has agreed to brings what PAI would change in place, too."""
    instead = _circumstance(case) if case.around_differs else None
    return instead if instead and instead.action is Action.REPLACE else Ruling(Action.UPDATE, Why.IN_PLACE)


def _replace(case: Case) -> Ruling:
    if case.guarded:
        return Ruling(Action.BLOCKED, Why.MARK_PROTECTED)
    if case.rules.protect:
        return Ruling(Action.BLOCKED, Why.PROTECTED)
    return Ruling(Action.REPLACE, Why.REPLACE)


def _stop(case: Case) -> Ruling:
    if case.guarded:
        return Ruling(Action.BLOCKED, Why.MARK_PROTECTED)
    if case.rules.protect:
        return Ruling(Action.BLOCKED, Why.PROTECTED)
    return Ruling(Action.STOP, Why.STATE_STOPPED)


def _stop_idle(case: Case) -> Ruling:
    is_protected = case.guarded or case.rules.protect
    return _unchanged(case) if is_protected else Ruling(Action.STOP, Why.IDLE)


def _stopping(case: Case) -> Ruling:
    is_other = case.rules.state is State.PRESENT and case.difference is D.NEEDS_RUN
    follows = is_other and not case.past_not_after and _next(case).action.starts_a_run
    return Ruling(Action.WAITING, Why.STOPPING, awaits_start=follows)


def _unchanged(case: Case) -> Ruling:
    is_wanted = case.rules.state is State.PRESENT
    return Ruling(Action.UNCHANGED, Why.EQUAL if is_wanted else Why.NOT_WANTED)


def _ended(case: Case) -> Ruling:
    if case.last is Phase.FAILED_RESERVING:
        return Ruling(Action.UNCHANGED, Why.FAILED_RESERVING)
    return Ruling(Action.UNCHANGED, Why.SUCCEEDED if case.is_latest else Why.DONE_BEFORE)


def _unchanged_because(why: Why) -> Callable[[Case], Ruling]:
    return lambda _: Ruling(Action.UNCHANGED, why)


_RULINGS: dict[Cell, Callable[[Case], Ruling]] = {
    C.NEXT: _next,
    C.BY_ON_CHANGE: _by_on_change,
    C.STOP: _stop,
    C.STOP_IDLE: _stop_idle,
    C.UNCHANGED: _unchanged,
    C.NEXT_RUN: _unchanged_because(Why.NEXT_RUN),
    C.IGNORED: _unchanged_because(Why.IGNORED),
    C.CIRCUMSTANCE: _circumstance,
    C.NEEDS_TOKEN: _unchanged_because(Why.RERUN_ON_TOKEN),
    C.UPDATE: _update,
    C.WAITING: _stopping,
    C.UNTOUCHED: _unchanged_because(Why.UNKNOWN_STATUS),
    C.BLOCKED: lambda _: Ruling(Action.BLOCKED, Why.UNKNOWN_STATUS),
}
_NEXT: dict[Cell, Callable[[Case], Ruling]] = {
    C.RERUN: _rerun,
    C.UNCHANGED: _ended,
    C.RETRY: _retry,
    C.RETURN: _return,
}
