"""The level of each rule, and which of them a project may change."""

from __future__ import annotations

from dlcapply.manifest.rules.table import RULES
from dlcapply.model.findings import Level

PASSTHROUGH = "passthrough"
POLICY_PREFIX = "policy:"

_WARNINGS = {rule.id for rule in RULES if rule.level is Level.WARNING} | {
    PASSTHROUGH,
    "nested-project",
    "unmatched-manifest",
    "freeze-overlap",
}
_CHANGEABLE = _WARNINGS | {rule.id for rule in RULES if rule.disputed}


def default_level(rule: str) -> Level:
    return Level.WARNING if rule in _WARNINGS else Level.ERROR


def is_changeable(rule: str) -> bool:
    """True for warnings, for policies, and for errors that PAI's documents do not settle."""
    return rule in _CHANGEABLE or is_policy(rule)


def is_policy(rule: str) -> bool:
    return rule.startswith(POLICY_PREFIX)
