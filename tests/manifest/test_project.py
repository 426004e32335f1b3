"""The project file, and the environment that comes of it."""

from __future__ import annotations

import os

import pytest

from dlcapply.errors import DlcapplyError, InvalidManifestsError, NoManifestsError, UsageError
from dlcapply.model.jobs import Environment, Identity, Limits
from tests.manifest.trees import LOCAL, Tree, manifest, text

HEAD = "apiVersion: dlcapply/v1\nkind: Project\nmetadata: {name: a}\n"
SEVERAL = """
environments:
  local: {endpoint: emulator, region: cn-hangzhou, workspaceId: "1001"}
  prod:
    region: cn-shanghai
    workspaceId: "268"
    limits: {gpuHours: 4000, cpuHours: 90000, creates: 20, stops: 3, stopsPercent: 30, unbounded: allow}
"""


def test_an_environment_is_all_that_the_project_says(tree: Tree) -> None:
    tree.project("identity: name\n", SEVERAL)
    tree.write("jobs/a.yaml", manifest("a"))
    loaded = tree.load(environment="prod")
    assert loaded.environment == Environment(
        name="prod",
        region="cn-shanghai",
        workspace_id="268",
        owner="vision/prod",
        identity=Identity.NAME,
        limits=Limits(4000, 20, 3, 30, unbounded_allowed=True, cpu_hours=90000),
    )
    assert loaded.jobs[0].spec["WorkspaceId"] == "268"
    assert loaded.jobs[0].key.region == "cn-shanghai"


def test_an_environment_without_limits_has_none_and_marks_identify(tree: Tree) -> None:
    tree.project(SEVERAL)
    tree.write("jobs/a.yaml", manifest("a"))
    environment = tree.load(environment="local").environment
    assert environment == Environment("local", "cn-hangzhou", "1001", "vision/local", "emulator")


def test_the_default_environment_is_used_when_none_is_named(tree: Tree) -> None:
    tree.project("defaultEnvironment: prod\n", SEVERAL)
    tree.write("jobs/a.yaml", manifest("a"))
    loaded = tree.load()
    assert loaded.environment
    assert loaded.environment.name == "prod"


def test_the_only_environment_needs_no_name(tree: Tree) -> None:
    tree.project()
    tree.write("jobs/a.yaml", manifest("a"))
    loaded = tree.load()
    assert loaded.environment
    assert loaded.environment.name == "local"


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({}, "not clear"),
        ({"environment": "prd"}, "no environment prd"),
        ({"environment": "prod", "region": "cn-beijing"}, "--region cn-beijing contradicts"),
        ({"environment": "prod", "workspace": "7"}, "--workspace 7 contradicts"),
        ({"environment": "prod", "owner": "me"}, "--owner me contradicts"),
    ],
)
def test_an_environment_that_is_not_clear_is_wrong_usage(tree: Tree, asked: dict, words: str) -> None:
    tree.project(SEVERAL)
    tree.write("jobs/a.yaml", manifest("a"))
    with pytest.raises(UsageError, match=words) as caught:
        tree.load(**asked)
    assert caught.value.hint


def test_options_that_agree_with_the_environment_are_fine(tree: Tree) -> None:
    tree.project(SEVERAL)
    tree.write("jobs/a.yaml", manifest("a"))
    asked = {"region": "cn-shanghai", "workspace": "268", "owner": "vision/prod", "endpoint": "http://x"}
    environment = tree.load(environment="prod", **asked).environment
    assert environment
    assert environment.endpoint == "http://x"


def test_the_names_of_the_environments_are_listed(tree: Tree) -> None:
    tree.project(SEVERAL)
    tree.write("jobs/a.yaml", manifest("a"))
    with pytest.raises(UsageError) as caught:
        tree.load(environment="xyz")
    assert caught.value.hint == "there are local, prod"
    with pytest.raises(UsageError) as caught:
        tree.load(environment="prd")
    assert caught.value.hint == "did you mean prod?"


def test_region_and_workspace_make_an_environment_without_a_project(tree: Tree) -> None:
    tree.write("a.yaml", manifest("a"))
    loaded = tree.load("a.yaml", region="cn-hangzhou", workspace="7", owner="me", endpoint="emulator")
    assert loaded.environment == Environment("cn-hangzhou/7", "cn-hangzhou", "7", "me", "emulator")
    assert (loaded.has_project, loaded.complete, loaded.root) == (False, False, str(tree.root))
    with pytest.raises(UsageError, match="no environment"):
        tree.load("a.yaml", region="cn-hangzhou", workspace="7", environment="prod")


def test_files_alone_can_be_checked_without_an_environment(tree: Tree) -> None:
    tree.write("a.yaml", manifest("a") + '  WorkspaceId: "7"\n')
    loaded = tree.load("a.yaml", needs_environment=False)
    assert loaded.environment is None
    assert [(job.key.region, job.key.workspace_id, job.key.owner) for job in loaded.jobs] == [("", "7", "")]
    with pytest.raises(UsageError, match="no environment"):
        tree.load("a.yaml")


def test_a_project_without_environments_takes_the_options(tree: Tree) -> None:
    tree.project("")
    tree.write("jobs/a.yaml", manifest("a"))
    environment = tree.load(region="r", workspace="1").environment
    assert environment == Environment("r/1", "r", "1", "")


@pytest.mark.parametrize(
    ("content", "rule", "line"),
    [
        ("", "document", 1),
        ("a: [\n", "yaml", 1),
        (HEAD + "enviroments: {}\n", "unknown-key", 4),
        (HEAD + "pricing: x\n", "unknown-key", 4),
        (
            HEAD + "defaultEnvironment: prd\nenvironments: {prod: {region: cn-hangzhou, workspaceId: '1'}}\n",
            "unknown-environment",
            4,
        ),
    ],
)
def test_a_bad_project_file_stops_everything(tree: Tree, content: str, rule: str, line: int) -> None:
    tree.write("dlcapply.yaml", content)
    with pytest.raises(InvalidManifestsError) as caught:
        tree.load()
    places = [(item.rule, str(item.place).split(":")[:2]) for item in caught.value.findings]
    assert places == [(rule, ["dlcapply.yaml", str(line)])]


def test_a_project_that_names_no_manifests_says_so(tree: Tree) -> None:
    tree.write("dlcapply.yaml", HEAD)
    with pytest.raises(NoManifestsError, match="names no manifests"):
        tree.load(needs_environment=False)


def test_a_variable_where_none_can_stand_is_told_so(tree: Tree) -> None:
    tree.project("environments: {local: {region: '${{ var.region }}', workspaceId: '1'}}\n")
    with pytest.raises(InvalidManifestsError) as caught:
        tree.load()
    (finding,) = caught.value.findings
    assert finding.hint == "variables stand in manifests, and in what they inherit, only"


def test_a_parent_can_not_be_a_variable(tree: Tree) -> None:
    tree.project()
    tree.write(
        "jobs/a.yaml", "apiVersion: dlcapply/v1\nkind: Job\nmetadata: {name: a}\nextends: ../${{ var.x }}\n"
    )
    (finding,) = tree.load().findings
    assert (finding.rule, finding.message) == ("extends", "extends must name one file")
    assert finding.hint.startswith("it can't hold a variable")


NAMED = """
    apiVersion: dlcapply/v1
    kind: Project
    metadata: {name: vision, KEYS}
    manifests: ["jobs/**/*.yaml"]
"""


def named(tree: Tree, keys: str, *more: str) -> None:
    tree.write("dlcapply.yaml", text(NAMED.replace("KEYS", keys), *more, LOCAL))
    tree.write("jobs/a.yaml", manifest("a"))


def test_the_origins_that_a_project_names_are_read_as_git_s_are(tree: Tree) -> None:
    former = '"git@github.com:Vision/Old.git", gitlab.example.com:2222/a/b'
    named(tree, f'origin: "https://GitHub.com/Vision/Jobs.git", formerOrigins: [{former}]')
    loaded = tree.load()
    assert loaded.environment
    assert loaded.environment.origin == loaded.jobs[0].key.origin == "github.com/vision/jobs"
    assert loaded.environment.former_origins == ("github.com/vision/old", "gitlab.example.com:2222/a/b")
    assert loaded.environment.provenance


@pytest.mark.parametrize(
    ("keys", "path"),
    [
        ('origin: ""', "metadata.origin"),
        ("origin: /srv/git/jobs", "metadata.origin"),
        ("origin: ./jobs", "metadata.origin"),
        ('origin: "file:///srv/jobs"', "metadata.origin"),
        ('origin: "https://user:s3/cret@github.com/a/b"', "metadata.origin"),
        ("formerOrigins: [github.com/a/b, ../b]", "metadata.formerOrigins[1]"),
        ("formerOrigins: github.com/a/b", "metadata.formerOrigins"),
        ("origin: [github.com/a/b]", "metadata.origin"),
        ("origin: 7", "metadata.origin"),
    ],
)
def test_what_is_no_repository_elsewhere_is_a_finding_that_does_not_repeat_it(
    tree: Tree, keys: str, path: str
) -> None:
    named(tree, keys)
    with pytest.raises(InvalidManifestsError) as refused:
        tree.load()
    (finding,) = refused.value.findings
    assert finding.path == path
    assert "cret" not in finding.message + finding.hint


@pytest.mark.parametrize("word", ["no", "false", "OFF"])
def test_provenance_is_on_or_off(tree: Tree, word: str) -> None:
    named(tree, "origin: a/b", f"provenance: {word}\n")
    with pytest.raises(InvalidManifestsError):
        tree.load()


def test_git_is_asked_only_where_runs_are_looked_at(tree: Tree) -> None:
    named(tree, "formerOrigins: []")
    (tree.root / ".git").mkdir()
    assert tree.load(needs_environment=False).environment
    with pytest.raises(DlcapplyError, match="it is not known which repository"):
        tree.load(environ=dict(os.environ))
    named(tree, "origin: a/b")
    assert tree.load(environ=dict(os.environ)).environment
    tree.project("identity: name\n", LOCAL)
    assert tree.load(environ=dict(os.environ)).environment
