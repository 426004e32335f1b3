"""From loaded manifests to what a state declares: values with their origins, and the files they are of."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from dlcapply.disk import here, read_bytes
from dlcapply.manifest.canonical import effective
from dlcapply.manifest.compose.variables import secret_values
from dlcapply.manifest.expressions import variables_in
from dlcapply.manifest.governing import governing_files
from dlcapply.manifest.nodes import Node, children, entries, items, plain
from dlcapply.model.diffs import Origin, Role
from dlcapply.model.findings import Level
from dlcapply.one_line import printable
from dlcapply.planning.declared import Content, DeclaredJob, DeclaredState
from dlcapply.planning.keyed_lists import by_key, is_keyed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from dlcapply.manifest.canonical import Composed
    from dlcapply.manifest.load import Loaded
    from dlcapply.manifest.project import Project
    from dlcapply.model.diffs import Side
    from dlcapply.model.findings import Finding
    from dlcapply.planning.declared import Keys

_UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class FilesOf:
    """The files of one state: where they lie now, and how they are named to people.

    `top` is the folder that stands for the top of the repository, `name` the one of its commit, empty for the
    working tree.
    """

    top: Path
    working: Path
    name: str = ""

    def path(self, file: str | Path) -> str | None:
        """The path from the top of the repository; None for what is not in it."""
        path = os.path.normpath(here() / file)
        return os.path.relpath(path, self.top) if Path(path).is_relative_to(self.top) else None

    def shown(self, file: str) -> str:
        path = self.path(file) if self.name else None
        return f"{self.name}:{path}" if path else file

    def said(self, text: str) -> str:
        """A text about the files, which names them by where they lie."""
        if not self.name:
            return text
        for top in {str(self.top), printable(str(self.top))}:
            text = text.replace(f"{top}/", f"{self.name}:").replace(top, f"{self.name}:")
        return text

    def errors_in(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """The errors, about files as they are named to people."""
        return tuple(
            replace(
                one,
                message=self.said(one.message),
                hint=self.said(one.hint),
                place=replace(one.place, file=self.shown(one.place.file)) if one.place else None,
            )
            for one in findings
            if one.level is Level.ERROR
        )


def declared_by(loaded: Loaded, variable_files: Sequence[str], files: FilesOf, side: Side) -> DeclaredState:
    """Everything that the loaded manifests declare; of two with one name, the first."""
    valid = {job.name: job for job in loaded.jobs}
    jobs: dict[str, DeclaredJob] = {}
    for composed in loaded.composed:
        if composed.name:
            job = valid.get(composed.name)
            jobs.setdefault(composed.name, replace(_declared(composed, files), job=job))
    return DeclaredState(
        side=side,
        jobs=jobs,
        contents=dict(_contents(loaded, variable_files, files)),
        unread=frozenset(filter(None, map(files.path, _unread(loaded)))),
        environment=loaded.environment,
    )


def governed_by(
    project: Project | None, variable_files: Sequence[str], files: FilesOf, side: Side
) -> DeclaredState:
    """What the project says to all jobs, where it has none of those that are asked for."""
    return DeclaredState(side, contents=dict(_governing(project, variable_files, files)))


def _declared(composed: Composed, files: FilesOf) -> DeclaredJob:
    place = composed.document.place
    return DeclaredJob(
        name=composed.name,
        manifest=effective(plain(composed.document)),
        place=replace(place, file=files.path(composed.sources.file) or composed.sources.file),
        hidden=secret_values(composed.sources.variables),
        origin_of=_origins(composed, files),
    )


def _origins(composed: Composed, files: FilesOf) -> Callable[[Keys], Origin]:
    """Tells where a value was written; nothing is worked out before somebody asks."""

    @cache
    def known() -> dict[Keys, Node]:
        return dict(_nodes(composed.document))

    def origin_of(keys: Keys) -> Origin:
        node = known().get(keys)
        if node is None:
            return Origin()
        named = (files.path(file) for file in _files_in(node, composed))
        return Origin(files.said(composed.sources.of(node)), tuple(dict.fromkeys(filter(None, named))))

    return origin_of


def _nodes(document: Node) -> Iterator[tuple[Keys, Node]]:
    """Every value of the document, by the keys that a comparison knows it by."""
    for section, node in entries(document).items():
        yield (section,), node
        if section == "spec":
            yield from _below(node, (section,), "")
        elif section == "envFrom":
            yield from (((section, str(plain(one).get("name"))), one) for one in items(node) if entries(one))
        else:
            yield from _below(node, (section,), section)


def _below(node: Node, keys: Keys, path: str) -> Iterator[tuple[Keys, Node]]:
    for key, child in entries(node).items():
        yield (*keys, key), child
        yield from _below(child, (*keys, key), f"{path}.{key}".lstrip("."))
    listed = items(node)
    values = [plain(one) for one in listed]
    if listed and is_keyed(values, path):
        for key, child in zip(by_key(values, path), listed, strict=True):
            yield (*keys, key), child
            yield from _below(child, (*keys, key), f"{path}[]")


def _files_in(node: Node, composed: Composed) -> Iterator[str]:
    """The files that the value, and what is below it, was written in, and those of its variables."""
    yield node.place.file
    for name in variables_in(node.text):
        value = composed.sources.variables.get(name)
        if value is not None:
            yield value.place.file
    for child in children(node):
        yield from _files_in(child, composed)


def _contents(loaded: Loaded, variable_files: Sequence[str], files: FilesOf) -> Iterator[tuple[str, Content]]:
    """Every file that a job may be made of, by its path; of two roles, the one that reaches more."""
    for file in sorted({*loaded.looked_at, *(one.sources.file for one in loaded.composed), *_unread(loaded)}):
        yield from _content(Path(file), Role.MANIFEST, files)
    for file in sorted(loaded.inherited):
        yield from _content(Path(file), Role.BASE, files)
    yield from _governing(loaded.project, variable_files, files)


def _governing(
    project: Project | None, variable_files: Sequence[str], files: FilesOf
) -> Iterator[tuple[str, Content]]:
    for path, role, document in governing_files(project, variable_files) if project else ():
        yield from _content(path, role, files, document)


def _content(
    path: Path, role: Role, files: FilesOf, document: Node | None = None
) -> Iterator[tuple[str, Content]]:
    if (name := files.path(path)) is not None:
        yield name, Content(role, _digest(path), plain(document) if document else None)


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(read_bytes(path)).hexdigest()
    except OSError:
        return _UNREADABLE


def _unread(loaded: Loaded) -> frozenset[str]:
    """The files in which something was not composed."""
    composed = {one.sources.file for one in loaded.composed}
    wrong = {one.place.file for one in loaded.findings if one.place and one.level is Level.ERROR}
    return frozenset((loaded.looked_at - composed) | wrong)
