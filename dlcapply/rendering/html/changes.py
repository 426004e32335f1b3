"""One change of a plan: its line, and below it what differs, once somebody opens it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dlcapply.planning.reasons import describe_claim
from dlcapply.rendering.html.elements import NOTHING, Html, items, tag, together
from dlcapply.rendering.text.spends import cost_text, spend_text
from dlcapply.rendering.text.values import remark, rows_of
from dlcapply.rendering.text.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dlcapply.model.plans import Change, FieldChange, Spend
    from dlcapply.rendering.text.plan_words import Look

_MARKS = {"+": "ins", "-": "del"}
_WIDTH = 100


@dataclass(frozen=True, slots=True)
class Scale:
    """The ceilings that fill a bar, of accelerator-hours and of CPU-hours."""

    hours: float
    cpu_hours: float

    @staticmethod
    def of_each(spends: Iterable[Spend | None]) -> Scale:
        return Scale.of_sums([spend] for spend in spends if spend)

    @staticmethod
    def of_sums(groups: Iterable[Iterable[Spend]]) -> Scale:
        sums = [_sums(spends) for spends in groups]
        return Scale(max((one for one, _ in sums), default=0), max((one for _, one in sums), default=0))


def _sums(spends: Iterable[Spend]) -> tuple[float, float]:
    known = list(spends)
    return sum(one.hours or 0 for one in known), sum(one.cpu_hours or 0 for one in known)


def spend_bars(spends: Sequence[Spend], scale: Scale) -> Html:
    """How much of the largest ceilings these have, and whether one has none, as words beside them say too."""
    hours, cpu_hours = _sums(spends)
    endless = any(one.hours is None or (not one.accelerators and one.cpu_hours is None) for one in spends)
    return together(
        _bar(hours, scale.hours, "accelerators"),
        _bar(cpu_hours, scale.cpu_hours, "cpus"),
        _bar(1, 1, "endless") if endless else NOTHING,
    )


def _bar(number: float, most: float, kind: str) -> Html:
    if not number or not most:
        return NOTHING
    rect = tag("rect", width=f"{number / most * _WIDTH:.1f}", height="8")
    box = f"0 0 {_WIDTH} 8"
    return tag("svg", rect, class_=f"bar {kind}", viewBox=box, preserveAspectRatio="none", aria_hidden="true")


def change_element(change: Change, scale: Scale, *, owner: str, look: Look) -> Html:
    summary = tag("summary", *_line(change, scale, look))
    return tag(
        "details",
        summary,
        tag("div", *_details(change, owner), class_="details"),
        class_=f"change {change.action}",
        data_action=change.action.value,
    )


def _line(change: Change, scale: Scale, look: Look) -> Iterator[Html]:
    yield tag("span", f"{look.glyph} {change.action}", class_="action")
    yield tag("span", tag("code", change.name), class_="name")
    yield tag("span", change.reason.text, class_="reason")
    number = len(change.fields)
    yield tag("span", counted(number, "field") if number else "details", class_="more faint")
    if change.spend:
        text = "; ".join(filter(None, (spend_text(change.spend), cost_text(change))))
        yield tag("span", text, spend_bars([change.spend], scale), class_="spend")


def _details(change: Change, owner: str) -> Iterator[Html]:
    yield items(_facts(change, owner))
    for field in change.fields:
        yield _field(field)


def _facts(change: Change, owner: str) -> Iterator[Html]:
    if change.target:
        yield together("Run ", tag("code", change.target.job_id), f" ({change.target.status})")
    if change.consent:
        word = "Consent given: " if change.consent.given else "Needs consent: "
        yield together(word, tag("code", change.consent.needs))
    if change.labels:
        labels = [tag("code", f"{key}={value}", data_label="") for key, value in change.labels.items()]
        yield together("Labels: ", tag("span", *labels, class_="labels"))
    for claim in change.claims:
        yield together("Claim: ", describe_claim(claim, owner=owner))
    if change.source:
        yield together("Declared at ", tag("code", str(change.source)))
    if change.op:
        yield together("Operation ", tag("code", change.op))


def _field(field: FieldChange) -> Html:
    rows = [tag(_MARKS.get(row.mark, "span"), f"{row.mark} {row.text}") for row in rows_of(field, full=True)]
    heading = tag("p", tag("code", field.path), " ", tag("span", f"({remark(field)})", class_="faint"))
    return tag("div", heading, tag("pre", *rows, class_="diff", tabindex="0"), class_="field-change")
