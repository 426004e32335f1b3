"""The files of one load -> manifests checked, within bounds on what all of them take together.

Whoever opens a pull request writes these files, and somebody else's runner and time check them.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from dlcapply.disk import here, is_stream
from dlcapply.manifest.check import CheckContext, CheckedManifest, check_manifest
from dlcapply.manifest.findings import MOST_DIFFERENT, MOST_EXPLAINED, MOST_TOLD, finding, more_errors
from dlcapply.manifest.job_names import without_duplicates
from dlcapply.manifest.paths import STDIN, shown_path
from dlcapply.manifest.yaml.reader import Reading, read, read_file
from dlcapply.model.findings import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dlcapply.manifest.files.discovery import Files
    from dlcapply.manifest.load_request import LoadRequest
    from dlcapply.manifest.nodes import Node
    from dlcapply.model.findings import Finding

# Several times what the largest project needs, and as much as can be checked while somebody waits.
MOST_BYTES = 8 << 20
# Of all manifests with what they inherit, as `weight` counts: 3,500 of sixty values in a thousand characters.
# Where policies take many steps for each character, a part of it.
MOST_WEIGHT = 40 << 20
_PART_WITH_STEPS = 4
# Checking one manifest against one policy costs as much as this many characters, however small both are.
_WEIGHT_OF_JUDGING = 64


@dataclass(frozen=True, slots=True)
class Batch:
    """Every manifest that was read, and what kept files from being read; `unread` are files that are no YAML.

    `shared` are findings about names that several of the manifests have; they are among the findings too.
    """

    manifests: tuple[CheckedManifest, ...]
    findings: tuple[Finding, ...]
    files: int
    documents: int
    unread: tuple[Reading, ...] = ()
    shared: tuple[Finding, ...] = ()


def read_batch(files: Files, request: LoadRequest, context: CheckContext) -> Batch:
    """The manifests of the files as far as the bounds go; where they end, a finding says so."""
    tally = _Tally(context)
    for reading, folder in _readings(files, request):
        if end := tally.add(reading, folder):
            tally.findings.append(end)
            break
    unique, duplicates = without_duplicates(tally.manifests)
    findings = (*tally.findings, *duplicates)
    return Batch(unique, findings, tally.files, tally.documents, tuple(tally.unread), duplicates)


@dataclass(slots=True)
class _Tally:
    """The manifests so far and what they took; `context` says how much may still be said about the next."""

    context: CheckContext
    manifests: list[CheckedManifest] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    unread: list[Reading] = field(default_factory=list)
    different: set[Finding] = field(default_factory=set)
    files: int = 0
    documents: int = 0
    size: int = 0
    explained: int = 0
    told: int = 0
    weight: int = 0

    @property
    def most_weight(self) -> int:
        return MOST_WEIGHT if self.context.policies.plain else MOST_WEIGHT // _PART_WITH_STEPS

    def add(self, reading: Reading, folder: Path) -> Finding | None:
        """The file's manifests are checked; a finding where nothing more may be read."""
        self.size += reading.size
        if self.size > MOST_BYTES:
            return _too_large(reading.file)
        self.files += 1
        self.documents += len(reading.documents)
        self.findings += reading.findings
        self.unread += [reading] if reading.findings else []
        if len(self.findings) > MOST_DIFFERENT:
            return more_errors(Place(reading.file))
        for document in reading.documents if not reading.findings else ():
            self._check(document, folder)
            if self.weight > self.most_weight:
                return _too_heavy(reading.file)
        return None

    def _check(self, document: Node, folder: Path) -> None:
        manifest = check_manifest(document, folder, self.context)
        self.manifests.append(manifest)
        self.different.update(manifest.findings)
        self.explained += manifest.explained
        self.told += len(manifest.findings)
        self.weight += manifest.weight + _WEIGHT_OF_JUDGING * len(self.context.policies.each)
        explains = len(self.different) <= MOST_DIFFERENT and self.explained <= MOST_EXPLAINED
        warns = self.told <= MOST_TOLD
        if (explains, warns) != (self.context.explains, self.context.warns):
            self.context = replace(self.context, explains=explains, warns=warns)


def _readings(files: Files, request: LoadRequest) -> Iterator[tuple[Reading, Path]]:
    """Each file as read, with the folder that its parents are relative to."""
    working = here()
    if STDIN in request.paths:
        yield read(request.stdin, "<stdin>"), working
    for word in filter(is_stream, dict.fromkeys(request.paths)):
        yield read_file(Path(word), word), working
    for path in files.paths:
        shown = shown_path(path, working)
        instead = request.instead.get(shown)
        yield (read_file(path, shown) if instead is None else read(instead, shown)), path.parent


def _too_large(file: str) -> Finding:
    message = f"with this file, the manifests add up to more than {MOST_BYTES:,} bytes; the rest was not read"
    return finding("yaml-size", message, Place(file), hint="split the project, or name fewer of its files")


def _too_heavy(file: str) -> Finding:
    message = (
        "up to this file, the manifests and what they inherit are too large to check; the rest was not read"
    )
    hint = "make parents, defaults, variables and policies smaller, or name fewer files"
    return finding("yaml-size", message, Place(file), hint=hint)
