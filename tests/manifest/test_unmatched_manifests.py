"""Manifests that no glob leads to."""

from __future__ import annotations

import pytest

from dlcapply.manifest.files.discovery import Bounds, yaml_beside
from dlcapply.manifest.unmatched_manifests import unmatched_findings
from dlcapply.model.findings import Level
from tests.manifest.trees import LOCAL, PROJECT, manifest, text

UNMATCHED = "unmatched-manifest"


def places(loaded):
    return [(str(one.place), one.level) for one in loaded.findings if one.rule == UNMATCHED]


@pytest.mark.parametrize("name", ["jobs/b.yml", "b.yaml", "jobs/deep/b.YAML", "other/b.YML", "b.yaml.yml"])
def test_a_manifest_that_no_glob_matches_is_a_warning(tree, name):
    tree.project()
    tree.write("jobs/a.yaml", manifest("a"))
    tree.write(name, manifest("b"))
    loaded = tree.load()
    assert places(loaded) == [(f"{name}:1:1", Level.WARNING)]
    assert loaded.unmatched == loaded.findings
    assert loaded.complete


def test_a_manifest_that_ends_as_others_of_the_project_do_is_looked_at_too(tree):
    globs = '["jobs/*.json", "jobs/*.a[[]b]"]'
    tree.write("dlcapply.yaml", text(PROJECT.replace('["jobs/**/*.yaml"]', globs), LOCAL))
    tree.write("jobs/a.json", manifest("a"))
    tree.write("jobs/b.a[b]", manifest("b"))
    for name in ("jobs/deep/a.json", "jobs/deep/b.a[b]", "jobs/deep/c.ab", "jobs/deep/d.jso"):
        tree.write(name, manifest("c"))
    assert [place for place, _ in places(tree.load())] == ["jobs/deep/a.json:1:1", "jobs/deep/b.a[b]:1:1"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (".hidden/b.yaml", manifest("b")),
        (".b.yaml", manifest("b")),
        (".dlcapply/b.yaml", manifest("b")),
        ("b.yaml.orig", manifest("b")),
        ("b.txt", manifest("b")),
        ("dlcapply.claims.yaml.yml", "claims: []\n"),
        ("b.yml", manifest("b").replace("kind: Job", "kind: Project")),
        ("b.yml", manifest("b").replace("dlcapply/v1", "batch/v1")),
        ("b.yml", manifest("b").replace("{name: b}", "{}")),
        ("b.yml", "- kind: Job\n- dlcapply/v1\n"),
        ("b.yml", "{ dlcapply/v1"),
        ("b.yml", ""),
    ],
)
def test_what_is_no_manifest_of_the_project_is_passed_over(tree, name, content):
    tree.project()
    tree.write("jobs/a.yaml", manifest("a"))
    tree.write(name, content)
    assert tree.load().findings == ()


def test_another_projects_manifests_are_its_own(tree):
    tree.project()
    tree.write("jobs/a.yaml", manifest("a"))
    tree.write("nested/dlcapply.yaml", text(PROJECT))
    tree.write("nested/b.yml", manifest("b"))
    assert tree.load().findings == ()


def test_a_parent_is_no_manifest(tree):
    tree.project()
    tree.write("bases/base.yaml", manifest("base"))
    tree.write("jobs/a.yaml", manifest("a", "extends: ../bases/base.yaml\n"))
    assert tree.load().findings == ()
    tree.write("jobs/a.yaml", manifest("a"))
    assert places(tree.load()) == [("bases/base.yaml:1:1", Level.WARNING)]


def test_broken_yaml_that_looks_like_a_manifest_counts(tree):
    tree.project()
    tree.write("jobs/a.yaml", manifest("a"))
    tree.write("jobs/b.yml", manifest("b") + "  broken: [\n")
    assert places(tree.load()) == [("jobs/b.yml:1:1", Level.WARNING)]


def test_the_second_document_of_a_file_counts_too(tree):
    tree.project()
    tree.write("jobs/a.yaml", manifest("a"))
    tree.write("jobs/b.yml", "a: 1\n---\n" + manifest("b"))
    assert places(tree.load()) == [("jobs/b.yml:3:1", Level.WARNING)]


def test_of_many_the_first_few_are_named(tree):
    tree.project()
    tree.write("jobs/a.yaml", manifest("a"))
    for number in range(25):
        tree.write(f"jobs/b{number:02}.yml", manifest(f"b{number}"))
    found = [one for one in tree.load().findings if one.rule == UNMATCHED]
    assert len(found) == 11
    assert "possibly others" in found[-1].message


def test_a_project_can_weigh_it_and_prune_is_told_all_the_same(tree):
    tree.project()
    tree.write("jobs/a.yaml", manifest("a"))
    tree.write("jobs/b.yml", manifest("b"))
    tree.project(LOCAL_RULES.replace("LEVEL", "off"))
    silent = tree.load()
    assert (silent.findings, len(silent.unmatched)) == ((), 1)
    tree.project(LOCAL_RULES.replace("LEVEL", "error"))
    assert places(tree.load()) == [("jobs/b.yml:1:1", Level.ERROR)]


LOCAL_RULES = """
    environments:
      local: {region: cn-hangzhou, workspaceId: "1001"}
    rules: {unmatched-manifest: LEVEL}
"""


def test_one_manifest_alone_is_not_compared_with_all_files(tree):
    tree.project()
    for name in ("a.yaml", "c.yaml", "b.yml"):
        tree.write(f"jobs/{name}", manifest(name[0]))
    assert tree.load("jobs/a.yaml").findings == ()


def test_a_folder_that_is_too_large_is_not_one_without_manifests(tree):
    for number in range(20):
        tree.write(f"jobs/{number}.yml", manifest())
    assert yaml_beside(tree.root, [tree.root / "jobs/7.yml"])[1] is True
    assert yaml_beside(tree.root, (), bounds=Bounds(names=10))[1] is False
    loose = unmatched_findings([], tree.root, is_whole=False)
    assert [(one.rule, one.place.file) for one in loose] == [(UNMATCHED, "dlcapply.yaml")]
