"""`github check`: the verdict on the commit under review."""

from __future__ import annotations

import json

import pytest

from dlcapply.model.jobs import View
from tests.forge.conftest import CHECK


def begun(reviews):
    number = reviews.github.open_pull("topic")
    return number, reviews.github.start_run(number)


def checks(reviews, commit):
    return reviews.github.checks(commit, CHECK)


def test_it_stands_on_the_head_with_the_plan_s_hash(reviews):
    _, run = begun(reviews)
    printed = reviews.run("check", reviews.plan(), run=run)
    (check,) = checks(reviews, run["head_sha"])
    assert printed.out == f"{CHECK} on commit {run['head_sha'][:12]}: success, 1 to create\n"
    assert (check["conclusion"], check["app"]) == ("success", "github-actions")
    assert check["external_id"] == f"dlcapply-plan:{reviews.planned.hash_of('one')}"
    assert check["output"]["title"] == "1 to create"
    assert "`train`" in check["output"]["summary"]


def test_a_summary_is_as_long_as_github_counts_it(reviews):
    """In bytes, three for a Chinese character; the comment has more room."""
    number, run = begun(reviews)
    report = reviews.folder / "report.md"
    report.write_text("训练任务说明\n" * 10_000, "utf-8")
    words = ("--report", str(report), "--owner", "vision/prod")
    assert reviews.run("check", *words, run=run).code == 0
    (check,) = checks(reviews, run["head_sha"])
    summary = check["output"]["summary"]
    assert 63_000 < len(summary.encode()) <= 65_535
    assert "did not fit" in summary
    assert f"run {run['run_number']}, attempt 1" in summary
    assert reviews.run("comment", *words, run=run).code == 0
    (comment,) = reviews.github.comments(number)
    assert len(comment["body"]) > len(summary)


def test_it_stands_on_the_head_of_a_merge_group(reviews):
    number = reviews.github.open_pull("topic")
    group = reviews.github.queue(number)
    run = reviews.github.start_run(number, event="merge_group")
    assert reviews.run("check", reviews.plan(), run=run).code == 0
    assert len(checks(reviews, group)) == 1


def test_on_a_push_it_stands_on_what_was_pushed(reviews):
    run = reviews.github.start_run()
    assert reviews.run("check", reviews.plan(), run=run).code == 0
    assert len(checks(reviews, run["head_sha"])) == 1


def with_changes(reviews, tmp_path, *actions, level=None, sees="ALL", view=None):
    """A saved plan whose changes have these actions, a finding of the level, and what was to be seen."""
    from dataclasses import replace

    from dlcapply.api.plans.saved import open_plan
    from dlcapply.model.findings import Finding, Level
    from dlcapply.model.plans import Action
    from dlcapply.model.runs import Visibility
    from dlcapply.planning.digest import digest
    from dlcapply.rendering.plan_documents import saved_plan_document

    saved = open_plan(reviews.plan("two"))
    changes = tuple(
        replace(change, action=Action(action))
        for change, action in zip(saved.plan.changes, actions, strict=False)
    )
    findings = (Finding("limit", Level(level), "too much"),) if level else ()
    census = replace(saved.plan.census, sees=Visibility[sees])
    environment = replace(saved.plan.environment, view=view)
    plan = replace(saved.plan, changes=changes, findings=findings, census=census, environment=environment)
    plan = replace(plan, digest=digest(scope=plan.scope, changes=plan.changes))
    (tmp_path / "made.json").write_text(json.dumps(saved_plan_document(replace(saved, plan=plan))), "utf-8")
    return str(tmp_path / "made.json")


@pytest.mark.parametrize(
    ("actions", "options", "conclusion"),
    [
        (["unchanged"], [], "success"),
        (["create", "blocked"], [], "neutral"),
        (["create", "waiting"], [], "neutral"),
        (["create", "blocked"], ["--blocked", "failure"], "failure"),
        (["create", "waiting"], ["--blocked", "failure"], "neutral"),
        (["waiting", "blocked"], ["--blocked", "success", "--waiting", "failure"], "failure"),
        (["waiting", "blocked"], ["--blocked", "success", "--waiting", "success"], "success"),
    ],
)
def test_what_it_concludes(reviews, tmp_path, actions, options, conclusion):
    _, run = begun(reviews)
    file = with_changes(reviews, tmp_path, *actions)
    assert reviews.run("check", file, *options, run=run).code == 0
    (check,) = checks(reviews, run["head_sha"])
    assert check["conclusion"] == conclusion


@pytest.mark.parametrize(("level", "conclusion"), [("error", "failure"), ("warning", "success")])
def test_what_is_denied_is_red(reviews, tmp_path, level, conclusion):
    _, run = begun(reviews)
    file = with_changes(reviews, tmp_path, "create", level=level)
    reviews.run("check", file, "--blocked", "success", run=run)
    (check,) = checks(reviews, run["head_sha"])
    assert check["conclusion"] == conclusion


@pytest.mark.parametrize(("view", "conclusion"), [(None, "failure"), (View.OWN, "success")])
def test_no_start_is_called_approved_by_a_plan_that_may_miss_runs(reviews, tmp_path, view, conclusion):
    """Neither the check nor the words below the plan promise what apply --approved would hold back."""
    _, run = begun(reviews)
    file = with_changes(reviews, tmp_path, "create", sees="UNKNOWN", view=view)
    assert reviews.run("check", file, run=run).code == 0
    (check,) = checks(reviews, run["head_sha"])
    text, is_green = check["output"]["summary"], conclusion == "success"
    assert check["conclusion"] == conclusion
    assert check["output"]["title"].startswith("denied, it may not see every run: ") is not is_green
    assert ("Once merged, this is approved" in text) is is_green
    assert ("approves no start of a PRIVATE job" in text) is is_green


def test_a_report_is_red_and_ties_nothing(reviews, tmp_path):
    _, run = begun(reviews)
    (tmp_path / "x.md").write_text("### no", "utf-8")
    args = ["--report", str(tmp_path / "x.md"), "--owner", "vision/prod", "--blocked", "success"]
    assert reviews.run("check", *args, run=run).code == 0
    (check,) = checks(reviews, run["head_sha"])
    assert (check["conclusion"], check["external_id"]) == ("failure", "dlcapply-no-plan")
    assert check["output"]["title"] == "no plan could be made"


def test_an_older_run_does_not_take_it_back(reviews):
    number, old = begun(reviews)
    new = reviews.github.start_run(number)
    reviews.run("check", reviews.plan("two"), run=new)
    printed = reviews.run("check", reviews.plan("one"), run=old)
    assert (printed.code, len(checks(reviews, new["head_sha"]))) == (0, 1)
    assert "is of a newer run" in printed.out


def test_another_app_s_check_keeps_nobody_from_saying(reviews):
    _, run = begun(reviews)
    text = "<!-- dlcapply-run 999999.1 -->"
    reviews.github.set_check(
        run["head_sha"], CHECK, app="other", output={"title": "x", "summary": "", "text": text}
    )
    reviews.run("check", reviews.plan(), run=run)
    assert len(checks(reviews, run["head_sha"])) == 2


def test_approved_takes_what_check_has_said(reviews):
    number = reviews.github.open_pull("topic", files=["jobs/train.yaml"])
    run = reviews.review(number, check=False)
    reviews.run("check", reviews.plan(), run=run)
    reviews.github.merge(number)
    _, plans = reviews.approved()
    assert plans == [reviews.planned.texts["one"]]


def test_without_the_permission(reviews):
    _, run = begun(reviews)
    reviews.token = reviews.github.token({"checks": "read"})
    printed = reviews.run("check", reviews.plan(), run=run)
    assert printed.code == 1
    assert "403 Resource not accessible by integration" in printed.err
    assert "permissions: {checks: write}" in printed.err


def test_a_person_s_token_makes_no_checks(reviews):
    _, run = begun(reviews)
    reviews.token = reviews.github.token(user="ada")
    printed = reviews.run("check", reviews.plan(), run=run)
    assert printed.code == 1
    assert "You must authenticate via a GitHub App" in printed.err


def test_a_plan_that_was_edited_is_not_told(reviews, tmp_path):
    text = reviews.planned.texts["one"].replace(b'"retries": 0', b'"retries": 9')
    (tmp_path / "edited.json").write_bytes(text)
    _, run = begun(reviews)
    for command in ("check", "comment"):
        printed = reviews.run(command, str(tmp_path / "edited.json"), run=run)
        assert (printed.code, reviews.github.requests) == (1, [])
        assert "edited" in printed.err
