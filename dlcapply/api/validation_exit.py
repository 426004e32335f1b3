"""Findings → an exit code, the same for the command and for what Python raises; imports nothing of plans."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.errors import ExitCode
from dlcapply.manifest.rules.levels import is_policy
from dlcapply.model.findings import Level

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dlcapply.model.findings import Finding


def findings_exit(findings: Iterable[Finding], *, fail_on: Level = Level.ERROR) -> ExitCode:
    """DENIED where only policies complain, INVALID for any other finding that counts.

    A warning counts only where `fail_on` is one.
    """
    counting = [finding for finding in findings if finding.level.fails(fail_on)]
    if not counting:
        return ExitCode.OK
    only_policies = all(is_policy(finding.rule) for finding in counting)
    return ExitCode.DENIED if only_policies else ExitCode.INVALID
