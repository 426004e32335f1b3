"""Manifests that declare no job because something is wrong with them: each by its name, if it has one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dlcapply.manifest.nodes import get, string
from dlcapply.model.findings import Level

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from dlcapply.manifest.check import CheckedManifest
    from dlcapply.manifest.yaml.reader import Reading
    from dlcapply.model.findings import Finding, Place


@dataclass(frozen=True, slots=True)
class BrokenManifest:
    """A manifest that can't be taken at its word: what is wrong first, and how much is in all.

    `name` is empty where it can't be read; `file` is the manifest's own, the finding may be in another.
    """

    name: str
    file: str
    finding: Finding
    errors: int

    @property
    def told(self) -> str:
        """Where something is wrong, what, and how much more."""
        place = self.finding.place
        where = f"{place.file}:{place.line}: " if place else ""
        more = f" (and {self.errors - 1} more)" if self.errors > 1 else ""
        return f"{where}{self.finding.message}{more}"


def broken_of(
    manifests: Iterable[CheckedManifest], unread: Iterable[Reading], others: Sequence[Finding]
) -> tuple[BrokenManifest, ...]:
    """The broken ones, a name once; `others` are findings about names, which no manifest has by itself."""
    found = [*_of_manifests(manifests, others), *(one for reading in unread for one in _of_file(reading))]
    known: dict[tuple[str, str], BrokenManifest] = {}
    for one in found:
        known.setdefault((one.name, "" if one.name else one.file), one)
    return tuple(sorted(known.values(), key=lambda one: (one.name, one.file)))


def _of_manifests(
    manifests: Iterable[CheckedManifest], others: Sequence[Finding]
) -> Iterator[BrokenManifest]:
    about = _by_place(others)
    for manifest in manifests:
        places = (manifest.place, *(node.place for node in manifest.formerly))
        errors = [
            *(one for one in manifest.findings if one.level is Level.ERROR),
            *(one for place in places for one in about.get(place, ())),
        ]
        if errors:
            yield BrokenManifest(manifest.called or manifest.name, manifest.file, errors[0], len(errors))


def _by_place(findings: Iterable[Finding]) -> Mapping[Place | None, list[Finding]]:
    about: dict[Place | None, list[Finding]] = {}
    for one in findings:
        if one.level is Level.ERROR:
            about.setdefault(one.place, []).append(one)
    return about


def _of_file(reading: Reading) -> Iterator[BrokenManifest]:
    """A file that is no YAML: the names in it as far as it was read."""
    errors = [one for one in reading.findings if one.level is Level.ERROR]
    file = errors[0].place.file if errors and errors[0].place else reading.file
    names = [string(get(document, "metadata", "name")) for document in reading.documents]
    for name in names or [""] if errors else []:
        yield BrokenManifest(name, file, errors[0], len(errors))
