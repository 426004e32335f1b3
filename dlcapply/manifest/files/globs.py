"""Globs as shells know them, all matched at once, name by name, while folders are walked.

`pathlib` would walk the folders once for each glob, and knows no bounds.

`*`, `?` and `[…]` stand for what is in one name, `**` for any number of folders. What begins with a dot is
matched only by what begins with one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fnmatch import translate
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_DEEP = "**"
_GIT = ".git"
_LONGEST = 4096  # no path is longer
_MOST_PARTS = 128


class GlobError(ValueError):
    """The text is not a glob that can be followed; `hint` says what to write."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(eq=False, slots=True)
class Fork:
    """Where globs stand after some names of a path: what may come next, and which of them end here."""

    names: dict[str, Fork] = field(default_factory=dict)
    wild: dict[str, tuple[Callable[[str], object], Fork]] = field(default_factory=dict)
    deep: Fork | None = None
    is_deep: bool = False
    ends: set[int] = field(default_factory=set)

    @property
    def goes_on(self) -> bool:
        return bool(self.names or self.wild or self.is_deep)


Forks = frozenset[Fork]


def parts_of(glob: str) -> tuple[str, ...]:
    """The glob name by name; raises GlobError where it leads out of its folder, or can't be followed."""
    parts = PurePosixPath(glob).parts
    if glob.startswith("/") or ".." in parts:
        raise GlobError(f"the glob {glob!r} leaves the project")
    if _GIT in parts:
        raise GlobError(f"the glob {glob!r} leads to what git keeps for itself")
    if len(glob) > _LONGEST or len(parts) > _MOST_PARTS or "\0" in glob:
        raise GlobError("no path can match this glob")
    for part in parts:
        if _DEEP in part and part != _DEEP:
            plain = re.sub(r"\*\*+", "*", part)
            raise GlobError(f"in {part!r}, ** is not a folder's name of its own", f"write **/{plain}")
    return _shortened(parts)


def _shortened(parts: Iterable[str]) -> tuple[str, ...]:
    """The parts with one `**` in place of several in a row; after one at the end, any file matches."""
    kept: list[str] = []
    for part in parts:
        if part != _DEEP or kept[-1:] != [_DEEP]:
            kept.append(part)
    return (*kept, "*") if kept[-1:] == [_DEEP] else tuple(kept)


def planted(globs: Iterable[tuple[int, tuple[str, ...]]]) -> Forks:
    """Where the globs, each a number and its parts, stand before the first name."""
    top = Fork()
    for number, parts in globs:
        fork = top
        for part in parts:
            fork = _grown(fork, part)
        fork.ends.add(number)
    return frozenset(_closed(top))


def _grown(fork: Fork, part: str) -> Fork:
    if part == _DEEP:
        fork.deep = fork.deep or Fork(is_deep=True)
        return fork.deep
    if not set(part) & set("*?["):
        return fork.names.setdefault(part, Fork())
    if part not in fork.wild:
        fork.wild[part] = (re.compile(translate(part)).match, Fork())
    return fork.wild[part][1]


def _closed(fork: Fork) -> Iterator[Fork]:
    yield fork
    if fork.deep is not None:  # any number of folders includes none
        yield fork.deep


def after(forks: Forks, name: str) -> Forks:
    """Where the globs stand after one more name."""
    if name == _GIT:
        return frozenset()
    is_hidden = name.startswith(".")
    found: set[Fork] = set()
    for fork in forks:
        if name in fork.names:
            found.update(_closed(fork.names[name]))
        for part, (matches, following) in fork.wild.items():
            if (not is_hidden or part.startswith(".")) and matches(name):
                found.update(_closed(following))
        if fork.is_deep and not is_hidden:
            found.add(fork)
    return frozenset(found)


def ends(forks: Forks) -> frozenset[int]:
    """The numbers of the globs that match the names so far."""
    return frozenset(number for fork in forks for number in fork.ends)


def cost(forks: Forks) -> int:
    """How many comparisons one more name takes."""
    return len(forks) + sum(len(fork.wild) for fork in forks)


def literals(forks: Forks) -> frozenset[str] | None:
    """The names that may come next, where these are all known."""
    if any(fork.wild or fork.is_deep for fork in forks):
        return None
    return frozenset(name for fork in forks for name in fork.names)
