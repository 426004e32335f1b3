"""The decision table, cell by cell."""

from __future__ import annotations

import itertools

import pytest

from dlcapply.model import Action, OnChange, Phase, RerunOn, RunRules, State
from dlcapply.planning.decisions import (
    PRESENT,
    STOPPED,
    Circumstances,
    Difference,
    Ruling,
    Verdict,
    Why,
    decide,
    verdict_for,
)
from dlcapply.planning.reasons import TEXTS

D, V = Difference, Verdict

# Every status group against every difference, for a job that is wanted; no cell is left to a default.
WANTED = {
    (None, D.EQUAL): V.CREATE,
    (None, D.IGNORED): V.CREATE,
    (None, D.IN_PLACE): V.CREATE,
    (None, D.NEEDS_RUN): V.CREATE,
    (Phase.ACTIVE, D.EQUAL): V.UNCHANGED,
    (Phase.ACTIVE, D.IGNORED): V.IGNORED,
    (Phase.ACTIVE, D.IN_PLACE): V.UPDATE,
    (Phase.ACTIVE, D.NEEDS_RUN): V.BY_ON_CHANGE,
    (Phase.STOPPING, D.EQUAL): V.WAITING,
    (Phase.STOPPING, D.IGNORED): V.WAITING,
    (Phase.STOPPING, D.IN_PLACE): V.WAITING,
    (Phase.STOPPING, D.NEEDS_RUN): V.WAITING,
    (Phase.SUCCEEDED, D.EQUAL): V.UNCHANGED,
    (Phase.SUCCEEDED, D.IGNORED): V.UNCHANGED,
    (Phase.SUCCEEDED, D.IN_PLACE): V.UNCHANGED,
    (Phase.SUCCEEDED, D.NEEDS_RUN): V.RERUN,
    (Phase.FAILED, D.EQUAL): V.RETRY,
    (Phase.FAILED, D.IGNORED): V.RETRY,
    (Phase.FAILED, D.IN_PLACE): V.RETRY,
    (Phase.FAILED, D.NEEDS_RUN): V.RERUN,
    (Phase.STOPPED, D.EQUAL): V.UNCHANGED,
    (Phase.STOPPED, D.IGNORED): V.UNCHANGED,
    (Phase.STOPPED, D.IN_PLACE): V.UNCHANGED,
    (Phase.STOPPED, D.NEEDS_RUN): V.RERUN,
    (Phase.UNKNOWN, D.EQUAL): V.UNTOUCHED,
    (Phase.UNKNOWN, D.IGNORED): V.BLOCKED,
    (Phase.UNKNOWN, D.IN_PLACE): V.BLOCKED,
    (Phase.UNKNOWN, D.NEEDS_RUN): V.BLOCKED,
}
NOT_WANTED = {
    None: V.UNCHANGED,
    Phase.ACTIVE: V.STOP,
    Phase.STOPPING: V.WAITING,
    Phase.SUCCEEDED: V.UNCHANGED,
    Phase.FAILED: V.UNCHANGED,
    Phase.STOPPED: V.UNCHANGED,
    Phase.UNKNOWN: V.BLOCKED,
}
PHASES = (None, *Phase)


def test_the_table_has_every_cell_and_no_other():
    assert set(WANTED) == set(itertools.product(PHASES, Difference))
    assert set(PRESENT) == set(STOPPED) == set(NOT_WANTED) == set(PHASES)
    assert all(set(row) == set(Difference) for row in PRESENT.values())


@pytest.mark.parametrize(("cell", "verdict"), WANTED.items())
def test_a_wanted_job(cell, verdict):
    phase, difference = cell
    assert verdict_for(Circumstances(phase, difference, RunRules())) == verdict


@pytest.mark.parametrize(("phase", "verdict"), NOT_WANTED.items())
@pytest.mark.parametrize("difference", Difference)
def test_a_job_that_is_to_be_stopped(phase, verdict, difference):
    case = Circumstances(phase, difference, RunRules(state=State.STOPPED))
    assert verdict_for(case) == verdict


RULINGS = [
    # phase, difference, rules, other circumstances → action, why
    (None, D.EQUAL, {}, {}, Action.CREATE, Why.FIRST_RUN),
    (None, D.EQUAL, {}, {"past_not_after": True}, Action.UNCHANGED, Why.PAST_NOT_AFTER),
    (None, D.EQUAL, {}, {"rivals": True}, Action.BLOCKED, Why.NAME_TAKEN),
    (None, D.EQUAL, {"state": State.STOPPED}, {}, Action.UNCHANGED, Why.NOT_WANTED),
    (Phase.ACTIVE, D.EQUAL, {}, {}, Action.UNCHANGED, Why.EQUAL),
    (Phase.ACTIVE, D.EQUAL, {}, {"rivals": True}, Action.UNCHANGED, Why.EQUAL),
    (Phase.ACTIVE, D.EQUAL, {}, {"conflict": True}, Action.BLOCKED, Why.CONFLICT),
    (Phase.SUCCEEDED, D.EQUAL, {}, {"outlived": True}, Action.BLOCKED, Why.OUTLIVED),
    (
        Phase.SUCCEEDED,
        D.NEEDS_RUN,
        {"state": State.STOPPED},
        {"outlived": True},
        Action.BLOCKED,
        Why.OUTLIVED,
    ),
    (Phase.ACTIVE, D.IGNORED, {}, {}, Action.UNCHANGED, Why.IGNORED),
    (Phase.ACTIVE, D.IN_PLACE, {}, {}, Action.UPDATE, Why.IN_PLACE),
    (Phase.ACTIVE, D.NEEDS_RUN, {}, {}, Action.BLOCKED, Why.ON_CHANGE_BLOCK),
    (Phase.ACTIVE, D.NEEDS_RUN, {"on_change": OnChange.WAIT}, {}, Action.WAITING, Why.ON_CHANGE_WAIT),
    (
        Phase.ACTIVE,
        D.NEEDS_RUN,
        {"on_change": OnChange.WAIT},
        {"past_not_after": True},
        Action.UNCHANGED,
        Why.PAST_NOT_AFTER,
    ),
    (
        Phase.ACTIVE,
        D.NEEDS_RUN,
        {"on_change": OnChange.WAIT, "rerun_on": RerunOn.TOKEN},
        {},
        Action.UNCHANGED,
        Why.RERUN_ON_TOKEN,
    ),
    (
        Phase.ACTIVE,
        D.NEEDS_RUN,
        {"on_change": OnChange.WAIT, "rerun_on": RerunOn.TOKEN},
        {"token_changed": True},
        Action.WAITING,
        Why.ON_CHANGE_WAIT,
    ),
    (Phase.ACTIVE, D.NEEDS_RUN, {"on_change": OnChange.REPLACE}, {}, Action.BLOCKED, Why.NEEDS_CONSENT),
    (
        Phase.ACTIVE,
        D.NEEDS_RUN,
        {"on_change": OnChange.REPLACE},
        {"replace_allowed": True},
        Action.REPLACE,
        Why.REPLACE,
    ),
    (
        Phase.ACTIVE,
        D.NEEDS_RUN,
        {"on_change": OnChange.REPLACE},
        {"replace_allowed": True, "rivals": True},
        Action.BLOCKED,
        Why.NAME_TAKEN,
    ),
    (
        Phase.ACTIVE,
        D.NEEDS_RUN,
        {"on_change": OnChange.REPLACE, "protect": True},
        {"replace_allowed": True},
        Action.BLOCKED,
        Why.PROTECTED,
    ),
    (
        Phase.ACTIVE,
        D.NEEDS_RUN,
        {"on_change": OnChange.REPLACE},
        {"replace_allowed": True, "past_not_after": True},
        Action.BLOCKED,
        Why.PAST_NOT_AFTER,
    ),
    (Phase.ACTIVE, D.NEEDS_RUN, {}, {"replace_allowed": True}, Action.BLOCKED, Why.ON_CHANGE_BLOCK),
    (Phase.ACTIVE, D.EQUAL, {"state": State.STOPPED}, {}, Action.STOP, Why.STATE_STOPPED),
    (Phase.ACTIVE, D.EQUAL, {"state": State.STOPPED, "protect": True}, {}, Action.BLOCKED, Why.PROTECTED),
    (Phase.SUCCEEDED, D.NEEDS_RUN, {"state": State.STOPPED}, {}, Action.UNCHANGED, Why.NOT_WANTED),
    (Phase.FAILED, D.EQUAL, {"state": State.STOPPED}, {}, Action.UNCHANGED, Why.NOT_WANTED),
    (Phase.STOPPED, D.EQUAL, {"state": State.STOPPED}, {}, Action.UNCHANGED, Why.NOT_WANTED),
    (Phase.STOPPING, D.NEEDS_RUN, {}, {}, Action.WAITING, Why.STOPPING),
    (Phase.SUCCEEDED, D.EQUAL, {}, {}, Action.UNCHANGED, Why.SUCCEEDED),
    (Phase.SUCCEEDED, D.NEEDS_RUN, {}, {}, Action.RERUN, Why.NEW_SPEC),
    (Phase.SUCCEEDED, D.NEEDS_RUN, {}, {"token_changed": True}, Action.RERUN, Why.NEW_TOKEN),
    (Phase.SUCCEEDED, D.NEEDS_RUN, {}, {"past_not_after": True}, Action.UNCHANGED, Why.PAST_NOT_AFTER),
    (Phase.SUCCEEDED, D.NEEDS_RUN, {}, {"rivals": True}, Action.BLOCKED, Why.NAME_TAKEN),
    (Phase.SUCCEEDED, D.NEEDS_RUN, {"rerun_on": RerunOn.TOKEN}, {}, Action.UNCHANGED, Why.RERUN_ON_TOKEN),
    (
        Phase.SUCCEEDED,
        D.NEEDS_RUN,
        {"rerun_on": RerunOn.TOKEN},
        {"token_changed": True},
        Action.RERUN,
        Why.NEW_TOKEN,
    ),
    (Phase.FAILED, D.EQUAL, {}, {}, Action.UNCHANGED, Why.FAILED),
    (Phase.FAILED, D.EQUAL, {"retries": 1}, {"retries_left": 1}, Action.RERUN, Why.RETRY),
    (
        Phase.FAILED,
        D.EQUAL,
        {"retries": 1},
        {"retries_left": 1, "past_not_after": True},
        Action.UNCHANGED,
        Why.PAST_NOT_AFTER,
    ),
    (Phase.FAILED, D.EQUAL, {"retries": 1}, {"retries_left": 0}, Action.UNCHANGED, Why.FAILED),
    (Phase.STOPPED, D.EQUAL, {"retries": 3}, {"retries_left": 3}, Action.UNCHANGED, Why.STOPPED),
    (Phase.STOPPED, D.NEEDS_RUN, {}, {}, Action.RERUN, Why.NEW_SPEC),
    (Phase.UNKNOWN, D.EQUAL, {}, {}, Action.UNCHANGED, Why.UNKNOWN_STATUS),
    (Phase.UNKNOWN, D.NEEDS_RUN, {}, {"replace_allowed": True}, Action.BLOCKED, Why.UNKNOWN_STATUS),
    (Phase.UNKNOWN, D.EQUAL, {"state": State.STOPPED}, {}, Action.BLOCKED, Why.UNKNOWN_STATUS),
]


@pytest.mark.parametrize(("phase", "difference", "rules", "others", "action", "why"), RULINGS)
def test_rulings(phase, difference, rules, others, action, why):
    case = Circumstances(phase, difference, RunRules(**rules), **others)
    assert decide(case) == Ruling(action, why)


def test_no_circumstances_are_without_a_ruling_and_none_spends_past_not_after():
    choices = itertools.product(
        PHASES, Difference, State, OnChange, RerunOn, (False, True), (0, 1), (False, True), (False, True)
    )
    for phase, difference, state, on_change, rerun_on, protect, left, token, allowed in choices:
        rules = RunRules(state=state, on_change=on_change, rerun_on=rerun_on, protect=protect)
        case = Circumstances(phase, difference, rules, token, left, True, allowed)
        ruling = decide(case)
        assert not ruling.action.starts_a_run
        assert not (protect and ruling.action.stops_a_run)
        assert not (state is State.PRESENT and ruling.action is Action.STOP)


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
        "unknown-status",
    ]
