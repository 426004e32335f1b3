"""What every form of a plan says in the same words, and in which order: text, Markdown and pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dlcapply.model.jobs import Identity
from dlcapply.model.plans import Action
from dlcapply.model.runs import Visibility
from dlcapply.planning.decisions import Why
from dlcapply.planning.reasons import listed
from dlcapply.planning.unchanged import failed, stopped
from dlcapply.planning.visibility import UNSEEN_JOBS, denied_starts
from dlcapply.rendering.text.lines import Style
from dlcapply.rendering.text.where import emulator_text
from dlcapply.rendering.text.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dlcapply.model.drift import DriftReport
    from dlcapply.model.plans import Change, ClaimedRun, Plan, Scope
    from dlcapply.model.runs import Census

_MOST_NAMES = 8
# What no new token runs again, or not yet: its reason says what does.
_NOT_YET = frozenset({Why.PAST_NOT_AFTER, Why.FAILED_RESERVING})
_SIGHTS = {
    Visibility.ALL: "Everybody's jobs are seen",
    Visibility.OWN: "Others' PRIVATE jobs are not seen: what they started may count as none here",
    Visibility.UNKNOWN: "Others' PRIVATE jobs may not be seen: what they started may count as none here",
}
# What can be lost comes before what is only paid for, and what is done before what is not.
_ORDER = (
    Action.REPLACE,
    Action.STOP,
    Action.CREATE,
    Action.RERUN,
    Action.UPDATE,
    Action.BLOCKED,
    Action.WAITING,
    Action.UNCHANGED,
)


@dataclass(frozen=True, slots=True)
class Look:
    """How an action appears: in front of its job, in colour, and in the summary."""

    glyph: str
    style: Style
    counted_as: str


# Of changes that a reader would otherwise take for approved.
LEFT_ALONE = {
    Action.BLOCKED: "merging or applying this starts and stops nothing for {}",
    Action.WAITING: "merging or applying this starts nothing yet for {}",
}
# In the order of the summary line.
LOOKS: dict[Action, Look] = {
    Action.CREATE: Look("+", Style.ADDED, "to create"),
    Action.RERUN: Look(">", Style.AGAIN, "to rerun"),
    Action.UPDATE: Look("~", Style.CHANGED, "to update"),
    Action.REPLACE: Look("-/+", Style.REPLACED, "to replace"),
    Action.STOP: Look("-", Style.REMOVED, "to stop"),
    Action.BLOCKED: Look("!", Style.BAD, "blocked"),
    Action.WAITING: Look(".", Style.FAINT, "waiting"),
    Action.UNCHANGED: Look("=", Style.FAINT, "unchanged"),
}


def in_order(changes: Iterable[Change]) -> list[Change]:
    """The changes, those first that are most to be looked at; of one action by name."""
    return sorted(changes, key=lambda change: (_ORDER.index(change.action), change.name))


def matters(change: Change) -> bool:
    """Whether something is done, or left undone although it differs."""
    return change.action is not Action.UNCHANGED or bool(change.fields)


def about_text(plan: Plan | DriftReport) -> str:
    """What was asked about, where, and what was looked at."""
    scope = plan.scope
    asked = f" Asked with {words}." if (words := asked_text(scope)) else ""
    return (
        f"Environment {plan.environment.name} ({place_text(plan)})."
        f" {ownership_text(scope)} {looked_at_text(plan.census)}.{asked}"
    )


def place_text(plan: Plan | DriftReport) -> str:
    scope = plan.scope
    place = f"{scope.region}, workspace {scope.workspace_id}"
    if plan.census.is_emulator:
        return f"{place}, {emulator_text(scope.endpoint)}"
    return f"{place}, endpoint {scope.endpoint}" if scope.endpoint else place


def looked_at_text(census: Census) -> str:
    return f"Looked at {counted(census.jobs, 'job')} created since {census.since.removesuffix('T00:00:00Z')}"


def ownership_text(scope: Scope) -> str:
    if scope.identity is Identity.NAME:
        return "Runs are told by name alone, without ownership marks."
    origin = f", origin {scope.origin}" if scope.origin else ""
    return (
        f"Owner {scope.owner}{origin}."
        if scope.owner
        else "No owner, so nothing may be written: --owner NAME says whose runs these are."
    )


def asked_text(scope: Scope) -> str:
    words = [f"--select {pattern}" for pattern in scope.select[:_MOST_NAMES]]
    if (more := len(scope.select) - _MOST_NAMES) > 0:
        words.append(f"(and {more:,} more names)")
    words += [f"--exclude {pattern}" for pattern in scope.exclude]
    words += ["--prune"] if scope.prune else []
    words += [f"--allow-stops {scope.allow_stops}"] if scope.allow_stops is not None else []
    return " ".join(words)


def sight_text(plan: Plan | DriftReport) -> str:
    """What may be missing from the plan, which whoever reads on must know; empty where nothing is."""
    if not any(finding.rule == UNSEEN_JOBS for finding in plan.findings):
        return ""
    view = f"; view: {plan.environment.view.value}" if plan.environment.view else ""
    return f"{_SIGHTS[plan.census.sees]}{view}."


def refusal_text(plan: Plan) -> str:
    """Why an apply of the plan would begin nothing; empty where it would."""
    if plan.denials:
        return f"Apply refuses this plan: {counted(len(plan.denials), 'finding')} of level error, below."
    denied = denied_starts(plan)
    return f"Apply refuses this plan: {denied.message}; {denied.hint}." if denied else ""


def nothing_text(plan: Plan) -> str:
    """Why there is no command that applies the plan; empty where the plan says so elsewhere."""
    if refusal_text(plan):
        return "Apply refuses this plan, as is said above."
    if plan.writing:
        return ""
    return f"Nothing is to be applied{' yet' if plan.summary[Action.WAITING] else ''}."


def claims_first(plan: Plan) -> list[tuple[str, ClaimedRun]]:
    """The claims, each with the name of its job, that what is done rests on, and those on others' runs."""
    return [
        (change.name, claim)
        for change in plan.changes
        for claim in change.claims
        if change.action.writes or _is_taken(claim, plan.scope)
    ]


def _is_taken(claim: ClaimedRun, scope: Scope) -> bool:
    """Whether the run is another's by its marks; one that has ended decides too whether a job starts."""
    giver = claim.giver
    return giver.owner not in {"", scope.owner} or giver.origin not in {"", scope.origin}


def counts_text(plan: Plan) -> str:
    """How many changes of each action there are, and how many unchanged jobs are not as anybody wished."""
    summary = plan.summary
    groups = [f"{summary[action]:,} {look.counted_as}" for action, look in LOOKS.items() if summary[action]]
    return f"{', '.join(groups) or 'no jobs'}{of_them(plan.changes)}"


def of_them(changes: Sequence[Change]) -> str:
    """How many of the unchanged jobs, which a plan counts last, are not what anybody wished for."""
    numbers = {"failed": len(failed(changes)), "stopped": len(stopped(changes))}
    parts = [f"{number:,} {word}" for word, number in numbers.items() if number]
    if not parts:
        return ""
    number, _, word = parts[0].partition(" ")
    return ", ".join(["", f"{number} of them {word}", *parts[1:]])


def again_text(plan: Plan) -> str:
    """How to run again what has failed or was stopped; empty where nothing has."""
    startable = [change for change in plan.changes if change.reason.code not in _NOT_YET]
    failures, stops = failed(startable), stopped(startable)
    names = sorted(change.name for change in (*failures, *stops))
    if not names:
        return ""
    what = "it" if len(names) == 1 else "them"
    ways = ["change its spec" if plan.scope.identity is Identity.NAME else "change run.token"]
    if failures:
        ways.append(f"raise run.retries{' of what failed' if stops else ''}")
    return f"To run {what} again, {', or '.join(ways)}: {listed(names, most=_MOST_NAMES)}."
