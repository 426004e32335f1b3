"""Findings, blocked changes and failures as GitHub workflow annotations."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from dlcapply.model.findings import Finding, Level
from dlcapply.model.plans import Action
from dlcapply.one_line import printable
from dlcapply.rendering.finding_text import advice
from dlcapply.rendering.text.lines import cut

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from dlcapply.model.outcomes import Outcome
    from dlcapply.model.plans import Plan
    from dlcapply.rendering.rows.waiting import WaitedRow

# GitHub shows so many annotations of each level for a step, and drops the rest silently.
MOST_PER_LEVEL = 10
# Almost a third of the 4,096 characters that a runner keeps of a message (_maxIssueMessageLength):
# https://github.com/actions/runner/blob/main/src/Runner.Worker/ExecutionContext.cs
_LONGEST = 1_350

_COMMANDS = {Level.ERROR: "error", Level.WARNING: "warning"}
_LEVELS = tuple(_COMMANDS)


def github_text(findings: Iterable[Finding]) -> str:
    """One annotation a line, errors first; beyond ten of a level, one notice says how many are not shown."""
    by_level = sorted(findings, key=lambda finding: _LEVELS.index(finding.level))
    return "".join(
        f"{row}\n"
        for _, group in groupby(by_level, key=lambda finding: finding.level)
        for row in _rows(group)
    )


def plan_annotations(plan: Plan, *, name_of: Callable[[str], str]) -> str:
    """The plan's findings and its blocked changes, each at its manifest; `name_of` gives a file's name in the
    repository.
    """
    blocked = [
        Finding(Action.BLOCKED, Level.WARNING, f"{change.name}: {change.reason.text}", place=change.source)
        for change in plan.changes
        if change.action is Action.BLOCKED
    ]
    return github_text(one.named(name_of) for one in (*plan.findings, *blocked))


def apply_annotations(
    plan: Plan, outcomes: Iterable[Outcome], waited: Iterable[WaitedRow], *, name_of: Callable[[str], str]
) -> str:
    """The changes that failed or were held back, and the runs that did, each at its manifest."""
    places = {change.name: change.source for change in plan.changes}
    told = (
        Finding(
            one.result,
            Level.ERROR if one.result.is_failure else Level.WARNING,
            f"{one.name}: {one.error.message}",
            one.error.hint,
            places.get(one.name),
        )
        for one in outcomes
        if one.error
    )
    failed = (
        Finding("run-failed", Level.ERROR, _run(one), place=places.get(one.row.name))
        for one in waited
        if one.failed
    )
    return github_text(one.named(name_of) for one in (*told, *failed))


def _run(one: WaitedRow) -> str:
    note = f": {one.row.note}" if one.row.note else ""
    return f"{one.row.name}: {one.row.job_id} ({one.row.status}){note}"


def _rows(findings: Iterable[Finding]) -> Iterator[str]:
    found = list(findings)
    yield from map(_annotation, found[:MOST_PER_LEVEL])
    if (rest := len(found) - MOST_PER_LEVEL) > 0:
        yield f"::notice title=dlcapply::{rest} more of level {found[0].level} are not shown here"


def _annotation(finding: Finding) -> str:
    place = finding.place
    properties = {"file": place.file, "line": str(place.line), "col": str(place.column)} if place else {}
    properties["title"] = finding.rule
    listed = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{_COMMANDS[finding.level]} {listed}::{_data(advice(_brief(finding)))}"


def _brief(finding: Finding) -> Finding:
    """The finding in so few characters that its hint is kept: a runner cuts at the end."""
    path, message, hint = (
        cut(_shown(text), _LONGEST) for text in (finding.path, finding.message, finding.hint)
    )
    return replace(finding, path=path, message=message, hint=hint)


def _data(text: str) -> str:
    """The text on one line, as the runner decodes it; nothing in it can begin another command."""
    return _shown(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _shown(text: str) -> str:
    return "\n".join(map(printable, text.split("\n")))


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
