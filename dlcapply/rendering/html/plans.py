"""A plan as a page to look around in, from the plan's document alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dlcapply.planning.reasons import describe_claim
from dlcapply.planning.restored_plans import plan_of
from dlcapply.rendering.html.changes import Scale, change_element, spend_bars
from dlcapply.rendering.html.elements import Html, items, tag, together
from dlcapply.rendering.html.findings import finding_entry
from dlcapply.rendering.html.page import page
from dlcapply.rendering.text.needs import WHERE_PLANNED
from dlcapply.rendering.text.plan_words import (
    LEFT_ALONE,
    LOOKS,
    about_text,
    again_text,
    claims_first,
    counts_text,
    in_order,
    nothing_text,
    refusal_text,
    sight_text,
)
from dlcapply.rendering.text.spends import ceiling_texts, sum_texts
from dlcapply.rendering.text.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dlcapply.model.plans import Action, Change, Need, Plan, Spend


def plan_html(document: Mapping[str, Any]) -> str:
    """The document of `plan -o json` as one page that loads nothing, and is read without its script too."""
    plan = plan_of(document)
    name = plan.scope.owner or plan.environment.name
    changes = in_order(plan.changes)
    content = tag(
        "main",
        tag("h1", "Plan for ", tag("bdi", name)),
        *_summary(plan),
        *_ceilings(changes),
        tag("h2", "Changes"),
        _controls(changes),
        *_changes(changes, plan),
        *_section("Findings", [*map(finding_entry, plan.findings)]),
        *_section("Needed to apply", [*map(_variable, plan.needs), *_consents(plan)]),
        *_next(plan),
    )
    return page(f"Plan for {name}", content)


def _summary(plan: Plan) -> Iterator[Html]:
    for warning in filter(None, (sight_text(plan), refusal_text(plan))):
        yield tag("p", warning, class_="warned")
    yield tag("p", f"{counts_text(plan)}.", class_="headline")
    for action, words in LEFT_ALONE.items():
        if number := plan.summary[action]:
            yield tag("p", f"{action.capitalize()}: {words.format(counted(number, 'job'))}.")
    yield tag("p", about_text(plan), class_="faint")
    claims = [
        together(tag("code", name), ": ", describe_claim(claim, owner=plan.scope.owner))
        for name, claim in claims_first(plan)
    ]
    if claims:
        yield tag("p", "Claims that this plan rests on, in ", tag("code", "dlcapply.claims.yaml"), ":")
        yield items(claims)
    if words := again_text(plan):
        yield tag("p", words)


def _ceilings(changes: Sequence[Change]) -> Iterator[Html]:
    """What the plan can spend at most, and what of it by which action."""
    if not _spends(changes):
        return
    yield tag("h2", "Ceilings")
    yield tag("p", " ".join(ceiling_texts(changes)))
    yield tag(
        "p",
        "Bars: ",
        *(
            together(tag("span", word, class_=f"key {kind}"), between)
            for word, kind, between in (
                ("accelerator-hours", "accelerators", ", "),
                ("CPU-hours", "cpus", ", each beside the largest of its kind; "),
                ("without a limit", "endless", "."),
            )
        ),
        class_="faint",
    )
    by_action = {
        action: [change for change in changes if change.spend and change.action is action]
        for action in dict.fromkeys(change.action for change in changes)
    }
    rows = [(action, of_action, _spends(of_action)) for action, of_action in by_action.items() if of_action]
    scale = Scale.of_sums(spends for _, _, spends in rows)
    yield tag(
        "div",
        *(
            tag(
                "p",
                tag("span", f"{action}: {' '.join(sum_texts(of_action))}"),
                spend_bars(spends, scale),
            )
            for action, of_action, spends in rows
        ),
        class_="ceilings",
    )


def _spends(changes: Sequence[Change]) -> list[Spend]:
    return [change.spend for change in changes if change.spend]


def _controls(changes: Sequence[Change]) -> Html:
    """What narrows the list, which only its script can: hidden before that runs."""
    actions = dict.fromkeys(change.action for change in changes)
    labels = sorted({f"{key}={value}" for change in changes for key, value in change.labels.items()})
    by_label = tag(
        "label",
        "Label",
        tag("select", tag("option", "any", value=""), *map(_option, labels), name="label"),
        class_="field",
    )
    return tag(
        "form",
        tag("fieldset", tag("legend", "Actions"), *(_checkbox(action, changes) for action in actions)),
        tag(
            "label",
            "Search (press /)",
            tag("input", type="search", name="search", id="search", autocomplete="off"),
            class_="field",
        ),
        by_label if labels else tag("input", type="hidden", name="label", value=""),
        tag("button", "Open all", type="button", id="open"),
        tag("button", "Close all", type="button", id="close"),
        tag("button", "Reset", type="reset"),
        tag("output", "", id="told", role="status"),
        id="controls",
        class_="controls",
        hidden="",
    )


def _option(label: str) -> Html:
    return tag("option", label, value=label)


def _checkbox(action: Action, changes: Sequence[Change]) -> Html:
    number = sum(change.action is action for change in changes)
    box = tag("input", type="checkbox", name="action", value=action.value, checked="")
    return tag("label", box, f"{action} ({number:,})")


def _changes(changes: Sequence[Change], plan: Plan) -> Iterator[Html]:
    scale = Scale.of_each(change.spend for change in changes)
    if not changes:
        yield tag("p", "There are no jobs.")
    for change in changes:
        yield change_element(change, scale, owner=plan.scope.owner, look=LOOKS[change.action])


def _section(title: str, entries: Sequence[Html]) -> Iterator[Html]:
    if entries:
        yield tag("h2", title)
        yield items(entries)


def _variable(need: Need) -> Html:
    jobs = f"for {', '.join(need.jobs)}"
    return together(
        tag("code", need.variable), f" (envFrom), {jobs}: {WHERE_PLANNED[need.here]} where this was planned"
    )


def _consents(plan: Plan) -> Iterator[Html]:
    if plan.scope.allow_stops is not None:
        yield together("Consent given: ", tag("code", f"--allow-stops {plan.scope.allow_stops}"))
    for change in plan.changes:
        if change.consent:
            word = "given" if change.consent.given else "missing"
            yield together(f"Consent {word}: ", tag("code", change.consent.needs))


def _next(plan: Plan) -> Iterator[Html]:
    yield tag("h2", "Apply")
    yield tag("p", "Digest: ", tag("code", plan.digest))
    if plan.apply_command:
        yield tag("p", "Apply exactly this plan:")
        yield tag("pre", plan.apply_command)
    elif words := nothing_text(plan):
        yield tag("p", words)
