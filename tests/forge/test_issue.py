"""`github issue`: one open issue as long as there is drift."""

from __future__ import annotations

import json

import pytest

from tests.forge.fake_github import ACTIONS_BOT


def drifted(reviews, tmp_path, *, has_drifted=True, name="now.json"):
    """The document of a plan in which somebody else changed a field of a run, or nobody did."""
    plan = json.loads(reviews.planned.texts["one"])["plan"]
    field = {"path": "Priority", "kind": "drifted", "before": 9, "after": 1, "behaviour": "in place"}
    plan["changes"][0]["fields"] = [field] if has_drifted else []
    (tmp_path / name).write_text(json.dumps(plan), "utf-8")
    return str(tmp_path / name)


def test_it_is_opened_kept_up_to_date_and_closed(reviews, tmp_path):
    bad, good = drifted(reviews, tmp_path), drifted(reviews, tmp_path, has_drifted=False, name="good.json")
    opened = reviews.run("issue", bad)
    (issue,) = reviews.github.issues()
    number = issue["number"]
    assert (opened.code, opened.out) == (0, f"issue {number} opened\n")
    assert issue["title"] == "dlcapply: drift in vision/prod"
    assert (issue["by"], issue["state"], "Priority" in issue["body"]) == (ACTIONS_BOT, "open", True)
    assert reviews.run("issue", bad).out == f"issue {number} brought up to date\n"
    assert reviews.run("issue", good).out == f"issue {number} closed: there is no drift any more\n"
    assert [one["state"] for one in reviews.github.issues()] == ["closed"]
    assert reviews.run("issue", good).out == "no drift in vision/prod, and no issue about it\n"
    assert reviews.run("issue", bad).out == f"issue {number + 1} opened\n"


def test_what_says_the_same_is_left_alone(reviews, tmp_path):
    run, bad = reviews.github.start_run(), drifted(reviews, tmp_path)
    reviews.run("issue", bad, run=run)
    assert "says so already" in reviews.run("issue", bad, run=run).out
    assert reviews.github.asked("PATCH") == []


def test_a_person_s_issue_with_the_mark_is_never_touched(reviews, tmp_path):
    bad = drifted(reviews, tmp_path)
    reviews.run("issue", bad)
    (issue,) = reviews.github.issues()
    theirs = reviews.github.open_issue("mine", issue["body"].replace("run=1.1", "run=999.1"))
    reviews.github.close_issue(issue["number"])
    reviews.run("issue", bad)
    mine = reviews.github.state["issues"][str(theirs)]
    assert (mine["state"], mine["title"], len(reviews.github.issues())) == ("open", "mine", 3)


def test_an_older_run_takes_nothing_back(reviews, tmp_path):
    old, new = reviews.github.start_run(), reviews.github.start_run()
    reviews.run("issue", drifted(reviews, tmp_path), run=new)
    late = reviews.run("issue", drifted(reviews, tmp_path, has_drifted=False), run=old)
    assert "of a newer run" in late.out
    assert [one["state"] for one in reviews.github.issues()] == ["open"]


def test_several_of_ours_become_one(reviews, tmp_path):
    bad = drifted(reviews, tmp_path)
    reviews.run("issue", bad)
    (issue,) = reviews.github.issues()
    reviews.github.open_issue(issue["title"], issue["body"], by=ACTIONS_BOT)
    reviews.run("issue", bad)
    assert [one["state"] for one in reviews.github.issues()] == ["open", "closed"]


def test_without_the_permission(reviews, tmp_path):
    reviews.token = reviews.github.token({"issues": "read"})
    printed = reviews.run("issue", drifted(reviews, tmp_path))
    assert printed.code == 1
    assert "permissions: {issues: write}" in printed.err


def test_dry_run_sends_nothing(reviews, tmp_path):
    printed = reviews.run("issue", drifted(reviews, tmp_path), "--dry-run", GITHUB_TOKEN="")
    assert (printed.code, reviews.github.requests) == (0, [])
    assert "would keep the issue 'dlcapply: drift in vision/prod' open" in printed.out
    assert "Priority" in printed.out


@pytest.mark.parametrize("text", ["{}", "[]", "{", '{"format_version": 1}'])
def test_what_is_no_plan(reviews, tmp_path, text):
    (tmp_path / "x.json").write_text(text, "utf-8")
    assert reviews.run("issue", str(tmp_path / "x.json")).code == 1
    assert reviews.github.requests == []
