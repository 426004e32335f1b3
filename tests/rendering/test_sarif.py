from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from importlib.metadata import distribution

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from dlcapply.manifest.rules.explanations import EXPLANATIONS, explanation_of
from dlcapply.model.findings import Finding, Level, Place
from dlcapply.rendering.json_documents import to_json
from dlcapply.rendering.sarif import sarif_document

SCHEMA_ID = "https://raw.githubusercontent.com/oasis-tcs/sarif-spec/master/Schemata/sarif-schema-2.1.0.json"

TYPO = Finding(
    "unknown-key",
    Level.ERROR,
    "no key PodCont",
    "did you mean PodCount?",
    Place("jobs/a b.yaml", 7, 3),
    "spec.JobSpecs[0]",
)
LATEST = Finding("image-tag-latest", Level.ERROR, "the tag is latest", place=Place("jobs/c.yaml", 8, 3))
POLICY = Finding("policy:images", Level.ERROR, "no such registry", place=Place("/elsewhere/é.yaml", 1, 1))


@pytest.fixture(scope="module")
def official():
    """The OASIS schema, as the schemastore package ships it: pickled answers in a database of its own."""
    database = distribution("schemastore").locate_file("schemastore/cache.sqlite")
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        query = "SELECT value FROM responses WHERE instr(value, ?)"
        ((value,),) = connection.execute(query, (f'"$id": "{SCHEMA_ID}"'.encode(),)).fetchall()
    text = value.decode("utf-8", "replace")
    schema, _ = json.JSONDecoder().raw_decode(text, text.index('{\r\n  "$schema"'))
    return Draft7Validator(schema)


def log(*findings, **more):
    return sarif_document(findings, version="1.2.3", explain=explanation_of, **more)


def run_of(*findings, **more):
    (run,) = log(*findings, **more)["runs"]
    return run


def results(*findings, **more):
    return run_of(*findings, **more)["results"]


def fingerprints(*findings):
    return [result["partialFingerprints"]["dlcapply/v1"] for result in results(*findings)]


@pytest.mark.parametrize("findings", [(), (TYPO,), (TYPO, LATEST, POLICY, replace(TYPO, place=None))])
def test_the_log_satisfies_the_official_schema(official, findings):
    official.validate(log(*findings, waived=findings))


def test_the_official_schema_refuses_what_is_none(official):
    broken = log(TYPO)
    broken["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] = 0
    assert not official.is_valid(broken)


def test_every_rule_has_metadata_that_satisfies_the_official_schema(official):
    findings = [Finding(rule, Level.ERROR, "broken") for rule in EXPLANATIONS]
    document = log(*findings)
    official.validate(document)
    for rule in document["runs"][0]["tool"]["driver"]["rules"]:
        known = EXPLANATIONS[rule["id"]]
        assert rule["shortDescription"]["text"] == known.summary
        assert known.text in rule["help"]["markdown"]
        assert 0 < len(rule["fullDescription"]["text"]) <= 1024
        assert rule["defaultConfiguration"] == {"level": known.level}


def test_a_result_names_its_rule_level_words_and_place():
    run = run_of(TYPO, LATEST)
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["image-tag-latest", "unknown-key"]
    (typo, latest) = run["results"]
    assert (typo["ruleId"], typo["ruleIndex"], typo["level"]) == ("unknown-key", 1, "error")
    assert typo["message"] == {"text": "spec.JobSpecs[0]: no key PodCont\nhint: did you mean PodCount?"}
    assert typo["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "jobs/a%20b.yaml", "uriBaseId": "%SRCROOT%"},
                "region": {"startLine": 7, "startColumn": 3},
            },
            "logicalLocations": [{"fullyQualifiedName": "spec.JobSpecs[0]"}],
        }
    ]
    assert "logicalLocations" not in latest["locations"][0]
    assert run["columnKind"] == "unicodeCodePoints"
    assert "%SRCROOT%" in run["originalUriBaseIds"]


def test_a_level_that_a_project_changed_is_the_result_s_own():
    run = run_of(LATEST)
    assert run["tool"]["driver"]["rules"][0]["defaultConfiguration"]["level"] == "warning"
    assert run["results"][0]["level"] == "error"


def test_a_file_outside_the_repository_has_an_absolute_address():
    (result,) = results(POLICY)
    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == {
        "uri": "file:///elsewhere/%C3%A9.yaml"
    }


def test_a_policy_keeps_its_own_id_under_the_words_for_all_policies():
    (rule,) = run_of(POLICY)["tool"]["driver"]["rules"]
    assert rule["id"] == "policy:images"
    assert rule["shortDescription"]["text"] == EXPLANATIONS["policy:*"].summary


def test_a_rule_that_nobody_explains_is_named_all_the_same():
    (rule,) = run_of(Finding("orphan", Level.WARNING, "gone"))["tool"]["driver"]["rules"]
    assert rule == {"id": "orphan"}


def test_examples_are_fenced_in_markdown_only():
    (rule,) = run_of(TYPO)["tool"]["driver"]["rules"]
    bad = EXPLANATIONS["unknown-key"].bad.rstrip()
    assert f"Bad:\n\n```yaml\n{bad}\n```\n\nGood:" in rule["help"]["markdown"]
    assert f"Bad:\n\n{bad}\n\nGood:" in rule["help"]["text"]
    assert "```" not in rule["help"]["text"]


def test_what_is_waived_is_a_suppressed_result():
    found, waived = results(TYPO, waived=[LATEST])
    assert "suppressions" not in found
    assert (waived["ruleId"], waived["suppressions"]) == ("image-tag-latest", [{"kind": "inSource"}])


def test_a_fingerprint_survives_moved_lines_and_better_words():
    moved = replace(TYPO, place=Place("jobs/a b.yaml", 70, 5), message="PodCont is no key", hint="")
    assert fingerprints(moved) == fingerprints(TYPO)


def test_fingerprints_tell_rule_file_path_and_twins_apart():
    others = [
        replace(TYPO, rule="enum"),
        replace(TYPO, place=Place("jobs/b.yaml", 7, 3)),
        replace(TYPO, path="spec.JobSpecs[1]"),
        TYPO,
    ]
    assert len(set(fingerprints(TYPO, *others))) == 5


texts = st.text(max_size=20)
places = st.none() | st.builds(Place, texts, st.integers(1, 999), st.integers(1, 99))


@settings(deadline=None)
@given(st.lists(st.builds(Finding, texts, st.sampled_from(Level), texts, texts, places, texts), max_size=3))
def test_any_finding_makes_a_valid_log(official, findings):
    document = log(*findings)
    official.validate(document)
    assert json.loads(to_json(document)) == document
