"""What is in a commit, laid out in a folder: nothing is run, fetched, or written elsewhere."""

from __future__ import annotations

import os
import subprocess

import pytest

from dlcapply.disk import MAX_BYTES
from dlcapply.repository import snapshots
from dlcapply.repository.revisions import repository_of
from dlcapply.repository.snapshots import UnreadableTreeError, entries_of, lay_out
from tests.repository.conftest import GIT, a_repository, commit, git


def laid_out(root, environ, folder, at="HEAD"):
    checkout = repository_of(root, environ)
    folder.mkdir()
    found = lay_out(checkout, entries_of(checkout, git(root, "rev-parse", at)), folder)
    return found, sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def crafted(root, *entries):
    """A commit of a tree that no checkout could have made: (mode, name, id), or names of trees below."""

    def tree(rows):
        data = b"".join(f"{mode} {name}\0".encode() + bytes.fromhex(known) for mode, name, known in rows)
        done = subprocess.run(
            [GIT, "hash-object", "-t", "tree", "-w", "--stdin", "--literally"],
            cwd=root,
            input=data,
            capture_output=True,
            check=True,
        )
        return done.stdout.decode().strip()

    return git(root, "commit-tree", "-m", "crafted", tree(entries)), tree


def blob(root, text):
    done = subprocess.run(
        [GIT, "hash-object", "-w", "--stdin"], cwd=root, input=text.encode(), capture_output=True, check=True
    )
    return done.stdout.decode().strip()


def test_files_are_the_bytes_that_were_committed(tmp_path, environ):
    root = a_repository(tmp_path / "clone")
    (root / ".gitattributes").write_text(
        "*.yaml filter=evil export-subst ident eol=crlf\nhidden export-ignore\n"
    )
    for key in ("clean", "smudge", "process"):
        git(root, "config", f"filter.evil.{key}", f"touch {tmp_path}/started; cat")
    git(root, "config", "filter.evil.clean", "cat")
    (root / "jobs").mkdir()
    (root / "jobs" / "a.yaml").write_text("$Format:%H$ $Id$\nb\n")
    (root / "hidden").write_text("here\n")
    (root / "empty").write_text("")
    git(root, "-c", "filter.evil.process=", "add", "-A")
    git(root, "-c", "filter.evil.process=", "commit", "-q", "-m", "1")
    (tmp_path / "started").unlink(missing_ok=True)
    (root / "jobs" / "a.yaml").write_text("dirty")
    _, names = laid_out(root, environ, tmp_path / "out")
    assert names == [".gitattributes", "dlcapply.yaml", "empty", "hidden", "jobs", "jobs/a.yaml"]
    assert (tmp_path / "out" / "jobs" / "a.yaml").read_bytes() == b"$Format:%H$ $Id$\nb\n"
    assert not (tmp_path / "started").exists()
    assert (root / "jobs" / "a.yaml").read_text() == "dirty"
    assert (tmp_path / "out" / "jobs" / "a.yaml").stat().st_mode & 0o077 == 0


def test_names_of_any_bytes_and_links_are_as_they_were(tmp_path, environ):
    root = a_repository(tmp_path / "clone")
    odd = os.fsdecode(b"od\xffd\tna\nme.yaml")
    (root / odd).write_text("1")
    (root / "link").symlink_to("/etc/passwd")
    (root / "dangling").symlink_to("../nowhere")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "1")
    _, names = laid_out(root, environ, tmp_path / "out")
    assert odd in names
    assert str((tmp_path / "out" / "link").readlink()) == "/etc/passwd"
    assert str((tmp_path / "out" / "dangling").readlink()) == "../nowhere"


def test_a_submodule_and_a_pointer_of_lfs_are_told(tmp_path, environ):
    inner = a_repository(tmp_path / "inner")
    root = a_repository(tmp_path / "clone")
    git(root, "-c", "protocol.file.allow=always", "submodule", "-q", "add", str(inner), "sub")
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 12\n"
    commit(root, "big.yaml", pointer)
    found, names = laid_out(root, environ, tmp_path / "out")
    assert [one.path for one in found.submodules] == ["sub"]
    assert found.pointers == {"big.yaml"}
    assert "sub" not in names


def test_a_file_that_no_manifest_can_be_is_as_large_and_not_read(tmp_path, environ):
    root = a_repository(tmp_path / "clone")
    commit(root, "large.yaml", "x" * (MAX_BYTES + 1))
    commit(root, "just.yaml", "y" * MAX_BYTES)
    laid_out(root, environ, tmp_path / "out")
    assert (tmp_path / "out" / "large.yaml").stat().st_size == MAX_BYTES + 1
    assert (tmp_path / "out" / "just.yaml").read_text() == "y" * MAX_BYTES


@pytest.mark.parametrize("name", ["..", ".", ".git", ".GIT", "a/../../x"])
def test_a_name_that_no_checkout_has_is_refused(tmp_path, environ, name):
    root = a_repository(tmp_path / "clone")
    first, *rest = name.split("/")
    made, tree = crafted(root, ("100644", first if not rest else "f", blob(root, "x")))
    inner = blob(root, "x")
    for part in reversed(name.split("/")):
        mode = "100644" if inner == blob(root, "x") else "40000"
        inner = tree([(mode, part, inner)])
    made = git(root, "commit-tree", "-m", "crafted", inner)
    with pytest.raises(UnreadableTreeError, match="no checkout has such a name"):
        laid_out(root, environ, tmp_path / "out", made)
    assert not (tmp_path / "x").exists()


def test_nothing_is_written_through_a_link_of_a_crafted_tree(tmp_path, environ):
    root = a_repository(tmp_path / "clone")
    (tmp_path / "victim").mkdir()
    below = crafted(root)[1]([("100644", "x", blob(root, "written"))])
    made, _ = crafted(root, ("120000", "a", blob(root, str(tmp_path / "victim"))), ("40000", "a", below))
    with pytest.raises(UnreadableTreeError, match="can't be laid out"):
        laid_out(root, environ, tmp_path / "out", made)
    assert list((tmp_path / "victim").iterdir()) == []


def test_objects_that_a_partial_clone_lacks_are_not_fetched(tmp_path, environ):
    source = a_repository(tmp_path / "source")
    commit(source, "a.yaml", "1")
    commit(source, "a.yaml", "2")
    git(source, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "-q", "--filter=blob:none", f"file://{source}", "partial")
    partial = tmp_path / "partial"
    known = git(partial, "count-objects", "-v")
    with pytest.raises(UnreadableTreeError, match=r"a\.yaml is not in this clone") as refused:
        laid_out(partial, environ, tmp_path / "out", "HEAD~1")
    assert "--filter" in refused.value.hint
    assert git(partial, "count-objects", "-v") == known


def test_more_than_can_be_looked_through_is_refused(tmp_path, environ):
    root = a_repository(tmp_path / "clone")
    commit(root, "a.yaml", "1")
    many = [
        snapshots.Entry(f"{number}.yaml", "100644", "0" * 40) for number in range(snapshots.MOST_ENTRIES + 1)
    ]
    with pytest.raises(UnreadableTreeError, match="more than 50,000 files"):
        lay_out(repository_of(root, environ), many, tmp_path)


def test_a_commit_that_is_damaged_is_an_error(tmp_path, environ):
    root = a_repository(tmp_path / "clone")
    commit(root, "a.yaml", "1")
    lost = git(root, "rev-parse", "HEAD:a.yaml")
    (root / ".git" / "objects" / lost[:2] / lost[2:]).unlink()
    with pytest.raises(UnreadableTreeError, match=r"a\.yaml is not in this clone"):
        laid_out(root, environ, tmp_path / "out")


def test_hooks_and_monitors_of_the_repository_are_not_started(tmp_path, environ):
    root = a_repository(tmp_path / "clone")
    commit(root, "a.yaml", "1")
    planted = tmp_path / "planted"
    planted.write_text(f"#!/bin/sh\ntouch {tmp_path}/started\n")
    planted.chmod(0o755)
    for key in (
        "core.fsmonitor",
        "core.pager",
        "core.sshCommand",
        "diff.external",
        "core.alternateRefsCommand",
    ):
        git(root, "config", key, str(planted))
    laid_out(root, environ, tmp_path / "out")
    assert not (tmp_path / "started").exists()
