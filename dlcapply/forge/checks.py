"""The check run of a plan on the commit under review: what is required of it, and ties approvals to it."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING

from dlcapply.model.plans import Action
from dlcapply.planning.visibility import is_denied

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dlcapply.forge.service import Checking
    from dlcapply.forge.values import CheckRun, NewCheck
    from dlcapply.model.plans import Plan

# https://docs.github.com/rest/checks/runs
LONGEST_TITLE = 255
LONGEST_SUMMARY = (
    65_535  # bytes, though documented as characters: https://github.com/github/docs/issues/35252
)
# The app that a workflow's token belongs to.
WORKFLOWS_APP = "github-actions"

_RUN = re.compile(r"<!-- dlcapply-run ([0-9]{1,18})\.([0-9]{1,18}) -->")


class Conclusion(StrEnum):
    SUCCESS = "success"
    NEUTRAL = "neutral"
    FAILURE = "failure"


_WORST_FIRST = (Conclusion.FAILURE, Conclusion.NEUTRAL, Conclusion.SUCCESS)
# Those of a check from which an approval may be taken.
APPROVING = frozenset({Conclusion.SUCCESS, Conclusion.NEUTRAL})


def check_name(owner: str) -> str:
    return f"dlcapply {owner}"


def external_id(plan_hash: str) -> str:
    """How a check says which saved plan it is of; without a plan, it is of none."""
    return f"dlcapply-plan:{plan_hash}"


def conclusion_of(plan: Plan, *, blocked: Conclusion, waiting: Conclusion) -> Conclusion:
    """Red for what forbids the plan; what a person has to look at as was asked for; otherwise green."""
    if is_denied(plan):
        return Conclusion.FAILURE
    actions = {change.action for change in plan.changes}
    asked = ((Action.BLOCKED, blocked), (Action.WAITING, waiting))
    return min(
        (conclusion for action, conclusion in asked if action in actions),
        key=_WORST_FIRST.index,
        default=Conclusion.SUCCESS,
    )


def run_line(run: tuple[int, int], link: str) -> str:
    """The text of a check: which run has made it, for people and for later runs."""
    number, attempt = run
    told = f"[Run {number}, attempt {attempt}]({link})" if link else f"Run {number}, attempt {attempt}"
    return f"<!-- dlcapply-run {number}.{attempt} -->\n{told}"


def write_check(forge: Checking, check: NewCheck, run: tuple[int, int]) -> CheckRun | None:
    """The commit has the check; None where a newer run has said its own, which is not taken back."""
    if any(_run_of(one) > run for one in ours(forge.checks(check.commit, check.name), check.name)):
        return None
    return forge.add_check(check)


def ours(checks: Iterable[CheckRun], name: str) -> list[CheckRun]:
    """Those of exactly this name that workflows have made, the newest last."""
    return sorted(
        (one for one in checks if one.app == WORKFLOWS_APP and one.name == name), key=lambda one: one.id
    )


def _run_of(check: CheckRun) -> tuple[int, int]:
    found = _RUN.match(check.text)
    return (int(found[1]), int(found[2])) if found else (0, 0)
