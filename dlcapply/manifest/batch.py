"""The files of one load -> manifests checked, within bounds on what all of them take together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from dlcapply.disk import here, is_stream
from dlcapply.manifest.check import CheckContext, CheckedManifest, check_manifest
from dlcapply.manifest.findings import MOST_DIFFERENT, MOST_EXPLAINED, MOST_TOLD, finding, more_errors
from dlcapply.manifest.job_names import without_duplicates
from dlcapply.manifest.paths import STDIN, shown_path
from dlcapply.manifest.yaml.reader import Reading, read, read_file
from dlcapply.model import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dlcapply.manifest.files.discovery import Files
    from dlcapply.manifest.request import LoadRequest
    from dlcapply.model import Finding

# Several times what the largest project needs, and as much as can be judged while somebody waits.
MOST_BYTES = 8 << 20
# Of all manifests with what they inherit, as `weight` counts: 3,500 of sixty values in a thousand characters.
# Where policies take many steps for each character, a part of it.
MOST_WEIGHT = 40 << 20
_PART_WITH_STEPS = 4
# To ask one policy about one manifest costs as much as so many characters more, however little is in both.
_WEIGHT_OF_JUDGING = 64


@dataclass(frozen=True, slots=True)
class Batch:
    """Every manifest that was read, and what kept files from being read."""

    manifests: tuple[CheckedManifest, ...]
    findings: tuple[Finding, ...]
    files: int
    documents: int


def read_batch(files: Files, request: LoadRequest, context: CheckContext) -> Batch:
    manifests: list[CheckedManifest] = []
    findings: list[Finding] = []
    different: set[Finding] = set()
    count = documents = explained = told = size = weight = 0
    most = MOST_WEIGHT if context.policies.plain else MOST_WEIGHT // _PART_WITH_STEPS
    for reading, folder in _readings(files, request):
        size += reading.size
        if size > MOST_BYTES:
            findings.append(_too_large(reading.file))
            break
        count += 1
        documents += len(reading.documents)
        findings += reading.findings
        if len(findings) > MOST_DIFFERENT:
            findings.append(more_errors(Place(reading.file)))
            break
        for document in reading.documents if not reading.findings else ():
            manifests.append(check_manifest(document, folder, context))
            different.update(manifests[-1].findings)
            explained += manifests[-1].explained
            told += len(manifests[-1].findings)
            weight += manifests[-1].weight + _WEIGHT_OF_JUDGING * len(context.policies.each)
            if weight > most:
                break
            explains = len(different) <= MOST_DIFFERENT and explained <= MOST_EXPLAINED
            warns = told <= MOST_TOLD
            if (explains, warns) != (context.explains, context.warns):
                context = replace(context, explains=explains, warns=warns)
        if weight > most:
            findings.append(_too_heavy(reading.file))
            break
    unique, duplicates = without_duplicates(manifests)
    return Batch(unique, (*findings, *duplicates), count, documents)


def _readings(files: Files, request: LoadRequest) -> Iterator[tuple[Reading, Path]]:
    """Each file as read, with the folder that its parents are relative to."""
    working = here()
    if STDIN in request.paths:
        yield read(request.stdin, "<stdin>"), working
    for word in filter(is_stream, dict.fromkeys(request.paths)):
        yield read_file(Path(word), word), working
    for path in files.paths:
        yield read_file(path, shown_path(path, working)), path.parent


def _too_large(file: str) -> Finding:
    message = (
        f"with this file, the manifests are larger than {MOST_BYTES:,} bytes together; the rest is not read"
    )
    return finding("yaml-size", message, Place(file), hint="split the project, or name fewer of its files")


def _too_heavy(file: str) -> Finding:
    message = (
        "up to this file, the manifests with what they inherit are too large to judge; the rest is not read"
    )
    hint = "let parents, defaults, variables and policies be smaller, or name fewer files"
    return finding("yaml-size", message, Place(file), hint=hint)
