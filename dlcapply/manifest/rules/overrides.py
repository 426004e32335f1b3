"""What a project and a manifest say about rules: levels and waivers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dlcapply.manifest.findings import MOST_ERRORS, closest, finding
from dlcapply.manifest.nodes import Node, Step, entries, get, items, string
from dlcapply.manifest.rules.levels import is_changeable, is_policy
from dlcapply.model import Finding, Level

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
        if unknown := _unknown(rule, node, path, policies):
            findings.append(unknown)
        elif not is_changeable(rule):
            message = f"the rule {rule} is always an error"
            findings.append(finding("rule-level", message, node.key_place, path, hint="leave it out"))
        else:
            levels[rule] = _LEVELS[string(node)]
    return levels, tuple(findings)


def levelled(findings: Iterable[Finding], levels: Mapping[str, Level | None]) -> Iterator[Finding]:
    """The findings at the levels of the project, without those that it turned off."""
    for item in findings:
        level = levels.get(item.rule, item.level)
        if level is not None:
            yield item if level is item.level else replace(item, level=level)


def waived(
    findings: tuple[Finding, ...], manifest: Node, policies: Collection[str], most: int = MOST_ERRORS
) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """(what stays, what the manifest waives); a waiver that can't be is a finding that stays.

    After `most` of those, the rest is not looked for.
    """
    rules: set[str] = set()
    refused: list[Finding] = []
    for index, item in enumerate(items(get(manifest, "waivers"))):
        if len(refused) > most:
            break
        node = get(item, "rule")
        if node and (rule := string(node)):
            objection = _objection(rule, node, ("waivers", index, "rule"), policies, findings)
            refused += objection
            rules |= set() if objection else {rule}
    stays = tuple(item for item in findings if item.rule not in rules)
    return (*stays, *refused), tuple(item for item in findings if item.rule in rules)


def _objection(
    rule: str, node: Node, path: tuple[Step, ...], policies: Collection[str], findings: Iterable[Finding]
) -> list[Finding]:
    """Why the rule can't be waived here; nothing where it can."""
    if unknown := _unknown(rule, node, path, policies):
        return [unknown]
    is_error = not is_changeable(rule) or any(
        item.rule == rule and item.level is Level.ERROR for item in findings
    )
    if is_error and not is_policy(rule):
        message = f"{rule} is an error here, and waivers drop warnings and policies only"
        return [finding("waiver", message, node, path, hint=f"see `dlcapply explain {rule}`")]
    return []


def _unknown(rule: str, node: Node, path: tuple[Step, ...], policies: Collection[str]) -> Finding | None:
    from dlcapply.manifest.rules.explanations import ANY_POLICY, EXPLANATIONS

    known = {*EXPLANATIONS, *policies} - {ANY_POLICY}
    if rule in known:
        return None
    place = node.key_place if path[0] == "rules" else node.place
    match = closest(rule, known)
    hint = f"did you mean {match}?" if match else "`dlcapply explain` lists the rules"
    return finding("unknown-rule", f"there is no rule {rule}", place, path, hint=hint)
