"""Globs, all at once and name by name."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcapply.manifest.files.discovery import Bounds, matching_files
from dlcapply.manifest.files.globs import GlobError, after, cost, ends, parts_of, planted
from dlcapply.manifest.nodes import Node
from dlcapply.manifest.selection import is_selected
from dlcapply.model.findings import Finding, Place

NAMES = st.sampled_from(["a", "b", "ab", ".a", "a.yaml", "jobs"])
PARTS = st.sampled_from(["**", "*", "a", "?", "a*", "*b", "[ab]", ".*", "jobs", "*.yaml", "[!a]*"])


def matched(pattern: str, path: str) -> bool:
    forks = planted([(0, parts_of(pattern))])
    for name in path.split("/"):
        forks = after(forks, name)
    return ends(forks) == {0}


def expected(parts: tuple[str, ...], names: tuple[str, ...]) -> bool:
    """The same, by the definition, in any number of steps."""
    if not parts:
        return not names
    head, *rest = parts
    if head == "**":
        if not rest:
            return bool(names) and not any(name.startswith(".") for name in names)
        skipped = (names[:count] for count in range(len(names) + 1))
        return any(
            not any(name.startswith(".") for name in skip) and expected(tuple(rest), names[len(skip) :])
            for skip in skipped
        )
    if not names:
        return False
    is_hidden = names[0].startswith(".") and not head.startswith(".")
    fits = head == names[0] or (not is_hidden and PurePosixPath(names[0]).match(head))
    return bool(fits) and expected(tuple(rest), names[1:])


@given(st.lists(PARTS, min_size=1, max_size=5), st.lists(NAMES, min_size=1, max_size=5))
def test_globs_mean_what_shells_mean(parts: list[str], names: list[str]) -> None:
    assert matched("/".join(parts), "/".join(names)) is expected(tuple(parts), tuple(names))


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("jobs/**", "jobs/a"),
        ("jobs/**", "jobs/a/b/c"),
        ("./jobs//*.yaml", "jobs/a.yaml"),
        ("**/**/**/x", "x"),
        ("jobs/[a-c]?.yaml", "jobs/b1.yaml"),
        ("jobs/.*", "jobs/.a"),
        ("jobs/x\ny", "jobs/x\ny"),
        ("jobs/*", "jobs/x\ny"),
    ],
)
def test_what_matches(pattern: str, path: str) -> None:
    assert matched(pattern, path)


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("jobs/**", "jobs"),
        ("jobs/*", "jobs/a/b"),
        ("jobs/*.yaml", "jobs/a.YAML"),
        ("Jobs/*.yaml", "jobs/a.yaml"),
        ("jobs/*", "jobs/.a"),
        ("**", ".a/b"),
        ("**/b", ".a/b"),
        ("jobs/a.yaml", "jobs/a.yaml\n"),
        ("jobs/*.yaml", "jobs/a.yaml\n"),
    ],
)
def test_what_does_not_match(pattern: str, path: str) -> None:
    assert not matched(pattern, path)


@pytest.mark.parametrize(
    "pattern", ["../x", "a/../b", "/a", "**.yaml", "a**/b", "***", "a\0", "a/" * 200, "a" * 5000]
)
def test_what_is_not_a_glob(pattern: str) -> None:
    with pytest.raises(GlobError):
        parts_of(pattern)


def test_globs_that_say_the_same_cost_once() -> None:
    many = planted((number, parts_of("jobs/" + "**/" * number + "*.yaml")) for number in range(1, 100))
    assert cost(after(many, "jobs")) == cost(after(planted([(0, parts_of("jobs/**/*.yaml"))]), "jobs"))
    assert len(ends(after(after(many, "jobs"), "x.yaml"))) == 99


@pytest.mark.parametrize("part", ["*a" * 60 + "b", "?*" * 60 + "b", "[ab]*" * 40 + "c", "*" * 500 + "b"])
def test_a_name_that_nearly_matches_ends_at_once(part: str) -> None:
    if "**" in part:
        with pytest.raises(GlobError):
            parts_of(part)
    else:
        assert not matched(part, "a" * 255)  # backtracking would take until the end of the world


@pytest.mark.parametrize("word", ["*a" * 60 + "b", "?*" * 60 + "b", "[ab]*" * 40 + "c", "*" * 500 + "b"])
def test_a_name_that_is_nearly_selected_ends_at_once(word: str) -> None:
    assert not is_selected("a" * 256, {}, (word,), ())


def nodes(*patterns: str) -> list[Node]:
    return [Node(pattern, Place("dlcapply.yaml"), Place("dlcapply.yaml"), pattern) for pattern in patterns]


def test_a_look_through_too_many_names_ends_with_an_error(tmp_path: Path) -> None:
    for number in range(60):
        (tmp_path / f"{number}.yaml").touch()
    findings: list[Finding] = []
    (paths,) = matching_files(tmp_path, nodes("*.yaml"), "manifests", findings, bounds=Bounds(names=50))
    assert len(paths) <= 50
    assert [item.rule for item in findings] == ["glob"]
    assert re.search(r"51 names", findings[0].message)


def test_many_globs_are_compared_within_a_bound(tmp_path: Path) -> None:
    for number in range(60):
        (tmp_path / f"{number}.yaml").touch()
    findings: list[Finding] = []
    many = nodes(*(f"**/*{number}*.yaml" for number in range(500)))
    matching_files(tmp_path, many, "manifests", findings, bounds=Bounds(comparisons=1000))
    assert [item.rule for item in findings] == ["glob"]
    findings.clear()
    matching_files(tmp_path, many, "manifests", findings, bounds=Bounds(globs=400))
    assert [(item.rule, item.path) for item in findings] == [("glob", "manifests[400]")]


def test_the_same_glob_many_times_is_within_the_bound_too(tmp_path: Path) -> None:
    for number in range(60):
        (tmp_path / f"{number}.yaml").touch()
    findings: list[Finding] = []
    same = nodes(*["*.yaml"] * 500)
    matching_files(tmp_path, same, "manifests", findings, bounds=Bounds(comparisons=1000))
    assert [item.rule for item in findings] == ["glob"]
    assert all(len(paths) == 60 for paths in matching_files(tmp_path, same, "manifests", []))


def test_links_do_not_multiply_the_folders_that_are_looked_into(tmp_path: Path) -> None:
    for depth in range(12):
        folder = tmp_path / f"d{depth}"
        folder.mkdir()
        for other in range(12):
            (folder / f"l{other}").symlink_to(f"../d{other}")
        (folder / "a.yaml").touch()
    findings: list[Finding] = []
    (paths,) = matching_files(tmp_path, nodes("**/**/**/a.yaml"), "manifests", findings)
    assert (len(paths), findings) == (12, [])
