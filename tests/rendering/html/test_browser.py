"""The page in a browser, where there is one: it opens without complaint, and its controls work."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dlcapply.model.plans import Action, Behaviour, Change, FieldChange, FieldKind, Reason, Spend
from dlcapply.rendering.html.plans import plan_html
from dlcapply.rendering.plan_documents import plan_document
from tests.rendering.conftest import PLAN
from tests.rendering.html.browser import CHROMIUM, chromium
from tests.rendering.markdown.hostile import FRAGMENTS

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium")
HOSTILE = "\n".join(FRAGMENTS).replace("\ud800", "")
SHOWN = "[...document.querySelectorAll('.change')].filter((one) => one.checkVisibility()).length"
WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
FOCUSED = "document.activeElement.id || document.activeElement.name || document.activeElement.textContent"


def changes_of(number, text):
    actions = tuple(Action)
    field = FieldChange("UserCommand", FieldKind.CHANGED, text, f"{text}\n--lr 3e-4", Behaviour.NEEDS_RUN)
    return tuple(
        Change(
            f"train-{at:03}",
            actions[at % len(actions)],
            Reason("r", f"reason {at} {text}"),
            fields=(field,),
            spend=Spend(8, float(at), cpus=8, cpu_hours=float(at)),
            labels={"team": ("vision", "speech")[at % 2]},
        )
        for at in range(number)
    )


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    with chromium(tmp_path_factory.mktemp("profile")) as browser:
        yield browser.page()


def opened(page, folder, changes, **shown):
    file = folder / "plan.html"
    file.write_text(plan_html(plan_document(replace(PLAN, changes=changes))), "utf-8")
    page.show(**{"width": 1400, **shown})
    page.open(file)
    return page


def assert_quiet(page):
    """Nothing was complained of, and nothing asked for but the page itself."""
    assert page.troubles == []
    assert [url.rpartition("/")[2] for url in page.requests] == ["plan.html"]


def test_200_changes_open_without_complaint_and_are_narrowed_by_action_label_and_words(page, tmp_path):
    opened(page, tmp_path, changes_of(200, "python train.py"))
    assert page.ask(SHOWN) == 200
    page.ask("document.querySelector('[value=create]').click()")
    assert page.ask(SHOWN) == 175
    page.ask("const by = document.querySelector('[name=label]'); by.value = 'team=speech'")
    page.ask("by.dispatchEvent(new Event('input', {bubbles: true}))")
    assert page.ask(SHOWN) == 100
    page.press("/")
    assert page.ask(FOCUSED) == "search"
    page.type("TRAIN-19 reason")
    assert page.ask(SHOWN) == 5
    assert page.ask("document.getElementById('told').textContent") == "5 of 200 shown"
    page.ask("document.querySelector('[type=reset]').click()")
    assert page.ask("new Promise((done) => setTimeout(done))") is None
    assert page.ask(SHOWN) == 200
    assert_quiet(page)


def test_the_keyboard_reaches_the_controls_and_opens_a_change(page, tmp_path):
    opened(page, tmp_path, changes_of(8, "python train.py"))
    page.ask("document.querySelector('[type=reset]').focus()")
    page.press("Tab")
    page.press("Enter")
    assert page.ask("document.querySelector('details').open")
    assert page.ask("document.querySelector('ins').checkVisibility()")
    assert not page.ask("document.querySelectorAll('details')[1].open")
    assert_quiet(page)


@pytest.mark.parametrize("width", [400, 1400])
@pytest.mark.parametrize("dark", [False, True])
def test_hostile_texts_stay_texts_and_fit_the_width(page, tmp_path, width, dark):
    opened(page, tmp_path, changes_of(3, HOSTILE * 20), width=width, dark=dark)
    page.ask("document.getElementById('open').click()")
    assert not page.ask(WIDE)
    assert page.ask("document.querySelectorAll('img, a, iframe, body script:not(:last-child)').length") == 0
    assert page.ask("getComputedStyle(document.body).backgroundColor") == (
        "rgb(13, 17, 23)" if dark else "rgb(255, 255, 255)"
    )
    assert_quiet(page)


def test_on_paper_everything_is_open_and_no_control_is_there(page, tmp_path):
    opened(page, tmp_path, changes_of(3, "python train.py"), media="print")
    assert page.ask("document.querySelector('ins').getBoundingClientRect().height") > 0
    assert not page.ask("document.getElementById('controls').checkVisibility()")


def test_without_its_script_the_page_is_read_all_the_same(page, tmp_path):
    opened(page, tmp_path, changes_of(3, "python train.py"), script=False)
    page.show(width=1400)
    assert page.ask(SHOWN) == 3
    assert page.ask("document.getElementById('controls').hidden")
