"""One document -> the job it declares, or what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dlcapply.manifest.compose.merge import compose
from dlcapply.manifest.compose.variables import independent_of, secret_values, substituted
from dlcapply.manifest.effort import Effort
from dlcapply.manifest.findings import MOST_ERRORS, MOST_WARNINGS, bounded, finding, has_errors
from dlcapply.manifest.job import job_of
from dlcapply.manifest.nodes import Node, entries, get, holding, items, plain, size, string, weight
from dlcapply.manifest.rules.passthrough import passed_paths, with_passthrough
from dlcapply.manifest.rules.policies import Policies, violations
from dlcapply.manifest.rules.project_levels import at_project_levels
from dlcapply.manifest.rules.rule import subject_of
from dlcapply.manifest.rules.table import apply_rules
from dlcapply.manifest.rules.waivers import apply_waivers
from dlcapply.manifest.schema.integers import with_integers
from dlcapply.manifest.schema.misspellings import corrected
from dlcapply.manifest.schema.other_documents import other_document
from dlcapply.manifest.schema.shipped import JOB, schema_findings, validator
from dlcapply.model.findings import Level

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from dlcapply.manifest.compose.extends import Parents
    from dlcapply.model.findings import Finding, Place
    from dlcapply.model.jobs import Environment, Job


@dataclass(frozen=True, slots=True)
class CheckContext:
    """What every manifest of one load shares; `workspace` is where the environment writes its workspace.

    Without `explains`, one error is all that is said about a manifest, because enough was said about others.
    Without `warns`, only the number of its warnings is.
    """

    parents: Parents
    environment: Environment | None = None
    workspace: Node | None = None
    defaults: Node | None = None
    values: Mapping[str, Node | None] = field(default_factory=dict)
    policies: Policies = field(default_factory=Policies)
    levels: Mapping[str, Level | None] = field(default_factory=dict)
    explains: bool = True
    warns: bool = True
    needs_jobs: bool = True
    keeps_composed: bool = False
    effort: Effort = field(default_factory=Effort)

    @property
    def most_errors(self) -> int:
        return MOST_ERRORS if self.explains else 1

    @property
    def most_warnings(self) -> int:
        return MOST_WARNINGS if self.warns else 0


# What a manifest weighs before anything is in it.
OF_A_MANIFEST = 1_500


@dataclass(frozen=True, slots=True)
class CheckedManifest:
    """What came of one manifest; `job` is None when it has an error, `name` is empty when it has none.

    `file` is the manifest's own; a finding may be in a file that it inherits from. `waived` are the findings
    that it has a waiver for, and `findings` all others. `composed` is kept where the context says so.
    `explained` is how many values errors were looked for in, `weight` what the whole took to check. `called`
    is the name that the document itself has, also where it could not be composed.
    """

    name: str
    labels: Mapping[str, str]
    place: Place
    file: str
    job: Job | None
    findings: tuple[Finding, ...]
    waived: tuple[Finding, ...] = ()
    composed: Node | None = None
    explained: int = 0
    weight: int = OF_A_MANIFEST
    formerly: tuple[Node, ...] = ()
    called: str = ""


def check_manifest(document: Node, folder: Path, context: CheckContext) -> CheckedManifest:
    """The manifest composed and checked; `folder` is what its `extends` is relative to."""
    composed, unresolved = composed_manifest(document, folder, context)
    findings = tuple(bounded(unresolved, document.place, context.most_errors))
    called = string(get(document, "metadata", "name"))
    if composed is None:
        file = document.place.file
        return CheckedManifest("", {}, document.place, file, None, findings, called=called)
    value = plain(composed)
    certain = independent_of(findings, _complaints(composed, value, context))
    complaints = _at_levels(certain, document.place, context)
    stays, dropped = apply_waivers(complaints, composed, context.policies.rules, context.most_errors)
    findings += stays
    name = get(composed, "metadata", "name")
    is_wanted = context.needs_jobs and not has_errors(findings)
    return CheckedManifest(
        name=string(name),
        labels={key: string(node) for key, node in entries(get(composed, "metadata", "labels")).items()},
        place=name.place if name else composed.place,
        file=document.place.file,
        job=_job(value, composed.place, context) if is_wanted else None,
        findings=findings,
        waived=dropped,
        composed=composed if context.keeps_composed else None,
        explained=size(composed) if has_errors(findings) else 0,
        weight=OF_A_MANIFEST + weight(composed),
        formerly=tuple(items(get(composed, "metadata", "formerly"))),
        called=called,
    )


def _at_levels(findings: Iterable[Finding], place: Place, context: CheckContext) -> tuple[Finding, ...]:
    levelled = at_project_levels(findings, context.levels)
    return tuple(bounded(levelled, place, context.most_errors, context.most_warnings))


def _job(value: dict[str, Any], place: Place, context: CheckContext) -> Job:
    return job_of(with_integers(value), place, context.environment, secret_values(context.values))


def composed_manifest(
    document: Node, folder: Path, context: CheckContext
) -> tuple[Node | None, tuple[Finding, ...]]:
    """The manifest with its layers merged and its variables replaced; None where that can't be done."""
    if not isinstance(document.value, dict):
        return None, (finding("wrong-type", "a manifest must be a map", document),)
    if other := other_document(document):
        return None, (other,)
    parent, findings = context.parents.of(document, folder)
    if findings:
        return None, findings
    composed, removals = compose(document, context.values, parent=parent, defaults=context.defaults)
    replaced, findings = substituted(composed, context.values)
    return _in_workspace(replaced, context.workspace), (*removals, *findings)


def _in_workspace(document: Node, workspace: Node | None) -> Node:
    """The document with the environment's WorkspaceId, unless it names one itself."""
    spec = entries(document).get("spec")
    if workspace is None or spec is None or not isinstance(spec.value, dict) or "WorkspaceId" in spec.value:
        return document
    return holding(
        document, {**entries(document), "spec": holding(spec, {**spec.value, "WorkspaceId": workspace})}
    )


def _complaints(document: Node, value: dict[str, Any], context: CheckContext) -> Iterator[Finding]:
    if validator(JOB).accepts(value):
        yield from _all_findings(document, value, context)
        return
    if not context.explains:
        message = "this manifest has errors that were not looked for: others have too many"
        yield finding("too-many", message, document.place)
        return
    meant = corrected(document, JOB, passed_paths(document))
    yield from meant.findings
    yield from filter(meant.is_certain, _all_findings(meant.document, plain(meant.document), context))


def _all_findings(document: Node, value: dict[str, Any], context: CheckContext) -> Iterator[Finding]:
    """What schema, rules and policies say, each thing once."""
    ruled = tuple(apply_rules(subject_of(document, value, context.environment)))
    told = {item.path for item in ruled if item.level is Level.ERROR}
    checked = schema_findings(document, JOB, value, told=told, effort=context.effort)
    yield from with_passthrough((*checked, *ruled), document, value)
    yield from violations(context.policies, document, value, context.effort, explains=context.explains)
