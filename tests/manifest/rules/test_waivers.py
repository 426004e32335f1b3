"""Waivers of a manifest."""

from __future__ import annotations

from tests.manifest.trees import LOCAL, Tree, manifest, rules

LATEST = manifest("a").replace("train:1", "train:latest")
POLICY = '{"properties": {"metadata": {"required": ["labels"]}}}'
WAIVER = "waivers: [{rule: %s, reason: Moved by the nightly build}]\n"


def project(tree: Tree, *more: str) -> None:
    tree.project(LOCAL, *more)


def test_a_waiver_drops_a_warning_of_its_own_job_and_is_counted(tree: Tree) -> None:
    project(tree)
    tree.write("jobs/a.yaml", LATEST + WAIVER % "image-tag-latest")
    tree.write("jobs/b.yaml", LATEST.replace("name: a", "name: b"))
    loaded = tree.load()
    assert rules(loaded) == [("image-tag-latest", "jobs/b.yaml:9:65")]
    assert [(item.rule, item.place and item.place.file) for item in loaded.waived] == [
        ("image-tag-latest", "jobs/a.yaml")
    ]
    assert len(loaded.jobs) == 2


def test_a_waiver_drops_a_policy(tree: Tree) -> None:
    tree.write("policies/labels.json", POLICY)
    project(tree, "policies: [policies/*.json]\n")
    tree.write("jobs/a.yaml", manifest("a") + WAIVER % "policy:labels")
    loaded = tree.load()
    assert loaded.findings == ()
    assert [item.rule for item in loaded.waived] == ["policy:labels"]
    assert len(loaded.jobs) == 1


def test_a_waiver_of_the_parent_counts_for_its_children(tree: Tree) -> None:
    project(tree)
    tree.write("bases/b.yaml", WAIVER % "image-tag-latest")
    tree.write("jobs/a.yaml", LATEST + "extends: ../bases/b.yaml\n")
    assert tree.load().findings == ()


def test_what_the_project_raised_is_not_waived(tree: Tree) -> None:
    project(tree, "rules: {image-tag-latest: error}\n")
    tree.write("jobs/a.yaml", LATEST + WAIVER % "image-tag-latest")
    loaded = tree.load()
    assert [rule for rule, _ in rules(loaded)] == ["image-tag-latest", "waiver"]
    assert loaded.waived == ()


def test_an_error_is_not_waived_even_where_it_is_not_found(tree: Tree) -> None:
    project(tree)
    tree.write("jobs/a.yaml", manifest("a") + WAIVER % "yaml")
    assert rules(tree.load()) == [("waiver", "jobs/a.yaml:10:18")]


def test_waivers_that_are_no_waivers_do_nothing(tree: Tree) -> None:
    project(tree)
    tree.write("jobs/a.yaml", LATEST + "waivers: [a, {rule: 7, reason: Moved by the nightly build}]\n")
    assert [rule for rule, _ in rules(tree.load())] == ["image-tag-latest", "wrong-type", "wrong-type"]
