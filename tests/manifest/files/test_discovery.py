"""Which files a path means."""

from __future__ import annotations

import pytest

from dlcapply.errors import NoManifestsError, UsageError
from tests.manifest.trees import Tree, manifest, rules

BARE = {"region": "cn-hangzhou", "workspace": "1001"}


@pytest.fixture
def project(tree: Tree) -> Tree:
    tree.project()
    for name in ("a", "team/b", "team/sub/c"):
        tree.write(f"jobs/{name}.yaml", manifest(name[-1]))
    tree.write("jobs/readme.txt", "no manifest")
    tree.write("jobs/.hidden/d.yaml", manifest("d"))
    tree.write("bases/x.yaml", "spec: {}\n")
    return tree


def names(tree: Tree, *paths: str, **asked) -> list[str]:
    return [job.name for job in tree.load(*paths, **asked).jobs]


def test_no_path_means_the_manifests_of_the_project(project: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    assert names(project) == ["a", "b", "c"]
    monkeypatch.chdir(project.root / "jobs" / "team")
    assert names(project) == ["b", "c"]


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        ((".",), "abc"),
        (("dlcapply.yaml",), "abc"),
        (("jobs",), "abc"),
        (("jobs/team/",), "bc"),
        (("jobs/../jobs/team/sub",), "c"),
        (("jobs/a.yaml",), "a"),
        (("jobs/a.yaml", "jobs/a.yaml", "jobs/team"), "abc"),
        (("jobs/.hidden/d.yaml",), "d"),
    ],
)
def test_a_folder_means_the_manifests_below_it_and_a_file_itself(
    project: Tree, paths: tuple[str, ...], expected: str
) -> None:
    assert names(project, *paths) == list(expected)


@pytest.mark.parametrize(
    ("asked", "complete"),
    [
        ({}, True),
        ({"paths": (".",)}, True),
        ({"paths": ("jobs",)}, True),
        ({"paths": ("jobs/a.yaml", "jobs/team")}, True),
        ({"paths": ("jobs/team",)}, False),
        ({"select": ("*",)}, False),
        ({"exclude": ("nothing",)}, False),
        ({"paths": (".", "-"), "stdin": manifest("z")}, False),
    ],
)
def test_a_load_is_complete_only_when_nothing_is_left_out(
    project: Tree, asked: dict, *, complete: bool
) -> None:
    assert project.load(*asked.pop("paths", ()), **asked).complete is complete


def test_a_load_with_an_error_is_not_complete(project: Tree) -> None:
    project.write("jobs/bad.yaml", "a: [\n")
    loaded = project.load()
    assert not loaded.complete
    assert [job.name for job in loaded.jobs] == ["a", "b", "c"]
    assert (loaded.files, loaded.documents) == (4, 3)


def test_a_load_with_a_warning_is_complete(project: Tree) -> None:
    project.write("jobs/e.yaml", manifest("e") + "  Priority: 3\n")
    loaded = project.load()
    assert [rule for rule, _ in rules(loaded)] == ["priority-without-resource-id"]
    assert loaded.complete


def test_standard_input_is_a_file_without_a_name(project: Tree) -> None:
    loaded = project.load("-", stdin=manifest("z") + "  Nope: 1\n")
    assert rules(loaded) == [("unknown-key", "<stdin>:10:3")]
    assert names(project, "-", stdin=manifest("z")) == ["z"]
    assert names(project, "-", "jobs/a.yaml", stdin=manifest("z")) == ["a", "z"]
    with pytest.raises(NoManifestsError):
        project.load("-")


def test_text_that_was_no_utf8_on_standard_input_is_a_finding(project: Tree) -> None:
    assert rules(project.load("-", stdin=b"a: \xff")) == [("yaml-encoding", "<stdin>:1:4")]


def test_a_missing_path_is_wrong_usage(project: Tree) -> None:
    with pytest.raises(UsageError, match=r"jobs/none\.yaml"):
        project.load("jobs/none.yaml")


def test_paths_of_two_projects_are_wrong_usage(project: Tree) -> None:
    content = (project.root / "dlcapply.yaml").read_text()
    project.write("other/dlcapply.yaml", content)
    project.write("other/jobs/x.yaml", manifest("x"))
    with pytest.raises(UsageError, match="several projects"):
        project.load("jobs", "other")


def test_a_project_inside_a_project_keeps_its_manifests(project: Tree) -> None:
    content = (project.root / "dlcapply.yaml").read_text()
    project.write("jobs/team/dlcapply.yaml", content)
    project.write("jobs/team/jobs/x.yaml", manifest("x"))
    assert names(project) == ["a"]
    assert names(project, "jobs/team") == ["x"]


def test_without_a_project_every_yaml_file_below_is_a_manifest(tree: Tree) -> None:
    tree.write("x/a.yaml", manifest("a"))
    tree.write("x/y/b.yml", manifest("b"))
    tree.write("x/.git/c.yaml", manifest("c"))
    tree.write("x/notes.md", "no manifest")
    assert names(tree, "x", **BARE) == ["a", "b"]
    assert names(tree, **BARE) == ["a", "b"]


def test_a_folder_of_projects_is_not_a_folder_of_manifests(tree: Tree) -> None:
    tree.write("teams/vision/dlcapply.yaml", "x")
    with pytest.raises(UsageError, match="teams/vision"):
        tree.load("teams", **BARE)


@pytest.mark.parametrize("content", ["", "# nothing\n---\n"])
def test_nothing_found_is_an_error_of_its_own(tree: Tree, content: str) -> None:
    tree.project()
    with pytest.raises(NoManifestsError, match="no manifests found"):
        tree.load()
    tree.write("jobs/a.yaml", content)
    with pytest.raises(NoManifestsError, match="jobs"):
        tree.load("jobs")


@pytest.mark.parametrize(
    ("glob", "expected"),
    [
        ("jobs/*.yaml", "a"),
        ("jobs/**", "abc"),
        ("./jobs/**/*.yaml", "abc"),
        ("jobs/*/?.yaml", "b"),
        ("**/c.yaml", "c"),
        ("**/*s/**/*.yaml", "abc"),
        ("jobs/a.yaml", "a"),
    ],
)
def test_globs(project: Tree, glob: str, expected: str) -> None:
    (project.root / "jobs" / "readme.txt").unlink()
    project.project(f"manifests: [{glob!r}]\n", 'environments: {l: {region: cn-h, workspaceId: "1"}}\n')
    content = (project.root / "dlcapply.yaml").read_text().replace('manifests: ["jobs/**/*.yaml"]\n', "")
    project.write("dlcapply.yaml", content)
    assert names(project) == list(expected)


@pytest.mark.parametrize("glob", ["../*.yaml", "/etc/*.yaml", "jobs/../../x/*.yaml", "link/*.yaml"])
def test_a_glob_cannot_leave_the_project(tree: Tree, glob: str) -> None:
    inner = Tree(tree.root / "inner")
    tree.write("outside/a.yaml", manifest("a"))
    inner.write("dlcapply.yaml", "")
    (inner.root / "link").symlink_to(tree.root / "outside")
    inner.write(
        "dlcapply.yaml",
        f"apiVersion: dlcapply/v1\nkind: Project\nmetadata: {{name: a}}\nmanifests: ['{glob}']\n",
    )
    loaded = tree.load("inner", needs_environment=False)
    expected = (
        ("outside-project", "inner/link:1:1")
        if glob == "link/*.yaml"
        else ("glob", "inner/dlcapply.yaml:4:13")
    )
    assert rules(loaded) == [expected]
    assert loaded.files == 0


def test_a_link_out_of_the_project_is_not_followed(
    project: Tree, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "secret.yaml"
    outside.write_text(manifest("secret"))
    (project.root / "jobs" / "link.yaml").symlink_to(outside)
    loaded = project.load()
    assert rules(loaded) == [("outside-project", "jobs/link.yaml:1:1")]
    assert "secret" not in [job.name for job in loaded.jobs]


def test_a_broken_link_is_a_finding(project: Tree) -> None:
    (project.root / "jobs" / "link.yaml").symlink_to(project.root / "none.yaml")
    assert rules(project.load()) == [("unreadable-file", "jobs/link.yaml:1:1")]


def test_a_folder_that_cannot_be_read_is_a_finding(project: Tree) -> None:
    name = "n" * 300  # longer than any file system allows, which even root can't read
    content = (project.root / "dlcapply.yaml").read_text().replace("[", f"[{name}/*.yaml, ")
    project.write("dlcapply.yaml", content)
    loaded = project.load()
    assert rules(loaded) == [("unreadable-file", f"{name}:1:1")]
    assert not loaded.complete
