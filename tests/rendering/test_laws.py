"""What holds for every plan, outcome and finding, whatever text they carry."""

from __future__ import annotations

import json
from datetime import UTC
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from dlcapply.errors import ExitCode
from dlcapply.model.findings import Finding, Level, Place
from dlcapply.model.jobs import Environment, Identity
from dlcapply.model.outcomes import Outcome, Result, Trouble
from dlcapply.model.plans import (
    Action,
    Behaviour,
    Change,
    Consent,
    FieldChange,
    FieldKind,
    Plan,
    Reason,
    Scope,
    Spend,
    Target,
)
from dlcapply.model.runs import Census
from dlcapply.planning.context import context_of
from dlcapply.rendering.json_documents import apply_document, to_json, validate_document
from dlcapply.rendering.plan_documents import plan_document
from dlcapply.rendering.text.findings import validation_lines
from dlcapply.rendering.text.lines import to_rich, to_text
from dlcapply.rendering.text.outcomes import outcome_lines
from dlcapply.rendering.text.plans import plan_lines

SCHEMAS = Path(__file__).parents[2] / "schemas"
VALIDATORS = {
    form: Draft202012Validator(json.loads((SCHEMAS / f"{form}.v1.schema.json").read_text("utf-8")))
    for form in ("plan", "apply", "validate")
}

# The first example pays for importing rich, and a busy machine for all of them.
unhurried = settings(deadline=None)

texts = st.text(max_size=30) | st.sampled_from(
    ["\x1b[2K\rPlan: 0 to stop", "a\nb\n", "\x9b0m", "\u202e", "文字"]
)
names = st.from_regex(r"[A-Za-z0-9_.-]{1,40}", fullmatch=True)
counts = st.integers(0, 5000)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
optional_texts = st.lists(texts, max_size=2).map(tuple)
places = st.none() | st.builds(Place, texts, st.integers(1, 999), st.integers(1, 99))
findings = st.builds(Finding, texts, st.sampled_from(Level), texts, texts, places, texts)
fields = st.builds(
    FieldChange,
    texts,
    st.sampled_from(FieldKind),
    json_values,
    json_values,
    st.sampled_from(Behaviour),
)
changes = st.builds(
    Change,
    name=names,
    action=st.sampled_from(Action),
    reason=st.builds(Reason, texts, texts),
    source=places,
    target=st.none() | st.builds(Target, texts, texts),
    op=texts,
    fields=st.lists(fields, max_size=3).map(tuple),
    spend=st.none() | st.builds(Spend, counts, st.none() | st.floats(0, 1e6), optional_texts),
    consent=st.none() | st.builds(Consent, texts, st.booleans()),
    labels=st.dictionaries(texts, texts, max_size=2),
)
plans = st.builds(
    Plan,
    st.builds(Environment, texts, texts, texts, texts, texts),
    st.builds(
        Scope, texts, texts, texts, st.sampled_from(Identity), st.booleans(), optional_texts, optional_texts
    ),
    st.builds(Census, counts, texts, texts, texts, counts),
    st.lists(changes, max_size=4, unique_by=lambda change: change.name).map(tuple),
    st.lists(findings, max_size=2).map(tuple),
    texts,
    context=st.datetimes(timezones=st.just(UTC)).map(lambda now: context_of(now, UTC)),
)
outcomes = st.builds(
    Outcome,
    names,
    st.sampled_from(Action),
    st.sampled_from(Result),
    texts,
    texts,
    st.none() | st.builds(Trouble, texts, texts, texts),
)


def assert_harmless(lines):
    """Nothing but newlines of our own, and the same text in colour."""
    text = to_text(lines)
    rows = text.split("\n")
    assert len(rows) == len(lines) + 1
    assert all(row.isprintable() for row in rows)
    assert to_rich(lines, width=10**6).plain == text.removesuffix("\n")


@unhurried
@given(plans, st.booleans(), texts)
def test_every_plan_renders_harmlessly(plan, full, command):
    assert_harmless(plan_lines(plan, apply_command=command, full=full))


@unhurried
@given(plans)
def test_every_change_is_named_and_every_action_counted(plan):
    text = to_text(plan_lines(plan, full=True))
    assert all(f" {change.name} " in text for change in plan.changes)
    assert plan.summary == {action: sum(c.action is action for c in plan.changes) for action in Action}


@unhurried
@given(plans)
def test_every_plan_document_satisfies_its_schema(plan):
    document = plan_document(plan)
    VALIDATORS["plan"].validate(document)
    assert json.loads(to_json(document)) == document


@unhurried
@given(st.lists(outcomes, max_size=4), st.booleans(), st.sampled_from(ExitCode))
def test_every_outcome_renders_harmlessly_and_by_its_schema(results, full, exit_code):
    assert_harmless(outcome_lines(results, full=full))
    document = apply_document(results, exit_code=exit_code)
    VALIDATORS["apply"].validate(document)
    assert sum(document["summary"].values()) == len(results)


@unhurried
@given(st.lists(findings, max_size=4), counts, counts, texts)
def test_every_finding_renders_harmlessly_and_by_its_schema(problems, files, documents, row):
    assert_harmless(validation_lines(problems, files=files, documents=documents, source=lambda _: row))
    VALIDATORS["validate"].validate(validate_document(problems, files=files, documents=documents))
