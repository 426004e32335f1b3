"""The levels of rules that a project sets."""

from __future__ import annotations

import pytest

from dlcapply.model.findings import Level
from tests.manifest.trees import LOCAL, Tree, manifest

LATEST = manifest("a").replace("train:1", "train:latest")
POLICY = '{"properties": {"metadata": {"required": ["labels"]}}}'
WAIVER = "waivers: [{rule: %s, reason: Moved by the nightly build}]\n"


def project(tree: Tree, *more: str) -> None:
    tree.project(LOCAL, *more)


@pytest.mark.parametrize(
    ("level", "expected"), [("error", [Level.ERROR]), ("warning", [Level.WARNING]), ("off", [])]
)
def test_a_project_sets_the_level_of_a_warning(tree: Tree, level: str, expected: list[Level]) -> None:
    project(tree, f"rules: {{image-tag-latest: {level}}}\n")
    tree.write("jobs/a.yaml", LATEST)
    loaded = tree.load()
    assert [item.level for item in loaded.findings] == expected
    assert bool(loaded.jobs) is (Level.ERROR not in expected)


def test_a_project_lowers_what_the_documents_of_pai_dispute(tree: Tree) -> None:
    project(tree, "rules: {ecs-spec-with-resource-id: warning, user-vpc-incomplete: off}\n")
    tree.write("jobs/a.yaml", manifest("a", "  ResourceId: q\n  UserVpc: {VpcId: v}\n"))
    loaded = tree.load()
    assert [(item.rule, item.level) for item in loaded.findings] == [
        ("ecs-spec-with-resource-id", Level.WARNING)
    ]
    assert len(loaded.jobs) == 1


def test_a_project_sets_the_level_of_its_policies(tree: Tree) -> None:
    tree.write("policies/labels.json", POLICY)
    project(tree, "policies: [policies/*.json]\nrules: {policy:labels: warning}\n")
    tree.write("jobs/a.yaml", manifest("a"))
    assert [(item.rule, item.level) for item in tree.load().findings] == [("policy:labels", Level.WARNING)]


@pytest.mark.parametrize(
    ("rule", "found", "hint"),
    [
        ("image-tag-lastest", "unknown-rule", "did you mean image-tag-latest?"),
        ("policy:none", "unknown-rule", "`dlcapply explain` lists the rules"),
        ("policy:*", "unknown-rule", "`dlcapply explain` lists the rules"),
        ("policy:label", "unknown-rule", "did you mean policy:labels?"),
        ("missing-key", "rule-level", "leave it out"),
        ("yaml", "rule-level", "leave it out"),
        ("reserved-tag", "rule-level", "leave it out"),
    ],
)
def test_other_rules_keep_their_level(tree: Tree, rule: str, found: str, hint: str) -> None:
    tree.write("policies/labels.json", '{"type": "object"}')
    project(tree, f"policies: [policies/*.json]\nrules: {{'{rule}': warning}}\n")
    tree.write("jobs/a.yaml", manifest("a"))
    (item,) = tree.load().findings
    assert (item.rule, item.hint) == (found, hint)
    assert str(item.place) == "dlcapply.yaml:8:9"
