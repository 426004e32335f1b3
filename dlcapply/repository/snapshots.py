"""The files of a commit, laid out in a folder of their own: read from git's objects, and never checked out.

A checkout would run filters and hooks, obey attributes, and write where the repository says. Here an object
is the bytes that were committed.
"""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dlcapply.disk import MAX_BYTES, write_new
from dlcapply.errors import DlcapplyError
from dlcapply.repository.checkout import reason_of
from dlcapply.repository.revisions import AS_COMMITTED

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from pathlib import Path

    from dlcapply.repository.checkout import Checkout
    from dlcapply.repository.git import Data

_LINK, _SUBMODULE = "120000", "160000"
_FILES = frozenset({"100644", "100755", "100664"})
_GIT = ".git"
# Far more than a repository of manifests holds, and what can be looked through while somebody waits.
_MOST_LISTED = 64 << 20
MOST_ENTRIES = 50_000
MOST_BYTES = 64 << 20
_LONGEST_LINK = 4_095
_LARGEST = 1 << 40
# The first line of what Git LFS commits in place of a file (git-lfs, docs/spec.md).
_POINTER = b"version https://git-lfs.github.com/spec/"
_LONGEST_POINTER = 1_024


@dataclass(frozen=True, slots=True)
class Entry:
    """One name in the tree of a commit; the path is relative to the checkout's root."""

    path: str
    mode: str
    id: str

    @property
    def is_link(self) -> bool:
        return self.mode == _LINK

    @property
    def is_file(self) -> bool:
        return self.mode in _FILES

    @property
    def is_submodule(self) -> bool:
        return self.mode == _SUBMODULE


@dataclass(frozen=True, slots=True)
class LaidOut:
    """What is not in the folder as a checkout would have it: pointers to files elsewhere, and submodules."""

    pointers: frozenset[str] = frozenset()
    submodules: tuple[Entry, ...] = ()


class UnreadableTreeError(DlcapplyError):
    """The commit is there, and what is in it can't be read whole."""


def entries_of(checkout: Checkout, commit: str) -> tuple[Entry, ...]:
    """Every name in the commit's tree; raises UnreadableTreeError where they can't all be read."""
    got = checkout.read("ls-tree", "-r", "-z", commit, settings=AS_COMMITTED, most=_MOST_LISTED)
    if not got.is_whole:
        raise UnreadableTreeError(f"the commit {commit} holds too many files to look through")
    if not got.is_good:
        raise _unread(checkout, got, ())
    return tuple(_entry(line) for line in got.data.split(b"\0") if line)


def lay_out(checkout: Checkout, entries: Collection[Entry], folder: Path) -> LaidOut:
    """The entries are below the folder, which is empty before; links are links, wherever they lead.

    A file that is larger than any manifest is as large there, and holds nothing. Raises UnreadableTreeError
    where an object is not here, a name is one that no checkout has, or all are more than can be read.
    """
    kept = [entry for entry in entries if not entry.is_submodule]
    _check(kept)
    sizes = _sizes(checkout, kept)
    contents = _contents(checkout, {name: size for name, size in sizes.items() if size <= MAX_BYTES})
    # Links come last: nothing is written through one, whatever a crafted tree says twice.
    for entry in sorted(kept, key=lambda one: one.is_link):
        _write(entry, folder, contents.get(entry.id, b""), sizes[entry.id])
    submodules = [entry for entry in entries if entry.is_submodule]
    return LaidOut(frozenset(_pointers(kept, contents)), tuple(submodules))


def _entry(line: bytes) -> Entry:
    facts, _, path = line.partition(b"\t")
    mode, _, name = facts.decode("ascii", "replace").split(" ", 2)
    return Entry(os.fsdecode(path), mode, name)


def _check(entries: Collection[Entry]) -> None:
    if len(entries) > MOST_ENTRIES:
        message = f"the commit holds more than {MOST_ENTRIES:,} files here that may be manifests"
        hint = "keep dlcapply.yaml in a folder that holds little but manifests"
        raise UnreadableTreeError(message, hint=hint)
    for entry in entries:
        parts = entry.path.split("/")
        if any(part in {"", ".", ".."} or part.casefold() == _GIT for part in parts):
            raise _odd(entry, "no checkout has such a name")
        if not entry.is_link and not entry.is_file:
            raise _odd(entry, f"its mode {entry.mode} is not one of a file")


def _sizes(checkout: Checkout, entries: Iterable[Entry]) -> dict[str, int]:
    """The size of each object; raises UnreadableTreeError for one that is not here."""
    paths = _by_id(entries)
    fed = "".join(f"{name}\n" for name in paths).encode()
    got = checkout.read("cat-file", "--batch-check", settings=AS_COMMITTED, fed=fed, most=_MOST_LISTED)
    if paths and not got.is_good:
        raise _unread(checkout, got, paths)
    sizes: dict[str, int] = {}
    for name, line in zip(paths, got.data.decode("ascii", "replace").splitlines(), strict=False):
        match line.split():
            case [known, "blob", size] if known == name and size.isdigit():
                sizes[name] = min(int(size), _LARGEST)
            case _:
                raise _absent(paths[name])
    if len(sizes) != len(paths):
        raise UnreadableTreeError("git did not tell of all objects of the commit")
    if sum(size for size in sizes.values() if size <= MAX_BYTES) > MOST_BYTES:
        message = f"the files of the commit that may be manifests hold more than {MOST_BYTES:,} bytes"
        raise UnreadableTreeError(message, hint="keep dlcapply.yaml in a folder of manifests alone")
    return sizes


def _contents(checkout: Checkout, sizes: Mapping[str, int]) -> dict[str, bytes]:
    """The bytes of each object, whose sizes are known."""
    if not sizes:
        return {}
    heads = {name: f"{name} blob {size}\n".encode() for name, size in sizes.items()}
    most = sum(sizes.values()) + sum(map(len, heads.values())) + len(heads) + 1
    fed = "".join(f"{name}\n" for name in sizes).encode()
    got = checkout.read("cat-file", "--batch", settings=AS_COMMITTED, fed=fed, most=most)
    contents: dict[str, bytes] = {}
    at = 0
    for name, head in heads.items():
        if not got.is_good or got.data[at : at + len(head)] != head:
            raise UnreadableTreeError("git did not hand out all objects of the commit", hint="see git fsck")
        at += len(head)
        contents[name] = got.data[at : at + sizes[name]]
        at += sizes[name] + 1
    return contents


def _write(entry: Entry, folder: Path, data: bytes, size: int) -> None:
    path = folder / entry.path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if entry.is_link:
            path.symlink_to(os.fsdecode(data if size <= _LONGEST_LINK else b""))
        else:
            write_new(path, data, size=size)
    except (OSError, ValueError) as error:
        raise _odd(entry, "it can't be laid out beside the others") from error


def _pointers(entries: Iterable[Entry], contents: Mapping[str, bytes]) -> Iterator[str]:
    for entry in entries:
        data = contents.get(entry.id, b"")
        if not entry.is_link and len(data) < _LONGEST_POINTER and data.startswith(_POINTER):
            yield entry.path


def _by_id(entries: Iterable[Entry]) -> dict[str, str]:
    """A path for each object, in the order in which git is asked."""
    paths: dict[str, str] = defaultdict(str)
    for entry in entries:
        paths.setdefault(entry.id, entry.path)
    return paths


def _odd(entry: Entry, why: str) -> UnreadableTreeError:
    return UnreadableTreeError(f"{entry.path!r} in the commit can't be read: {why}")


def _absent(path: str) -> UnreadableTreeError:
    message = f"the content of {path} is not in this clone, and nothing is fetched for it"
    hint = "fetch it first (git show COMMIT:PATH does), or clone without --filter"
    return UnreadableTreeError(message, hint=hint)


def _unread(checkout: Checkout, got: Data, paths: Mapping[str, str] | tuple[()]) -> UnreadableTreeError:
    """The error for what git did not answer; a git before 2.45 ends at the first object that is not here."""
    lost = [path for name, path in dict(paths).items() if name in got.said]
    if lost or "promisor" in got.said:
        return _absent(lost[0] if lost else "the commit's tree")
    why, mend = reason_of(checkout, got.code, got.said)
    return UnreadableTreeError(f"the repository {checkout.root} can't be asked: {why}", hint=mend)
