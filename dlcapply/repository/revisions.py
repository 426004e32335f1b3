"""Words that name states of a repository -> the commits that they mean, or what to do where git knows none.

`A`, `A..B` and `A...B` mean what they mean to `git diff`.
"""

from __future__ import annotations

import os
import re
import shlex
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dlcapply.errors import DlcapplyError, UsageError
from dlcapply.repository.checkout import checkout_of, read_commit, reason_of
from dlcapply.repository.git import NoGitError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from dlcapply.repository.checkout import Checkout
    from dlcapply.repository.git import Answer

_HEAD = "HEAD"
_SHORT = 12
# What refs/replace puts in place of a commit was pushed by nobody, and is reviewed by nobody.
AS_COMMITTED = ("core.useReplaceRefs=false",)
_RANGE = re.compile(r"(?P<left>.*?)(?P<dots>\.{2,3})(?P<right>.*)", re.DOTALL)
_REMOTE = "origin/"
_LONGEST = 30.0  # seconds; a merge base of long histories takes a few


@dataclass(frozen=True, slots=True)
class Revision:
    """A commit, and the word that is shown for it; `merged` where it is the merge base of the words asked."""

    word: str
    commit: str
    merged: bool = False


@dataclass(frozen=True, slots=True)
class Revisions:
    """The two states that a word names; `after` is None where that is the working tree."""

    before: Revision
    after: Revision | None = None


def repository_of(folder: Path, environ: Mapping[str, str]) -> Checkout:
    """The checkout around the folder; raises DlcapplyError where there is none, or git can't be asked."""
    checkout = checkout_of(folder, environ)
    if checkout is None:
        message = f"{folder} is in no git repository, and what changed since is asked of git"
        raise DlcapplyError(message, hint="run it in a clone of the repository of the manifests")
    checkout = replace(checkout, longest=_LONGEST)
    try:
        answer = checkout.ask("rev-parse", "--show-prefix")
    except NoGitError:
        raise DlcapplyError("there is no git here to ask what changed", hint="install git") from None
    if not answer.is_good:
        raise _unread(checkout, answer)
    return checkout


def named_by(checkout: Checkout, word: str) -> Revisions:
    """The states that the word names, as `git diff` reads it; raises where git knows one of them not."""
    found = _RANGE.fullmatch(word)
    if found is None:
        return Revisions(_resolved(checkout, word))
    left, right = (_resolved(checkout, side or _HEAD) for side in (found["left"], found["right"]))
    if found["dots"] == "..":
        return Revisions(left, right)
    return Revisions(_merge_base(checkout, left, right), right)


def branched_from(checkout: Checkout, word: str) -> Revision:
    """The commit in which what is checked out left the one that the word names: their merge base."""
    if _RANGE.fullmatch(word):
        message = f"{word} names two states, and the one that is compared with the working tree is one"
        raise UsageError(message, hint="name one: a branch, a tag or a commit")
    named = _resolved(checkout, word)
    return _merge_base(checkout, named, _resolved(checkout, _HEAD))


def _resolved(checkout: Checkout, word: str) -> Revision:
    if word.startswith("-"):
        raise UsageError(f"{word} is an option and names no commit", hint="no ref begins with a dash")
    answer = _ask(checkout, "rev-parse", "--quiet", "--verify", f"{word}^{{commit}}")
    commit = answer.text.strip()
    if answer.is_good and re.fullmatch("[0-9a-f]{40,64}", commit):
        return Revision(word, commit)
    if answer.code is None or answer.said.startswith("fatal: detected"):
        raise _unread(checkout, answer)
    raise _missing(checkout, word)


def _merge_base(checkout: Checkout, left: Revision, right: Revision) -> Revision:
    answer = _ask(checkout, "merge-base", left.commit, right.commit)
    commit = answer.text.strip()
    if answer.is_good and commit:
        return Revision(commit[:_SHORT], commit, merged=True)
    if answer.code != 1:
        raise _unread(checkout, answer)
    message = f"{left.word} and {right.word} have no commit in common here"
    if _is_shallow(checkout):
        raise DlcapplyError(f"{message}: this clone is shallow", hint=_deepen())
    raise DlcapplyError(message, hint="name a commit that both come from")


def _missing(checkout: Checkout, word: str) -> DlcapplyError:
    """The error for a word by which git knows no commit, with the likeliest way out."""
    if not read_commit(checkout):
        return DlcapplyError("there is no commit yet to compare with", hint="commit something first")
    named = _ask(checkout, "rev-parse", "--quiet", "--verify", word)
    if named.is_good and _ask(checkout, "cat-file", "-e", named.text.strip()).is_good:
        return UsageError(f"{word} is no commit", hint="name a branch, a tag or a commit")
    message = f"git knows no commit by the name of {word}"
    fetch = _fetching(word)
    if _is_shallow(checkout):
        return DlcapplyError(f"{message}: this clone is shallow", hint=f"{_deepen()}; or {fetch}")
    return DlcapplyError(message, hint=f"{fetch}, or see git branch --all")


def _deepen() -> str:
    return "fetch all of its history (actions/checkout: fetch-depth: 0; elsewhere: git fetch --unshallow)"


def _fetching(word: str) -> str:
    name = re.split(r"[~^@:]", word, maxsplit=1)[0].removeprefix("refs/remotes/").removeprefix(_REMOTE)
    return f"git fetch origin {shlex.quote(name or word)}"


def _is_shallow(checkout: Checkout) -> bool:
    return _ask(checkout, "rev-parse", "--is-shallow-repository").text.strip() == "true"


def _ask(checkout: Checkout, *words: str) -> Answer:
    return checkout.ask(*words, settings=AS_COMMITTED)


def _unread(checkout: Checkout, answer: Answer) -> DlcapplyError:
    why, mend = reason_of(checkout, answer.code, answer.said)
    return DlcapplyError(f"the repository {os.fspath(checkout.root)} can't be asked: {why}", hint=mend)
