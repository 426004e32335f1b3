"""Policies: JSON Schemas of the project, in their own words."""

from __future__ import annotations

import pytest

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
        ('{"$ref": "https://example.com/other.json"}', "policy-file", "policies/p.json:1:1"),
        ('{"$ref": "#", "required": ["no"]}', "policy-file", "policies/p.json:1:1"),
        (
            '{"properties": {"kind": {"pattern": "^\\\\p{Lu}{9}$"}}}',
            "policy-file",
            "policies/p.json:1:1",
        ),
    ],
)
def test_a_broken_policy_is_an_error(project: Tree, content: str, rule: str, place: str) -> None:
    project.write("policies/p.json", content)
    assert rules(project.load()) == [(rule, place)]


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
