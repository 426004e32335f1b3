"""Drift in every form: nothing that strangers wrote is more than text, and what is told is what was found."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from dlcapply.model.drift import Drift, DriftCode, DriftedField, DriftReport
from dlcapply.model.jobs import Environment
from dlcapply.model.plans import Scope
from dlcapply.model.runs import Census, Visibility
from dlcapply.planning.context import context_of
from dlcapply.planning.restored_plans import drift_report_of
from dlcapply.rendering.json_documents import to_json
from dlcapply.rendering.markdown.drift import drift_markdown
from dlcapply.rendering.markdown.fitting import SIZES
from dlcapply.rendering.plan_documents import drift_document
from dlcapply.rendering.text.drift import drift_lines, headline
from dlcapply.rendering.text.lines import to_text
from tests.rendering.markdown.hostile import texts
from tests.rendering.markdown.judge import judged
from tests.rendering.test_laws import assert_harmless, findings, json_values, names, places

SCHEMA = Path(__file__).parents[2] / "schemas/drift.v1.schema.json"
VALIDATOR = Draft202012Validator(json.loads(SCHEMA.read_text("utf-8")))
unhurried = settings(deadline=None)

rows = st.builds(
    Drift,
    st.sampled_from(DriftCode),
    names,
    texts,
    texts,
    what=texts,
    evidence=texts,
    hint=texts,
    fields=st.lists(st.builds(DriftedField, texts, json_values, json_values), max_size=2).map(tuple),
    source=places,
)
reports = st.builds(
    DriftReport,
    st.builds(Environment, texts, texts, texts, texts, texts),
    st.builds(Scope, texts, texts, texts, endpoint=texts, origin=texts),
    st.builds(Census, st.integers(0, 99), texts, texts, texts, sees=st.sampled_from(Visibility)),
    st.datetimes(timezones=st.just(UTC)).map(lambda now: context_of(now, UTC)),
    st.lists(rows, max_size=3).map(tuple),
    st.lists(findings, max_size=1).map(tuple),
    has_journal=st.booleans(),
)


@unhurried
@given(reports)
def test_every_report_is_told_harmlessly(report):
    assert_harmless(drift_lines(report))
    judged(drift_markdown(report))


@unhurried
@given(reports)
def test_every_document_satisfies_its_schema_and_tells_proven_and_unclear_apart(report):
    document = drift_document(report)
    VALIDATOR.validate(document)
    assert json.loads(to_json(document)) == document
    assert (len(document["drift"]), len(document["unclear"])) == (len(report.proven), len(report.unclear))
    assert sum(document["summary"].values()) == len(report.rows)
    assert drift_document(drift_report_of(document)) == document


@unhurried
@given(reports)
def test_every_job_and_what_it_comes_to_is_told_in_every_form(report):
    text, markdown = to_text(drift_lines(report)), judged(drift_markdown(report))
    told = markdown.text_in("code")
    for row in report.rows:
        assert f" {row.name} " in text
        assert row.name in told
    assert headline(report) in text


def test_a_report_that_is_too_long_says_what_it_dropped():
    row = Drift(
        DriftCode.STRANGER, "train", "dlc1", "Running", what="@octocat " * 100, evidence="x", hint="y"
    )
    report = DriftReport(
        Environment("local", "cn-hangzhou", "1001", "vision/local"),
        Scope("vision/local", "cn-hangzhou", "1001"),
        Census(3, "2000-01-01T00:00:00Z", "1001", "cn-hangzhou"),
        context_of(datetime(2026, 11, 23, 12, tzinfo=UTC), UTC),
        (row,) * 300,
    )
    assert all(size.measure(drift_markdown(report, size=size)) <= size.limit for size in SIZES.values())
    told = drift_markdown(report)
    judged(told)
    assert "_Shortened to fit:" in told
    assert "changes in 1 job that no manifest asked for" in told
