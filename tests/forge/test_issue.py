"""`github issue`: one open issue as long as there is drift."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dlcapply.model.drift import DriftCode
from tests.forge.fake_github import ACTIONS_BOT


def drifted(reviews, tmp_path, *, has_drifted=True, name="now.json", value=9):
    """The document of drift, in which somebody changed a value of a run, or nobody did."""
    plan = json.loads(reviews.planned.texts["one"])["plan"]
    same = {key: plan[key] for key in ("format_version", "context", "environment", "scope", "census")}
    fields = [{"path": "Priority", "declared": 1, "live": value}]
    row = {"code": "value-changed", "name": "train", "job_id": "dlc1", "status": "Running", "what": "changed"}
    row |= {"evidence": "its mark", "hint": "declare it", "fields": fields, "source": None}
    counts = {code.value: 0 for code in DriftCode} | {"value-changed": int(has_drifted)}
    document = same | {"kind": "Drift", "journal": True, "drift": [row] if has_drifted else [], "unclear": []}
    document |= {"summary": counts, "findings": []}
    (tmp_path / name).write_text(json.dumps(document), "utf-8")
    return str(tmp_path / name)


def test_it_is_opened_kept_up_to_date_and_closed(reviews, tmp_path):
    bad, good = drifted(reviews, tmp_path), drifted(reviews, tmp_path, has_drifted=False, name="good.json")
    opened = reviews.run("issue", bad)
    (issue,) = reviews.github.issues()
    number = issue["number"]
    assert (opened.code, opened.out) == (0, f"issue {number} opened\n")
    assert issue["title"] == "dlcapply: drift in vision/prod"
    assert (issue["by"], issue["state"], "Priority" in issue["body"]) == (ACTIONS_BOT, "open", True)
    assert reviews.run("issue", bad).out == f"issue {number} says so already\n"
    worse = drifted(reviews, tmp_path, value=8, name="worse.json")
    assert reviews.run("issue", worse).out == f"issue {number} brought up to date\n"
    assert reviews.run("issue", good).out == f"issue {number} closed: there is no drift any more\n"
    assert [one["state"] for one in reviews.github.issues()] == ["closed"]
    assert reviews.run("issue", good).out == "no drift in vision/prod, and no issue about it\n"
    assert reviews.run("issue", bad).out == f"issue {number + 1} opened\n"


def test_what_says_the_same_is_left_alone(reviews, tmp_path):
    bad = drifted(reviews, tmp_path)
    reviews.run("issue", bad)
    assert "says so already" in reviews.run("issue", bad).out
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


@pytest.mark.parametrize("body", ["[1]", "[null]", "<html>", "{}"])
def test_a_list_that_can_not_be_read_opens_no_second_issue(reviews, tmp_path, body):
    reviews.run("issue", drifted(reviews, tmp_path))
    reviews.github.fault(path="/issues$", status=200, body=body)
    printed = reviews.run("issue", drifted(reviews, tmp_path))
    assert (printed.code, len(reviews.github.issues())) == (1, 1)
    assert "can't list the issues" in printed.err


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


def test_less_drift_is_told_too(reviews, tmp_path):
    """Also where what is left is how the text began before."""
    report = json.loads(Path(drifted(reviews, tmp_path)).read_text("utf-8"))
    more = tmp_path / "more.json"
    more.write_text(json.dumps(report | {"drift": report["drift"] * 2}), "utf-8")
    reviews.run("issue", str(more))
    assert "brought up to date" in reviews.run("issue", drifted(reviews, tmp_path)).out
    (issue,) = reviews.github.issues()
    assert issue["body"].count("| `train` |") == 1


def test_an_app_of_one_s_own_keeps_one_issue_too(reviews, tmp_path):
    reviews.token = reviews.github.token(app="our-reviews")
    for value in (1, 2):
        assert reviews.run("issue", drifted(reviews, tmp_path, value=value)).code == 0
    assert [one["state"] for one in reviews.github.issues()] == ["open", "closed"]
    assert "2" in reviews.github.issues()[0]["body"]


def test_differences_that_may_be_the_manifest_s_open_none(reviews, tmp_path):
    report = json.loads(Path(drifted(reviews, tmp_path)).read_text("utf-8"))
    row = report["drift"][0] | {"code": "value-differs"}
    (tmp_path / "x.json").write_text(json.dumps(report | {"drift": [], "unclear": [row]}), "utf-8")
    assert "no drift" in reviews.run("issue", str(tmp_path / "x.json")).out
    assert reviews.github.issues() == []
