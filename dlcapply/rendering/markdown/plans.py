"""A plan as it is reviewed in a pull request, from the plan's document alone.

So the plan of a file reads as it did when it was made. What is most to be looked at comes first, and is
dropped last where the document is too long.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dlcapply.model.plans import Action, VariableState
from dlcapply.planning.reasons import describe_claim
from dlcapply.planning.restored_plans import plan_of
from dlcapply.rendering.markdown.differences import differences_part
from dlcapply.rendering.markdown.errors import caution
from dlcapply.rendering.markdown.escape import block, code, inline
from dlcapply.rendering.markdown.findings import finding_parts
from dlcapply.rendering.markdown.fitting import COMMENT, Loss, Part, Size, brief, fitted
from dlcapply.rendering.text.lines import cut
from dlcapply.rendering.text.needs import WHERE_PLANNED
from dlcapply.rendering.text.plan_words import (
    LEFT_ALONE,
    LOOKS,
    about_text,
    again_text,
    claims_first,
    counts_text,
    in_order,
    matters,
    nothing_text,
    refusal_text,
    sight_text,
)
from dlcapply.rendering.text.spends import ceiling_texts, cost_text, spend_text
from dlcapply.rendering.text.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dlcapply.model.plans import Change, Consent, Need, Plan

_HEADER = "\n| job | change | why | at most |\n| --- | --- | --- | --- |\n"
_MOST_NAMES = 8
_LONGEST_TEXT = 1_000
_LONGEST_NAME = 80
_LONGEST_LABEL = 50  # that GitHub takes
_IN_WORDS = "\nApply exactly this plan with the options that it was made with, and `--expect` its digest.\n"
_WHOLE = "`dlcapply show` of the saved plan has all of it."


def plan_markdown(document: Mapping[str, Any], *, size: Size = COMMENT) -> str:
    """The document of `plan -o json` as Markdown of at most that size."""
    plan = plan_of(document)
    shown = in_order(change for change in plan.changes if matters(change))
    head = [_title(plan), *_sight(plan), *_refused(plan), _headline(plan)]
    body = [
        _about(plan),
        *_claims(plan),
        *_rows(shown),
        *_left_alone(shown),
        *(differences_part(change.name, change.fields) for change in shown if change.fields),
        *finding_parts(plan.findings, title="#### Findings\n\n"),
        *_needed(plan),
        *_again(plan),
        *_next(plan),
    ]
    return fitted(head, body, size, whole=_WHOLE)


def _title(plan: Plan) -> Part:
    name = plan.scope.owner or plan.environment.name
    title, shorter = (f"### dlcapply plan for {code(text)}\n" for text in (name, cut(name, _LONGEST_NAME)))
    return brief(title, shorter)


def _sight(plan: Plan) -> Iterator[Part]:
    if sight := sight_text(plan):
        yield Part(f"\n> [!WARNING]\n> {inline(sight)}\n")


def _refused(plan: Plan) -> Iterator[Part]:
    if refusal := refusal_text(plan):
        yield caution(refusal, "")


def _headline(plan: Plan) -> Part:
    ceilings = "".join(f" {inline(text)}" for text in ceiling_texts(plan.changes))
    return Part(f"\n**{_counts(plan)}.**{ceilings}\n")


def _counts(plan: Plan) -> str:
    idle = all(change.action is Action.UNCHANGED for change in plan.changes)
    return f"No changes: {counts_text(plan)}" if idle else counts_text(plan)


def _about(plan: Plan) -> Part:
    whole, shorter = (inline(text) for text in (about_text(plan), cut(about_text(plan), _LONGEST_TEXT)))
    return brief(f"\n{whole}\n", f"\n{shorter}\n")


def _claims(plan: Plan) -> Iterator[Part]:
    for number, (name, claim) in enumerate(claims_first(plan)):
        title = "" if number else "\n**Claims** that this plan rests on, in `dlcapply.claims.yaml`:\n\n"
        told = describe_claim(claim, owner=plan.scope.owner)
        whole, shorter = (
            f"{title}- {code(cut(name, longest))}: {inline(cut(told, longest))}\n"
            for longest in (None, _LONGEST_TEXT)
        )
        yield Part(whole, ((Loss.TEXTS, shorter), (Loss.ENTRIES, "")))


def _rows(changes: Sequence[Change]) -> Iterator[Part]:
    for number, change in enumerate(changes):
        header = "" if number else _HEADER
        whole, shorter = (f"{header}{_row(change, longest)}" for longest in (None, _LONGEST_TEXT))
        yield Part(whole, ((Loss.TEXTS, shorter), (Loss.ROWS, "")))


def _row(change: Change, longest: int | None) -> str:
    cells = (code(change.name), _action(change), _why(change, longest), _most(change, longest))
    return f"| {' | '.join(cells)} |\n"


def _most(change: Change, longest: int | None) -> str:
    texts = (spend_text(change.spend) if change.spend else "", cost_text(change))
    return "<br>".join(inline(cut(text, longest)) for text in texts if text)


def _action(change: Change) -> str:
    is_warned = change.action is Action.BLOCKED or change.action.stops_a_run
    return f"`{LOOKS[change.action].glyph}` " + (f"**{change.action}**" if is_warned else change.action)


def _why(change: Change, longest: int | None) -> str:
    parts = [inline(cut(change.reason.text, longest))]
    if change.target and change.target.job_id not in change.reason.text:
        parts.append(f"run {code(change.target.job_id)} ({inline(change.target.status)})")
    if change.consent and change.consent.needs not in change.reason.text:
        parts.append(_consent(change.consent))
    return "<br>".join(parts)


def _consent(consent: Consent) -> str:
    return f"{'consent given' if consent.given else '**needs consent**'}: {code(consent.needs)}"


def _left_alone(changes: Sequence[Change]) -> Iterator[Part]:
    """What a reader would otherwise take for approved."""
    blocked = [change.name for change in changes if change.action is Action.BLOCKED]
    waiting = [change.name for change in changes if change.action is Action.WAITING]
    if blocked:
        yield _named(
            f"**Blocked:** {LEFT_ALONE[Action.BLOCKED]}. The table says why, and what would.", blocked
        )
    if waiting:
        yield _named(
            f"**Waiting:** {LEFT_ALONE[Action.WAITING]}. A later apply does, once what the table says"
            " is over.",
            waiting,
        )


def _named(sentence: str, names: Sequence[str]) -> Part:
    whole = sentence.format(_listed(names))
    return brief(f"\n{whole}\n", f"\n{sentence.format(counted(len(names), 'job'))}\n")


def _listed(names: Sequence[str]) -> str:
    more = [f"{len(names) - _MOST_NAMES:,} more"] if len(names) > _MOST_NAMES else []
    return ", ".join([*map(code, names[:_MOST_NAMES]), *more])


def _needed(plan: Plan) -> Iterator[Part]:
    """What has to be there, and what a person has to say, where the plan is applied."""
    entries = [*map(_variable, plan.needs), *_consents(plan)]
    for number, entry in enumerate(entries):
        title = "" if number else "\n#### Needed to apply\n\n"
        yield Part(f"{title}- {entry}\n", ((Loss.ENTRIES, ""),))


def _variable(need: Need) -> str:
    word = inline(WHERE_PLANNED[need.here])
    state = word if need.here is VariableState.SET else f"**{word}**"
    return f"{code(need.variable)}, for {_listed(need.jobs)} (`envFrom`): {state} where this was planned"


def _consents(plan: Plan) -> Iterator[str]:
    if plan.scope.allow_stops is not None:
        yield f"Consent given: `--allow-stops {plan.scope.allow_stops}`"
    for change in plan.changes:
        if change.consent and change.consent.given:
            yield f"Consent given: {code(change.consent.needs)}"
        elif change.consent:
            yield f"**Consent missing:** {code(change.consent.needs)}{_by_label(change)}"


def _by_label(change: Change) -> str:
    label = f"allow-replace:{change.name}"
    return f", or the label {code(label)} of a pull request" if len(label) <= _LONGEST_LABEL else ""


def _again(plan: Plan) -> Iterator[Part]:
    if words := again_text(plan):
        yield brief(f"\n{inline(words)}\n", "")


def _next(plan: Plan) -> Iterator[Part]:
    yield Part(f"\nDigest: {code(cut(plan.digest, _LONGEST_NAME))}\n")
    if plan.apply_command:
        command = f"\nApply exactly this plan:\n\n{block(plan.apply_command, language='shell')}\n"
        yield brief(command, _IN_WORDS)
    elif words := nothing_text(plan):
        yield Part(f"\n{words}\n")
