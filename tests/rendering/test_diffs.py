"""What holds for every comparison of two states, whatever text is in it."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from dlcapply.model.diffs import (
    Ceiling,
    Ceilings,
    FileChange,
    FileDiff,
    JobChange,
    JobDiff,
    Meaning,
    Role,
    SettingsDiff,
    Side,
    StateDiff,
    ValueChange,
)
from dlcapply.model.findings import Finding, Level, Place
from dlcapply.rendering.diff_documents import diff_document
from dlcapply.rendering.json_documents import to_json
from dlcapply.rendering.markdown.diffs import diff_markdown
from dlcapply.rendering.markdown.fitting import COMMENT
from dlcapply.rendering.text.diffs import diff_lines
from dlcapply.rendering.text.lines import to_text
from tests.rendering.markdown.hostile import texts
from tests.rendering.markdown.judge import judged

SCHEMA = Path(__file__).parents[2] / "schemas" / "diff.v1.schema.json"
VALIDATOR = Draft202012Validator(json.loads(SCHEMA.read_text("utf-8")))

some = st.lists(texts, max_size=2).map(tuple)
values = st.none() | st.integers() | texts | st.lists(texts, max_size=2)
places = st.builds(Place, texts, st.integers(1, 99), st.integers(1, 99))
findings = st.builds(Finding, texts, st.sampled_from(Level), texts, texts, st.none() | places, texts)
fields = st.builds(ValueChange, texts, values, values, texts.map(lambda text: f"x{text}"), texts, texts, some)
ceilings = st.none() | st.builds(
    Ceiling,
    st.none() | st.integers(0, 9),
    st.none() | st.floats(0, 99),
    st.integers(1, 9),
    some,
    some,
    some,
)
jobs = st.builds(
    JobDiff,
    texts,
    st.sampled_from(JobChange),
    st.lists(st.builds(Meaning, texts, texts), max_size=2).map(tuple),
    st.lists(fields, max_size=2).map(tuple),
    texts,
    ceilings,
    ceilings,
    some,
    st.none() | places,
    st.none() | places,
)
sides = st.builds(
    Side,
    texts,
    st.just("0" * 40),
    texts,
    st.lists(findings, max_size=1).map(tuple),
    texts,
    texts,
    st.builds(Ceilings, st.integers(0, 9), st.floats(0, 99), st.integers(0, 9), st.integers(0, 9)),
)
diffs = st.builds(
    StateDiff,
    sides,
    sides,
    st.lists(jobs, max_size=2).map(tuple),
    st.lists(
        st.builds(
            SettingsDiff,
            texts,
            st.sampled_from([Role.PROJECT, Role.POLICY, Role.VARIABLES, Role.CLAIMS]),
            st.sampled_from(FileChange),
            st.lists(fields, max_size=2).map(tuple),
        ),
        max_size=1,
    ).map(tuple),
    st.lists(
        st.builds(FileDiff, texts, st.sampled_from(Role), st.sampled_from(FileChange), some), max_size=2
    ).map(tuple),
    st.integers(0, 9),
    some,
)


@settings(max_examples=20, deadline=None)
@given(diffs)
def test_any_text_is_text_in_every_form(diff):
    judged(diff_markdown(diff))
    assert all(row.isprintable() for row in to_text(diff_lines(diff)).split("\n"))
    printed = to_json(diff_document(diff))
    assert all(row.isprintable() for row in printed.split("\n"))
    VALIDATOR.validate(json.loads(printed))


def test_of_many_jobs_and_long_texts_what_concerns_all_of_them_stays():
    long = "@octocat <b>|`" * 40
    field = ValueChange("spec.UserCommand", long, f"{long}x", "asks for a new run")
    limit = ValueChange("environments.prod.limits.gpuHours", 1, 9_999, "a limit")
    finding = Finding("rule", Level.ERROR, long, long, Place(long), "path")
    diff = StateDiff(
        before=Side(long, "0" * 40, long, (finding,), long, long),
        after=Side(environment=long),
        jobs=tuple(
            JobDiff(f"job-{number}{long[:50]}", JobChange.CHANGED, (Meaning("x", long),), (field,))
            for number in range(120)
        ),
        settings=(SettingsDiff("dlcapply.yaml", Role.PROJECT, FileChange.CHANGED, (limit,)),),
        files=tuple(
            FileDiff(f"{number}{long[:99]}", Role.MANIFEST, FileChange.CHANGED, (long,))
            for number in range(120)
        ),
        unchanged=0,
        notes=(long,) * 3,
    )
    shown = diff_markdown(diff)
    assert COMMENT.measure(shown) <= COMMENT.limit
    assert "120 changed; 0 jobs unchanged." in shown
    assert "environments.prod.limits.gpuHours" in shown
    assert "long values are cut (120 places), " in shown
    assert "what differs is left out (120 places)" in shown
    judged(shown)
