"""`github consents`: what the labels of the pull request consent to, as options."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcapply.errors import DlcapplyError
from dlcapply.forge.consents import options_of


def consents(reviews, labels, **run):
    number = reviews.github.open_pull("topic", labels=labels)
    if run.get("event") == "merge_group":
        reviews.github.queue(number)
    return reviews.run("consents", run=reviews.github.start_run(number, **run))


@pytest.mark.parametrize("run", [{}, {"event": "merge_group"}])
def test_one_option_a_line(reviews, run):
    printed = consents(reviews, ["bug", "allow-stops:3", "allow-replace:b.x", "allow-replace:a"], **run)
    assert (printed.code, printed.out) == (0, "--allow-replace=a\n--allow-replace=b.x\n--allow-stops=3\n")


def test_the_event_s_own_labels_need_no_request_and_no_token(reviews):
    number = reviews.github.open_pull("topic", labels=["allow-replace:a"])
    printed = reviews.run("consents", run=reviews.github.start_run(number), GITHUB_TOKEN="")
    assert (printed.code, printed.out, reviews.github.requests) == (0, "--allow-replace=a\n", [])


@pytest.mark.parametrize("event", ["pull_request", "merge_group"])
def test_a_review_that_is_run_again_after_the_merge_ends_before_it_plans(reviews, event):
    """So nothing takes the place of the plan that was reviewed, and approved."""
    number = reviews.github.open_pull("topic", labels=["allow-replace:a"])
    reviews.github.queue(number)
    run = reviews.github.start_run(number, event=event)
    again = reviews.github.start_run(run_id=run["id"])
    assert reviews.run("consents", run=again).out == "--allow-replace=a\n"
    reviews.github.merge(number)
    printed = reviews.run("consents", run=reviews.github.start_run(run_id=run["id"]))
    assert (printed.code, printed.out) == (1, "")
    assert f"pull request {number} is merged: it is not reviewed again" in printed.err


def test_where_there_is_no_pull_request_there_is_no_consent(reviews):
    printed = reviews.run("consents", GITHUB_TOKEN="")
    assert (printed.code, printed.out) == (0, "")


def test_labels_that_can_not_be_asked_for_are_an_error(reviews):
    reviews.token = reviews.github.token({})
    printed = consents(reviews, ["allow-replace:a"], event="merge_group")
    assert (printed.code, printed.out) == (1, "")
    assert "pull-requests: read" in printed.err


@pytest.mark.parametrize(
    "label",
    [
        "allow-replace:",
        "allow-replace: a",
        "allow-replace:a b",
        "allow-replace:a\n--prune",
        "Allow-Replace:a",
        "allow-replace",
        "allow_replace:a",
        "allow-replaces:a",
        "allow-stops:",
        "allow-stops:-1",
        "allow-stops:01",
        "allow-stops:1.0",
        "allow-stops:٣",
        "allow-stops:1000001",
        "allow stop:1",
        "--allow-replace=a",
    ],
)
def test_what_is_meant_as_a_consent_and_is_none(reviews, label):
    printed = consents(reviews, ["bug", label])
    assert (printed.code, printed.out) == (1, "")
    assert "is not a consent" in printed.err
    assert "\n--prune" not in printed.err


def test_two_numbers_of_stops(reviews):
    printed = consents(reviews, ["allow-stops:1", "allow-stops:2"])
    assert (printed.code, printed.out) == (1, "")
    assert "several numbers" in printed.err


@given(labels=st.lists(st.text(max_size=30) | st.sampled_from(["allow-replace:a", "allow-stops:1"])))
def test_whatever_the_labels_only_these_options_come_of_them(labels):
    try:
        options = options_of(labels)
    except DlcapplyError:
        return
    assert {"--allow-replace=a"} & set(options) == {
        "--allow-replace=a" for one in labels if one == "allow-replace:a"
    }
    assert all(option.startswith(("--allow-replace=", "--allow-stops=")) for option in options)
    assert all(char.isprintable() and char != " " for option in options for char in option)
