"""Whatever a plan says, its page says as text, and holds nothing but elements of ours."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings

from dlcapply.errors import ExitCode
from dlcapply.model.findings import Finding, Level, Place
from dlcapply.model.plans import Action, Behaviour, Change, Cost, FieldChange, FieldKind, Reason, Spend
from dlcapply.one_line import printable
from dlcapply.rendering.html.errors import error_html
from dlcapply.rendering.html.plans import plan_html
from dlcapply.rendering.plan_documents import plan_document
from dlcapply.runners import looks_like_command
from tests.rendering.markdown import hostile

VOID = {"br", "input", "meta"}
DOCUMENT = {"html", "head", "title", "style", "body", "main", "script"}
TEXT = {"h1", "h2", "p", "ul", "li", "pre", "code", "bdi", "ins", "del", "span", "div", "details", "summary"}
CONTROLS = {"form", "fieldset", "legend", "label", "select", "option", "button", "output"}
ELEMENTS = VOID | DOCUMENT | TEXT | CONTROLS | {"svg", "rect"}
# None of these loads, runs or sends anything.
OF_DOCUMENT = {
    "lang",
    "charset",
    "http-equiv",
    "content",
    "class",
    "id",
    "hidden",
    "data-action",
    "data-label",
}
OF_CONTROLS = {"name", "type", "value", "checked", "role", "autocomplete", "tabindex"}
OF_BARS = {"viewbox", "preserveaspectratio", "aria-hidden", "width", "height"}
ATTRIBUTES = OF_DOCUMENT | OF_CONTROLS | OF_BARS


@dataclass
class Read:
    texts: list = field(default_factory=list)
    elements: list = field(default_factory=list)
    stack: list = field(default_factory=list)
    comments: list = field(default_factory=list)

    @property
    def said(self):
        return "".join(text for text, around in self.texts if around not in {"style", "script"})

    def inside(self, name):
        return "".join(text for text, around in self.texts if around == name)


class Reader(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.read = Read()

    def handle_starttag(self, tag, attrs):
        self.read.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.read.stack.append(tag)

    def handle_endtag(self, tag):
        assert self.read.stack.pop() == tag

    def handle_data(self, data):
        self.read.texts.append((data, self.read.stack[-1] if self.read.stack else ""))

    def handle_comment(self, data):
        self.read.comments.append(data)


def read(text):
    reader = Reader()
    reader.feed(text)
    reader.close()
    return reader.read


def judged(text):
    page = read(text)
    assert not page.stack
    assert not page.comments
    assert {tag for tag, _ in page.elements} <= ELEMENTS
    assert {name for _, attributes in page.elements for name in attributes} <= ATTRIBUTES
    assert not looks_like_command(text)
    assert all(row.isprintable() for row in text.split("\n"))
    return page


@given(hostile.plans)
@settings(max_examples=40)
def test_every_plan_is_text_in_elements_of_ours(plan):
    text = plan_html(plan_document(plan))
    page = judged(text)
    for change in plan.changes:
        for told in (change.name, change.reason.text, *(one.path for one in change.fields)):
            assert printable(told) in page.said
    for finding in plan.findings:
        assert printable(finding.message) in page.said


def test_the_policy_allows_the_style_and_the_script_and_nothing_else(make_plan):
    page = read(plan_html(plan_document(make_plan())))
    (policy,) = (one["content"] for tag, one in page.elements if one.get("http-equiv"))
    allowed = dict(part.split(" ", 1) for part in policy.split("; "))
    for name in ("style", "script"):
        digest = b64encode(sha256(page.inside(name).encode()).digest()).decode()
        assert allowed[f"{name}-src"] == f"'sha256-{digest}'"
    assert allowed["default-src"] == allowed["base-uri"] == allowed["form-action"] == "'none'"


def test_nothing_is_loaded_from_anywhere(make_plan):
    text = plan_html(plan_document(make_plan()))
    assert not re.search(r"https?:|//[a-z]|url\(|@import|\bsrc=|\bhref=", text)


@given(hostile.texts, hostile.texts, hostile.findings)
@settings(max_examples=10)
def test_every_error_is_text_in_a_page_without_a_script(message, hint, finding):
    page = judged(error_html(message, hint, exit_code=ExitCode.INVALID, findings=[finding]))
    assert all(printable(text) in page.said for text in (message, hint, finding.message))
    assert "script" not in {tag for tag, _ in page.elements}


SPEND = Spend(2, 10.0, cpus=4, cpu_hours=40)


def test_bars_show_ceilings_beside_the_largest_and_what_has_none(make_plan):
    def start(name, spend):
        return Change(name, Action.CREATE, Reason("first-run", "no run"), spend=spend)

    plan = make_plan(start("a", SPEND), start("b", Spend(1, 5.0)), start("c", Spend(1, None)))
    page = read(plan_html(plan_document(plan)))
    bars = [(tag, one) for tag, one in page.elements if tag in {"svg", "rect"}]
    pairs = [(svg["class"], rect["width"]) for (_, svg), (_, rect) in zip(bars[::2], bars[1::2], strict=True)]
    of_changes = pairs[3:]
    assert of_changes == [
        ("bar accelerators", "100.0"),
        ("bar cpus", "100.0"),
        ("bar accelerators", "50.0"),
        ("bar endless", "100.0"),
    ]


def test_values_are_shown_whole_line_by_line(make_plan):
    lines = [f"line {at}" for at in range(300)]
    field_ = FieldChange(
        "UserCommand",
        FieldKind.CHANGED,
        "\n".join(lines),
        "\n".join([*lines[:-1], "<b>last</b>"]),
        Behaviour.NEEDS_RUN,
    )
    change = Change("a", Action.RERUN, Reason("new-spec", "changed"), fields=(field_,))
    page = read(plan_html(plan_document(make_plan(change))))
    assert page.inside("del") == "- line 299"
    assert page.inside("ins") == "+ <b>last</b>"
    assert all(f"  line {at}" in page.said for at in range(299))


@pytest.mark.parametrize("level", Level)
def test_findings_are_listed_and_errors_told_on_top(make_plan, level):
    finding = Finding("limit-gpu-hours", level, "too much", "less", Place("a.yaml", 3, 4))
    said = read(plan_html(plan_document(make_plan(findings=(finding,))))).said
    assert f"{level} limit-gpu-hours a.yaml:3:4: too muchHint: less" in said
    assert ("Apply refuses this plan: 1 finding of level error" in said) == (level is Level.ERROR)


def test_what_merging_starts_nothing_for_and_why_nothing_is_applied_are_told(make_plan):
    def said(*actions, findings=()):
        changes = [Change(action, action, Reason("r", "so")) for action in actions]
        return read(plan_html(plan_document(make_plan(*changes, findings=findings)))).said

    text = said(Action.BLOCKED, Action.WAITING)
    assert "Blocked: merging or applying this starts and stops nothing for 1 job." in text
    assert "Waiting: merging or applying this starts nothing yet for 1 job." in text
    assert "Nothing is to be applied yet." in text
    assert "Nothing is to be applied." in said(Action.UNCHANGED)
    denied = said(Action.CREATE, findings=[Finding("limit-creates", Level.ERROR, "no")])
    assert "Apply refuses this plan, as is said above." in denied
    assert "Nothing is to be applied" not in denied


def test_ceilings_of_each_action_are_in_money_too_where_there_are_prices(make_plan):
    start = Change("a", Action.CREATE, Reason("r", "no run"), spend=SPEND, cost=Cost(4.5, "CNY"))
    said = read(plan_html(plan_document(make_plan(start)))).said
    assert "create: At most 10 accelerator-hours and 40 CPU-hours. At most 4.50 CNY." in said
