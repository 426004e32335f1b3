"""The decision table, cell by cell."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcapply.model.jobs import OnChange, RerunOn, RunRules, State
from dlcapply.model.plans import Action
from dlcapply.model.runs import TERMINAL, Phase
from dlcapply.planning.decisions import (
    ENDED,
    PRESENT,
    STOPPED,
    Case,
    Cell,
    Difference,
    Why,
    cell_for,
    decide,
)
from dlcapply.planning.reasons import TEXTS

D, C = Difference, Cell

# The run under way against every difference, for a job that is wanted; no cell is left to a default.
WANTED = {
    **{(None, difference): C.NEXT for difference in D},
    (Phase.ACTIVE, D.EQUAL): C.UNCHANGED,
    (Phase.ACTIVE, D.NEXT_RUN): C.NEXT_RUN,
    (Phase.ACTIVE, D.IGNORED): C.IGNORED,
    (Phase.ACTIVE, D.CIRCUMSTANCE): C.CIRCUMSTANCE,
    (Phase.ACTIVE, D.NEEDS_TOKEN): C.NEEDS_TOKEN,
    (Phase.ACTIVE, D.IN_PLACE): C.UPDATE,
    (Phase.ACTIVE, D.NEEDS_RUN): C.BY_ON_CHANGE,
    **{(Phase.STOPPING, difference): C.WAITING for difference in D},
    (Phase.UNKNOWN, D.EQUAL): C.UNTOUCHED,
    (Phase.UNKNOWN, D.NEXT_RUN): C.UNTOUCHED,
    (Phase.UNKNOWN, D.IGNORED): C.BLOCKED,
    (Phase.UNKNOWN, D.CIRCUMSTANCE): C.BLOCKED,
    (Phase.UNKNOWN, D.NEEDS_TOKEN): C.BLOCKED,
    (Phase.UNKNOWN, D.IN_PLACE): C.BLOCKED,
    (Phase.UNKNOWN, D.NEEDS_RUN): C.BLOCKED,
}
NOT_WANTED = {
    None: C.UNCHANGED,
    Phase.ACTIVE: C.STOP,
    Phase.STOPPING: C.WAITING,
    Phase.UNKNOWN: C.BLOCKED,
}
UNDER_WAY = (None, Phase.ACTIVE, Phase.STOPPING, Phase.UNKNOWN)


def test_the_tables_have_every_cell_and_no_other():
    assert set(WANTED) == set(itertools.product(UNDER_WAY, Difference))
    assert set(PRESENT) == set(STOPPED) == set(NOT_WANTED) == set(UNDER_WAY)
    assert all(set(row) == set(Difference) for row in PRESENT.values())
    assert set(ENDED) == {None, *TERMINAL}


@pytest.mark.parametrize(("asked", "cell"), WANTED.items())
def test_a_wanted_job(asked, cell):
    phase, difference = asked
    assert cell_for(Case(phase, difference, RunRules())) == cell


@pytest.mark.parametrize(("phase", "cell"), NOT_WANTED.items())
@pytest.mark.parametrize("difference", Difference)
def test_a_job_that_is_to_be_stopped(phase, cell, difference):
    case = Case(phase, difference, RunRules(state=State.STOPPED))
    assert cell_for(case) == cell


WAIT = {"on_change": OnChange.WAIT}
REPLACE = {"on_change": OnChange.REPLACE}
BY_TOKEN = {"rerun_on": RerunOn.TOKEN}
IS_STOPPED = {"state": State.STOPPED}
ALLOWED = {"replace_allowed": True}
LATE = {"past_not_after": True}


def ended(last, **others):
    """The newest run of all was of this spec and token, and this is how it ended."""
    return {"last": last, "is_latest": True, "has_runs": True, "token_known": True, **others}


OTHERS = {"has_runs": True, "token_known": True}  # runs, but none of this spec
NEW_TOKEN = {"has_runs": True, "token_changed": True}
BETWEEN = {"is_latest": False}

RULINGS = [
    # phase, difference, rules, other circumstances → action, why
    (None, D.EQUAL, {}, {}, Action.CREATE, Why.FIRST_RUN),
    (None, D.EQUAL, {}, LATE, Action.UNCHANGED, Why.PAST_NOT_AFTER),
    (None, D.EQUAL, {}, {"rivals": True}, Action.BLOCKED, Why.NAME_TAKEN),
    (None, D.EQUAL, {}, {"rivals": True, **LATE}, Action.UNCHANGED, Why.PAST_NOT_AFTER),
    (None, D.EQUAL, IS_STOPPED, {}, Action.UNCHANGED, Why.NOT_WANTED),
    (None, D.EQUAL, {}, OTHERS, Action.RERUN, Why.NEW_SPEC),
    (None, D.EQUAL, {}, NEW_TOKEN, Action.RERUN, Why.NEW_TOKEN),
    (None, D.EQUAL, {}, {**OTHERS, **LATE}, Action.UNCHANGED, Why.PAST_NOT_AFTER),
    (None, D.EQUAL, {}, {**OTHERS, "rivals": True}, Action.BLOCKED, Why.NAME_TAKEN),
    (None, D.EQUAL, BY_TOKEN, OTHERS, Action.UNCHANGED, Why.RERUN_ON_TOKEN),
    (None, D.EQUAL, BY_TOKEN, {**OTHERS, "token_changed": True}, Action.UNCHANGED, Why.RERUN_ON_TOKEN),
    (None, D.EQUAL, BY_TOKEN, NEW_TOKEN, Action.RERUN, Why.NEW_TOKEN),
    (None, D.EQUAL, IS_STOPPED, OTHERS, Action.UNCHANGED, Why.NOT_WANTED),
    # the runs of this spec and token have ended
    (None, D.EQUAL, {}, ended(Phase.SUCCEEDED), Action.UNCHANGED, Why.SUCCEEDED),
    (None, D.EQUAL, {}, ended(Phase.SUCCEEDED, **BETWEEN), Action.UNCHANGED, Why.DONE_BEFORE),
    (None, D.EQUAL, {}, ended(Phase.SUCCEEDED, around_changed=True), Action.UNCHANGED, Why.SUCCEEDED),
    (None, D.EQUAL, {"retries": 1}, ended(Phase.SUCCEEDED, retries_left=1), Action.UNCHANGED, Why.SUCCEEDED),
    (None, D.EQUAL, {}, ended(Phase.SUCCEEDED, rivals=True), Action.UNCHANGED, Why.SUCCEEDED),
    (None, D.EQUAL, {}, ended(Phase.FAILED), Action.UNCHANGED, Why.FAILED),
    (None, D.EQUAL, {}, ended(Phase.FAILED, **BETWEEN), Action.UNCHANGED, Why.FAILED),
    (None, D.EQUAL, {"retries": 1}, ended(Phase.FAILED, retries_left=1), Action.RERUN, Why.RETRY),
    (
        None,
        D.EQUAL,
        {"retries": 1},
        ended(Phase.FAILED, retries_left=1, **LATE),
        Action.UNCHANGED,
        Why.PAST_NOT_AFTER,
    ),
    (None, D.EQUAL, {}, ended(Phase.FAILED, around_changed=True), Action.RERUN, Why.NEW_CIRCUMSTANCES),
    (
        None,
        D.EQUAL,
        {"retries": 1},
        ended(Phase.FAILED, around_changed=True, retries_left=1),
        Action.RERUN,
        Why.NEW_CIRCUMSTANCES,
    ),
    (None, D.EQUAL, BY_TOKEN, ended(Phase.FAILED, around_changed=True), Action.UNCHANGED, Why.FAILED),
    (
        None,
        D.EQUAL,
        {},
        ended(Phase.FAILED, around_changed=True, **LATE),
        Action.UNCHANGED,
        Why.PAST_NOT_AFTER,
    ),
    (
        None,
        D.EQUAL,
        {"retries": 1},
        ended(Phase.FAILED_RESERVING, retries_left=1, around_changed=True),
        Action.UNCHANGED,
        Why.FAILED_RESERVING,
    ),
    (None, D.EQUAL, {"retries": 3}, ended(Phase.STOPPED, retries_left=3), Action.UNCHANGED, Why.STOPPED),
    (None, D.EQUAL, {}, ended(Phase.STOPPED, around_changed=True), Action.UNCHANGED, Why.STOPPED),
    (None, D.EQUAL, {}, ended(Phase.STOPPED, out_of_time=True), Action.UNCHANGED, Why.OUT_OF_TIME),
    (
        None,
        D.EQUAL,
        {},
        ended(Phase.STOPPED, out_of_time=True, around_changed=True),
        Action.RERUN,
        Why.NEW_CIRCUMSTANCES,
    ),
    (
        None,
        D.EQUAL,
        BY_TOKEN,
        ended(Phase.STOPPED, out_of_time=True, around_changed=True),
        Action.UNCHANGED,
        Why.OUT_OF_TIME,
    ),
    (None, D.EQUAL, {}, ended(Phase.STOPPED, **BETWEEN), Action.RERUN, Why.RETURNED),
    (
        None,
        D.EQUAL,
        {},
        {**ended(Phase.STOPPED, **BETWEEN), "token_changed": True},
        Action.RERUN,
        Why.RETURNED,
    ),
    (None, D.EQUAL, {}, ended(Phase.STOPPED, **BETWEEN, out_of_time=True), Action.UNCHANGED, Why.OUT_OF_TIME),
    (
        None,
        D.EQUAL,
        {},
        ended(Phase.STOPPED, **BETWEEN, by_workspace=True, around_changed=True),
        Action.UNCHANGED,
        Why.WORKSPACE_RULE,
    ),
    (None, D.EQUAL, {}, ended(Phase.STOPPED, **BETWEEN, **LATE), Action.UNCHANGED, Why.PAST_NOT_AFTER),
    (None, D.EQUAL, BY_TOKEN, ended(Phase.STOPPED, **BETWEEN), Action.UNCHANGED, Why.RERUN_ON_TOKEN),
    (None, D.EQUAL, IS_STOPPED, ended(Phase.FAILED), Action.UNCHANGED, Why.NOT_WANTED),
    # a run is under way
    (Phase.ACTIVE, D.EQUAL, {}, {}, Action.UNCHANGED, Why.EQUAL),
    (Phase.ACTIVE, D.EQUAL, {}, {"rivals": True}, Action.UNCHANGED, Why.EQUAL),
    (Phase.ACTIVE, D.EQUAL, {}, {"conflict": True}, Action.BLOCKED, Why.CONFLICT),
    (Phase.ACTIVE, D.EQUAL, {}, {"outlived": True}, Action.UNCHANGED, Why.EQUAL),
    (Phase.ACTIVE, D.EQUAL, {}, {"outlived": True, "by_name": True}, Action.BLOCKED, Why.OUTLIVED),
    (Phase.ACTIVE, D.EQUAL, IS_STOPPED, {"outlived": True, "by_name": True}, Action.BLOCKED, Why.OUTLIVED),
    (Phase.ACTIVE, D.NEXT_RUN, REPLACE, ALLOWED, Action.UNCHANGED, Why.NEXT_RUN),
    (Phase.ACTIVE, D.IGNORED, REPLACE, ALLOWED, Action.UNCHANGED, Why.IGNORED),
    (Phase.ACTIVE, D.CIRCUMSTANCE, {}, ALLOWED, Action.UNCHANGED, Why.CIRCUMSTANCE),
    (Phase.ACTIVE, D.CIRCUMSTANCE, REPLACE, {}, Action.UNCHANGED, Why.CIRCUMSTANCE),
    (Phase.ACTIVE, D.CIRCUMSTANCE, REPLACE, ALLOWED, Action.REPLACE, Why.REPLACE),
    (Phase.ACTIVE, D.CIRCUMSTANCE, REPLACE, {**ALLOWED, **LATE}, Action.UNCHANGED, Why.CIRCUMSTANCE),
    (Phase.ACTIVE, D.CIRCUMSTANCE, {**REPLACE, **BY_TOKEN}, ALLOWED, Action.UNCHANGED, Why.CIRCUMSTANCE),
    (Phase.ACTIVE, D.CIRCUMSTANCE, {**REPLACE, "protect": True}, ALLOWED, Action.BLOCKED, Why.PROTECTED),
    (Phase.ACTIVE, D.NEEDS_TOKEN, {**REPLACE, **BY_TOKEN}, ALLOWED, Action.UNCHANGED, Why.RERUN_ON_TOKEN),
    (
        Phase.ACTIVE,
        D.CIRCUMSTANCE,
        REPLACE,
        {**ALLOWED, "last": Phase.SUCCEEDED},
        Action.UNCHANGED,
        Why.CIRCUMSTANCE,
    ),
    (Phase.ACTIVE, D.IN_PLACE, {}, {}, Action.UPDATE, Why.IN_PLACE),
    (Phase.ACTIVE, D.IN_PLACE, REPLACE, ALLOWED, Action.UPDATE, Why.IN_PLACE),
    (Phase.ACTIVE, D.IN_PLACE, REPLACE, {**ALLOWED, "around_differs": True}, Action.REPLACE, Why.REPLACE),
    (Phase.ACTIVE, D.IN_PLACE, REPLACE, {"around_differs": True}, Action.UPDATE, Why.IN_PLACE),
    (Phase.ACTIVE, D.NEEDS_RUN, {}, OTHERS, Action.BLOCKED, Why.ON_CHANGE_BLOCK),
    (Phase.ACTIVE, D.NEEDS_RUN, {}, {**OTHERS, **ALLOWED}, Action.BLOCKED, Why.ON_CHANGE_BLOCK),
    (Phase.ACTIVE, D.NEEDS_RUN, WAIT, OTHERS, Action.WAITING, Why.ON_CHANGE_WAIT),
    (Phase.ACTIVE, D.NEEDS_RUN, WAIT, {**OTHERS, **LATE}, Action.UNCHANGED, Why.PAST_NOT_AFTER),
    (Phase.ACTIVE, D.NEEDS_RUN, {**WAIT, **BY_TOKEN}, NEW_TOKEN, Action.WAITING, Why.ON_CHANGE_WAIT),
    (Phase.ACTIVE, D.NEEDS_RUN, REPLACE, OTHERS, Action.BLOCKED, Why.NEEDS_CONSENT),
    (Phase.ACTIVE, D.NEEDS_RUN, REPLACE, {**OTHERS, **ALLOWED}, Action.REPLACE, Why.REPLACE),
    (
        Phase.ACTIVE,
        D.NEEDS_RUN,
        REPLACE,
        {**OTHERS, **ALLOWED, "rivals": True},
        Action.BLOCKED,
        Why.NAME_TAKEN,
    ),
    (
        Phase.ACTIVE,
        D.NEEDS_RUN,
        REPLACE,
        {**OTHERS, **ALLOWED, "outlived": True},
        Action.BLOCKED,
        Why.OUTLIVED,
    ),
    (Phase.ACTIVE, D.NEEDS_RUN, REPLACE, {**OTHERS, **ALLOWED, **LATE}, Action.BLOCKED, Why.PAST_NOT_AFTER),
    (
        Phase.ACTIVE,
        D.NEEDS_RUN,
        {**REPLACE, "protect": True},
        {**OTHERS, **ALLOWED},
        Action.BLOCKED,
        Why.PROTECTED,
    ),
    # the spec that is asked for ran before the one that is under way
    *(
        (Phase.ACTIVE, D.NEEDS_RUN, rules, {**ended(last, **BETWEEN), **ALLOWED}, action, Why.RAN_BEFORE)
        for last in (Phase.SUCCEEDED, Phase.FAILED, Phase.FAILED_RESERVING)
        for rules, action in ((WAIT, Action.UNCHANGED), ({}, Action.BLOCKED), (REPLACE, Action.BLOCKED))
    ),
    (Phase.ACTIVE, D.NEEDS_RUN, WAIT, ended(Phase.STOPPED, **BETWEEN), Action.WAITING, Why.ON_CHANGE_WAIT),
    (
        Phase.ACTIVE,
        D.NEEDS_RUN,
        {**WAIT, "retries": 1},
        ended(Phase.FAILED, **BETWEEN, retries_left=1),
        Action.WAITING,
        Why.ON_CHANGE_WAIT,
    ),
    # a run that is idle, and that both sides have stopped for it
    (Phase.ACTIVE, D.EQUAL, {}, {"idle": True}, Action.STOP, Why.IDLE),
    (Phase.ACTIVE, D.NEXT_RUN, {}, {"idle": True}, Action.STOP, Why.IDLE),
    (Phase.ACTIVE, D.EQUAL, {"protect": True}, {"idle": True}, Action.UNCHANGED, Why.EQUAL),
    (Phase.ACTIVE, D.EQUAL, {}, {"idle": True, "guarded": True}, Action.UNCHANGED, Why.EQUAL),
    (Phase.ACTIVE, D.EQUAL, {}, {"idle": True, "conflict": True}, Action.BLOCKED, Why.CONFLICT),
    (Phase.ACTIVE, D.IN_PLACE, {}, {"idle": True}, Action.UPDATE, Why.IN_PLACE),
    (Phase.ACTIVE, D.EQUAL, IS_STOPPED, {"idle": True}, Action.STOP, Why.STATE_STOPPED),
    (Phase.STOPPING, D.EQUAL, {}, {"idle": True}, Action.WAITING, Why.STOPPING),
    (Phase.UNKNOWN, D.EQUAL, {}, {"idle": True}, Action.UNCHANGED, Why.UNKNOWN_STATUS),
    (Phase.ACTIVE, D.EQUAL, IS_STOPPED, {}, Action.STOP, Why.STATE_STOPPED),
    (Phase.ACTIVE, D.EQUAL, {**IS_STOPPED, "protect": True}, {}, Action.BLOCKED, Why.PROTECTED),
    (Phase.STOPPING, D.NEEDS_RUN, {}, OTHERS, Action.WAITING, Why.STOPPING),
    (Phase.UNKNOWN, D.EQUAL, {}, {}, Action.UNCHANGED, Why.UNKNOWN_STATUS),
    (Phase.UNKNOWN, D.NEEDS_RUN, {}, ALLOWED, Action.BLOCKED, Why.UNKNOWN_STATUS),
    (Phase.UNKNOWN, D.EQUAL, IS_STOPPED, {}, Action.BLOCKED, Why.UNKNOWN_STATUS),
    # a run of our owner from another repository has this name
    (None, D.EQUAL, {}, {"moved": True}, Action.BLOCKED, Why.LOOKS_MOVED),
    (None, D.EQUAL, {}, {"moved": True, "rivals": True}, Action.BLOCKED, Why.LOOKS_MOVED),
    (None, D.EQUAL, {}, {"moved": True, **LATE}, Action.BLOCKED, Why.LOOKS_MOVED),
    (None, D.EQUAL, IS_STOPPED, {"moved": True}, Action.UNCHANGED, Why.NOT_WANTED),
    (
        None,
        D.EQUAL,
        {"retries": 1},
        ended(Phase.FAILED, retries_left=1, moved=True),
        Action.BLOCKED,
        Why.LOOKS_MOVED,
    ),
    (None, D.EQUAL, {}, ended(Phase.SUCCEEDED, moved=True), Action.UNCHANGED, Why.SUCCEEDED),
    (None, D.EQUAL, {}, {**OTHERS, "moved": True}, Action.BLOCKED, Why.LOOKS_MOVED),
    (Phase.ACTIVE, D.IN_PLACE, {}, {"moved": True}, Action.UPDATE, Why.IN_PLACE),
    (Phase.ACTIVE, D.EQUAL, IS_STOPPED, {"moved": True}, Action.STOP, Why.STATE_STOPPED),
    (Phase.ACTIVE, D.NEEDS_RUN, WAIT, {**OTHERS, "moved": True}, Action.BLOCKED, Why.LOOKS_MOVED),
    (Phase.ACTIVE, D.NEEDS_RUN, REPLACE, {**OTHERS, "moved": True}, Action.BLOCKED, Why.LOOKS_MOVED),
    (Phase.ACTIVE, D.EQUAL, {}, {"moved": True, "conflict": True}, Action.BLOCKED, Why.CONFLICT),
]


@pytest.mark.parametrize(("phase", "difference", "rules", "others", "action", "why"), RULINGS)
def test_rulings(phase, difference, rules, others, action, why):
    case = Case(phase, difference, RunRules(**rules), **others)
    ruling = decide(case)
    assert (ruling.action, ruling.why) == (action, why)


@pytest.mark.parametrize(
    ("phase", "difference", "rules", "others", "awaits"),
    [
        (Phase.ACTIVE, D.NEEDS_RUN, WAIT, OTHERS, True),
        (Phase.STOPPING, D.NEEDS_RUN, {}, OTHERS, True),
        (Phase.STOPPING, D.NEEDS_RUN, {}, {**OTHERS, **LATE}, False),
        (Phase.STOPPING, D.NEEDS_RUN, {}, ended(Phase.SUCCEEDED, **BETWEEN), False),
        (Phase.STOPPING, D.NEEDS_RUN, IS_STOPPED, OTHERS, False),
        (Phase.STOPPING, D.EQUAL, {}, OTHERS, False),
        (Phase.STOPPING, D.IN_PLACE, {}, OTHERS, False),
    ],
)
def test_what_waits_says_whether_a_start_will_follow(phase, difference, rules, others, awaits):
    ruling = decide(Case(phase, difference, RunRules(**rules), **others))
    assert ruling.action is Action.WAITING
    assert ruling.awaits_start is awaits


CHOICES = st.builds(
    Case,
    phase=st.sampled_from(UNDER_WAY),
    difference=st.sampled_from(D),
    rules=st.builds(
        RunRules,
        state=st.sampled_from(State),
        on_change=st.sampled_from(OnChange),
        rerun_on=st.sampled_from(RerunOn),
        protect=st.booleans(),
    ),
    last=st.sampled_from([None, *sorted(TERMINAL)]),
    retries_left=st.integers(0, 1),
)


@given(CHOICES, st.booleans())
def test_a_freeze_holds_every_start_and_nothing_else(case, allowed):
    free = replace(case, replace_allowed=allowed)
    before, ruling = decide(free), decide(replace(free, frozen=True))
    if not before.action.starts_a_run:
        assert ruling == before
        return
    assert (ruling.action, ruling.why) == (Action.WAITING, Why.FROZEN)
    assert (ruling.awaits_start, ruling.meant) == (True, before)


@given(CHOICES)
def test_whatever_the_circumstances_nothing_is_done_that_must_not_be(case):
    ruling = decide(case)
    has_succeeded = case.last is Phase.SUCCEEDED
    if case.past_not_after or has_succeeded:
        assert not ruling.action.starts_a_run
        assert not ruling.awaits_start
    assert not (case.rules.protect and ruling.action.stops_a_run)
    assert not (case.rules.state is State.PRESENT and ruling.action is Action.STOP)
    assert not (case.rivals and ruling.action.starts_a_run)
    assert not (ruling.action is Action.REPLACE and not case.replace_allowed)
    assert ruling.action is not Action.CREATE or not case.has_runs
    assert ruling.action.starts_a_run <= (case.phase in {None, Phase.ACTIVE})


def test_every_reason_has_words():
    assert set(TEXTS) == set(Why)


def test_reason_codes_stay_what_they_were():
    assert [why.value for why in Why] == [
        "first-run",
        "new-spec",
        "new-token",
        "retry",
        "in-place",
        "replace",
        "state-stopped",
        "orphan",
        "equal",
        "ignored-by-pai",
        "succeeded",
        "failed",
        "failed-reserving",
        "stopped",
        "not-wanted",
        "rerun-on-token",
        "past-not-after",
        "stopping",
        "on-change-wait",
        "on-change-block",
        "needs-consent",
        "protected",
        "mark-protected",
        "orphan-protected",
        "orphan-claimed",
        "void-claim",
        "conflict",
        "outlived",
        "operation-done",
        "looks-renamed",
        "orphan-looks-renamed",
        "orphan-conflict",
        "name-taken",
        "looks-moved",
        "unknown-status",
        "new-circumstances",
        "returned",
        "done-before",
        "ran-before",
        "out-of-time",
        "workspace-rule",
        "circumstance",
        "next-run",
        "orphan-held",
        "frozen",
        "idle",
    ]
