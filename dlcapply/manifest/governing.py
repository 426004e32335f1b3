"""The files of a project that govern all of its jobs, and what they say, valid or not."""

from __future__ import annotations

import os
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from dlcapply.disk import escaping_link
from dlcapply.manifest.files.discovery import matching_files
from dlcapply.manifest.nodes import string
from dlcapply.manifest.paths import CLAIMS_FILE, PROJECT_FILE, shown_path
from dlcapply.manifest.yaml.reader import read_own, read_single
from dlcapply.model.diffs import Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dlcapply.manifest.nodes import Node
    from dlcapply.manifest.project import Project


class Governing(NamedTuple):
    """One file that governs all jobs; `document` is None where it can't be read."""

    path: Path
    role: Role
    document: Node | None


def governing_files(project: Project, variable_files: Iterable[str]) -> Iterator[Governing]:
    """The project's file first, its policies, the files of variables and of prices, and its claims."""
    yield Governing(project.root / PROJECT_FILE, Role.PROJECT, project.document)
    sections = (("policies", project.policies), ("planPolicies", project.plan_policies))
    found = (matching_files(project.root, globs, section, []) for section, globs in sections)
    for path in sorted(set(chain.from_iterable(chain.from_iterable(found)))):
        yield Governing(path, Role.POLICY, read_single(path, shown_path(path))[0])
    for word in variable_files:
        if escaping_link(word) is None:
            yield Governing(Path(word), Role.VARIABLES, read_single(Path(word), word)[0])
    for path in sorted({project.root / string(node) for _, node in project.written("prices")}):
        if os.path.lexists(path):
            yield Governing(path, Role.PRICES, read_own(path, project.root)[0])
    claims = project.root / CLAIMS_FILE
    if os.path.lexists(claims):
        yield Governing(claims, Role.CLAIMS, read_own(claims, project.root)[0])
