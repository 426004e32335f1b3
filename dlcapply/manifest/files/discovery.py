"""Paths and globs -> the files to read: each real file once, with findings for what was not looked into."""

from __future__ import annotations

import os
import stat
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING

from dlcapply.disk import escaping_link, is_gits, reason
from dlcapply.errors import UsageError
from dlcapply.manifest.files.globs import Forks, GlobError, after, cost, ends, literals, parts_of, planted
from dlcapply.manifest.findings import finding
from dlcapply.manifest.nodes import string
from dlcapply.manifest.paths import CLAIMS_FILE, PROJECT_FILE, outside_finding, shown_path
from dlcapply.model.findings import Level, Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dlcapply.manifest.nodes import Node
    from dlcapply.model.findings import Finding

_NO_MANIFESTS = {PROJECT_FILE, CLAIMS_FILE}
_ANY_YAML = ("**/*.[yY][aA][mM][lL]", "**/*.[yY][mM][lL]")


@dataclass(frozen=True, slots=True)
class Bounds:
    """How far one search goes: more than any repository of manifests needs, in the time that people wait."""

    globs: int = 10_000
    names: int = 200_000
    comparisons: int = 4_000_000


_BOUNDS = Bounds()
_LINK_COST = 16
_MOST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Files:
    """The files to read, sorted; `everything` when no manifest of the project is left out.

    `others` are the project's files that were not asked for, sorted. `missed` are folders on the way of a
    glob that belong to another project.
    """

    paths: tuple[Path, ...] = ()
    findings: tuple[Finding, ...] = ()
    everything: bool = False
    missed: tuple[Path, ...] = ()
    others: tuple[Path, ...] = ()


def project_files(root: Path, globs: Sequence[Node], targets: Iterable[Path]) -> Files:
    """The manifests of the project at or below the targets, and the targets that are files themselves."""
    search = _search(root, globs, "manifests")
    known = set(search.files())
    asked = {target: path for target in targets if (path := search.own(target)) is not None}
    folders = {path for path in asked.values() if path.is_dir()}
    paths = {path for path in known if not folders.isdisjoint(path.parents)}
    paths |= set(asked.values()) - folders
    if root not in folders:
        for target, path in asked.items():  # what a link in a folder leads to is in it too
            paths |= search.files(target).keys() if path in folders else set()
    everything = bool(known) and known <= paths and not search.missed
    return Files(
        tuple(sorted(paths)),
        tuple(search.findings),
        everything,
        tuple(sorted(set(search.missed))),
        tuple(sorted(known - paths)),
    )


def yaml_beside(
    root: Path, known: Iterable[Path], *, bounds: Bounds = _BOUNDS
) -> tuple[tuple[Path, ...], bool]:
    """The project's YAML files, and those that end as a known one does, that are not known, sorted.

    And whether all folders were looked into. Hidden files, other projects and what lies outside are passed
    over in silence.
    """
    paths = set(known)
    endings = sorted({path.suffix for path in paths if path.suffix.lower() not in {"", ".yaml", ".yml"}})
    globs = (*_ANY_YAML, *(f"**/*{escape(ending)}" for ending in endings))
    search = _Search(root, planted(enumerate(map(parts_of, globs))), [], bounds)
    found = search.files()
    return tuple(sorted(found.keys() - paths)), not search.is_spent


def bare_files(targets: Iterable[Path]) -> Files:
    """Every YAML file below the targets, which belong to no project."""
    findings: list[Finding] = []
    paths: dict[str, Path] = {}
    for target in targets:
        found = _yaml_below(target, findings) if target.is_dir() else _named(target, findings)
        for path in found:
            paths.setdefault(os.path.realpath(path), path)
    return Files(tuple(sorted(paths.values())), tuple(findings))


def _named(path: Path, findings: list[Finding]) -> list[Path]:
    if escaping_link(path) is None:
        return [path]
    findings.append(outside_finding(path))
    return []


def _yaml_below(folder: Path, findings: list[Finding]) -> list[Path]:
    search = _Search(folder, planted(enumerate(map(parts_of, _ANY_YAML))), findings)
    files = list(search.files())
    if search.missed:
        raise UsageError(
            f"{shown_path(folder)} holds the project {shown_path(search.missed[0])}, and maybe others",
            hint="name the project's own folder",
        )
    return files


def matching_files(
    root: Path, globs: Sequence[Node], section: str, findings: list[Finding], *, bounds: Bounds = _BOUNDS
) -> tuple[list[Path], ...]:
    """The files of the project that match each glob of the section; what hinders is a finding."""
    search = _search(root, globs, section, bounds)
    by_glob: tuple[list[Path], ...] = tuple([] for _ in globs)
    for path, numbers in sorted(search.files().items()):
        for number in numbers:
            by_glob[number].append(path)
    findings += search.findings
    return by_glob


def _search(root: Path, globs: Sequence[Node], section: str, bounds: Bounds = _BOUNDS) -> _Search:
    findings: list[Finding] = []
    good: list[tuple[int, tuple[str, ...]]] = []
    for number, glob in enumerate(globs[: bounds.globs]):
        text = str(glob.value)
        try:
            good.append((number, parts_of(text)))
            if os.path.isdir(root / text):  # noqa: PTH112 - pathlib raises for odd names
                raise GlobError(f"{text} is a folder", f"write {text.rstrip('/')}/**/*.yaml")  # noqa: TRY301
        except GlobError as error:
            findings.append(finding("glob", str(error), glob, (section, number), hint=error.hint))
    if len(globs) > bounds.globs:
        message = f"there are more than {bounds.globs:,} globs"
        findings.append(finding("glob", message, globs[bounds.globs], (section, bounds.globs)))
    return _Search(root, planted(good), findings, bounds, globs[0] if globs else None)


@dataclass(slots=True)
class _Search:
    """One look through the folders of a root that globs lead to, no further than its bounds.

    Paths are those of the real files, below the root as it was named: a link is another way to one of them.
    `missed` are the folders that were not looked into because another project begins there.
    """

    root: Path
    forks: Forks
    findings: list[Finding]
    bounds: Bounds = _BOUNDS
    glob: Node | None = None
    missed: list[Path] = field(default_factory=list)
    top: str = ""
    names: int = 0
    comparisons: int = 0

    def files(self, below: Path | None = None) -> dict[Path, set[int]]:
        """The files that globs lead to, on ways through `below`, each with the numbers of those globs."""
        found: dict[Path, set[int]] = defaultdict(set)
        waiting = [self._start(below or self.root)]
        seen: set[tuple[str, Forks]] = set()
        self.names = self.comparisons = 0
        while waiting and not self.is_spent:
            folder, forks = waiting.pop()
            if (folder, forks) in seen or not self._is_ours(folder):
                continue
            seen.add((folder, forks))
            for path, following, is_folder in self._entries(folder, forks):
                if not is_folder:
                    found[Path(path)] |= ends(following)
                elif any(fork.goes_on for fork in following):
                    waiting.append((path, following))
        if self.is_spent:
            self._report_bounds()
        return dict(found)

    def own(self, path: Path) -> Path | None:
        """The path below the root of what the path leads to; None, with a finding, where it leads out."""
        if path == self.root:
            return path
        self.top = self.top or os.path.realpath(self.root)
        real = Path(os.path.realpath(path))
        if not real.is_relative_to(self.top) or is_gits(real.relative_to(self.top)):
            self.findings.append(outside_finding(path))
            return None
        return self.root / real.relative_to(self.top)

    def _start(self, below: Path) -> tuple[str, Forks]:
        forks = self.forks
        for name in below.relative_to(self.root).parts:
            forks = after(forks, name)
        return str(self.own(below) or self.root), forks

    def _is_ours(self, folder: str) -> bool:
        """False, with a warning, for a folder in which another project begins."""
        if folder == str(self.root) or not os.path.lexists(f"{folder}/{PROJECT_FILE}"):
            return True
        self.missed.append(Path(folder))
        message = "another project begins here: what is below belongs to it, and not to the project above"
        hint = "name globs that do not lead here; until then nothing is pruned"
        place = Place(shown_path(Path(folder, PROJECT_FILE)))
        self.findings.append(finding("nested-project", message, place, hint=hint, level=Level.WARNING))
        return False

    def _entries(self, folder: str, forks: Forks) -> Iterator[tuple[str, Forks, bool]]:
        """What is in the folder and on the way of a glob; where globs stand then; if it is a folder."""
        for name, is_link, is_folder in self._listed(folder, forks):
            self.names += 1
            following = after(forks, name)
            self.comparisons += cost(forks) + len(ends(following))
            if self.is_spent:
                return
            if following and name not in _NO_MANIFESTS:
                path = f"{folder}/{name}"
                if is_link:
                    yield from self._followed(path, following)
                elif is_folder or ends(following):
                    yield path, following, is_folder

    def _listed(self, folder: str, forks: Forks) -> Iterator[tuple[str, bool, bool]]:
        """The names in the folder that globs may be about: whether each is a link, or a folder."""
        names = literals(forks)
        try:
            if names is None:
                with os.scandir(folder) as entries:
                    for entry in entries:
                        yield entry.name, entry.is_symlink(), entry.is_dir(follow_symlinks=False)
                return
            for name in sorted(names):
                with suppress(FileNotFoundError):
                    mode = os.lstat(f"{folder}/{name}").st_mode
                    yield name, stat.S_ISLNK(mode), stat.S_ISDIR(mode)
        except OSError as error:
            message = f"the folder can't be read: {reason(error).lower()}"
            place = Place(shown_path(Path(error.filename or folder)))
            self.findings.append(finding("unreadable-file", message, place))

    def _followed(self, link: str, following: Forks) -> Iterator[tuple[str, Forks, bool]]:
        """What the link leads to, if it is in the project and may be, or hold, what the globs are about."""
        try:
            # To follow it takes a step for each name of its target, and several look-ups.
            self.names += _LINK_COST + len(os.readlink(link))  # noqa: PTH115
            is_folder = stat.S_ISDIR(Path(link).stat().st_mode)
        except OSError as error:
            message = f"this link leads nowhere: {reason(error).lower()}"
            hint = "fix the link or remove it: manifests may have been behind it"
            self.findings.append(
                finding("unreadable-file", message, Place(shown_path(Path(link))), hint=hint)
            )
            return
        goes_on = any(fork.goes_on for fork in following)
        if (goes_on if is_folder else ends(following)) and (own := self.own(Path(link))):
            between = [one for one in reversed(own.parents) if one.is_relative_to(self.root)]
            if all(self._is_ours(str(one)) for one in between):
                yield str(own), following, is_folder

    @property
    def is_spent(self) -> bool:
        return self.names > self.bounds.names or self.comparisons > self.bounds.comparisons

    def _report_bounds(self) -> None:
        message = f"the globs lead through too many files: {self.names:,} names were compared"
        hint = "name folders that hold little but manifests, in fewer globs"
        place = self.glob or Place(shown_path(self.root))
        self.findings.append(finding("glob", message, place, hint=hint))


def listed_globs(globs: Sequence[Node]) -> str:
    """The first few of the globs, as a message names them."""
    more = ["…"] if len(globs) > _MOST_SHOWN else []
    return ", ".join([string(glob) for glob in globs[:_MOST_SHOWN]] + more)
