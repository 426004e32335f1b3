"""The levels that a project gives to rules."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dlcapply.manifest.did_you_mean import closest
from dlcapply.manifest.findings import MOST_ERRORS, finding
from dlcapply.manifest.nodes import Node, Step, entries, get, string
from dlcapply.manifest.rules.levels import is_changeable
from dlcapply.model.findings import Finding, Level

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

Levels = dict[str, Level | None]

_LEVELS: Levels = {"error": Level.ERROR, "warning": Level.WARNING, "off": None}


def levels_of(project: Node, policies: Collection[str]) -> tuple[Levels, tuple[Finding, ...]]:
    """The level of each rule that the project's file sets, None for off; a finding for each that it can't.

    `policies` are the ids of the project's own.
    """
    levels: Levels = {}
    findings: list[Finding] = []
    for rule, node in entries(get(project, "rules")).items():
        if len(findings) > MOST_ERRORS:
            break
        path = ("rules", rule)
        if unknown := unknown_rule(rule, node, path, policies):
            findings.append(unknown)
        elif not is_changeable(rule):
            message = f"the rule {rule} is always an error"
            findings.append(finding("rule-level", message, node.key_place, path, hint="leave it out"))
        else:
            levels[rule] = _LEVELS[string(node)]
    return levels, tuple(findings)


def at_project_levels(findings: Iterable[Finding], levels: Mapping[str, Level | None]) -> Iterator[Finding]:
    """The findings at the levels of the project, without those that it turned off."""
    for item in findings:
        level = levels.get(item.rule, item.level)
        if level is not None:
            yield item if level is item.level else replace(item, level=level)


def unknown_rule(rule: str, node: Node, path: tuple[Step, ...], policies: Collection[str]) -> Finding | None:
    from dlcapply.manifest.rules.explanations import ANY_POLICY, EXPLANATIONS

    known = {*EXPLANATIONS, *policies} - {ANY_POLICY}
    if rule in known:
        return None
    place = node.key_place if path[0] == "rules" else node.place
    match = closest(rule, known)
    hint = f"did you mean {match}?" if match else "`dlcapply explain` lists the rules"
    return finding("unknown-rule", f"there is no rule {rule}", place, path, hint=hint)
