"""What the jobs of a project are and were called."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcapply.manifest.job_names import JobNames, OtherManifests, formerly_findings
from dlcapply.manifest.nodes import Node
from dlcapply.model.findings import Place
from tests.manifest.trees import LOCAL, Tree, manifest, rules

NAMES = st.sampled_from("abcd")


def renamed(name: str, formerly: str) -> str:
    return manifest(name).replace(f"{{name: {name}}}", f"{{name: {name}, formerly: [{formerly}]}}")


def named(name: str, *formerly: str) -> JobNames:
    return JobNames(name, Place(name), tuple(Node(old, Place(name), Place(name), old) for old in formerly))


def messages(*asked: JobNames, others: OtherManifests | None = None) -> list[str]:
    return [item.message for item in formerly_findings(asked, others or OtherManifests())]


@pytest.fixture
def project(tree: Tree) -> Tree:
    tree.project()
    return tree


def test_former_names_reach_the_job(project: Tree) -> None:
    project.write("jobs/a.yaml", renamed("a", "old, older"))
    (job,) = project.load().jobs
    assert job.formerly == ("old", "older")
    assert job.names == ("a", "old", "older")


def test_a_former_name_is_a_name(project: Tree) -> None:
    project.write("jobs/a.yaml", renamed("a", '"no name", 1'))
    assert [rule for rule, _ in rules(project.load())] == ["pattern", "wrong-type"]


def test_a_former_name_may_hold_a_variable(project: Tree) -> None:
    project.project(LOCAL, "variables: {team: {type: string, default: vision}}\n")
    project.write("jobs/a.yaml", renamed("a", '"${{ var.team }}-a"'))
    (job,) = project.load().jobs
    assert job.formerly == ("vision-a",)


def test_the_former_names_of_a_parent_are_its_own(project: Tree) -> None:
    project.write("bases/base.yaml", renamed("base", "old"))
    child = "apiVersion: dlcapply/v1\nkind: Job\nmetadata: {name: a}\nextends: ../bases/base.yaml\n"
    project.write("jobs/a.yaml", child)
    (job,) = project.load().jobs
    assert job.formerly == ()


def test_a_former_name_of_another_job_is_a_finding_at_its_place(project: Tree) -> None:
    project.write("jobs/a.yaml", renamed("a", "b"))
    project.write("jobs/b.yaml", manifest("b"))
    (item,) = project.load().findings
    assert (item.rule, str(item.place), item.path) == (
        "formerly", "jobs/a.yaml:3:32", "metadata.formerly",
    )  # fmt: skip
    assert item.message == "b is the name of the job at jobs/b.yaml:3:18: its runs are that job's"


@pytest.mark.parametrize("asked", [("jobs/a.yaml",), ("-",)], ids=["a file", "typed"])
def test_the_names_of_files_that_were_not_asked_for_count(project: Tree, asked: tuple[str, ...]) -> None:
    project.write("jobs/a.yaml", renamed("a", "b"))
    project.write("jobs/b.yaml", manifest("b"))
    for needs_jobs in (True, False):
        loaded = project.load(*asked, stdin=renamed("a", "b"), needs_jobs=needs_jobs)
        assert [rule for rule, _ in rules(loaded)] == ["formerly"]


def test_a_manifest_that_is_typed_again_is_not_its_own_rival(project: Tree) -> None:
    project.write("jobs/a.yaml", renamed("a", "old"))
    loaded = project.load("-", stdin=renamed("a", "old"))
    assert loaded.findings == ()
    assert loaded.names == {"a", "old"}


def test_names_are_those_of_the_whole_project_whatever_is_chosen(project: Tree) -> None:
    project.project()
    project.write("jobs/a.yaml", manifest("a"))
    project.write("jobs/b.yaml", renamed("b", "old"))
    for loaded in (project.load(), project.load("jobs/a.yaml"), project.load(select=("a",))):
        assert loaded.names == {"a", "b", "old"}


def test_a_file_that_can_not_be_read_hides_names(project: Tree) -> None:
    project.write("jobs/a.yaml", manifest("a"))
    project.write("jobs/broken.yaml", "a: [")
    loaded = project.load("jobs/a.yaml")
    assert loaded.findings == ()
    assert loaded.names == {"a"}
    project.write("jobs/a.yaml", renamed("a", "old"))
    (item,) = project.load("jobs/a.yaml").findings
    assert (item.rule, "jobs/broken.yaml" in item.message) == ("formerly", True)


@given(st.lists(st.tuples(NAMES, st.lists(NAMES, max_size=2)), max_size=4), st.integers(0, 4))
def test_without_findings_each_name_leads_to_one_job(jobs, split):
    distinct = {name: named(name, *old) for name, old in jobs}
    manifests = list(distinct.values())
    asked, others = manifests[:split], OtherManifests(tuple(manifests[split:]))
    found = list(formerly_findings(asked, others))
    names = [node.value for one in asked for node in one.formerly] + [one.name for one in manifests]
    names += [node.value for one in others.named for node in set(one.formerly)]
    of_asked = [node.value for one in asked for node in one.formerly]
    clashes = {name for name in of_asked if names.count(name) > 1}
    assert bool(found) == bool(clashes)


def test_what_is_against_a_former_name():
    assert messages(named("a", "a")) == ["a is the job's present name"]
    assert messages(named("a", "x"), named("b", "x")) == [
        "x is already a former name at a:1:1: its runs are one job's history"
    ]
    assert messages(named("a", "x", "x")) == [
        "x is already a former name at a:1:1: its runs are one job's history"
    ]
    assert messages(named("a", "x"), others=OtherManifests((named("b", "x"),))) == [
        "x is already a former name at b:1:1: its runs are one job's history"
    ]
    assert messages(named("a", "x"), named("b", "y")) == []
