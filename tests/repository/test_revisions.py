"""Words that name commits, in real repositories."""

from __future__ import annotations

import shutil

import pytest

from dlcapply.errors import DlcapplyError, UsageError
from dlcapply.repository.revisions import branched_from, named_by, repository_of
from tests.repository.conftest import a_repository, commit, git


@pytest.fixture
def history(tmp_path):
    """main: base, later; topic, checked out: base, change."""
    root = a_repository(tmp_path / "clone")
    base = commit(root, "a.yaml", "1")
    later = commit(root, "a.yaml", "2")
    git(root, "checkout", "-q", "-b", "topic", base)
    change = commit(root, "b.yaml", "1")
    return root, base, later, change


def test_words_mean_what_they_mean_to_git_diff(history, environ):
    root, base, later, change = history
    checkout = repository_of(root, environ)
    assert named_by(checkout, "main").before.commit == later
    assert named_by(checkout, "main").after is None
    for words, expected in {
        "main..topic": (later, change),
        "main..": (later, change),
        "..main": (change, later),
        "main...topic": (base, change),
        "main...": (base, change),
        "topic~1": (base, None),
        "HEAD^": (base, None),
        later[:10]: (later, None),
    }.items():
        named = named_by(checkout, words)
        assert (named.before.commit, named.after and named.after.commit) == expected, words
    assert named_by(checkout, "main...").before.merged


def test_a_branch_is_compared_with_where_it_left(history, environ):
    root, base, _, _ = history
    found = branched_from(repository_of(root, environ), "main")
    assert (found.commit, found.word) == (base, base[:12])


@pytest.mark.parametrize("word", ["main..topic", "main...", ".."])
def test_two_states_have_no_merge_base_with_what_is_here(history, environ, word):
    with pytest.raises(UsageError, match="names two states"):
        branched_from(repository_of(history[0], environ), word)


@pytest.mark.parametrize("word", ["-x", "--output=/tmp/x", "--all", "-"])
def test_a_word_that_looks_like_an_option_is_none(history, environ, word):
    with pytest.raises(UsageError, match="is an option"):
        named_by(repository_of(history[0], environ), word)


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("nope", "git fetch origin nope"),
        ("origin/main", "git fetch origin main"),
        ("origin/a;b", "git fetch origin 'a;b'"),
        ("nope~3", "git fetch origin nope"),
        ("0000000000000000000000000000000000000000", "git fetch origin 0000"),
        ("main@{upstream}", "git fetch origin main"),
    ],
)
def test_a_commit_that_git_does_not_know_is_to_be_fetched(history, environ, word, hint):
    with pytest.raises(DlcapplyError, match="git knows no commit") as refused:
        named_by(repository_of(history[0], environ), word)
    assert hint in refused.value.hint


def test_what_is_no_commit_is_said_to_be_none(history, environ):
    with pytest.raises(UsageError, match="is no commit"):
        named_by(repository_of(history[0], environ), "HEAD:b.yaml")


def test_a_shallow_clone_is_to_be_deepened(history, tmp_path, environ):
    git(tmp_path, "clone", "-q", "--depth", "1", "--no-single-branch", f"file://{history[0]}", "shallow")
    checkout = repository_of(tmp_path / "shallow", environ)
    for word in ("HEAD~1", "nope", "origin/main..."):
        with pytest.raises(DlcapplyError, match="this clone is shallow") as refused:
            named_by(checkout, word)
        assert "fetch-depth: 0" in refused.value.hint
    with pytest.raises(DlcapplyError, match="no commit in common here: this clone is shallow"):
        branched_from(checkout, "origin/main")


def test_histories_without_a_common_commit(history, environ):
    root, *_ = history
    git(root, "checkout", "-q", "--orphan", "other")
    commit(root, "c.yaml", "1")
    with pytest.raises(DlcapplyError, match="no commit in common"):
        branched_from(repository_of(root, environ), "main")


def test_before_the_first_commit(tmp_path, environ):
    git(tmp_path, "init", "-q", "-b", "main", "fresh")
    with pytest.raises(DlcapplyError, match="there is no commit yet"):
        named_by(repository_of(tmp_path / "fresh", environ), "HEAD")


def test_where_git_can_not_be_asked(tmp_path, environ):
    with pytest.raises(DlcapplyError, match="is in no git repository"):
        repository_of(tmp_path, environ)
    root = a_repository(tmp_path / "clone")
    with pytest.raises(DlcapplyError, match="there is no git here"):
        repository_of(root, environ | {"PATH": str(tmp_path)})
    with pytest.raises(DlcapplyError, match="git does not trust it") as refused:
        repository_of(root, environ | {"GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"})
    assert f"safe.directory {root}" in refused.value.hint
    shutil.rmtree(root / ".git")
    (root / ".git").mkdir()
    with pytest.raises(DlcapplyError, match="git can't read it"):
        repository_of(root, environ)


def test_a_replaced_commit_is_the_one_that_was_made(history, environ):
    root, base, later, _ = history
    git(root, "replace", later, base)
    assert named_by(repository_of(root, environ), "main").before.commit == later
