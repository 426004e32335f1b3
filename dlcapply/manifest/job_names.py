"""The names of a project's jobs, present and former: no name may mean two of them.

Files that were not requested are read for it too. Above `check.py`, which composes manifests.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dlcapply.manifest.check import composed_manifest
from dlcapply.manifest.findings import finding
from dlcapply.manifest.nodes import Node, get, items, string, weight
from dlcapply.manifest.paths import shown_path
from dlcapply.manifest.yaml.reader import read_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from dlcapply.manifest.check import CheckContext, CheckedManifest
    from dlcapply.model.findings import Finding, Place

_PATH = "metadata.formerly"


@dataclass(frozen=True, slots=True)
class JobNames:
    """One manifest's name with its place, empty where it has none, and its former names."""

    name: str
    place: Place
    formerly: tuple[Node, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        return frozenset({self.name, *map(string, self.formerly)}) - {""}


@dataclass(frozen=True, slots=True)
class OtherManifests:
    """The manifests of a project that were not requested; `unread` is a file whose names are not known."""

    named: tuple[JobNames, ...] = ()
    unread: str = ""


def names_in(composed: Node) -> JobNames:
    name = get(composed, "metadata", "name")
    place = name.place if name else composed.place
    return JobNames(string(name), place, tuple(items(get(composed, "metadata", "formerly"))))


def names_of_others(
    paths: Iterable[Path], context: CheckContext, *, most_bytes: int, most_weight: int
) -> OtherManifests:
    """The names in the files, as far as the bounds go; nothing else in them is checked."""
    named: list[JobNames] = []
    size = heavy = 0
    unread = ""
    for path in paths:
        reading = read_file(path, shown_path(path))
        size += reading.size
        unread = unread or (reading.file if reading.findings else "")
        for document in reading.documents:
            composed, _ = composed_manifest(document, path.parent, context)
            known = names_in(composed) if composed else None
            unread = unread or ("" if known and known.name else document.place.file)
            named += [known] if known else []
            heavy += weight(composed) if composed else 0
        if size > most_bytes or heavy > most_weight:
            return OtherManifests(tuple(named), unread or shown_path(path))
    return OtherManifests(tuple(named), unread)


def formerly_findings(asked: Sequence[JobNames], others: OtherManifests) -> Iterator[Finding]:
    """What is wrong with the former names of the requested manifests.

    Each run is one job's history: a former name can't be the name of any job, nor a former one of two.
    """
    mine = {named.name for named in asked}
    elsewhere = [named for named in others.named if named.name not in mine]  # a copy on stdin is the same job
    declared = {named.name: named.place for named in (*elsewhere, *asked) if named.name}
    claimed = {string(node): node.place for named in elsewhere for node in named.formerly}
    for named in asked:
        for node in filter(string, named.formerly):
            if objection := _objection(string(node), named, declared, claimed):
                yield finding("formerly", objection[0], node, _PATH, hint=objection[1])
            claimed.setdefault(string(node), node.place)
        if named.formerly and others.unread:
            message = f"it is not known whether another manifest declares these names: see {others.unread}"
            hint = "fix that file: dlcapply validate says what is wrong with it"
            yield finding("formerly", message, named.formerly[0], _PATH, hint=hint)


def _objection(
    name: str, named: JobNames, declared: dict[str, Place], claimed: dict[str, Place]
) -> tuple[str, str] | None:
    """What is against the former name, and what to do; None where nothing is."""
    if name == named.name:
        return f"{name} is the job's present name", "list the names that it had before"
    if name in declared:
        message = f"{name} is the name of the job at {declared[name]}: its runs are that job's"
        return message, "remove that manifest; or leave the name out here, and those runs to that job"
    if name in claimed:
        message = f"{name} is already a former name at {claimed[name]}: its runs are one job's history"
        return message, "keep it in the manifest that goes on with those runs"
    return None


def without_duplicates(
    manifests: list[CheckedManifest],
) -> tuple[tuple[CheckedManifest, ...], tuple[Finding, ...]]:
    """The manifests, without a job where two have the same name, and a finding that names both places."""
    by_name: dict[str, list[CheckedManifest]] = defaultdict(list)
    for manifest in manifests:
        by_name[manifest.name].append(manifest)
    shared = {name: group for name, group in by_name.items() if name and len(group) > 1}
    findings = (
        finding(
            "duplicate-name",
            f"the name {name} is already used at {group[0].place}",
            other.place,
            "metadata.name",
        )
        for name, group in shared.items()
        for other in group[1:]
    )
    kept = (replace(item, job=None) if item.name in shared else item for item in manifests)
    return tuple(kept), tuple(findings)
