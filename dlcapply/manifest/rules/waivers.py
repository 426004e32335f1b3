"""`waivers`: the warnings and policies that one manifest is excused from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.manifest.findings import MOST_ERRORS, finding
from dlcapply.manifest.nodes import Node, Step, get, items, string
from dlcapply.manifest.rules.levels import is_changeable, is_policy
from dlcapply.manifest.rules.project_levels import unknown_rule
from dlcapply.model.findings import Finding, Level

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable


def apply_waivers(
    findings: tuple[Finding, ...], manifest: Node, policies: Collection[str], most: int = MOST_ERRORS
) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """(what stays, what the manifest waives); a waiver that is not allowed is a finding that stays.

    After `most` of those, no other waiver is looked at.
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
    if unknown := unknown_rule(rule, node, path, policies):
        return [unknown]
    is_error = not is_changeable(rule) or any(
        item.rule == rule and item.level is Level.ERROR for item in findings
    )
    if is_error and not is_policy(rule):
        message = f"{rule} is an error here, and waivers drop warnings and policies only"
        return [finding("waiver", message, node, path, hint=f"see `dlcapply explain {rule}`")]
    return []
