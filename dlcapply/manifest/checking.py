"""One document -> the job it declares, or what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dlcapply.manifest.adjusting import levelled, waived
from dlcapply.manifest.body import job_of
from dlcapply.manifest.composing import compose
from dlcapply.manifest.findings import finding, has_errors
from dlcapply.manifest.nodes import Node, entries, get, holding, plain, string
from dlcapply.manifest.passing import needless, passed_through
from dlcapply.manifest.policies import Policy, violations
from dlcapply.manifest.rules import apply_rules
from dlcapply.manifest.rules.subject import subject_of
from dlcapply.manifest.schemas import JOB, check
from dlcapply.manifest.variables import secret_values, substituted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from dlcapply.manifest.parents import Parents
    from dlcapply.model import Environment, Finding, Job, Level, Place


@dataclass(frozen=True, slots=True)
class Context:
    """What every manifest of one load shares; `workspace` is where the environment writes its workspace."""

    parents: Parents
    environment: Environment | None = None
    workspace: Node | None = None
    defaults: Node | None = None
    values: Mapping[str, Node | None] = field(default_factory=dict)
    policies: tuple[Policy, ...] = ()
    levels: Mapping[str, Level | None] = field(default_factory=dict)
    needs_jobs: bool = True
    keeps_composed: bool = False


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of one manifest; `job` is None when it has an error, `name` is empty when it has none.

    `file` is the manifest's own, which is not where every finding was written; `waived` are no findings.
    `composed` is kept where the context says so.
    """

    name: str
    labels: Mapping[str, str]
    place: Place
    file: str
    job: Job | None
    findings: tuple[Finding, ...]
    waived: tuple[Finding, ...] = ()
    composed: Node | None = None


def check_manifest(document: Node, folder: Path, context: Context) -> Checked:
    """The manifest composed and checked; `folder` is what its `extends` is relative to."""
    composed, findings = composed_manifest(document, folder, context)
    if composed is None:
        return Checked("", {}, document.place, document.place.file, None, findings)
    value = plain(composed)
    doubtful = {(item.path, item.place) for item in findings}
    complaints = tuple(
        item
        for item in levelled(_complaints(composed, value, context), context.levels)
        if (item.path, item.place) not in doubtful
    )
    stays, dropped = waived(complaints, composed, {policy.rule for policy in context.policies})
    findings += stays
    name = get(composed, "metadata", "name")
    unusable = has_errors(findings) or not context.needs_jobs
    return Checked(
        name=string(name),
        labels={key: string(node) for key, node in entries(get(composed, "metadata", "labels")).items()},
        place=name.place if name else composed.place,
        file=document.place.file,
        job=None
        if unusable
        else job_of(value, composed.place, context.environment, secret_values(context.values)),
        findings=findings,
        waived=dropped,
        composed=composed if context.keeps_composed else None,
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


def _complaints(document: Node, value: dict[str, Any], context: Context) -> Iterator[Finding]:
    yield from passed_through(check(document, JOB, value), document)
    yield from needless(document)
    yield from apply_rules(subject_of(document, value, context.environment))
    for policy in context.policies:
        yield from violations(policy, document, value)
