from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import suppress

import pytest

from dlcapply.errors import DlcapplyError
from dlcapply.repository.checkout import checkout_of, is_dirty, read_commit, read_origin
from tests.repository.conftest import a_repository, commit, git

ORIGIN = "github.com/vision/jobs"


def dirty(folder, environ):
    return is_dirty(checkout_of(folder, environ))


def test_the_origin_is_the_remote_and_the_folder_in_it(tmp_path, environ):
    root = a_repository(tmp_path / "clone")
    inside = root / "Teams" / "vision"
    inside.mkdir(parents=True)
    assert read_origin(root, environ) == ORIGIN
    assert read_origin(inside, environ) == f"{ORIGIN}/teams/vision"
    (tmp_path / "link").symlink_to(inside)
    assert read_origin(tmp_path / "link", environ) == f"{ORIGIN}/teams/vision"


@pytest.mark.parametrize("remote", ["", "/srv/jobs.git", "file:///srv/jobs.git", "../other"])
def test_a_repository_without_a_remote_elsewhere_has_none(tmp_path, environ, remote):
    assert read_origin(a_repository(tmp_path / "clone", remote), environ) == ""


def test_a_folder_in_no_repository_has_none_and_no_git_is_needed(tmp_path, environ):
    assert read_origin(tmp_path, environ | {"PATH": ""}) == ""


def test_git_looks_no_further_up_than_it_may(tmp_path, environ):
    inside = a_repository(tmp_path / "clone") / "sub"
    inside.mkdir()
    assert read_origin(inside, environ | {"GIT_CEILING_DIRECTORIES": str(tmp_path / "clone")}) == ""
    (tmp_path / "link").symlink_to(tmp_path / "clone")
    assert read_origin(inside, environ | {"GIT_CEILING_DIRECTORIES": f":{tmp_path}/link"}) == ""


def test_a_shallow_clone_a_detached_head_a_worktree_and_a_submodule(tmp_path, environ):
    source = a_repository(tmp_path / "source")
    first = commit(source, "a.yaml", "1")
    second = commit(source, "a.yaml", "2")
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{source}", "shallow")
    shallow = tmp_path / "shallow"
    git(shallow, "remote", "set-url", "origin", "ssh://git@github.com:22/vision/jobs.git")
    assert (read_origin(shallow, environ), read_commit(checkout_of(shallow, environ))) == (ORIGIN, second)
    git(source, "checkout", "-q", "--detach", first)
    assert (read_origin(source, environ), read_commit(checkout_of(source, environ))) == (ORIGIN, first)
    git(source, "worktree", "add", "-q", str(tmp_path / "tree"), second)
    assert read_origin(tmp_path / "tree", environ) == ORIGIN
    assert read_commit(checkout_of(tmp_path / "tree", environ)) == second
    outer = a_repository(tmp_path / "outer", "https://github.com/audio/all")
    git(outer, "-c", "protocol.file.allow=always", "submodule", "-q", "add", str(source), "sub")
    git(outer / "sub", "remote", "set-url", "origin", "https://github.com/vision/jobs")
    assert read_origin(outer / "sub", environ) == ORIGIN
    assert read_origin(outer, environ) == "github.com/audio/all"


def test_an_abbreviation_of_the_person_is_understood(tmp_path, environ):
    root = a_repository(tmp_path / "clone", "gh:vision/jobs")
    settings = tmp_path / "gitconfig"
    settings.write_text('[url "https://github.com/"]\n\tinsteadOf = gh:\n')
    assert read_origin(root, environ | {"GIT_CONFIG_GLOBAL": str(settings)}) == ORIGIN


def test_of_several_addresses_the_first_counts(tmp_path, environ):
    root = a_repository(tmp_path / "clone")
    git(root, "remote", "set-url", "--add", "origin", "https://gitlab.com/mirror/jobs")
    assert read_origin(root, environ) == ORIGIN


def test_what_a_hook_of_git_sets_leads_nowhere_else(tmp_path, environ):
    root, other = a_repository(tmp_path / "clone"), a_repository(tmp_path / "other", "https://x.example/y")
    hooked = environ | {
        "GIT_DIR": str(other / ".git"),
        "GIT_WORK_TREE": str(other),
        "GIT_INDEX_FILE": "/nowhere",
    }
    assert read_origin(root, hooked) == ORIGIN
    assert not dirty(root, hooked)


def test_another_users_repository_is_an_error_that_says_what_to_do(tmp_path, environ):
    root = a_repository(tmp_path / "clone")
    others = environ | {"GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"}  # git's own way to try it out
    with pytest.raises(DlcapplyError, match="git does not trust it") as refused:
        read_origin(root, others)
    assert f"git config --global --add safe.directory {root}" in refused.value.hint
    assert "metadata.origin" in refused.value.hint


def test_without_git_a_repository_is_an_error_and_not_none(tmp_path, environ):
    root = a_repository(tmp_path / "clone")
    with pytest.raises(DlcapplyError, match="there is no git here") as refused:
        read_origin(root, environ | {"PATH": str(tmp_path)})
    assert "metadata.origin" in refused.value.hint


def test_a_git_in_the_repository_is_not_started(tmp_path, environ):
    root = a_repository(tmp_path / "clone")
    planted = root / "git"
    planted.write_text(f"#!/bin/sh\ntouch {tmp_path}/started\n")
    planted.chmod(0o755)
    assert read_origin(root, environ | {"PATH": f".:{environ['PATH']}"}) == ORIGIN
    assert not (tmp_path / "started").exists()


@pytest.mark.parametrize("broken", ["an empty folder", "a submodule alone", "bad settings"])
def test_a_repository_that_git_can_not_read_is_an_error(tmp_path, environ, broken):
    root = a_repository(tmp_path / "clone")
    match broken:
        case "an empty folder":
            shutil.rmtree(root / ".git")
            (root / ".git").mkdir()
        case "a submodule alone":
            shutil.rmtree(root / ".git")
            (root / ".git").write_text("gitdir: ../.git/modules/clone\n")
        case _:
            (root / ".git" / "config").write_text("[remote \n")
    with pytest.raises(DlcapplyError, match="git can't read it"):
        read_origin(root, environ)


def test_a_password_in_the_remote_is_in_no_error(tmp_path, environ):
    root = a_repository(tmp_path / "clone", "https://user:s3/cret@github.com/vision/jobs")
    with pytest.raises(DlcapplyError, match="names no host and path") as refused:
        read_origin(root, environ)
    assert "cret" not in refused.value.message + refused.value.hint


def test_a_git_that_does_not_end_is_not_waited_for(tmp_path, environ):
    root = a_repository(tmp_path / "clone")
    slow = tmp_path / "bin" / "git"
    slow.parent.mkdir()
    slow.write_text(f"#!/bin/sh\n{shutil.which('sleep')} 600\n")
    slow.chmod(0o755)
    with pytest.raises(DlcapplyError, match="did not answer in time"):
        read_origin(root, environ | {"PATH": str(slow.parent)}, longest=0.05)


def test_what_differs_from_the_commit_is_told(tmp_path, environ):
    root = a_repository(tmp_path / "clone")
    project = root / "jobs"
    commit(root, "jobs/a.yaml", "a: 1\n")
    commit(root, "README", "words\n")
    assert not dirty(project, environ)
    (root / "plan.json").write_text("{}")
    (root / "elsewhere.yaml").write_text("a: 1\n")
    assert not dirty(project, environ)
    (project / "new.yml").write_text("a: 1\n")
    assert dirty(project, environ)
    (project / "new.yml").unlink()
    (root / "README").write_text("other words\n")
    assert dirty(project, environ)


def test_a_touched_file_is_not_a_changed_one(tmp_path, environ):
    root = a_repository(tmp_path / "clone")
    os.utime(root / "dlcapply.yaml", (1, 1))
    assert not dirty(root, environ)


def test_before_the_first_commit_there_is_none(tmp_path, environ):
    git(tmp_path, "init", "-q")
    assert read_commit(checkout_of(tmp_path, environ)) == ""


PROGRAMS = {
    "core.fsmonitor": "{program}",
    "core.hooksPath": "{hooks}",
    "core.sshCommand": "{program}",
    "core.pager": "{program}",
    "core.editor": "{program}",
    "diff.external": "{program}",
    "diff.planted.textconv": "{program}",
    "diff.planted.command": "{program}",
    "filter.planted.clean": "{program}",
    "filter.planted.smudge": "{program}",
    "filter.planted.process": "{program}",
    "filter.planted.required": "true",
    "filter.other.clean": "{program}",
    "credential.helper": "!{program}",
    "alias.status": "!{program}",
    "alias.config": "!{program}",
    "gpg.program": "{program}",
    "core.alternateRefsCommand": "{program}",
    "uploadpack.packObjectsHook": "{program}",
    "remote.origin.promisor": "true",
    "remote.origin.partialclonefilter": "blob:none",
    "remote.origin.uploadpack": "{program}",
    "protocol.ext.allow": "always",
}


def plant(root, tmp_path):
    """A repository whose every setting that may start a program names one that leaves a trace."""
    program = tmp_path / "planted"
    program.write_text(f'#!/bin/sh\necho "$0 $*" >> {tmp_path}/started\ncat\n')
    program.chmod(0o755)
    hooks = root / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("post-index-change", "fsmonitor-watchman", "reference-transaction", "pre-auto-gc"):
        shutil.copy(program, hooks / name)
    with (root / ".git" / "config").open("a") as settings:
        for key, value in PROGRAMS.items():
            section, _, name = key.rpartition(".")
            first, _, rest = section.partition(".")
            header = f'{first} "{rest}"' if rest else first
            settings.write(f"[{header}]\n\t{name} = {value.format(program=program, hooks=hooks)}\n")
    (root / ".gitattributes").write_text("*.yaml filter=planted diff=planted\n*.txt filter=other\n")
    return tmp_path / "started"


def test_no_program_that_a_repository_names_is_started(tmp_path, environ):
    root = a_repository(tmp_path / "clone")
    commit(root, "a.txt", "a\n")
    started = plant(root, tmp_path)
    os.utime(root / "dlcapply.yaml", (1, 1))
    os.utime(root / "a.txt", (1, 1))
    (root / "new.yaml").write_text("a: 1\n")
    assert read_origin(root, environ) == ORIGIN
    assert read_commit(checkout_of(root, environ))
    assert dirty(root, environ)
    assert not started.exists(), started.read_text()


def test_the_planted_programs_would_be_started_otherwise(tmp_path):
    root = a_repository(tmp_path / "clone")
    started = plant(root, tmp_path)
    os.utime(root / "dlcapply.yaml", (1, 1))
    with suppress(subprocess.CalledProcessError):
        git(root, "status", "--porcelain")
    assert started.exists()


def test_a_filter_that_can_not_be_switched_off_leaves_the_folder_dirty(tmp_path, environ):
    root = a_repository(tmp_path / "clone")
    started = plant(root, tmp_path)
    with (root / ".git" / "config").open("a") as settings:
        settings.write(f'[filter "a=b"]\n\tclean = {tmp_path}/planted\n')
    (root / ".gitattributes").write_text("*.yaml filter=a=b\n")
    assert dirty(root, environ)
    assert not started.exists()


def test_a_repository_planted_as_a_folder_of_another_is_passed_over(tmp_path, environ):
    """A bare repository can be committed, with its settings: git would take it for the folder's own."""
    root = a_repository(tmp_path / "clone")
    git(root, "init", "-q", "--bare", "jobs")
    planted = root / "jobs"
    git(planted, "config", "remote.origin.url", "https://github.com/audio/jobs")
    git(planted, "config", "core.bare", "false")
    git(planted, "config", "core.worktree", str(planted))
    (planted / "dlcapply.yaml").write_text("kind: Project\n")
    assert read_origin(planted, environ) == f"{ORIGIN}/jobs"


def test_nothing_is_written(tmp_path, environ):
    root = a_repository(tmp_path / "clone")
    os.utime(root / "dlcapply.yaml", (1, 1))
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*")}
    read_origin(root, environ)
    dirty(root, environ)
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*")} == before
