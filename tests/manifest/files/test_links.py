"""Links, special files and odd folders: each real file is read once, and what is not read is said."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from dlcapply.errors import InvalidManifestsError, UsageError
from dlcapply.manifest.load import Loaded
from dlcapply.model.findings import Level
from tests.manifest.trees import LOCAL, PROJECT, Tree, manifest, rules, text

BARE = {"region": "cn-hangzhou", "workspace": "1001"}


@pytest.fixture
def project(tree: Tree) -> Tree:
    """A project whose jobs are in `jobs/`, within a working folder that holds other things too."""
    inner = Tree(tree.root / "project")
    inner.project()
    inner.write("jobs/a.yaml", manifest("a"))
    return inner


def link(tree: Tree, name: str, target: str) -> None:
    path = tree.root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target)


def load(project: Tree, *paths: str, **asked) -> Loaded:
    return project.load(*(f"project/{path}" for path in paths or (".",)), **asked)


def files(loaded: Loaded) -> list[str]:
    return [job.place.file.removeprefix("project/") for job in loaded.jobs if job.place]


def globs(project: Tree, *patterns: str, more: str = "") -> None:
    head = PROJECT.replace('    manifests: ["jobs/**/*.yaml"]\n', "")
    project.write("dlcapply.yaml", text(head, LOCAL, f"manifests: {list(patterns)}\n", more))


def test_a_link_to_a_folder_of_the_project_is_followed(project: Tree) -> None:
    project.write("shared/b.yaml", manifest("b", "extends: ../bases/b.yaml\n"))
    project.write("bases/b.yaml", "kind: Job\n")
    link(project, "jobs/team", "../shared")
    loaded = load(project)
    assert files(loaded) == ["jobs/a.yaml", "shared/b.yaml"]
    assert (loaded.findings, loaded.complete) == ((), True)


def test_what_a_link_leads_to_belongs_to_the_folder_of_the_link_and_to_its_own(project: Tree) -> None:
    project.write("shared/b.yaml", manifest("b"))
    link(project, "jobs/team", "../shared")
    for path in ("jobs/team", "shared", "shared/b.yaml", "jobs/team/b.yaml"):
        loaded = load(project, path)
        assert (files(loaded), loaded.complete) == (["shared/b.yaml"], False), path
    assert files(load(project, "jobs")) == ["jobs/a.yaml", "shared/b.yaml"]
    assert load(project, "jobs").complete


def test_a_file_that_several_ways_lead_to_is_one_manifest(project: Tree) -> None:
    link(project, "jobs/again.yaml", "a.yaml")
    link(project, "jobs/more", ".")
    link(project, "jobs/most", "more")
    loaded = load(project)
    assert (files(loaded), loaded.files, loaded.findings) == (["jobs/a.yaml"], 1, ())
    assert load(project, "jobs/a.yaml", "jobs/again.yaml", "jobs/more/most/a.yaml").files == 1


def test_links_in_circles_end(project: Tree) -> None:
    link(project, "jobs/up", "..")
    link(project, "jobs/x/y/top", "../../../jobs")
    globs(project, "**/*.yaml", "jobs/*/*/*/*/*/*.yaml")
    assert files(load(project)) == ["jobs/a.yaml"]


@pytest.mark.parametrize("target", ["../../outside", "/", "../../../project/../outside"])
@pytest.mark.parametrize("pattern", ["jobs/**/*.yaml", "jobs/team/*.yaml", "jobs/*/b.yaml"])
def test_a_link_to_a_folder_outside_is_an_error(tree: Tree, project: Tree, target: str, pattern: str) -> None:
    tree.write("outside/b.yaml", manifest("b"))
    link(project, "jobs/team", target)
    globs(project, "jobs/a.yaml", pattern)
    loaded = load(project)
    rule = "outside-project" if (project.root / "jobs" / "team").exists() else "unreadable-file"
    assert rules(loaded) == [(rule, "project/jobs/team:1:1")]
    assert (files(loaded), loaded.complete) == (["jobs/a.yaml"], False)


@pytest.mark.parametrize("target", ["nowhere", "b.yaml", "a.yaml/x", "n" * 300])
def test_a_link_that_leads_nowhere_is_an_error(project: Tree, target: str) -> None:
    link(project, "jobs/b.yaml", target)
    loaded = load(project)
    assert rules(loaded) == [("unreadable-file", "project/jobs/b.yaml:1:1")]
    assert not loaded.complete


def test_a_link_that_leads_nowhere_may_have_been_a_folder_of_manifests(project: Tree) -> None:
    link(project, "jobs/team", "../gone")
    assert rules(load(project)) == [("unreadable-file", "project/jobs/team:1:1")]
    globs(project, "jobs/*.yaml")
    assert load(project).complete


def test_a_link_that_no_glob_is_about_is_nobodys_business(project: Tree) -> None:
    link(project, "data", "/mnt/data")
    link(project, "jobs/notes.txt", "/etc/hostname")
    link(project, "jobs/.cache", "/var/cache")
    assert load(project).findings == ()


def test_a_link_that_was_named_is_not_followed_out_either(tree: Tree, project: Tree) -> None:
    tree.write("outside/b.yaml", manifest("b"))
    link(project, "jobs/team", "../../outside")
    link(project, "b.yaml", "../outside/b.yaml")
    for path in ("jobs/team", "jobs/team/b.yaml", "b.yaml"):
        loaded = load(project, path)
        assert {rule for rule, _ in rules(loaded)} == {"outside-project"}, path
        assert loaded.jobs == ()


@pytest.mark.usefixtures("project")
def test_a_project_may_be_reached_by_a_link(tree: Tree) -> None:
    link(tree, "other", "project")
    assert [job.name for job in tree.load("other").jobs] == ["a"]
    assert tree.load("other").complete
    assert [job.name for job in tree.load("other/jobs/a.yaml").jobs] == ["a"]


def test_without_a_project_the_folder_that_was_named_is_the_fence(tree: Tree) -> None:
    tree.write("x/a.yaml", manifest("a"))
    tree.write("y/b.yaml", manifest("b"))
    tree.write("x/sub/C.YAML", manifest("c"))
    link(tree, "x/again", "sub")
    link(tree, "x/out", "../y")
    loaded = tree.load("x", **BARE)
    assert rules(loaded) == [("outside-project", "x/out:1:1")]
    assert [job.name for job in loaded.jobs] == ["a", "c"]


def test_without_a_project_a_link_out_of_the_repository_is_not_followed(
    tree: Tree, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "b.yaml"
    outside.write_text(manifest("b"))
    (tree.root / ".git").mkdir()
    link(tree, "b.yaml", str(outside))
    assert rules(tree.load("b.yaml", **BARE)) == [("outside-project", "b.yaml:1:1")]
    assert [job.name for job in tree.load(str(outside), **BARE).jobs] == ["b"]


@pytest.mark.parametrize("folder", ["jobs/.hidden", ".hidden"])
def test_what_is_hidden_is_found_by_a_dot_only(project: Tree, folder: str) -> None:
    project.write(f"{folder}/b.yaml", manifest("b"))
    project.write("jobs/.c.yaml", manifest("c"))
    project.write("jobs/.hidden.d/.e.yaml", manifest("e"))
    globs(project, "**", "**/*.yaml", "jobs/*", "jobs/[.]*.yaml", "jobs/?c.yaml")
    assert files(load(project)) == ["jobs/a.yaml"]
    globs(project, f"{folder}/*.yaml", "jobs/.*.yaml", "jobs/.hid*/.e.yaml")
    assert files(load(project)) == [f"{folder}/b.yaml", "jobs/.c.yaml", "jobs/.hidden.d/.e.yaml"]


def test_another_project_on_the_way_is_said_and_forbids_to_prune(project: Tree) -> None:
    project.write("jobs/team/dlcapply.yaml", text(PROJECT, LOCAL))
    project.write("jobs/team/jobs/b.yaml", manifest("b"))
    link(project, "jobs/there", "team/jobs")
    loaded = load(project)
    assert rules(loaded) == [("nested-project", "project/jobs/team/dlcapply.yaml:1:1")]
    assert loaded.findings[0].level is Level.WARNING
    assert (files(loaded), loaded.complete, loaded.missed) == (["jobs/a.yaml"], False, ("project/jobs/team",))
    globs(project, "jobs/**/*.yaml", more="rules: {nested-project: off}\n")
    assert (load(project).findings, load(project).complete) == ((), False)
    globs(project, "jobs/*.yaml")
    (project.root / "jobs/there").unlink()
    assert load(project).complete


@pytest.mark.parametrize("kind", ["pipe", "socket", "folder", "device"])
@pytest.mark.parametrize("name", ["jobs/x.yaml", "dlcapply.yaml", "dlcapply.claims.yaml", "policies/x.yaml"])
def test_what_is_not_a_file_is_a_finding(project: Tree, kind: str, name: str) -> None:
    globs(project, "jobs/*.yaml", more="policies: [policies/*.yaml]\n")
    project.write("policies/y.yaml", "type: object")
    path = project.root / name
    path.unlink(missing_ok=True)
    special(path, kind)
    try:
        found = load(project).findings
    except InvalidManifestsError as error:
        found = error.findings
    if kind == "folder" and name in {"jobs/x.yaml", "policies/x.yaml"}:
        assert found == ()
        return
    rule = "outside-project" if kind == "device" else "unreadable-file"
    assert [(item.rule, str(item.place)) for item in found] == [(rule, f"project/{name}:1:1")]


def special(path: Path, kind: str) -> None:
    match kind:
        case "pipe":
            os.mkfifo(path)
        case "socket":
            with socket.socket(socket.AF_UNIX) as listener:
                here = Path.cwd()
                os.chdir(path.parent)  # a socket's path has 108 bytes at most
                listener.bind(path.name)
                os.chdir(here)
        case "folder":
            path.mkdir()
        case "device":
            path.symlink_to("/dev/zero")


@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_a_parent_that_is_not_a_file_is_a_finding(project: Tree, kind: str) -> None:
    special(project.root / "parent.yaml", kind)
    project.write("jobs/a.yaml", manifest("a", "extends: ../parent.yaml\n"))
    rule = "extends" if kind == "device" else "unreadable-file"
    assert [found for found, _ in rules(load(project))] == [rule]


def test_a_pipe_that_was_named_is_a_finding_too(project: Tree) -> None:
    os.mkfifo(project.root / "pipe.yaml")
    assert rules(load(project, "pipe.yaml")) == [("unreadable-file", "project/pipe.yaml:1:1")]
    assert rules(load(project, variable_files=("project/pipe.yaml",))) == [
        ("unreadable-file", "project/pipe.yaml:1:1")
    ]


def test_a_stream_that_the_shell_gives_is_read_as_standard_input_is(project: Tree) -> None:
    os.chdir(project.root)
    project.write("bases/b.yaml", "spec: {Description: from the parent}\n")
    reader, writer = os.pipe()
    with os.fdopen(writer, "w") as stream:
        stream.write(manifest("z", "extends: bases/b.yaml\n"))
    loaded = project.load(f"/dev/fd/{reader}")
    os.close(reader)
    assert [job.spec["Description"] for job in loaded.jobs] == ["from the parent"]
    assert not loaded.complete


def test_variables_come_from_a_stream(project: Tree) -> None:
    globs(project, "jobs/*.yaml", more="variables: {lr: {type: string, default: '1'}}\n")
    project.write("jobs/a.yaml", manifest("a", "  Description: ${{ var.lr }}\n"))
    reader, writer = os.pipe()
    os.write(writer, b"lr: '2'\n")
    os.close(writer)
    (job,) = load(project, variable_files=(f"/dev/fd/{reader}",)).jobs
    os.close(reader)
    assert job.spec["Description"] == "2"


def test_a_variable_file_is_not_read_through_a_link_out_of_the_repository(tree: Tree, project: Tree) -> None:
    tree.write("values.yaml", "lr: '2'\n")
    link(project, "values.yaml", "../values.yaml")
    with pytest.raises(UsageError, match="leads out of the repository"):
        load(project, variable_files=("project/values.yaml",))


@pytest.mark.parametrize(
    ("name", "rule"), [("dlcapply.yaml", "outside-project"), ("dlcapply.claims.yaml", "outside-project")]
)
def test_the_projects_own_files_are_no_links_out_of_it(
    tree: Tree, project: Tree, name: str, rule: str
) -> None:
    tree.write("elsewhere.yaml", (project.root / "dlcapply.yaml").read_text())
    (project.root / name).unlink(missing_ok=True)
    link(project, name, "../elsewhere.yaml")
    try:
        found = load(project).findings
    except InvalidManifestsError as error:
        found = error.findings
    assert [(item.rule, str(item.place)) for item in found] == [(rule, f"project/{name}:1:1")]


def keep_in_git(project: Tree) -> None:
    """An empty repository, with a manifest where git keeps its own files."""
    project.write(".git/HEAD", "ref: refs/heads/main\n")
    project.write(".git/objects/info/x", "")
    project.write(".git/refs/heads/.keep", "")
    project.write(".git/x.yaml", manifest("x"))


def test_what_git_keeps_for_itself_is_not_read(project: Tree) -> None:
    keep_in_git(project)
    link(project, "jobs/file.yaml", "../.git/x.yaml")
    link(project, "jobs/folder", "../.git")
    project.write("jobs/a.yaml", manifest("a", "extends: ../.git/x.yaml\n"))
    found = [
        ("extends", "a.yaml:10:10"),
        ("outside-project", "file.yaml:1:1"),
        ("outside-project", "folder:1:1"),
    ]
    loaded = load(project)
    assert rules(loaded) == [(rule, f"project/jobs/{place}") for rule, place in found]
    assert not loaded.complete


def test_no_glob_leads_to_what_git_keeps_for_itself(project: Tree) -> None:
    keep_in_git(project)
    globs(project, "jobs/*.yaml", ".*/*.yaml")
    assert files(load(project)) == ["jobs/a.yaml"]
    globs(project, ".git/*.yaml")
    assert [rule for rule, _ in rules(load(project))] == ["glob"]


def test_a_name_that_is_not_utf8_is_read_and_told(project: Tree) -> None:
    name = os.fsdecode(b"jobs/\xff.yaml")
    project.write(name, manifest("b") + "  Nope: 1\n")
    assert rules(load(project)) == [("unknown-key", f"project/{name}:10:3")]
    project.write(name, manifest("b"))
    assert [job.name for job in load(project).jobs] == ["a", "b"]


@pytest.mark.parametrize("glob", ["jobs", "jobs/", ".", "jobs/**.yaml", "a\0b", "x" * 5000, "/jobs/*.yaml"])
def test_a_glob_that_can_match_nothing_is_an_error(project: Tree, glob: str) -> None:
    more = f"manifests: ['jobs/a.yaml', {json(glob)}]\n"
    head = PROJECT.replace('    manifests: ["jobs/**/*.yaml"]\n', "")
    project.write("dlcapply.yaml", text(head, LOCAL, more))
    loaded = load(project)
    assert [found for found, _ in rules(loaded)] == ["glob"]
    assert (files(loaded), loaded.complete) == (["jobs/a.yaml"], False)


def json(text: str) -> str:
    return '"' + text.replace("\0", "\\0") + '"'


@pytest.mark.parametrize("path", ["a\0b", "x" * 5000, "\ud800", "jobs/a.yaml/x"])
def test_a_path_that_nothing_can_have_is_wrong_usage(project: Tree, path: str) -> None:
    with pytest.raises(UsageError):
        load(project, path)
    with pytest.raises(UsageError):
        load(project, variable_files=(path,))


COMMENT = b"#" * (1 << 20)


@pytest.mark.parametrize(
    ("folder", "suffix", "rule"),
    [("jobs", "yaml", "yaml-size"), ("policies", "json", "policy-file")],
)
def test_the_files_of_a_project_are_bounded_together(
    project: Tree, folder: str, suffix: str, rule: str
) -> None:
    globs(project, "jobs/*.yaml", more="policies: ['policies/*.json']\n")
    project.write("policies/a.json", "{}")
    for number in range(8):
        project.write(f"{folder}/b{number}.{suffix}", b"{}\n" + COMMENT[3:])
    loaded = load(project)
    assert rule in {item.rule for item in loaded.findings}
    assert any("8,388,608 bytes" in item.message for item in loaded.findings)
    assert not loaded.complete


def test_parents_are_bounded_together_and_shared_ones_count_once(project: Tree) -> None:
    project.write("bases/shared.yaml", b"kind: Job\n" + COMMENT[10:])
    for number in range(20):
        project.write(f"jobs/s{number}.yaml", manifest(f"s{number}", "extends: ../bases/shared.yaml\n"))
    assert load(project).findings == ()
    for number in range(8):
        project.write(f"bases/{number}.yaml", b"kind: Job\n" + COMMENT[10:])
        project.write(f"jobs/z{number}.yaml", manifest(f"n{number}", f"extends: ../bases/{number}.yaml\n"))
    (finding,) = load(project).findings
    assert (finding.rule, "bytes together" in finding.message) == ("extends", True)


def test_guesses_at_parents_are_few(project: Tree) -> None:
    project.write("bases/parent.yaml", "kind: Job\n")
    for number in range(60):
        project.write(
            f"jobs/{number}.yaml", manifest(f"n{number}", f"extends: ../bases/paren{number}.yaml\n")
        )
    hints = [item.hint for item in load(project).findings]
    assert (len(hints), hints.count("did you mean parent.yaml?")) == (60, 50)


def test_many_policies_are_refused(project: Tree) -> None:
    globs(project, "jobs/*.yaml", more="policies: ['policies/*.json']\n")
    for number in range(1001):
        project.write(f"policies/{number}.json", "{}")
    assert [found for found, _ in rules(load(project))] == ["policy-file"]
