"""The decision table: what the newest run and the difference to it ask for.

`PRESENT` and `STOPPED` are the whole judgement; the functions below only apply the job's own rules to a cell.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from dlcapply.model import Action, Behaviour, OnChange, Phase, RerunOn, State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dlcapply.model import FieldChange, RunRules


class Difference(StrEnum):
    """The strongest difference between a job and its newest run."""

    EQUAL = "equal"
    IGNORED = "ignored"
    IN_PLACE = "in place"
    NEEDS_RUN = "needs a new run"


class Verdict(StrEnum):
    """What a cell of the table says, before the job's own rules."""

    CREATE = "create"
    UNCHANGED = "unchanged"
    IGNORED = "unchanged, with a warning that PAI would ignore the change"
    UNTOUCHED = "unchanged, with a warning that nobody knows the status"
    UPDATE = "update"
    BY_ON_CHANGE = "by onChange"
    WAITING = "waiting"
    RETRY = "rerun while retries are left"
    RERUN = "by rerunOn"
    STOP = "stop"
    BLOCKED = "blocked"


D, V = Difference, Verdict

# A terminal run is compared by its marks alone: what PAI changes in place never asks for a new run.
_TERMINAL_SAME = {D.EQUAL: V.UNCHANGED, D.IGNORED: V.UNCHANGED, D.IN_PLACE: V.UNCHANGED, D.NEEDS_RUN: V.RERUN}

PRESENT: dict[Phase | None, dict[Difference, Verdict]] = {
    None: dict.fromkeys(D, V.CREATE),
    Phase.ACTIVE: {
        D.EQUAL: V.UNCHANGED,
        D.IGNORED: V.IGNORED,
        D.IN_PLACE: V.UPDATE,
        D.NEEDS_RUN: V.BY_ON_CHANGE,
    },
    Phase.STOPPING: dict.fromkeys(D, V.WAITING),
    Phase.SUCCEEDED: _TERMINAL_SAME,
    Phase.FAILED: {**dict.fromkeys(D, V.RETRY), D.NEEDS_RUN: V.RERUN},
    Phase.STOPPED: _TERMINAL_SAME,
    Phase.UNKNOWN: {**dict.fromkeys(D, V.BLOCKED), D.EQUAL: V.UNTOUCHED},
}

STOPPED: dict[Phase | None, Verdict] = {
    None: V.UNCHANGED,
    Phase.ACTIVE: V.STOP,
    Phase.STOPPING: V.WAITING,
    Phase.SUCCEEDED: V.UNCHANGED,
    Phase.FAILED: V.UNCHANGED,
    Phase.STOPPED: V.UNCHANGED,
    Phase.UNKNOWN: V.BLOCKED,
}

_BY_BEHAVIOUR = {
    Behaviour.IGNORED: D.IGNORED,
    Behaviour.IN_PLACE: D.IN_PLACE,
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
    ORPHAN = "orphan"
    EQUAL = "equal"
    IGNORED = "ignored-by-pai"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
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
    UNKNOWN_STATUS = "unknown-status"


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Everything that decides about one job.

    `conflict`: several runs of ours are under way. `outlived`: only one is, and it is not the newest.
    `rivals`: active runs of the same name that are not ours. `disputed`: runs of the name under a void claim.
    `guarded`: ours by a claim or by its name, and protected by marks that are not. `done`: the operation that
    would start a run is known to have started one. `renamed`: none of our runs of this name was started for
    this spec and token, and one of a name that no manifest has was.
    """

    phase: Phase | None
    difference: Difference
    rules: RunRules
    token_changed: bool = False
    retries_left: int = 0
    past_not_after: bool = False
    replace_allowed: bool = False
    conflict: bool = False
    outlived: bool = False
    rivals: bool = False
    disputed: bool = False
    guarded: bool = False
    done: bool = False
    renamed: bool = False


@dataclass(frozen=True, slots=True)
class Ruling:
    action: Action
    why: Why


# A run would start, if not now: what is against it is told at once.
_STARTS_LATER = frozenset({Why.ON_CHANGE_WAIT, Why.PAST_NOT_AFTER})


def strongest_difference(fields: Iterable[FieldChange], *, token_changed: bool) -> Difference:
    """The difference that decides; a new token weighs as much as a field that needs a new run."""
    found = [_BY_BEHAVIOUR[change.behaviour] for change in fields]
    found += [D.NEEDS_RUN] if token_changed else []
    return max(found, key=_WEAKEST_FIRST.index, default=D.EQUAL)


def decide(case: Circumstances) -> Ruling:
    """The one action for a job, and why; where several would fit, the one that risks least."""
    if case.disputed:
        return Ruling(Action.BLOCKED, Why.VOID_CLAIM)
    if case.conflict:
        return Ruling(Action.BLOCKED, Why.CONFLICT)
    if case.outlived:
        return Ruling(Action.BLOCKED, Why.OUTLIVED)
    ruling = _RULINGS[verdict_for(case)](case)
    hindrance = _hindrance(ruling, case)
    return ruling if hindrance is None else Ruling(Action.BLOCKED, hindrance)


def _hindrance(ruling: Ruling, case: Circumstances) -> Why | None:
    """Why a run that the table would start is not started."""
    if ruling.action.starts_a_run or ruling.why in _STARTS_LATER:
        if case.done:
            return Why.OPERATION_DONE
        if case.renamed:
            return Why.LOOKS_RENAMED
    if ruling.action is Action.REPLACE and not case.replace_allowed:
        return Why.NEEDS_CONSENT
    return Why.NAME_TAKEN if ruling.action.starts_a_run and case.rivals else None


def verdict_for(case: Circumstances) -> Verdict:
    if case.rules.state is State.STOPPED:
        return STOPPED[case.phase]
    return PRESENT[case.phase][case.difference]


def _create(case: Circumstances) -> Ruling:
    return _start(Why.FIRST_RUN, case)


def _retry(case: Circumstances) -> Ruling:
    return _start(Why.RETRY, case) if case.retries_left > 0 else Ruling(Action.UNCHANGED, Why.FAILED)


def _rerun(case: Circumstances) -> Ruling:
    if case.token_changed:
        return _start(Why.NEW_TOKEN, case)
    if case.rules.rerun_on is RerunOn.CHANGE:
        return _start(Why.NEW_SPEC, case)
    return Ruling(Action.UNCHANGED, Why.RERUN_ON_TOKEN)


def _start(why: Why, case: Circumstances) -> Ruling:
    if case.past_not_after:
        return Ruling(Action.UNCHANGED, Why.PAST_NOT_AFTER)
    return Ruling(Action.CREATE if case.phase is None else Action.RERUN, why)


def _by_on_change(case: Circumstances) -> Ruling:
    match case.rules.on_change:
        case OnChange.BLOCK:
            return Ruling(Action.BLOCKED, Why.ON_CHANGE_BLOCK)
        case OnChange.WAIT:
            return _wait(case)
        case OnChange.REPLACE:
            return _replace(case)


def _wait(case: Circumstances) -> Ruling:
    """Waiting is for a new run: where none would follow the end of this one, there is nothing to wait for."""
    then = _rerun(case)
    return Ruling(Action.WAITING, Why.ON_CHANGE_WAIT) if then.action.starts_a_run else then


def _replace(case: Circumstances) -> Ruling:
    if case.guarded:
        return Ruling(Action.BLOCKED, Why.MARK_PROTECTED)
    if case.rules.protect:
        return Ruling(Action.BLOCKED, Why.PROTECTED)
    if case.past_not_after:
        return Ruling(Action.BLOCKED, Why.PAST_NOT_AFTER)
    return Ruling(Action.REPLACE, Why.REPLACE)


def _stop(case: Circumstances) -> Ruling:
    if case.guarded:
        return Ruling(Action.BLOCKED, Why.MARK_PROTECTED)
    if case.rules.protect:
        return Ruling(Action.BLOCKED, Why.PROTECTED)
    return Ruling(Action.STOP, Why.STATE_STOPPED)


_UNCHANGED: dict[Phase | None, Why] = {
    Phase.ACTIVE: Why.EQUAL,
    Phase.SUCCEEDED: Why.SUCCEEDED,
    Phase.STOPPED: Why.STOPPED,
}


def _unchanged(case: Circumstances) -> Ruling:
    is_wanted = case.rules.state is State.PRESENT
    return Ruling(Action.UNCHANGED, _UNCHANGED[case.phase] if is_wanted else Why.NOT_WANTED)


_RULINGS: dict[Verdict, Callable[[Circumstances], Ruling]] = {
    V.CREATE: _create,
    V.RETRY: _retry,
    V.RERUN: _rerun,
    V.BY_ON_CHANGE: _by_on_change,
    V.STOP: _stop,
    V.UNCHANGED: _unchanged,
    V.IGNORED: lambda _: Ruling(Action.UNCHANGED, Why.IGNORED),
    V.UPDATE: lambda _: Ruling(Action.UPDATE, Why.IN_PLACE),
    V.WAITING: lambda _: Ruling(Action.WAITING, Why.STOPPING),
    V.UNTOUCHED: lambda _: Ruling(Action.UNCHANGED, Why.UNKNOWN_STATUS),
    V.BLOCKED: lambda _: Ruling(Action.BLOCKED, Why.UNKNOWN_STATUS),
}
