"""One document -> the job it declares, or what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from dlcapply.manifest.body import job_of
from dlcapply.manifest.composing import compose
from dlcapply.manifest.findings import finding, has_errors
from dlcapply.manifest.nodes import Node, entries, get, holding, items, string, without_indices
from dlcapply.manifest.policies import Policy, violations
from dlcapply.manifest.rules import Subject, apply_rules
from dlcapply.manifest.schemas import JOB, check
from dlcapply.manifest.variables import substituted
from dlcapply.model import Environment, Job, Level, Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from dlcapply.manifest.parents import Parents
    from dlcapply.model import Finding


@dataclass(frozen=True, slots=True)
class Context:
    """What every manifest of one load shares; `workspace` is where the environment writes its workspace."""

    parents: Parents
    environment: Environment | None = None
    workspace: Node | None = None
    defaults: Node | None = None
    values: Mapping[str, Node | None] = field(default_factory=dict)
    policies: tuple[Policy, ...] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of one manifest; `job` is None when it has an error, `name` is empty when it has none."""

    name: str
    labels: Mapping[str, str]
    place: Place
    job: Job | None
    findings: tuple[Finding, ...]


def check_manifest(document: Node, folder: Path, context: Context) -> Checked:
    """The manifest composed and checked; `folder` is what its `extends` is relative to."""
    composed, findings = composed_manifest(document, folder, context)
    if composed is None:
        return Checked("", {}, document.place, None, findings)
    doubtful = {(item.path, item.place) for item in findings}
    findings += tuple(
        item for item in _complaints(composed, context) if (item.path, item.place) not in doubtful
    )
    name = get(composed, "metadata", "name")
    return Checked(
        name=string(name),
        labels={key: string(node) for key, node in entries(get(composed, "metadata", "labels")).items()},
        place=name.place if name else composed.place,
        job=None if has_errors(findings) else job_of(composed, context.environment),
        findings=findings,
    )


def composed_manifest(
    document: Node, folder: Path, context: Context
) -> tuple[Node | None, tuple[Finding, ...]]:
    """The manifest with its layers merged and its variables replaced; None where there are none."""
    if not isinstance(document.value, dict):
        return None, (finding("wrong-type", "a manifest must be a map", document),)
    parent, findings = context.parents.of(document, folder)
    if findings:
        return None, findings
    composed = compose(document, parent=parent, defaults=context.defaults)
    replaced, findings = substituted(composed, context.values)
    return _in_workspace(replaced, context.workspace), findings


def _in_workspace(document: Node, workspace: Node | None) -> Node:
    """The document with the environment's WorkspaceId, unless it names one itself."""
    spec = entries(document).get("spec")
    if workspace is None or spec is None or not isinstance(spec.value, dict) or "WorkspaceId" in spec.value:
        return document
    return holding(
        document, {**entries(document), "spec": holding(spec, {**spec.value, "WorkspaceId": workspace})}
    )


def _complaints(document: Node, context: Context) -> Iterator[Finding]:
    allowed = {string(item).replace("[]", "") for item in items(get(document, "passthrough"))}
    for item in check(document, JOB):
        yield _passed_through(item, allowed)
    yield from apply_rules(Subject(document, context.environment))
    for policy in context.policies:
        yield from violations(policy, document)


def _passed_through(item: Finding, allowed: Iterable[str]) -> Finding:
    path = without_indices(item.path)
    if (
        item.rule != "unknown-key"
        or not path.startswith("spec.")
        or path.removeprefix("spec.") not in allowed
    ):
        return item
    message = f"{path} is not known to the schema and is sent as written"
    return replace(item, rule="passthrough", level=Level.WARNING, message=message, hint="")
