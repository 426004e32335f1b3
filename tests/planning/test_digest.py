"""What names a plan: everything that would be done, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcapply.model.claims import OwnerMarks
from dlcapply.model.findings import Place
from dlcapply.model.jobs import Identity
from dlcapply.model.plans import (
    Action,
    Behaviour,
    Change,
    ClaimedRun,
    Consent,
    FieldChange,
    FieldKind,
    Reason,
    Scope,
    Spend,
    Target,
    Terms,
)
from dlcapply.planning.digest import change_digest, difference, digest, start_digest
from dlcapply.planning.restored_plans import divergences
from tests.builders import a_plan

SCOPE = Scope("vision/local", "cn-hangzhou", "1001")
FIELD = FieldChange("Envs.LR", FieldKind.CHANGED, "1", "2", Behaviour.NEEDS_RUN)
RUN = Target("dlc1", "Running")
CLAIM = ClaimedRun("dlc1", "Running", OwnerMarks("audio/prod"), "vision/local")
TERMS = Terms(body="b1", update="u1", token="1", retries=2)
CHANGE = Change(
    "train", Action.REPLACE, Reason("replace", "words"), target=RUN, op="op1", fields=(FIELD,), terms=TERMS
)


def of(*changes, scope=SCOPE):
    return digest(scope=scope, changes=changes)


@pytest.mark.parametrize(
    "other",
    [
        {"name": "trains"},
        {"action": Action.RERUN},
        {"op": "op2"},
        {"target": Target("dlc2", "Running")},
        {"target": None},
        {"fields": ()},
        {"fields": (replace(FIELD, path="Envs.SEED"),)},
        {"fields": (replace(FIELD, before="0"),)},
        {"fields": (replace(FIELD, after="3"),)},
        {"fields": (replace(FIELD, after=2),)},
        {"fields": (FIELD, replace(FIELD, path="Envs.SEED"))},
        {"claims": (CLAIM,)},
        {"spend": Spend(8, 16.0)},
        {"spend": Spend(8, None)},
        {"consent": Consent("--allow-replace train", given=True)},
        {"terms": replace(TERMS, body="b2")},
        {"terms": replace(TERMS, retries=3)},
        {"terms": None},
    ],
)
def test_another_write_is_another_plan(other):
    another = replace(CHANGE, **other)
    assert of(another) != of(CHANGE)
    assert change_digest(another) != change_digest(CHANGE)
    assert difference(another, CHANGE)


@pytest.mark.parametrize(
    "same",
    [
        {"reason": Reason("other", "other words")},
        {"target": Target("dlc1", "Restarting")},
        {"source": Place("jobs/train.yaml", 3)},
        {"terms": replace(TERMS, not_after=datetime(2026, 12, 31, tzinfo=UTC), update="u2", token="2")},
        {"retry": 1},
        {"fields": (replace(FIELD, kind=FieldKind.DRIFTED, behaviour=Behaviour.IN_PLACE),)},
    ],
)
def test_words_statuses_and_places_are_no_part_of_it(same):
    assert of(replace(CHANGE, **same)) == of(CHANGE)
    assert difference(replace(CHANGE, **same), CHANGE) == ""


@pytest.mark.parametrize(
    ("action", "covered"),
    [(Action.UPDATE, {"update"}), (Action.STOP, set()), (Action.BLOCKED, set()), (Action.UNCHANGED, set())],
)
def test_of_what_is_not_sent_a_digest_says_nothing(action, covered):
    idle = replace(CHANGE, action=action, op="")
    others = {"body": "b2", "update": "u2", "retries": 9}
    seen = {
        key
        for key, value in others.items()
        if change_digest(replace(idle, terms=replace(TERMS, **{key: value}))) != change_digest(idle)
    }
    assert seen == covered


def test_a_start_is_the_same_however_long_it_waits():
    waits = replace(CHANGE, action=Action.WAITING, spend=Spend(1, 2.0))
    starts = replace(waits, action=Action.RERUN, target=None, fields=(), reason=Reason("x", "y"))
    assert start_digest(waits) == start_digest(starts)
    assert change_digest(waits) != change_digest(starts)
    for other in (
        {"name": "x"},
        {"op": "op2"},
        {"spend": Spend(1, 3.0)},
        {"claims": (CLAIM,)},
        {"terms": replace(TERMS, body="b2")},
        {"terms": replace(TERMS, retries=3)},
    ):
        assert start_digest(replace(starts, **other)) != start_digest(waits)


@pytest.mark.parametrize(
    "other",
    [
        {"owner": "vision/prod"},
        {"region": "cn-beijing"},
        {"workspace_id": "1002"},
        {"identity": Identity.NAME},
        {"prune": True},
        {"select": ("a*",)},
        {"exclude": ("a*",)},
        {"endpoint": "127.0.0.1:1"},
        {"origin": "github.com/vision/jobs"},
        {"allow_stops": 2},
    ],
)
def test_another_scope_is_another_plan(other):
    assert of(CHANGE, scope=replace(SCOPE, **other)) != of(CHANGE)


def test_what_stays_unchanged_is_no_part_of_it_and_what_is_blocked_or_waits_is():
    idle = {action: replace(CHANGE, name="other", action=action) for action in Action}
    assert of(CHANGE, idle[Action.UNCHANGED]) == of(CHANGE)
    assert of(CHANGE, idle[Action.BLOCKED]) != of(CHANGE) != of(CHANGE, idle[Action.WAITING])


def test_the_order_of_keys_in_a_value_says_nothing_and_that_of_items_does():
    def with_value(value):
        return of(replace(CHANGE, fields=(replace(FIELD, after=value),)))

    assert with_value({"a": 1, "b": 2}) == with_value({"b": 2, "a": 1})
    assert with_value([1, 2]) != with_value([2, 1])


values = st.none() | st.integers(0, 12) | st.sampled_from(["", "1", "1,2", "é"])
changes = st.builds(
    Change,
    name=st.sampled_from(["a", "b"]),
    action=st.sampled_from(Action),
    reason=st.just(Reason("code", "words")),
    claims=st.sampled_from([(), (CLAIM,), (replace(CLAIM, owner=""),)]),
    target=st.none() | st.builds(Target, st.sampled_from(["dlc1", "dlc2"]), st.sampled_from(["A", "B"])),
    op=st.sampled_from(["", "op"]),
    spend=st.sampled_from([None, Spend(1, 1.0), Spend(1, 2.0)]),
    consent=st.sampled_from([None, Consent("--allow-replace a", given=True)]),
    terms=st.none()
    | st.builds(Terms, st.sampled_from("ab"), st.sampled_from("ab"), st.just("1"), st.integers(0, 1)),
    fields=st.lists(
        st.builds(
            FieldChange,
            st.sampled_from(["x", "y"]),
            st.sampled_from(FieldKind),
            values,
            values,
            st.sampled_from(Behaviour),
        ),
        max_size=2,
    ).map(tuple),
)
plans = st.lists(changes, max_size=2, unique_by=lambda change: change.name).map(
    lambda made: tuple(sorted(made, key=lambda change: change.name))
)


@given(plans, plans)
def test_two_plans_have_one_digest_exactly_where_nothing_diverges(first, second):
    plan = a_plan()
    approved, now = replace(plan, changes=first), replace(plan, changes=second)
    assert (of(*first) == of(*second)) == (divergences(approved, now) == ())


def test_two_numbers_are_never_taken_for_one():
    def between(before, after):
        return of(replace(CHANGE, fields=(replace(FIELD, before=before, after=after),)))

    assert between(1, 23) != between(12, 3)


@pytest.mark.parametrize(
    "other",
    [
        {"job_id": "dlc2"},
        {"giver": OwnerMarks("text/prod")},
        {"giver": OwnerMarks("audio/prod", "x")},
        {"owner": ""},
    ],
)
def test_another_claim_is_another_plan(other):
    claimed = replace(CHANGE, claims=(CLAIM,))
    assert of(replace(CHANGE, claims=(replace(CLAIM, **other),))) != of(claimed)
    assert of(replace(CHANGE, claims=(replace(CLAIM, status="Stopping"),))) == of(claimed)
