"""A plan as people review it: what was looked at, every change and why, and what it comes to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.model.plans import Action
from dlcapply.planning.reasons import describe_claim
from dlcapply.planning.visibility import may_be_applied
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
from dlcapply.rendering.text.plan_words import (
    LOOKS,
    again_text,
    asked_text,
    claims_first,
    counts_text,
    looked_at_text,
    matters,
    of_them,
    ownership_text,
    place_text,
    sight_text,
)
from dlcapply.rendering.text.spends import ceiling_texts, cost_text, spend_text
from dlcapply.rendering.text.titles import title_line, title_widths
from dlcapply.rendering.text.values import field_lines
from dlcapply.rendering.text.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dlcapply.model.plans import Change, Consent, Plan, Target

CLAIMS_TITLE = " that this plan rests on, in dlcapply.claims.yaml:"


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


def change_lines(change: Change) -> list[Line]:
    """One change by itself: what is done, why, and what it can spend."""
    widths = title_widths([change.name], [change.action])
    look = LOOKS[change.action]
    title = title_line(look.glyph, change.name, change.action, style=look.style, widths=widths)
    details = _details(change, owner="", full=False)
    return [*_heading(title, change.reason.text), *(line(DETAIL_INDENT, detail) for detail in details)]


def _header(plan: Plan) -> Iterator[Line]:
    scope, census = plan.scope, plan.census
    yield line("Plan for environment ", Span(plan.environment.name, Style.STRONG), f" ({place_text(plan)})")
    yield line(ownership_text(scope))
    yield line(f"{looked_at_text(census)} in workspace {census.workspace_id}.")
    yield from _sight_first(plan)
    if asked := asked_text(scope):
        yield line(f"Asked with {asked}.")


def _sight_first(plan: Plan) -> Iterator[Line]:
    if sight := sight_text(plan):
        yield line(Span(sight, Style.BAD))


def _claims_first(plan: Plan) -> Iterator[Line]:
    """What nobody would expect who knows only the marks of the runs."""
    owner = plan.scope.owner
    if told := claims_first(plan):
        yield line(Span("Claims", Style.CHANGED), CLAIMS_TITLE)
    for name, claim in told:
        yield line(f"  {name}: {describe_claim(claim, owner=owner)}")


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
    yield from map(line, ceiling_texts(change for change in plan.changes if change.name not in plan.held))
    if plan.needs:
        yield needs_line(plan.needs)
    yield line("Digest: ", Span(plan.digest, Style.STRONG))
    if apply_command and may_be_applied(plan):
        yield line("Apply exactly this plan:")
        yield line("  ", Span(apply_command, Style.COMMAND))


def _counts(plan: Plan, *, full: bool) -> Line:
    summary = plan.summary
    unchanged = summary[Action.UNCHANGED]
    less = of_them(plan.changes)
    if unchanged == len(plan.changes):
        why = ", --full says why" if unchanged and not full else ""
        style = Style.CHANGED if less else Style.ADDED
        return line(Span("No changes", style), f": {counted(unchanged, 'job')} unchanged{less}{why}.")
    return line(Span("Plan: ", Style.STRONG), f"{counts_text(plan)}.")


def _again(plan: Plan) -> Iterator[Line]:
    if words := again_text(plan):
        yield line(words)
