"""`dlcapply.yaml`: found, checked, and the environment it declares."""

from __future__ import annotations

import os
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from dlcapply.errors import InvalidManifestsError
from dlcapply.manifest.compose.extends import weight_findings
from dlcapply.manifest.compose.variables import Declaration, declarations, objections
from dlcapply.manifest.did_you_mean import did_you_mean
from dlcapply.manifest.findings import bounded, finding, has_errors, in_order
from dlcapply.manifest.freezes import bad_windows, overlapping_windows
from dlcapply.manifest.nodes import Node, Step, entries, get, items, plain, string
from dlcapply.manifest.paths import PROJECT_FILE
from dlcapply.manifest.schema.misspellings import corrected
from dlcapply.manifest.schema.shipped import PROJECT, schema_findings
from dlcapply.manifest.timezones import zone_of
from dlcapply.manifest.yaml.reader import read_own

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from dlcapply.model.findings import Finding


@dataclass(frozen=True, slots=True)
class Project:
    """A project file without errors; `root` is its folder."""

    root: Path
    document: Node
    variables: Mapping[str, Declaration]

    @property
    def name(self) -> str:
        return string(get(self.document, "metadata", "name"))

    @property
    def origin(self) -> str:
        """The origin that the project declares; empty where git has to know it."""
        declared = get(self.document, "metadata", "origin")
        return _origin(declared) if declared else ""

    @property
    def former_origins(self) -> tuple[str, ...]:
        declared = items(get(self.document, "metadata", "formerOrigins"))
        return tuple(map(_origin, declared))

    @property
    def tells_provenance(self) -> bool:
        return string(get(self.document, "provenance")) != "off"

    @property
    def globs(self) -> list[Node]:
        return items(get(self.document, "manifests"))

    @property
    def policies(self) -> list[Node]:
        return items(get(self.document, "policies"))

    @property
    def plan_policies(self) -> list[Node]:
        return items(get(self.document, "planPolicies"))

    @property
    def defaults(self) -> Node | None:
        return get(self.document, "defaults")

    @property
    def default_environment(self) -> str:
        return string(get(self.document, "defaultEnvironment"))

    def written(self, key: str) -> Iterator[tuple[tuple[Step, ...], Node]]:
        """What the project and its environments write under the key, each with its path."""
        holders: list[tuple[tuple[Step, ...], Node]] = [((), self.document)]
        holders += [(("environments", name), node) for name, node in self.environments.items()]
        for path, holder in holders:
            if (node := get(holder, key)) is not None:
                yield (*path, key), node

    @property
    def environments(self) -> dict[str, Node]:
        return entries(get(self.document, "environments"))


def find_project(start: Path, top: Path | None = None) -> Path | None:
    """The nearest folder at or above `start` that holds a project file, or anything of that name.

    Above `top` nobody looks.
    """
    folders = [one for one in (start, *start.parents) if top is None or one.is_relative_to(top)]
    return next((folder for folder in folders if os.path.lexists(folder / PROJECT_FILE)), None)


def read_project(root: Path) -> Project:
    """The project of the folder; InvalidManifestsError where its file has an error."""
    path = root / PROJECT_FILE
    document, findings = read_own(path, root)
    if document is None:
        raise InvalidManifestsError(in_order(findings))
    meant = corrected(document, PROJECT)
    complaints = filter(meant.is_certain, schema_findings(meant.document, PROJECT, plain(meant.document)))
    findings = tuple(bounded(chain(meant.findings, complaints), document.place))
    if not has_errors(findings):
        project = Project(root, document, declarations(get(document, "variables")))
        origins = _bad_origins(document)
        bad = chain(
            _bad_default(project),
            origins,
            _heavy_defaults(project),
            _bad_variables(project),
            _bad_times(project),
        )
        findings = tuple(bounded(bad, document.place))
    if has_errors(findings):
        raise InvalidManifestsError(in_order(findings))
    return project


def _bad_default(project: Project) -> Iterator[Finding]:
    name = project.default_environment
    if name and name not in project.environments:
        node = entries(project.document)["defaultEnvironment"]
        hint = did_you_mean(name, project.environments)
        yield finding(
            "unknown-environment", f"there is no environment {name}", node, "defaultEnvironment", hint=hint
        )


def _origin(node: Node) -> str:
    from dlcapply.repository.addresses import declared_origin

    return declared_origin(string(node))


def _bad_origins(document: Node) -> Iterator[Finding]:
    """The value may be an address with a password in it, and is not repeated."""
    declared = get(document, "metadata", "origin")
    former = items(get(document, "metadata", "formerOrigins"))
    written: list[tuple[tuple[Step, ...], Node]] = [
        *([(("metadata", "origin"), declared)] if declared else []),
        *((("metadata", "formerOrigins", place), node) for place, node in enumerate(former)),
    ]
    for path, node in written:
        try:
            _origin(node)
        except ValueError:
            message = "this is not the address of a repository elsewhere"
            hint = "write host/path, as in github.com/vision/jobs"
            yield finding("pattern", message, node, path, hint=hint)


def _bad_times(project: Project) -> Iterator[Finding]:
    for path, node in project.written("freeze"):
        yield from bad_windows(node, path)
    for path, node in project.written("timezone"):
        try:
            zone_of(string(node))
        except ValueError:
            message = f"the time zone {string(node)} is not known here"
            hint = (
                "write an IANA name such as Asia/Shanghai; where a machine knows none of them,"
                " install the package tzdata there"
            )
            yield finding("timezone", message, node, path, hint=hint)


def overlaps(project: Project) -> Iterator[Finding]:
    """A warning for each freeze that overlaps another one of its list."""
    for path, node in project.written("freeze"):
        yield from overlapping_windows(node, path)


def _heavy_defaults(project: Project) -> tuple[Finding, ...]:
    return weight_findings(project.defaults, "defaults") if project.defaults else ()


def _bad_variables(project: Project) -> Iterator[Finding]:
    for name, declaration in project.variables.items():
        if declaration.default is not None:
            yield from objections({name: declaration.default}, project.variables, ("variables",))
    for name, environment in project.environments.items():
        values = entries(get(environment, "variables"))
        yield from objections(values, project.variables, ("environments", name, "variables"))
