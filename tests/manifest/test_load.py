"""From files to jobs."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dlcapply.errors import NoManifestsError
from dlcapply.manifest.load import LoadRequest, load
from dlcapply.manifest.selection import is_selected
from dlcapply.model.findings import Level, Place
from dlcapply.model.jobs import EnvSource, JobKey, OnChange, RerunOn, RunRules, State
from tests.manifest.trees import Tree, manifest, rules

REPOSITORY = Path(__file__).parents[2] / "manifests"


@pytest.fixture
def project(tree: Tree) -> Tree:
    tree.project()
    return tree


def test_a_job_holds_all_that_its_manifest_says(project: Tree) -> None:
    content = manifest(
        "train",
        "  DisplayName: train\n",
        "run: {state: stopped, token: '2', rerunOn: token, onChange: wait, retries: 3, protect: true,\n"
        "  notAfter: 2026-12-31T00:00:00Z}\n"
        "envFrom: [{name: KEY, fromEnv: MY_KEY}, {name: TAGS, fromEnv: TAGS, allowEmpty: true}]\n",
    ).replace("{name: train}", "{name: train, labels: {team: vision}}")
    project.write("jobs/a.yaml", "# a comment\n" + content)
    (job,) = project.load().jobs
    assert job.key == JobKey("cn-hangzhou", "1001", "vision/local", "train")
    assert job.labels == {"team": "vision"}
    assert job.env_from == (EnvSource("KEY", "MY_KEY"), EnvSource("TAGS", "TAGS", allow_empty=True))
    assert job.place == Place("jobs/a.yaml", 2, 1)
    assert job.rules == RunRules(
        state=State.STOPPED,
        token="2",
        rerun_on=RerunOn.TOKEN,
        on_change=OnChange.WAIT,
        retries=3,
        not_after=datetime(2026, 12, 31, tzinfo=UTC),
        protect=True,
    )
    assert job.spec == {
        "JobType": "PyTorchJob",
        "JobMaxRunningTimeMinutes": 60,
        "UserCommand": "python train.py",
        "JobSpecs": [
            {
                "Type": "Worker",
                "PodCount": 1,
                "EcsSpec": "ecs.c6.large",
                "Image": "registry.example.com/train:1",
            }
        ],
        "WorkspaceId": "1001",
    }


def test_a_plain_job_is_governed_by_the_defaults(project: Tree) -> None:
    project.write("jobs/a.yaml", manifest())
    (job,) = project.load().jobs
    assert (job.rules, job.labels, job.env_from) == (RunRules(), {}, ())


def test_jobs_are_sorted_whatever_the_files_are_called(project: Tree) -> None:
    project.write("jobs/1.yaml", manifest("z") + "---\n" + manifest("m"))
    project.write("jobs/2.yaml", manifest("a"))
    assert [job.name for job in project.load().jobs] == ["a", "m", "z"]


def test_defaults_and_parents_are_merged_under_the_file(tree: Tree) -> None:
    tree.project(
        "defaults: {metadata: {labels: {from: defaults}}, spec: {Priority: 1, Description: defaults}}\n",
        'environments: {l: {region: cn-hangzhou, workspaceId: "1"}}\n',
    )
    tree.write("bases/b.yaml", "metadata: {labels: {base: b}}\nspec: {Description: parent, ResourceId: ''}\n")
    tree.write("jobs/a.yaml", manifest("a", "  ResourceId: ~\nextends: ../bases/b.yaml\n"))
    loaded = tree.load()
    (job,) = loaded.jobs
    assert job.labels == {"from": "defaults", "base": "b"}
    assert (job.spec["Priority"], job.spec["Description"]) == (1, "parent")
    assert "ResourceId" not in job.spec
    assert [(item.rule, item.place and item.place.file) for item in loaded.findings] == [
        ("priority-without-resource-id", "dlcapply.yaml")
    ]


def test_what_is_missing_is_missing_in_the_file_not_in_its_layers(tree: Tree) -> None:
    tree.project(
        "defaults: {spec: {JobType: PyTorchJob}}\n", 'environments: {l: {region: cn-h, workspaceId: "1"}}\n'
    )
    for name in "ab":
        tree.write(f"jobs/{name}.yaml", f"apiVersion: dlcapply/v1\nkind: Job\nmetadata: {{name: {name}}}\n")
    missing = ["missing-key", "missing-key", "no-maximum-running-time"]
    assert rules(tree.load()) == [(rule, f"jobs/{name}.yaml:1:1") for name in "ab" for rule in missing]


def test_a_shared_mistake_of_a_parent_is_one_finding(project: Tree) -> None:
    project.write("bases/b.yaml", "spec: {Priority: 99, ResourceId: q}\n")
    for name in "ab":
        content = manifest(name, "extends: ../bases/b.yaml\n")
        project.write(
            f"jobs/{name}.yaml", content.replace("EcsSpec: ecs.c6.large", "ResourceConfig: {CPU: '1'}")
        )
    assert rules(project.load()) == [("range", "bases/b.yaml:1:18")]


@pytest.mark.parametrize(
    ("parent", "rule", "place"),
    [
        ("a: [\n", "yaml", "bases/b.yaml:1:1"),
        ("- a\n", "document", "bases/b.yaml:1:1"),
        ("a: 1\n---\nb: 1\n", "document", "bases/b.yaml:3:1"),
        ("kind: Project\n", "extends", "bases/b.yaml:1:7"),
        ("kind: Job\nextends: c.yaml\n", "extends", "bases/b.yaml:2:10"),
    ],
)
def test_a_bad_parent_is_found_once(project: Tree, parent: str, rule: str, place: str) -> None:
    project.write("bases/b.yaml", parent)
    for name in "ab":
        project.write(f"jobs/{name}.yaml", manifest(name, "extends: ../bases/b.yaml\n"))
    loaded = project.load()
    assert rules(loaded) == [(rule, place)]
    assert loaded.jobs == ()


def test_a_parent_outside_the_project_is_refused(tree: Tree) -> None:
    tree.write("outside.yaml", "spec: {}\n")
    inner = Tree(tree.root / "inner")
    inner.project()
    inner.write("jobs/a.yaml", manifest("a", "extends: ../../outside.yaml\n"))
    (inner.root / "bases").mkdir()
    (inner.root / "bases" / "link.yaml").symlink_to(tree.root / "outside.yaml")
    inner.write("jobs/b.yaml", manifest("b", "extends: ../bases/link.yaml\n"))
    assert rules(tree.load("inner")) == [
        ("extends", "inner/jobs/a.yaml:10:10"),
        ("extends", "inner/jobs/b.yaml:10:10"),
    ]


def test_a_null_extends_is_none(project: Tree) -> None:
    project.write("jobs/a.yaml", manifest("a", "extends: ~\n"))
    assert project.load().findings == ()


def test_a_name_used_twice_makes_no_job_and_names_both_places(project: Tree) -> None:
    project.write("jobs/a.yaml", manifest("same"))
    project.write("jobs/b.yaml", manifest("same") + "---\n" + manifest("other") + "---\n" + manifest("same"))
    loaded = project.load(select=("same",))
    assert rules(loaded) == [("duplicate-name", "jobs/b.yaml:3:18"), ("duplicate-name", "jobs/b.yaml:23:18")]
    assert "jobs/a.yaml:3:18" in loaded.findings[0].message
    assert loaded.jobs == ()


def test_manifests_that_are_not_selected_do_not_speak(project: Tree) -> None:
    project.write("jobs/a.yaml", manifest("a"))
    project.write(
        "jobs/b.yaml", manifest("b").replace("{name: b}", "{name: b, labels: {team: x}}") + "  No: 1\n"
    )
    assert project.load(select=("a",)).findings == ()
    assert project.load(exclude=("team=x",)).findings == ()
    assert [rule for rule, _ in rules(project.load(select=("team=x",)))] == ["unknown-key"]
    with pytest.raises(NoManifestsError, match="selected"):
        project.load(select=("c*",))


def test_a_manifest_without_a_name_cannot_be_filtered_away(project: Tree) -> None:
    project.write("jobs/a.yaml", manifest("a"))
    project.write("jobs/b.yaml", manifest("b").replace("{name: b}", "{}"))
    assert [rule for rule, _ in rules(project.load(select=("a",)))] == ["missing-key"]


@pytest.mark.parametrize(
    ("select", "exclude", "expected"),
    [
        ((), (), True),
        (("train-*",), (), True),
        (("TRAIN-*",), (), False),
        (("x", "team=vision"), (), True),
        (("team=visio*",), (), False),
        (("other=",), (), False),
        ((), ("train-?",), False),
        (("*",), ("team=vision",), False),
    ],
)
def test_selection(select: tuple[str, ...], exclude: tuple[str, ...], *, expected: bool) -> None:
    assert is_selected("train-1", {"team": "vision"}, select, exclude) is expected


def test_a_body_that_pai_would_refuse_for_its_size_is_an_error(project: Tree) -> None:
    project.write("jobs/a.yaml", manifest("a") + f"  Description: {'é' * 31_700}\n")
    assert [rule for rule, _ in rules(project.load())] == ["body-too-large"]
    project.write("jobs/a.yaml", manifest("a") + f"  Description: {'é' * 31_500}\n")
    assert [rule for rule, _ in rules(project.load())] == ["body-nearly-too-large"]
    project.write("jobs/a.yaml", manifest("a") + f"  Description: {'é' * 29_500}\n")
    assert project.load().findings == ()


def test_the_demo_repository_is_valid_in_every_environment() -> None:
    for name in ("local", "staging", "prod"):
        loaded = load(LoadRequest(paths=(str(REPOSITORY),), environment=name))
        assert [item for item in loaded.findings if item.level is Level.ERROR] == []
        assert loaded.complete
        assert len(loaded.jobs) == loaded.documents >= 8


def test_loading_imports_none_of_the_slow_packages() -> None:
    code = (
        "import sys, dlcapply.manifest.load\n"
        "slow = ('click', 'rich', 'aiohttp', 'deepdiff', 'alibabacloud', 'Tea', 'darabonba')\n"
        "print([name for name in sys.modules if name.startswith(slow)])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 99)
    | st.sampled_from(["", "x", "${{ var.x }}", "10Gi", "Worker"]),
    lambda below: (
        st.lists(below, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "Type", "Tags", "CPU", "x"]), below, max_size=3)
    ),
    max_leaves=5,
)
SECTIONS = ["metadata", "run", "envFrom", "extends", "passthrough", "kind"]
SPEC = ["JobSpecs", "DataSources", "Settings", "Envs", "Priority", "ResourceId", "JobType", "DisplayName"]


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(SECTIONS), VALUES), st.dictionaries(st.sampled_from(SPEC), VALUES))
def test_no_manifest_raises_and_every_finding_has_a_place(project: Tree, sections: dict, spec: dict) -> None:
    document = yaml.safe_load(manifest("a")) | sections
    document["spec"] = document["spec"] | spec
    loaded = project.load("-", stdin=yaml.safe_dump(document))
    assert all(item.place and item.message for item in loaded.findings)
    assert len(loaded.jobs) == (not any(item.level is Level.ERROR for item in loaded.findings))


@pytest.mark.parametrize(
    ("extends", "hint"),
    [
        ("../bases/pytorch-a1O.yaml", "did you mean pytorch-a10.yaml?"),
        ("../bases/else.yaml", "the path is relative to this file"),
        ("../../secret.yam", "a project's parents lie below its dlcapply.yaml"),
        ("a\\0.yaml", "did you mean a.yaml?"),
        ("x" * 5000, "the path is relative to this file"),
        ("x" * 5000 + "/y", "the path is relative to this file"),
    ],
)
def test_a_parent_that_is_not_there_may_be_misspelt(tree: Tree, extends: str, hint: str) -> None:
    inner = Tree(tree.root / "inner")
    inner.project()
    inner.write("bases/pytorch-a10.yaml", "kind: Job\n")
    tree.write("secret.yaml", "kind: Job\n")
    inner.write("jobs/a.yaml", manifest("a", f'extends: "{extends}"\n'))
    (finding,) = tree.load("inner").findings
    assert (finding.rule, finding.hint) == ("extends", hint)


def test_each_broken_manifest_is_known_by_its_name_and_what_is_wrong_first(project: Tree) -> None:
    project.write("jobs/a.yaml", manifest("a"))
    project.write("jobs/b.yaml", manifest("b", "  Frobnicate: 1\n  Twiddle: 2\n"))
    project.write("jobs/c.yaml", manifest("c") + "extends: nowhere.yaml\n")
    project.write("jobs/d.yaml", "a: [\n")
    project.write("jobs/e.yaml", manifest("e"))
    project.write("jobs/f.yaml", manifest("e"))
    project.write("jobs/g.yaml", manifest("g").replace("name: g", "name: g, formerly: [a]"))
    loaded = project.load()
    broken = {one.name or one.file: (one.file, one.finding.rule, one.errors) for one in loaded.broken}
    assert broken == {
        "b": ("jobs/b.yaml", "unknown-key", 2),
        "c": ("jobs/c.yaml", "extends", 1),
        "jobs/d.yaml": ("jobs/d.yaml", "yaml", 1),
        "e": ("jobs/f.yaml", "duplicate-name", 1),
        "g": ("jobs/g.yaml", "formerly", 1),
    }
    assert {one.name for one in project.load(select=("a*", "b")).broken} == {"", "b"}
