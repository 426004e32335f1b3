"""Policies on the plan: JSON Schemas of the project that the document of a plan must satisfy.

They are read, compiled, bounded and worded as those on manifests are: there is one judgement.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from dlcapply.manifest.effort import Effort
from dlcapply.manifest.findings import bounded, finding
from dlcapply.manifest.nodes import Node
from dlcapply.manifest.paths import PROJECT_FILE
from dlcapply.manifest.rules.policies import (
    PLAN_POLICIES,
    Policies,
    Section,
    TooCostly,
    broken,
    read_section,
    violated,
)
from dlcapply.manifest.rules.project_levels import at_project_levels
from dlcapply.model.findings import Place
from dlcapply.one_line import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dlcapply.manifest.project import Project
    from dlcapply.manifest.rules.policies import Policy
    from dlcapply.manifest.rules.policy_objections import Objection
    from dlcapply.manifest.rules.policy_outline import Outline
    from dlcapply.model.findings import Finding, Level

Document = dict[str, Any]
_CHANGE = re.compile(r"changes\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class PlanPolicies:
    """The policies of a project on its plans, and the levels that it gives to rules."""

    policies: Policies = field(default_factory=Policies)
    levels: Mapping[str, Level | None] = field(default_factory=dict)

    @property
    def rules(self) -> set[str]:
        return self.policies.rules

    def findings(self, document: Document) -> tuple[Finding, ...]:
        """What the policies say against the document of a plan; what can't be asked says no."""
        found = at_project_levels(_against(self.policies, document), self.levels)
        try:
            return tuple(bounded(found, Place(PROJECT_FILE)))
        except RecursionError:
            message = (
                "this plan holds values that are nested too deeply for the project's policies to be asked"
            )
            return (finding("policy-file", message, Place(PROJECT_FILE)),)


def read_plan_policies(project: Project) -> tuple[Policies, tuple[Finding, ...]]:
    """The project's policies on the plan, and a finding for each that is missing or broken."""
    return read_section(project, Section(PLAN_POLICIES, project.plan_policies, objections=_objections))


def _objections(outline: Outline) -> Iterator[Objection]:
    from dlcapply.manifest.rules.plan_policy_objections import plan_objections

    return plan_objections(outline)


def _against(policies: Policies, document: Document) -> Iterator[Finding]:
    effort, placed = Effort(), None
    for policy in broken(policies, document):
        if isinstance(policy, TooCostly):
            message = f"{policy.rule} takes too many steps for this plan, and so nobody knows what it says"
            yield finding("policy-file", message, Place(policy.file), hint=policy.hint)
            continue
        placed = placed or _placed(document)
        for found in violated(policy, placed, document, effort):
            yield _told(found, policy, document)


def _told(found: Finding, policy: Policy, document: Document) -> Finding:
    """The finding with its policy's file, and with the job that it is about, if it is about one."""
    match = _CHANGE.match(found.path)
    job = f"{document['changes'][int(match[1])]['name']}: " if match else ""
    is_placed = found.place is not None and found.place.file != ""
    hint = f"the policy is {policy.file}" + (f"; {found.hint}" if found.hint else "")
    return replace(
        found,
        message=printable(f"{job}{found.message}"),
        hint=printable(hint),
        place=found.place if is_placed else Place(policy.file),
    )


def _placed(document: Document) -> Node:
    """The document as values with places: what is said of a job stands where its manifest does."""
    nowhere = Place("")
    changes = Node([_node(one, _source(one)) for one in document["changes"]], nowhere, nowhere)
    whole = {key: _node(value, nowhere) for key, value in document.items()}
    return Node({**whole, "changes": changes}, nowhere, nowhere)


def _source(change: Document) -> Place:
    source = change["source"]
    return Place(**source) if source else Place("")


def _node(value: Any, place: Place) -> Node:
    match value:
        case dict():
            return Node({key: _node(inner, place) for key, inner in value.items()}, place, place)
        case list():
            return Node([_node(inner, place) for inner in value], place, place)
    return Node(value, place, place)
