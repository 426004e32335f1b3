"""Policies: JSON Schemas of the project, in their own words."""

from __future__ import annotations

import json

import pytest

from dlcapply.model.findings import Level
from tests.manifest.trees import LOCAL, Tree, manifest, rules


@pytest.fixture
def project(tree: Tree) -> Tree:
    tree.project("policies: ['policies/*']\n", LOCAL)
    tree.write("jobs/a.yaml", manifest("a"))
    return tree


def test_a_policy_speaks_in_its_own_words(project: Tree) -> None:
    project.write(
        "policies/teams.schema.json",
        '{"properties": {"metadata": {"required": ["labels"], "title": "every job names its team"}}}',
    )
    (finding,) = project.load().findings
    assert (finding.rule, finding.message) == ("policy:teams", "every job names its team")
    assert finding.hint == "metadata needs the key labels"
    assert str(finding.place) == "jobs/a.yaml:3:11"


def test_a_policy_without_words_is_worded_and_its_title_is_the_hint(project: Tree) -> None:
    project.write(
        "policies/short.yaml",
        "description: |\n  jobs are\n  short\n"
        "properties: {spec: {properties: {JobMaxRunningTimeMinutes: {maximum: 30}, UserCommand: false}}}\n",
    )
    project.load()
    findings = project.load().findings
    assert [(item.message, str(item.place)) for item in findings] == [
        ("JobMaxRunningTimeMinutes must be at most 30", "jobs/a.yaml:6:29"),
        ("UserCommand is not allowed like this", "jobs/a.yaml:7:16"),
    ]
    assert {item.hint for item in findings} == {"jobs are short"}
    assert {item.rule for item in findings} == {"policy:short"}


def test_a_policy_sees_the_composed_manifest_with_its_workspace(project: Tree) -> None:
    project.write(
        "policies/p.json", '{"properties": {"spec": {"properties": {"WorkspaceId": {"const": "7"}}}}}'
    )
    assert rules(project.load()) == [("policy:p", "dlcapply.yaml:7:45")]


@pytest.mark.parametrize(
    ("content", "rule", "place"),
    [
        ("[", "yaml", "policies/p.json:1:1"),
        ('{"properties": {"a": {"type": 5}}}', "policy-file", "policies/p.json:1:31"),
        ('{"properties": {"a": {"pattern": "("}}}', "policy-file", "policies/p.json:1:34"),
        ('{"$ref": "https://example.com/other.json"}', "policy-file", "policies/p.json:1:10"),
        ('{"$ref": "#/$defs/none"}', "policy-file", "policies/p.json:1:10"),
        ('{"properties": {"a": {"pattern": "^(?!b)"}}}', "policy-file", "policies/p.json:1:34"),
        ('{"patternProperties": {"(a)\\\\1": {}}}', "policy-file", "policies/p.json:1:34"),
        ('{"properties": {"a": {"format": "e-mail"}}}', "policy-file", "policies/p.json:1:33"),
        ("", "document", "policies/p.json:1:1"),
        ("true", "document", "policies/p.json:1:1"),
        ("{}", "policy-file", "policies/p.json:1:1"),
        ('{"title": "later", "$defs": {"a": {"type": "string"}}}', "policy-file", "policies/p.json:1:1"),
    ],
)
def test_a_broken_policy_is_an_error(project: Tree, content: str, rule: str, place: str) -> None:
    project.write("policies/p.json", content)
    assert rules(project.load()) == [(rule, place)]


@pytest.mark.parametrize(
    ("schema", "message", "place"),
    [
        (
            {"$schema": "http://json-schema.org/draft-07/schema#", "type": "object"},
            "policies are read as JSON Schema 2020-12",
            "1:13",
        ),
        ({"propertes": {"spec": {}}, "type": "object"}, "JSON Schema has no keyword propertes", "1:2"),
        (
            {"properties": {"a": {"dependencies": {}}}},
            "JSON Schema 2020-12 does not evaluate dependencies",
            "1:23",
        ),
        (
            {"not": {"additionalItems": False}},
            "JSON Schema 2020-12 does not evaluate additionalItems",
            "1:10",
        ),
        ({"items": {"$id": "a"}}, "$id stands at the top of a policy only", "1:12"),
        ({"then": {"required": ["x"]}}, "then checks nothing without if beside it", "1:2"),
        ({"if": {"required": ["x"]}}, "if checks nothing without then or else beside it", "1:2"),
        ({"items": {"minContains": 1}}, "minContains checks nothing without contains beside it", "1:12"),
        (
            {"$ref": "#/examples/0", "examples": [{}]},
            "this policy refers to a schema that is not in it",
            "1:10",
        ),
    ],
)
def test_what_nobody_would_evaluate_is_said(project: Tree, schema: dict, message: str, place: str) -> None:
    project.write("policies/p.json", json.dumps(schema))
    (item,) = project.load().findings
    assert (item.rule, item.message, str(item.place)) == ("policy-file", message, f"policies/p.json:{place}")


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#", "required": ["no"]},
        {"allOf": [{"$ref": "#"}]},
        {"not": {"not": {"$ref": "#"}}},
        {"$dynamicAnchor": "me", "anyOf": [{"$dynamicRef": "#me"}, {"$ref": "#"}]},
        {
            "$defs": {"a": {"if": {"$ref": "#/$defs/b"}, "then": True}, "b": {"$ref": "#/$defs/a"}},
            "$ref": "#/$defs/a",
        },
        {
            "$defs": {**{f"a{level}": {"$ref": f"#/$defs/a{level + 1}"} for level in range(70)}, "a70": {}},
            "$ref": "#/$defs/a0",
        },
    ],
)
def test_a_policy_that_never_ends_is_an_error(project: Tree, schema: dict) -> None:
    project.write("policies/p.json", json.dumps(schema))
    (item,) = project.load().findings
    assert item.rule == "policy-file"
    assert item.message.startswith("this schema leads to itself")


ANYWHERE = {
    "$defs": {
        "clean": {
            "not": {"const": "python train.py"},
            "additionalProperties": {"$ref": "#/$defs/clean"},
            "items": {"$ref": "#clean"},
            "$anchor": "clean",
        }
    },
    "$ref": "#/$defs/clean",
}


def test_a_policy_may_refer_to_itself_for_what_is_in_the_value(project: Tree) -> None:
    project.write("policies/p.json", json.dumps(ANYWHERE))
    (item,) = project.load().findings
    assert (item.rule, item.path) == ("policy:p", "spec.UserCommand")


def test_a_last_line_break_does_not_slip_past_a_pattern(project: Tree) -> None:
    policy = {"properties": {"spec": {"properties": {"UserCommand": {"pattern": "^python [a-z_]+\\.py$"}}}}}
    project.write("policies/p.json", json.dumps(policy))
    assert project.load().findings == ()
    text = manifest("a").replace("UserCommand: python train.py", "UserCommand: |\n    python train.py")
    project.write("jobs/a.yaml", text)
    (item,) = project.load().findings
    assert (item.rule, item.path, item.level) == ("policy:p", "spec.UserCommand", Level.ERROR)


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        ({"properties": {"spec": {"properties": {"JobType": False}}}}, "spec.JobType"),
        ({"properties": {"spec": {"patternProperties": {"^Job": False}}}}, "spec.JobSpecs"),
        ({"propertyNames": False}, "apiVersion"),
        ({"not": {}}, ""),
        ({"unevaluatedProperties": False, "properties": {"kind": True}}, ""),
        ({"properties": {"spec": {"minProperties": 50}}}, "spec"),
        ({"properties": {"kind": {"format": "ipv4"}}}, "kind"),
        ({"properties": {"spec": {"dependentRequired": {"JobType": ["Priority"]}}}}, "spec"),
        ({"properties": {"spec": {"properties": {"JobSpecs": {"contains": {"const": 1}}}}}}, "spec.JobSpecs"),
        ({"allOf": [False]}, ""),
    ],
)
def test_whatever_a_policy_refuses_is_a_finding_with_a_path(project: Tree, schema: dict, path: str) -> None:
    project.write("policies/p.json", json.dumps(schema))
    findings = project.load().findings
    assert {item.rule for item in findings} == {"policy:p"}
    assert path in {item.path for item in findings}
    assert all(item.place and item.place.file == "jobs/a.yaml" for item in findings)


def bomb(levels: int) -> dict:
    """A policy whose steps double with each level."""
    rows = {f"a{level}": {"allOf": [{"$ref": f"#/$defs/a{level + 1}"}] * 2} for level in range(levels)}
    return {"$defs": {**rows, f"a{levels}": {"type": "object"}}, "$ref": "#/$defs/a0"}


def test_policies_that_multiply_each_other_are_refused_before_they_run(project: Tree) -> None:
    project.write("policies/p.json", json.dumps(bomb(31)))
    (item,) = project.load().findings
    assert (item.rule, item.message) == ("policy-file", "policy:p takes too many steps for this manifest")
    project.write("policies/p.json", json.dumps(bomb(8)))
    assert project.load().findings == ()


def test_what_multiplies_with_the_depth_of_the_manifest_is_refused_too(project: Tree) -> None:
    project.write("policies/p.json", json.dumps({"allOf": [{"additionalProperties": {"$ref": "#"}}] * 30}))
    assert [item.rule for item in project.load().findings] == ["policy-file"]


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        (
            {"allOf": [{"pattern": f"{number}"} for number in range(501)]},
            "the policies hold more than 500 patterns",
        ),
        ({"allOf": [{}] * 20_001}, "the policies hold more than 20,000 schemas"),
    ],
)
def test_policies_are_bounded_all_together(project: Tree, schema: dict, message: str) -> None:
    project.write("policies/p.json", json.dumps(schema))
    (item,) = project.load().findings
    assert (item.rule, item.message, str(item.place)) == ("policy-file", message, "dlcapply.yaml:5:12")


def test_no_policy_says_that_passthrough_helps(project: Tree) -> None:
    schema = {"properties": {"spec": {"properties": {"UserCommand": {"enum": ["ls", True]}}}}}
    project.write("policies/p.json", json.dumps(schema))
    (item,) = project.load().findings
    assert item.message.startswith("UserCommand must be one of ls, true, not ")
    assert item.hint == ""


def test_a_pattern_of_keys_that_can_not_be_judged_is_told_where_it_stands(project: Tree) -> None:
    project.write("policies/p.json", json.dumps({"patternProperties": {r"\Aa": {}}}))
    (item,) = project.load().findings
    assert (item.rule, str(item.place)) == ("policy-file", "policies/p.json:1:23")
    assert "pattern" in item.message


def test_a_policy_that_is_not_there_is_an_error(project: Tree) -> None:
    assert rules(project.load()) == [("policy-file", "dlcapply.yaml:5:12")]


def test_a_policy_outside_the_project_is_not_read(
    project: Tree, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "p.json"
    outside.write_text("{}")
    (project.root / "policies").mkdir()
    (project.root / "policies" / "p.json").symlink_to(outside)
    assert rules(project.load()) == [("outside-project", "policies/p.json:1:1")]
