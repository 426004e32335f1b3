"""Manifests in the project that no glob matches: they declare nothing, and their runs look orphaned."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from dlcapply.disk import read_bytes
from dlcapply.manifest.files.discovery import yaml_beside
from dlcapply.manifest.findings import finding
from dlcapply.manifest.nodes import get, string
from dlcapply.manifest.paths import PROJECT_FILE, shown_path
from dlcapply.manifest.yaml.reader import read
from dlcapply.model.findings import Level, Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from dlcapply.manifest.compose.extends import Parents
    from dlcapply.manifest.nodes import Node
    from dlcapply.model.findings import Finding

_API_VERSION = "dlcapply/v1"
_MARK = _API_VERSION.encode()
# Any other YAML in a project is read once, to see that it is not a manifest.
_MOST_BYTES = 64 << 20
_MOST_PARSED = 8 << 20
_MOST_NAMED = 10
_KIND = re.compile(rb"""\bkind["']?\s*:\s*["']?Job\b""")
_HINT = f"match it with a glob of manifests in {PROJECT_FILE}, or keep it outside the project"


def unmatched_of(root: Path, known: Iterable[Path], parents: Parents) -> tuple[Finding, ...]:
    """A warning for each manifest of the project that is not a known file; the first few are named."""
    paths, is_whole = yaml_beside(root, known)
    inherited = parents.files
    places: list[Place] = []
    looked_at = parsed = 0
    for path in paths:
        if os.path.realpath(path) in inherited:
            continue
        data = _read(path)
        looked_at += len(data)
        parsed += len(data) if _MARK in data else 0
        if looked_at > _MOST_BYTES or parsed > _MOST_PARSED:
            is_whole = False
            break
        if place := _manifest_in(data, shown_path(path)):
            places.append(place)
        if len(places) > _MOST_NAMED:
            break
    return tuple(unmatched_findings(places, root, is_whole=is_whole))


def unmatched_findings(places: list[Place], root: Path, *, is_whole: bool) -> Iterator[Finding]:
    """The findings about the manifests at the places, and about a folder that was not looked through."""
    for place in places[:_MOST_NAMED]:
        yield _warning(
            "no glob of manifests matches this file of kind Job: it declares nothing", place, _HINT
        )
    if len(places) > _MOST_NAMED:
        yield _warning(
            "no glob of manifests matches this file of kind Job, and possibly others", places[-1], _HINT
        )
    if not is_whole:
        message = "the project's folder holds too much to look for manifests that no glob matches"
        hint = f"move {PROJECT_FILE} to a folder that holds little but manifests"
        yield _warning(message, Place(shown_path(root / PROJECT_FILE)), hint)


def _warning(message: str, place: Place, hint: str) -> Finding:
    return finding("unmatched-manifest", message, place, hint=hint, level=Level.WARNING)


def _read(path: Path) -> bytes:
    try:
        return read_bytes(path)
    except OSError:
        return b""


def _manifest_in(data: bytes, file: str) -> Place | None:
    """Where the first manifest of the file begins; in broken YAML, what looks like one counts."""
    if _MARK not in data:
        return None
    reading = read(data, file)
    found = (document.place for document in reading.documents if _is_manifest(document))
    looks_like_one = bool(reading.findings) and _KIND.search(data) is not None
    return next(found, Place(file) if looks_like_one else None)


def _is_manifest(document: Node) -> bool:
    """Whether it is a manifest of a job; without a name it can only be a parent."""
    return (
        isinstance(document.value, dict)
        and string(get(document, "kind")) == "Job"
        and string(get(document, "apiVersion")) == _API_VERSION
        and bool(get(document, "metadata", "name"))
    )
