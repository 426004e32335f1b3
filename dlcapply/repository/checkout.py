"""A folder's place in a repository: where that comes from, at which commit it is, and whether it differs."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from dlcapply.errors import DlcapplyError
from dlcapply.one_line import squeezed
from dlcapply.repository.addresses import UnreadableAddressError, origin_of, rewritten
from dlcapply.repository.git import LONGEST, Answer, Data, NoGitError, ask, read

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_DECLARE = "or say metadata.origin in dlcapply.yaml"
_LONGEST_SAID = 200
_MANIFESTS = (".yaml", ".yml")
_ADDRESS = "remote.origin.url"
_INSTEAD = (r"url.", ".insteadof")


@dataclass(frozen=True, slots=True)
class Checkout:
    """The nearest folder at or above `folder` that git keeps its own in; both are real paths.

    `longest` is how many seconds git may take to answer.
    """

    root: Path
    folder: Path
    environ: Mapping[str, str]
    longest: float = LONGEST

    def ask(self, *words: str, settings: Iterable[str] = ()) -> Answer:
        return ask(self.root, self.environ, *words, settings=tuple(settings), longest=self.longest)

    def read(self, *words: str, settings: Iterable[str] = (), fed: bytes = b"", most: int) -> Data:
        """What git writes, to the byte, and no more than `most` of them."""
        return read(
            self.root,
            self.environ,
            *words,
            settings=tuple(settings),
            fed=fed,
            longest=self.longest,
            most=most,
        )

    @property
    def inside(self) -> str:
        """The folder in relation to the root; empty for the root itself."""
        return "" if self.folder == self.root else self.folder.relative_to(self.root).as_posix()


def checkout_of(folder: Path, environ: Mapping[str, str]) -> Checkout | None:
    """The checkout that the folder belongs to; None where it is in no repository.

    A repository without files of its own (a bare one) that lies on the way is passed over: somebody may have
    committed it, with settings in it that start programs.
    """
    real = Path(os.path.realpath(folder))
    named = filter(None, environ.get("GIT_CEILING_DIRECTORIES", "").split(os.pathsep))
    ceilings = set(map(os.path.realpath, named))
    for place in (real, *real.parents):
        if place != real and str(place) in ceilings:
            return None
        if os.path.lexists(place / ".git"):
            return Checkout(place, real, environ)
    return None


def read_origin(folder: Path, environ: Mapping[str, str], *, longest: float = LONGEST) -> str:
    """The origin of the folder; empty where it is in no repository, or in one without a remote elsewhere.

    Raises DlcapplyError where there is a repository, and nobody can say which it is.
    """
    checkout = checkout_of(folder, environ)
    if checkout is None:
        return ""
    checkout = replace(checkout, longest=longest)
    try:
        above = _prefix(checkout)
        address = _address(checkout)
    except NoGitError:
        raise _unknown(checkout, "there is no git here to ask", "install git") from None
    try:
        return origin_of(address, f"{above}/{checkout.inside}") if address else ""
    except UnreadableAddressError:
        why = "the address of its remote origin names no host and path"
        raise _unknown(checkout, why, "see it with git remote get-url origin") from None


def read_commit(checkout: Checkout) -> str:
    """The commit that is checked out; empty where there is none."""
    answer = checkout.ask("rev-parse", "--quiet", "--verify", "HEAD^{commit}")
    return answer.text.strip() if answer.is_good else ""


def is_dirty(checkout: Checkout) -> bool:
    """Whether a tracked file differs from the commit, or a YAML file of the project is not in it.

    Where that can't be told, it is taken to be so. What a filter turns into something else is not compared:
    a filter is a program that the repository names.
    """
    filters = _filters(checkout)
    if filters is None:
        return True
    silent = [f"filter.{name}.{key}=" for name in filters for key in ("clean", "smudge", "process")]
    silent += [f"filter.{name}.required=false" for name in filters]
    unfiltered = (":/", ":(exclude,top,attr:filter)") if filters else ()
    status = ("status", "--porcelain", "-z", "--untracked-files=no", "--ignore-submodules=dirty", "--")
    changed = checkout.ask(*status, *unfiltered, settings=silent)
    return not changed.is_good or bool(changed.text) or _has_untracked_manifests(checkout, silent)


def _has_untracked_manifests(checkout: Checkout, settings: Iterable[str]) -> bool:
    words = ("--literal-pathspecs", "ls-files", "-z", "--others", "--exclude-standard", "--")
    others = checkout.ask(*words, checkout.inside or ".", settings=settings)
    return not others.is_good or any(name.lower().endswith(_MANIFESTS) for name in others.text.split("\0"))


def _filters(checkout: Checkout) -> set[str] | None:
    """The names of the filters that are set; None where one can't be switched off."""
    answer = checkout.ask("config", "-z", "--name-only", "--get-regexp", r"^filter\.")
    if answer.code not in {0, 1}:
        return None
    keys = filter(None, answer.text.split("\0"))
    names = {key.removeprefix("filter.").rpartition(".")[0] for key in keys}
    return None if any("=" in name or "\n" in name for name in names) else names - {""}


def _prefix(checkout: Checkout) -> str:
    """Where the root is in the repository, which git may find further up; raises where git can't say."""
    answer = checkout.ask("rev-parse", "--show-prefix")
    if answer.is_good:
        return answer.text.strip("\n")
    raise _refused(checkout, answer)


def _address(checkout: Checkout) -> str:
    answer = checkout.ask("config", "-z", "--get-regexp", r"^(remote\.origin\.url|url\..*\.insteadof)$")
    if answer.code not in {0, 1}:  # 1: nothing of the kind is set
        raise _refused(checkout, answer)
    entries = [entry.partition("\n") for entry in answer.text.split("\0") if entry]
    addresses: list[str] = []
    for key, _, value in entries:
        if key == _ADDRESS:  # an empty one clears those before it
            addresses = [*addresses, value] if value else []
    begins, ends = _INSTEAD
    replacements = [
        (value, key.removeprefix(begins).removesuffix(ends))
        for key, _, value in entries
        if key != _ADDRESS and value
    ]
    return rewritten(addresses[0], replacements) if addresses else ""


def _refused(checkout: Checkout, answer: Answer) -> DlcapplyError:
    return _unknown(checkout, *reason_of(checkout, answer.code, answer.said))


def reason_of(checkout: Checkout, code: int | None, said: str) -> tuple[str, str]:
    """Why git has no answer, from its exit code and what it said, and what to do."""
    if code is None:
        return "git did not answer in time", "see what git status waits for"
    # "detected dubious ownership" since git 2.35.3, "unsafe repository" before
    if "dubious ownership" in said or "unsafe repository" in said:
        trust = f"git config --global --add safe.directory {checkout.root}"
        return "git does not trust it: its files belong to another user", trust
    lines = [line for line in said.splitlines() if line.startswith("fatal:") and "@" not in line]
    why = squeezed("".join(lines[:1]))[:_LONGEST_SAID]
    return f"git can't read it{f' ({why})' if why else ''}", "see it with git status"


def _unknown(checkout: Checkout, why: str, mend: str) -> DlcapplyError:
    return DlcapplyError(
        f"it is not known which repository {checkout.root} is: {why}", hint=f"{mend}; {_DECLARE}"
    )
