"""What a composed manifest must satisfy beyond its schema: one row per rule, by topic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.manifest.findings import finding
from dlcapply.manifest.rules import (
    contents,
    images,
    network,
    resources,
    roles,
    secrets,
    storage,
    tags,
    utilization,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dlcapply.manifest.rules.rule import Rule, Subject
    from dlcapply.model.findings import Finding

RULES: tuple[Rule, ...] = (
    *resources.RULES,
    *roles.RULES,
    *storage.RULES,
    *network.RULES,
    *images.RULES,
    *tags.RULES,
    *contents.RULES,
    *secrets.RULES,
    *utilization.RULES,
)


def apply_rules(subject: Subject) -> Iterator[Finding]:
    """What the rules say against the subject, whatever its schema says."""
    for rule in RULES:
        for problem in rule.check(subject):
            where = problem.node.key_place if problem.at_key else problem.node.place
            yield finding(rule.id, problem.message, where, problem.path, hint=problem.hint, level=rule.level)
