"""Findings in a parent or in the project's defaults: told once, with the manifests that they reach."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from dlcapply.manifest.paths import PROJECT_FILE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dlcapply.model.findings import Finding


def with_reach(findings: Iterable[tuple[str, Finding]]) -> Iterator[Finding]:
    """Each finding once; one in another file than its manifest's says which manifests it reaches.

    The findings come with the file of their manifest.
    """
    reached: dict[Finding, list[str]] = defaultdict(list)
    for file, item in findings:
        reached[item].append(file)
    for item, files in reached.items():
        inherited = item.place is not None and item.place.file not in files
        yield replace(item, hint=_joined(item.hint, _reach(item, files))) if inherited else item


def _reach(item: Finding, files: list[str]) -> str:
    written_in_project = item.place is not None and item.place.file.rpartition("/")[2] == PROJECT_FILE
    others = f" and {len(files) - 1} more" if len(files) > 1 else ""
    return f"reaches {files[0]}{others} via {'defaults' if written_in_project else 'extends'}"


def _joined(*hints: str) -> str:
    return "; ".join(filter(None, hints))
