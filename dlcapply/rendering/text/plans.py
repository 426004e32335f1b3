"""A plan as people review it: what was looked at, every change and why, and what it comes to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dlcapply.model.jobs import Identity
from dlcapply.model.plans import Action
from dlcapply.model.runs import Visibility
from dlcapply.planning.decisions import Why
from dlcapply.planning.reasons import describe_claim, listed
from dlcapply.planning.unchanged import failed, stopped
from dlcapply.planning.visibility import UNSEEN_JOBS, denied_starts, may_be_applied
from dlcapply.rendering.text.findings import finding_lines
from dlcapply.rendering.text.lines import (
    DETAIL_INDENT,
    EMPTY,
    WIDTH,
    Line,
    Span,
    Style,
    line,
    sections,
    width_of,
)
from dlcapply.rendering.text.needs import needs_line
from dlcapply.rendering.text.spends import cost_text, spend_text, total_cost_text, total_text
from dlcapply.rendering.text.titles import title_line, title_widths
from dlcapply.rendering.text.values import field_lines
from dlcapply.rendering.text.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dlcapply.model.drift import DriftReport
    from dlcapply.model.plans import Change, ClaimedRun, Consent, Plan, Scope, Target

_MOST_NAMES = 8
CLAIMS_TITLE = " that this plan rests on, in dlcapply.claims.yaml:"
# What no new token runs again, or not yet: its reason says what does.
_NOT_YET = frozenset({Why.PAST_NOT_AFTER, Why.FAILED_RESERVING})


@dataclass(frozen=True, slots=True)
class Look:
    """How an action appears: in front of its job, in colour, and in the summary."""

    glyph: str
    style: Style
    counted_as: str


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


def in_order(changes: Iterable[Change]) -> list[Change]:
    """The changes, those first that are most to be looked at; of one action by name."""
    return sorted(changes, key=lambda change: (_ORDER.index(change.action), change.name))


def plan_lines(plan: Plan, *, apply_command: str = "", full: bool = False) -> list[Line]:
    """The whole plan; `full` also lists unchanged jobs that are as declared, and cuts no value.

    `apply_command` is what carries out exactly this plan; it is left out where a finding of level error, or
    what the plan does not show, forbids that, or nothing is to be done.
    """
    shown = [change for change in plan.changes if full or matters(change)]
    return sections(
        _header(plan),
        _claims_first(plan),
        _change_lines(shown, plan, full=full),
        finding_lines(plan.findings),
        _footer(plan, apply_command=apply_command, full=full),
    )


def matters(change: Change) -> bool:
    """Whether something is done, or left undone although it differs."""
    return change.action is not Action.UNCHANGED or bool(change.fields)


def _header(plan: Plan) -> Iterator[Line]:
    environment, scope, census = plan.environment, plan.scope, plan.census
    endpoint = f", endpoint {scope.endpoint}" if scope.endpoint else ""
    where = f"{scope.region}, workspace {scope.workspace_id}{endpoint}"
    yield line("Plan for environment ", Span(environment.name, Style.STRONG), f" ({where})")
    yield line(_ownership(scope))
    since = census.since.removesuffix("T00:00:00Z")
    jobs = counted(census.jobs, "job")
    yield line(f"Looked at {jobs} created since {since} in workspace {census.workspace_id}.")
    yield from _sight_first(plan)
    if asked := _asked(scope):
        yield line(f"Asked with {asked}.")


def about_text(plan: Plan | DriftReport) -> str:
    """What was asked about, where, and what was looked at."""
    scope, census = plan.scope, plan.census
    endpoint = f", endpoint {scope.endpoint}" if scope.endpoint else ""
    asked = f" Asked with {words}." if (words := _asked(scope)) else ""
    return (
        f"Environment {plan.environment.name} ({scope.region}, workspace {scope.workspace_id}{endpoint})."
        f" {_ownership(scope)} Looked at {counted(census.jobs, 'job')} created since"
        f" {census.since.removesuffix('T00:00:00Z')}.{asked}"
    )


def _sight_first(plan: Plan) -> Iterator[Line]:
    if sight := sight_text(plan):
        yield line(Span(sight, Style.BAD))


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


def _ownership(scope: Scope) -> str:
    if scope.identity is Identity.NAME:
        return "Runs are told by name alone, without ownership marks."
    origin = f", origin {scope.origin}" if scope.origin else ""
    return (
        f"Owner {scope.owner}{origin}."
        if scope.owner
        else "No owner, so nothing may be written: --owner NAME says whose runs these are."
    )


def _asked(scope: Scope) -> str:
    words = [f"--select {pattern}" for pattern in scope.select[:_MOST_NAMES]]
    if (more := len(scope.select) - _MOST_NAMES) > 0:
        words.append(f"(and {more:,} more names)")
    words += [f"--exclude {pattern}" for pattern in scope.exclude]
    words += ["--prune"] if scope.prune else []
    words += [f"--allow-stops {scope.allow_stops}"] if scope.allow_stops is not None else []
    return " ".join(words)


def _claims_first(plan: Plan) -> Iterator[Line]:
    """What nobody would expect who knows only the marks of the runs."""
    owner = plan.scope.owner
    if told := claims_first(plan):
        yield line(Span("Claims", Style.CHANGED), CLAIMS_TITLE)
    for name, claim in told:
        yield line(f"  {name}: {describe_claim(claim, owner=owner)}")


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


def _change_lines(changes: Sequence[Change], plan: Plan, *, full: bool) -> Iterator[Line]:
    widths = title_widths([change.name for change in changes], [change.action for change in changes])
    for previous, change in zip((None, *changes), changes, strict=False):
        if previous and (previous.fields or change.fields):
            yield EMPTY
        look = LOOKS[change.action]
        title = title_line(look.glyph, change.name, change.action, style=look.style, widths=widths)
        yield from _heading(title, change.reason.text)
        if change.name in plan.held:
            yield line(DETAIL_INDENT, Span(f"not approved: {plan.held[change.name]}", Style.BAD))
        details = _details(change, owner=plan.scope.owner, full=full)
        yield from (line(DETAIL_INDENT, detail) for detail in details)
        yield from field_lines(change.fields, full=full)


def _heading(title: Line, reason: str) -> Iterator[Line]:
    """The title and the reason, which goes below where it would cross the margin."""
    whole = (*title, Span(f"  {reason}"))
    if width_of(whole) <= WIDTH:
        yield whole
    else:
        yield title
        yield line(f"{DETAIL_INDENT}{reason}")


def _details(change: Change, *, owner: str, full: bool) -> Iterator[Span]:
    if change.target and change.target.job_id not in change.reason.text:
        yield _run(change.target)
    if change.spend:
        yield Span(spend_text(change.spend))
    if costs := cost_text(change):
        yield Span(costs)
    if change.consent and change.consent.needs not in change.reason.text:
        yield _consent(change.consent)
    for claim in change.claims:
        yield Span(describe_claim(claim, owner=owner), Style.CHANGED)
    if full and change.source:
        yield Span(f"declared at {change.source}", Style.FAINT)


def _run(target: Target) -> Span:
    return Span(f"run {target.job_id} ({target.status})")


def _consent(consent: Consent) -> Span:
    if consent.given:
        return Span(f"consent given: {consent.needs}")
    return Span(f"needs consent: {consent.needs}", Style.BAD)


def _footer(plan: Plan, *, apply_command: str, full: bool) -> Iterator[Line]:
    yield _counts(plan, full=full)
    if plan.held:
        yield line(Span(f"{len(plan.held):,} not approved", Style.BAD), ", and held back.")
    yield from _again(plan)
    spending = [change for change in plan.changes if change.spend and change.name not in plan.held]
    if spending:
        yield line(total_text([change.spend for change in spending if change.spend]))
    if costs := total_cost_text(spending):
        yield line(costs)
    if plan.needs:
        yield needs_line(plan.needs)
    yield line("Digest: ", Span(plan.digest, Style.STRONG))
    if apply_command and may_be_applied(plan):
        yield line("Apply exactly this plan:")
        yield line("  ", Span(apply_command, Style.COMMAND))


def _counts(plan: Plan, *, full: bool) -> Line:
    summary = plan.summary
    unchanged = summary[Action.UNCHANGED]
    of_them = _of_them(plan.changes)
    if unchanged == len(plan.changes):
        why = ", --full says why" if unchanged and not full else ""
        style = Style.CHANGED if of_them else Style.ADDED
        return line(Span("No changes", style), f": {counted(unchanged, 'job')} unchanged{of_them}{why}.")
    return line(Span("Plan: ", Style.STRONG), f"{counts_text(plan)}.")


def counts_text(plan: Plan) -> str:
    """How many changes of each action there are, and how many unchanged jobs are not as anybody wished."""
    summary = plan.summary
    groups = [f"{summary[action]:,} {look.counted_as}" for action, look in LOOKS.items() if summary[action]]
    return f"{', '.join(groups) or 'no jobs'}{_of_them(plan.changes)}"


def _of_them(changes: Sequence[Change]) -> str:
    """How many of the unchanged jobs, which a plan counts last, are not what anybody wished for."""
    numbers = {"failed": len(failed(changes)), "stopped": len(stopped(changes))}
    parts = [f"{number:,} {word}" for word, number in numbers.items() if number]
    if not parts:
        return ""
    number, _, word = parts[0].partition(" ")
    return ", ".join(["", f"{number} of them {word}", *parts[1:]])


def _again(plan: Plan) -> Iterator[Line]:
    if words := again_text(plan):
        yield line(words)


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
