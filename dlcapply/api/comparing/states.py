"""The states of a repository's manifests, composed with the same options, offline.

One that is committed is laid out in a folder of its own for as long as it is read. What is said about its
files is said as git names them: `REF:path`, from the top of the repository.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from dlcapply.api.comparing.declared import FilesOf, declared_by, governed_by
from dlcapply.api.load import request_of
from dlcapply.disk import here, write_new
from dlcapply.errors import DlcapplyError, InvalidManifestsError, UsageError
from dlcapply.manifest import load as manifest
from dlcapply.manifest.paths import PROJECT_FILE, is_piped
from dlcapply.manifest.project import find_project, read_project
from dlcapply.model.diffs import Side
from dlcapply.planning.declared import DeclaredState
from dlcapply.repository.revisions import repository_of
from dlcapply.repository.snapshots import entries_of, lay_out
from dlcapply.secrecy import without_secrets

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from dlcapply.api.options import TargetOptions
    from dlcapply.manifest.load_request import LoadRequest
    from dlcapply.manifest.project import Project
    from dlcapply.repository.checkout import Checkout
    from dlcapply.repository.revisions import Revision
    from dlcapply.repository.snapshots import Entry

_TOP = "."
# Where more files lie beside the manifests, only those are read that end as these and policies do.
_MANY = 5_000
_LIKELY = (".yaml", ".yml", ".json")


@dataclass(frozen=True, slots=True)
class State:
    """What one state declares, with what is to be said beside; `error` is why nothing of it is known.

    `lacks` are the targets that are not in it, by their paths from the top; without the environment that is
    asked for, nothing is declared.
    """

    declared: DeclaredState
    notes: tuple[str, ...] = ()
    error: DlcapplyError | None = None
    lacks: frozenset[str] = frozenset()
    has_environment: bool = True


@dataclass(frozen=True, slots=True)
class Repository:
    """The repository around the working folder, and what is asked about it: paths are from its top."""

    checkout: Checkout
    request: LoadRequest
    targets: tuple[str, ...]
    working: str

    def committed(self, revision: Revision) -> State:
        """What the commit declares; where it can't be read, that is said instead."""
        with tempfile.TemporaryDirectory(prefix="dlcapply-") as folder:
            top = Path(os.path.realpath(folder))
            files = FilesOf(top, top, revision.word)
            side = Side(name=files.name, commit=revision.commit)
            try:
                notes, request = self._laid_out(revision, top)
                return self._composed(request, files, side, notes)
            except DlcapplyError as error:
                return _unknown(error, files, side)

    def present(self) -> State:
        """What the working tree declares."""
        files = FilesOf(self.checkout.root, here())
        try:
            return self._composed(self.request, files, Side(), ())
        except DlcapplyError as error:
            return _unknown(error, files, Side())

    def _laid_out(self, revision: Revision, top: Path) -> tuple[tuple[str, ...], LoadRequest]:
        """What of the commit may be manifests, or rule them, is below `top`; notes, and how to load it."""
        entries = entries_of(self.checkout, revision.commit)
        variable_files = [self._from_top(word) for word in self.request.variable_files]
        wanted = _wanted(entries, self.targets, self.working, set(filter(None, variable_files)))
        laid_out = lay_out(self.checkout, wanted, top)
        # Links that lead out of it are refused as those out of a repository.
        write_new(top / ".git", b"", size=0)
        words, notes = self._variable_files(top, variable_files, revision)
        notes += [
            f"{revision.word}:{one.path} is a submodule, at {one.id[:12]}: what is in it was not read"
            for one in laid_out.submodules
        ]
        notes += [
            f"{revision.word}:{path} is a pointer of Git LFS: what it stands for is not in the commit"
            for path in sorted(laid_out.pointers)
            if path.endswith(_LIKELY)
        ]
        request = replace(self.request, variable_files=tuple(words), working=top / self.working, top=top)
        return tuple(notes), request

    def _variable_files(
        self, top: Path, paths: Sequence[str], revision: Revision
    ) -> tuple[list[str], list[str]]:
        """The files of variables as the commit has them; one from elsewhere is the same in every state."""
        words: list[str] = []
        notes: list[str] = []
        for word, path in zip(self.request.variable_files, paths, strict=True):
            if not path:
                words.append(word)
            elif os.path.lexists(top / path):
                words.append(str(top / path))
            else:
                notes.append(f"{revision.word} has no {path}: its variables have no values from it there")
        return words, notes

    def _composed(self, request: LoadRequest, files: FilesOf, side: Side, notes: tuple[str, ...]) -> State:
        request = replace(request, needs_environment=False, keeps_composed=True, may_be_empty=True)
        project = self._project(files)
        if files.name:
            request, more = _declared_there(request, project, files)
            notes = (*notes, *more)
        there = [target for target in self.targets if os.path.lexists(files.top / target)]
        lacks = frozenset(self.targets) - set(there)
        nowhere = _without_environment(request, project, side)
        if nowhere or not there:
            declared = governed_by(project, request.variable_files, files, side)
            return State(declared, (*notes, *nowhere), lacks=lacks, has_environment=not nowhere)
        loaded = manifest.load(replace(request, paths=tuple(str(files.top / target) for target in there)))
        side = replace(
            side,
            environment=loaded.environment.name if loaded.environment else "",
            findings=files.errors_in(loaded.findings),
        )
        return State(declared_by(loaded, request.variable_files, files, side), notes, lacks=lacks)

    def _project(self, files: FilesOf) -> Project | None:
        """The project of the first target, or of what is left of the way to it."""
        target = files.top / self.targets[0]
        start = next(one for one in (target, *target.parents) if one.is_dir())
        root = find_project(start, files.top if files.name else None)
        if root and not root.is_relative_to(files.top):
            message = f"{root / PROJECT_FILE} lies outside of the repository {files.top}"
            raise DlcapplyError(message, hint="git knows no other state of it: keep it with the manifests")
        return read_project(root) if root else None

    def _from_top(self, word: str) -> str:
        """The path from the top of the repository; empty for a file that is not in it."""
        return _inside(word, self.checkout.root) or ""


def open_repository(target: TargetOptions, environ: Mapping[str, str]) -> Repository:
    """The repository that the options are about; whatever of it is selected, all of it is composed.

    Raises UsageError for paths that it does not hold, DlcapplyError where there is none, or git can't be
    asked.
    """
    piped = next(filter(is_piped, (*target.paths, *target.var_file)), "")
    if piped:
        message = f"what comes from {piped} has no state to be compared with"
        raise UsageError(message, hint="name files of the repository")
    first = Path(os.path.realpath(here() / next(iter(target.paths), _TOP)))
    checkout = repository_of(first if first.is_dir() else first.parent, environ)
    targets = tuple(_target(word, checkout.root) for word in target.paths or (_TOP,))
    request = request_of(replace(target, select=(), exclude=()), environ)
    return Repository(checkout, request, targets, _inside(_TOP, checkout.root) or _TOP)


def _target(word: str, top: Path) -> str:
    path = _inside(word, top)
    if path is None:
        raise UsageError(f"{word} lies outside of the repository {top}", hint="run it in that repository")
    name = Path(path)
    return str(name.parent) if name.name == PROJECT_FILE else path


def _inside(word: str, top: Path) -> str | None:
    """The path from the top of what the word leads to; None where that is elsewhere."""
    try:
        real = Path(os.path.realpath(here() / word))
    except (OSError, ValueError):
        return None
    return str(real.relative_to(top)) if real.is_relative_to(top) else None


def _wanted(
    entries: Sequence[Entry], targets: Iterable[str], working: str, named: Collection[str]
) -> list[Entry]:
    """The entries of the projects that hold the targets, or else below these and the working folder."""
    names = {entry.path for entry in entries}
    projects = {target: _project_above(names, target) for target in targets}
    tops = {project for project in projects.values() if project is not None}
    bare = [target for target, project in projects.items() if project is None]
    tops |= {*bare, working} if bare else set()
    below = [entry for entry in entries if any(_is_below(entry.path, top) for top in tops)]
    if len(below) > _MANY:
        below = [entry for entry in below if entry.path.lower().endswith(_LIKELY) or not entry.is_file]
    return [*below, *(entry for entry in entries if entry.path in named and entry not in below)]


def _project_above(names: Collection[str], target: str) -> str | None:
    folders = (Path(target), *Path(target).parents)
    return next((str(folder) for folder in folders if str(folder / PROJECT_FILE) in names), None)


def _is_below(path: str, top: str) -> bool:
    return top in {_TOP, path} or path.startswith(f"{top}/")


def _without_environment(request: LoadRequest, project: Project | None, side: Side) -> tuple[str, ...]:
    """A note where the project declares the asked environment only in the other state, if at all."""
    name = request.environment
    if project is None or not name or name in project.environments:
        return ()
    who = side.name or "the working tree"
    return (f"{who} has no environment {name}: nothing is declared for it there",)


def _declared_there(
    request: LoadRequest, project: Project | None, files: FilesOf
) -> tuple[LoadRequest, tuple[str, ...]]:
    """The request without values of variables that the commit does not declare yet, and notes on them."""
    declared = project.variables if project else {}
    unknown = sorted(request.variables.keys() - declared.keys())
    kept = {name: value for name, value in request.variables.items() if name in declared}
    notes = (f"{files.name} declares no variable {name}: its value was not used there" for name in unknown)
    return replace(request, variables=kept), tuple(notes)


def _unknown(error: DlcapplyError, files: FilesOf, side: Side) -> State:
    findings = files.errors_in(error.findings) if isinstance(error, InvalidManifestsError) else ()
    trouble, hint = (without_secrets(files.said(text)) for text in (error.message, error.hint))
    told = replace(side, trouble=trouble, hint=hint, findings=findings)
    return State(DeclaredState(told), error=error)
