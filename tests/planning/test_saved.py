"""A saved plan is the plan that was reviewed, or none."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from dlcapply.errors import DlcapplyError
from dlcapply.model import (
    Action,
    Behaviour,
    Census,
    Change,
    Consent,
    Environment,
    FieldChange,
    FieldKind,
    Finding,
    Identity,
    Level,
    Place,
    Plan,
    Reason,
    Scope,
    Spend,
    Target,
)
from dlcapply.planning.digest import digest
from dlcapply.planning.saved import Divergence, SavedPlan, divergences, restored
from dlcapply.rendering.documents import saved_plan_document

FULL = Change(
    "train",
    Action.REPLACE,
    Reason("replace", "stops dlc1"),
    source=Place("jobs/train.yaml", 3, 5),
    target=Target("dlc1", "Running"),
    op="op1",
    fields=(
        FieldChange("Envs.LR", FieldKind.CHANGED, "1", "2", Behaviour.NEEDS_RUN),
        FieldChange("JobSpecs[Worker]", FieldKind.DRIFTED, None, {"PodCount": 2}, Behaviour.IGNORED),
    ),
    spend=Spend(16, 4.5, ("ecs.new",)),
    consent=Consent("--allow-replace train", given=True),
)
BARE = Change("eval", Action.CREATE, Reason("first-run", "no run yet"), op="op2", spend=Spend(0, None))
IDLE = Change("old", Action.UNCHANGED, Reason("succeeded", "is done"), target=Target("dlc2", "Succeeded"))


def a_plan(*changes, scope=None):
    scope = scope or Scope("vision/prod", "cn-beijing", "268", Identity.MARKS, True, ("a*",), ("b*", "c*"))
    environment = Environment(
        "prod", scope.region, scope.workspace_id, scope.owner, "127.0.0.1:1", scope.identity
    )
    findings = (
        Finding("orphan", Level.WARNING, "message", "hint", Place("a.yaml", 7, 9), "spec.Envs"),
        Finding("limit-stops", Level.ERROR, "message"),
    )
    census = Census(412, "2000-01-01T00:00:00Z", "268", "cn-beijing", 5)
    return Plan(environment, scope, census, changes, findings, digest(scope=scope, changes=changes))


def document(plan, **changes):
    made, until = (datetime(2026, 11, day, 12, 30, tzinfo=UTC) for day in (23, 24))
    saved = SavedPlan(plan, {"paths": ["jobs"]}, made, until)
    return saved, json.loads(json.dumps(saved_plan_document(saved) | changes))


@pytest.mark.parametrize(
    "plan",
    [
        a_plan(BARE, IDLE, FULL),
        a_plan(),
        a_plan(FULL, scope=Scope("", "cn-hangzhou", "1001", Identity.NAME)),
    ],
)
def test_a_plan_comes_back_from_its_document_as_it_was(plan):
    saved, written = document(plan)
    assert restored(written) == saved


@pytest.mark.parametrize(
    "edit",
    [
        lambda plan: plan["changes"][0].update(action="stop"),
        lambda plan: plan["changes"][0]["target"].update(job_id="dlc9"),
        lambda plan: plan["changes"].clear(),
        lambda plan: plan["scope"].update(workspace_id="1"),
        lambda plan: plan.update(digest="0" * 64),
    ],
)
def test_a_plan_that_was_edited_is_refused(edit):
    _, written = document(a_plan(FULL))
    edit(written["plan"])
    with pytest.raises(DlcapplyError, match="was edited") as refusal:
        restored(written)
    assert "dlcapply plan --out" in refusal.value.hint


def test_words_of_a_plan_may_be_edited():
    _, written = document(a_plan(FULL))
    written["plan"]["changes"][0]["reason"]["text"] = "other words"
    assert restored(written).plan.changes[0].reason.text == "other words"


@pytest.mark.parametrize(
    "other",
    [
        {"action": Action.BLOCKED},
        {"op": "op9"},
        {"target": Target("dlc9", "Running")},
        {"fields": FULL.fields[:1]},
        {"fields": (replace(FULL.fields[0], path="Envs.SEED"), FULL.fields[1])},
        {"fields": (replace(FULL.fields[0], before="0"), FULL.fields[1])},
        {"fields": (replace(FULL.fields[0], after="3"), FULL.fields[1])},
    ],
)
def test_a_divergence_shows_both_sides(other):
    now = replace(FULL, **other)
    assert divergences(a_plan(FULL), a_plan(now)) == (Divergence("train", FULL, now),)


def test_what_only_one_plan_does_diverges_and_what_neither_does_is_silent():
    assert divergences(a_plan(FULL, BARE), a_plan(IDLE, FULL)) == (Divergence("eval", BARE, None),)
    assert divergences(a_plan(), a_plan(FULL, BARE)) == (
        Divergence("eval", None, BARE),
        Divergence("train", None, FULL),
    )
    assert divergences(a_plan(FULL), a_plan(replace(FULL, reason=Reason("x", "other words")))) == ()
