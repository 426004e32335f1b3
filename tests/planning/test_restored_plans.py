"""A saved plan is the plan that was reviewed, or none."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from dlcapply.errors import DlcapplyError
from dlcapply.model.claims import OwnerMarks
from dlcapply.model.findings import Finding, Level, Place
from dlcapply.model.jobs import Environment, Identity
from dlcapply.model.plans import (
    Action,
    Behaviour,
    Change,
    ClaimedRun,
    Consent,
    Context,
    FieldChange,
    FieldKind,
    Need,
    Plan,
    Reason,
    Scope,
    Spend,
    Target,
    Terms,
    VariableState,
)
from dlcapply.model.runs import Census
from dlcapply.planning.digest import digest, document_hash
from dlcapply.planning.restored_plans import Divergence, Request, SavedPlan, divergences, restored
from dlcapply.rendering.plan_documents import saved_plan_document

CONTEXT = Context("2026-11-27", "friday", 18, "Asia/Shanghai")
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
    spend=Spend(16, 4.5, ("ecs.new",), 8.0, 2.0, ("ecs.old",), ("TemplateId",), ("ElasticSpec",), 3),
    consent=Consent("--allow-replace train", given=True),
    claims=(ClaimedRun("dlc1", "Running", OwnerMarks("audio/prod"), "vision/prod"),),
    retry=1,
    terms=Terms("b1", "u1", "1", 3, datetime(2026, 12, 31, 8, tzinfo=timezone(timedelta(hours=8)))),
    labels={"team": "vision", "stage": "pretrain"},
)
BARE = Change(
    "eval",
    Action.CREATE,
    Reason("first-run", "no run yet"),
    op="op2",
    spend=Spend(0, None),
    terms=Terms("b2", "u2", "1", 0),
)
IDLE = Change("old", Action.UNCHANGED, Reason("succeeded", "is done"), target=Target("dlc2", "Succeeded"))


def a_plan(*changes, scope=None):
    scope = scope or Scope(
        "vision/prod", "cn-beijing", "268", Identity.MARKS, True, ("a*",), ("b*", "c*"), "127.0.0.1:1"
    )
    environment = Environment(
        "prod", scope.region, scope.workspace_id, scope.owner, scope.endpoint, scope.identity
    )
    findings = (
        Finding("orphan", Level.WARNING, "message", "hint", Place("a.yaml", 7, 9), "spec.Envs"),
        Finding("limit-stops", Level.ERROR, "message"),
    )
    census = Census(412, "2000-01-01T00:00:00Z", scope.workspace_id, scope.region, 5)
    needs = (Need("KEY", VariableState.UNSET, ("eval", "train")), Need("OTHER", VariableState.SET, ("eval",)))
    named = digest(scope=scope, changes=changes)
    return Plan(environment, scope, census, changes, findings, named, needs, context=CONTEXT)


REQUEST = Request(("jobs",), ("environment", "endpoint"), ("key",), ("values.yaml",), no_preflight=True)


def document(plan):
    made, until = (datetime(2026, 11, day, 12, 30, tzinfo=UTC) for day in (23, 24))
    saved = SavedPlan(plan, REQUEST, made, until)
    return saved, json.loads(json.dumps(saved_plan_document(saved)))


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


def leaves(value, path=()):
    """The path of each value that holds no others."""
    match value:
        case dict() if value:
            for key, inner in value.items():
                yield from leaves(inner, (*path, key))
        case list() if value:
            for index, inner in enumerate(value):
                yield from leaves(inner, (*path, index))
        case _:
            yield path


def at(document, path):
    for step in path:
        document = document[step]
    return document


def edited(document, path, value):
    """The document with another value at the path."""
    copy = json.loads(json.dumps(document))
    *above, last = path
    inner = copy
    for step in above:
        inner = inner[step]
    inner[last] = value
    return copy


FILE = document(a_plan(BARE, IDLE, FULL))[1]
LEAVES = list(leaves(FILE))
TEXTS = [path for path in LEAVES if isinstance(at(FILE, path), str) and path not in {("kind",), ("hash",)}]


@pytest.mark.parametrize("path", LEAVES, ids=lambda path: ".".join(map(str, path)))
def test_an_edit_of_any_value_is_seen(path):
    before = at(FILE, path)
    others = ("", "other", 0, 1, True, None, [], {}, ["x"], f"{before} ", 2.5)
    for value in others:
        if json.dumps(value) == json.dumps(before):
            continue
        with pytest.raises(DlcapplyError, match="was edited") as refusal:
            restored(edited(FILE, path, value))
        assert "dlcapply plan --out" in refusal.value.hint


def test_a_value_too_many_or_too_few_is_seen():
    for path in {path[:-1] for path in LEAVES if path[:-1]}:
        copy = json.loads(json.dumps(FILE))
        holder = at(copy, path)
        extra = {**holder, "x": 1} if isinstance(holder, dict) else [*holder, holder[0]]
        with pytest.raises(DlcapplyError, match="was edited"):
            restored(edited(FILE, path, extra))


def shuffled(value):
    match value:
        case dict():
            return {key: shuffled(value[key]) for key in reversed(value)}
        case list():
            return [shuffled(item) for item in value]
    return value


def test_the_order_of_keys_says_nothing():
    assert restored(shuffled(FILE)) == restored(FILE)


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: ".".join(map(str, path)))
def test_what_a_forger_who_makes_the_hash_anew_can_say_is_what_everybody_reads(path):
    """No value stands in two places, so that one could be shown and the other applied."""
    forged = edited(FILE, path, f"{at(FILE, path)}x")
    content = {key: value for key, value in forged.items() if key != "hash"}
    forged["hash"] = document_hash(content)
    try:
        saved = restored(forged)
    except (DlcapplyError, ValueError):
        return  # the digest, a time, or a word that the schema refuses
    is_told_again = "labels" in path  # by the totals of each label
    assert (saved_plan_document(saved) == forged) is not is_told_again


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("plan", "digest"), "0" * 64),
        (("plan", "changes", 0, "name"), "other"),
        (("plan", "changes", 0, "op"), "f" * 32),
        (("plan", "changes", 0, "terms", "body"), "0" * 64),
        (("plan", "changes", 0, "terms", "retries"), 9),
        (("plan", "changes", 0, "spend", "hours"), 0.5),
        (("plan", "changes", 0, "digest"), "0" * 64),
        (("plan", "changes", 1, "digest"), "0" * 64),
        (("plan", "scope", "endpoint"), "127.0.0.1:2"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_digest_of_something_else_than_the_plan_says_is_an_edit(path, value):
    """Else a forged hash would let a file show one plan and approve another."""
    assert at(FILE, path) != value
    forged = edited(FILE, path, value)
    forged["hash"] = document_hash({key: value for key, value in forged.items() if key != "hash"})
    with pytest.raises(DlcapplyError, match="was edited"):
        restored(forged)


def test_no_fact_stands_in_two_places():
    scope, request, plan = FILE["plan"]["scope"], FILE["request"], FILE["plan"]
    assert not scope.keys() & (request.keys() | plan["environment"].keys() | plan["census"].keys())
    strings = [at(FILE, path) for path in LEAVES if path[:2] != ("plan", "changes")]
    assert strings.count("127.0.0.1:1") == strings.count("cn-beijing") == strings.count("268") == 1


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_time_beyond_the_calendar_is_an_edit(time):
    forged = edited(FILE, ("expires",), time)
    forged["hash"] = document_hash({key: value for key, value in forged.items() if key != "hash"})
    with pytest.raises(DlcapplyError, match="was edited"):
        restored(forged)


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
        {"claims": ()},
        {"claims": (replace(FULL.claims[0], giver=OwnerMarks("text/prod")),)},
        {"terms": replace(FULL.terms, body="b9")},
        {"spend": Spend(16, 5.5, ("ecs.new",))},
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
