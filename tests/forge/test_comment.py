"""`github comment`: one comment of ours, brought up to date by whoever is newest, and nobody else's."""

from __future__ import annotations

import re
import sys
from dataclasses import replace

import pytest

from dlcapply.api.plans.saved import open_plan
from dlcapply.model.findings import Finding, Level
from dlcapply.model.jobs import View
from dlcapply.model.runs import Visibility
from dlcapply.planning.digest import digest
from dlcapply.rendering.json_documents import to_json
from dlcapply.rendering.markdown.fitting import COMMENT
from dlcapply.rendering.markdown.plans import plan_markdown
from dlcapply.rendering.plan_documents import plan_document, saved_plan_document
from tests.forge.fake_github import ACTIONS_BOT


def begun(reviews, **pull):
    """An open pull request and a run of its review."""
    number = reviews.github.open_pull("topic", **pull)
    return number, reviews.github.start_run(number)


def bodies(reviews, number):
    return [one["body"] for one in reviews.github.comments(number)]


def test_it_is_made_and_then_brought_up_to_date(reviews):
    number, run = begun(reviews)
    made = reviews.run("comment", reviews.plan("one"), run=run)
    reviews.github.push(number)
    again = reviews.run("comment", reviews.plan("two"), run=reviews.github.start_run(number))
    (body,) = bodies(reviews, number)
    assert (made.code, again.code) == (0, 0)
    assert made.out == f"pull request {number} has the comment now\n"
    assert again.out == f"pull request {number} has the comment brought up to date\n"
    assert "`later`" in body
    assert "2 to create" in body
    assert body.startswith("<!-- dlcapply-plan owner=vision%2Fprod origin=github.com%2Fteam%2Fjobs run=2.1 ")
    assert [one["by"] for one in reviews.github.comments(number)] == [ACTIONS_BOT]


def test_with_v_every_request_is_told_and_the_token_never(reviews):
    _, run = begun(reviews)
    before = len(reviews.github.requests)
    told = reviews.run("comment", reviews.plan("one"), "-v", run=run)
    lines = told.err.splitlines()
    assert all(
        re.fullmatch(r"GitHub [A-Z]+ \(/.+\): [0-9.]+ s, [0-9]{3}, request FAKE:[0-9]+", line)
        for line in lines
    )
    assert len(lines) == len(reviews.github.requests) - before
    assert "token" not in told.err.lower()


def test_what_it_says_beside_the_plan(reviews):
    number, run = begun(reviews, labels=["allow-replace:train", "bug", "allow-stops:2"])
    reviews.run("comment", reviews.plan(), run=run)
    (body,) = bodies(reviews, number)
    link = "https://github.example/team/jobs/actions/runs/1/attempts/1"
    assert "Labels of this pull request consent to `--allow-replace=train`, `--allow-stops=2`." in body
    assert "Once merged, this is approved until 2027-02-21 00:00 UTC." in body
    assert f"[run 1, attempt 1]({link}) for commit `{run['head_sha'][:12]}`" in body


def test_each_environment_has_its_own(reviews):
    number, run = begun(reviews)
    for plan in ("one", "elsewhere", "one", "elsewhere"):
        assert reviews.run("comment", reviews.plan(plan), run=run).code == 0
    assert sorted("vision/prod" in body for body in bodies(reviews, number)) == [False, True]


def test_an_older_run_takes_nothing_back(reviews):
    number, old = begun(reviews)
    new = reviews.github.start_run(number)
    reviews.run("comment", reviews.plan("two"), run=new)
    late = reviews.run("comment", reviews.plan("one"), run=old)
    (body,) = bodies(reviews, number)
    assert (late.code, "`later`" in body) == (0, True)
    assert "of a newer run" in late.out


def test_a_later_attempt_of_a_run_is_newer(reviews):
    number, run = begun(reviews)
    reviews.run("comment", reviews.plan("one"), run=run)
    again = reviews.github.start_run(run_id=run["id"])
    assert "up to date" in reviews.run("comment", reviews.plan("two"), run=again).out
    assert "`later`" in bodies(reviews, number)[0]


def test_a_plan_of_an_older_commit_takes_nothing_back(reviews):
    """Another workflow has its own numbers of runs."""
    number, run = begun(reviews)
    reviews.github.push(number)
    reviews.run("comment", reviews.plan("two"), run=reviews.github.start_run(number))
    late = reviews.run("comment", reviews.plan("one"), run=run, GITHUB_RUN_NUMBER="999")
    assert "newer commit" in late.out
    assert "`later`" in bodies(reviews, number)[0]


def test_one_that_was_deleted_is_made_again(reviews):
    number, run = begun(reviews)
    reviews.run("comment", reviews.plan(), run=run)
    reviews.github.delete_comment(reviews.github.comments(number)[0]["id"])
    assert "has the comment now" in reviews.run("comment", reviews.plan(), run=run).out
    assert len(bodies(reviews, number)) == 1


def test_one_that_is_deleted_meanwhile_is_made_again(reviews):
    number, run = begun(reviews)
    reviews.run("comment", reviews.plan(), run=run)
    reviews.github.fault(method="PATCH", status=404, message="Not Found")
    reviews.run("comment", reviews.plan("two"), run=run)
    assert "`later`" in bodies(reviews, number)[0]


def test_what_a_person_wrote_is_never_touched(reviews):
    """Whoever copies the marker into a comment of their own gets neither an update nor the last word."""
    number, run = begun(reviews)
    reviews.run("comment", reviews.plan(), run=run)
    copied = bodies(reviews, number)[0].replace("run=1.1", "run=999999.1") + "\nall fine"
    theirs = reviews.github.comment(number, copied)
    reviews.run("comment", reviews.plan("two"), run=run)
    assert reviews.github.state["comments"][str(theirs)]["body"] == copied
    assert len(bodies(reviews, number)) == 2


def test_a_marker_in_the_middle_of_a_bots_text_is_none(reviews):
    number, run = begun(reviews)
    reviews.run("comment", reviews.plan(), run=run)
    quoted = f"somebody said:\n{bodies(reviews, number)[0]}"
    reviews.github.delete_comment(1)
    reviews.github.comment(number, quoted, by=ACTIONS_BOT)
    reviews.run("comment", reviews.plan("two"), run=run)
    assert quoted in bodies(reviews, number)
    assert len(bodies(reviews, number)) == 2


def test_a_person_s_token_has_a_comment_of_its_own(reviews):
    number, run = begun(reviews)
    reviews.run("comment", reviews.plan(), run=run)
    reviews.token = reviews.github.token(user="ada")
    for _ in range(2):
        reviews.run("comment", reviews.plan(), run=run)
    assert [one["by"] for one in reviews.github.comments(number)] == [ACTIONS_BOT, "ada"]


def test_behind_many_others(reviews):
    number, run = begun(reviews)
    for count in range(150):
        reviews.github.comment(number, f"{count}")
    for _ in range(2):
        reviews.run("comment", reviews.plan(), run=run)
    assert len(bodies(reviews, number)) == 151


def test_several_of_ours_become_one(reviews):
    number, run = begun(reviews)
    reviews.run("comment", reviews.plan(), run=run)
    reviews.github.comment(number, bodies(reviews, number)[0], by=ACTIONS_BOT)
    reviews.run("comment", reviews.plan("two"), run=run)
    (one,) = reviews.github.comments(number)
    assert (one["id"], "`later`" in one["body"]) == (1, True)


@pytest.mark.parametrize("first", ["old", "new"])
def test_two_runs_at_once_leave_one_comment_of_the_newer(reviews, first):
    """The later one looked before the other's was there: it finds it on looking again."""
    number, old = begun(reviews)
    runs = {"old": ("one", old), "new": ("two", reviews.github.start_run(number))}
    second = "new" if first == "old" else "old"
    for name in (first, second):
        plan, run = runs[name]
        reviews.github.fault(method="GET", path="/comments", status=200, body="[]")
        assert reviews.run("comment", reviews.plan(plan), run=run).code == 0
    (one,) = reviews.github.comments(number)
    assert (one["id"], "`later`" in one["body"]) == (1, True)


def test_a_report_in_place_of_a_plan(reviews, tmp_path):
    number, run = begun(reviews)
    report = tmp_path / "error.md"
    report.write_text("### No plan\n\n**3 errors**", "utf-8")
    told = ["--report", str(report), "--owner", "vision/prod"]
    reviews.run("comment", reviews.plan(), run=run)
    assert reviews.run("comment", *told, run=run).code == 0
    (body,) = bodies(reviews, number)
    assert "**3 errors**" in body
    assert "origin=github.com%2Fteam%2Fjobs" in body
    reviews.run("comment", reviews.plan(), run=run)
    assert len(bodies(reviews, number)) == 1


def test_a_report_before_any_plan(reviews, tmp_path):
    number, run = begun(reviews)
    report = tmp_path / "error.md"
    report.write_text("no", "utf-8")
    reviews.run("comment", "--report", str(report), "--owner", "vision/prod", run=run)
    reviews.run("comment", reviews.plan(), run=run)
    (body,) = bodies(reviews, number)
    assert "1 to create" in body


def test_a_report_that_is_too_long_is_cut_and_says_so(reviews, tmp_path):
    number, run = begun(reviews)
    report = tmp_path / "error.md"
    report.write_text("".join(f"line {count} 🙂\n" for count in range(9_000)), "utf-8")
    assert reviews.run("comment", "--report", str(report), "--owner", "vision/prod", run=run).code == 0
    (body,) = bodies(reviews, number)
    assert "The rest is left out" in body
    assert len(body) < len(body.encode("utf-16-le")) // 2 < 65_536
    assert len(body) > 50_000


def as_long_as_may_be(saved):
    """The plan, with owner, origin and changes of names that make its Markdown just fit a comment."""
    scope = replace(saved.plan.scope, owner="-" * 128, origin="-" * 128)
    plan = replace(
        saved.plan,
        scope=scope,
        environment=replace(saved.plan.environment, view=View.OWN),
        census=replace(saved.plan.census, sees=Visibility.UNKNOWN),
    )

    def of(rows, padding):
        changes = tuple(replace(plan.changes[0], name=f"{number:0200}") for number in range(rows))
        note = Finding("note", Level.WARNING, "x" * padding)
        return replace(plan, changes=changes, findings=(note,), digest=digest(scope=scope, changes=changes))

    def length(made):
        return len(plan_markdown(plan_document(made)))

    rows = (COMMENT.limit - length(of(100, 1))) // (length(of(101, 1)) - length(of(100, 1))) + 99
    return replace(saved, plan=of(rows, COMMENT.limit - length(of(rows, 0))))


def test_the_longest_plan_fits_with_all_that_is_said_around_it(reviews, tmp_path):
    saved = as_long_as_may_be(open_plan(reviews.plan()))
    (tmp_path / "long").write_text(to_json(saved_plan_document(saved)), "utf-8")
    number, run = begun(reviews, labels=[f"allow-replace:{number:036}" for number in range(9)])
    assert reviews.run("comment", str(tmp_path / "long"), run=run).code == 0
    (body,) = bodies(reviews, number)
    assert "and 4 more" in body
    assert "approves no start of a PRIVATE job" in body


@pytest.mark.parametrize(
    "args",
    [
        [],
        ["PLAN", "--report", "x.md", "--owner", "vision/prod"],
        ["--report", "x.md"],
        ["--owner", "vision/prod"],
        ["PLAN", "--owner", "x"],
    ],
)
def test_what_to_tell_is_a_plan_or_a_report(reviews, args):
    words = [reviews.plan() if word == "PLAN" else word for word in args]
    assert reviews.run("comment", *words).code == 64


@pytest.mark.parametrize("text", [b"", b" \n", b"\xff"])
def test_a_report_that_says_nothing(reviews, tmp_path, text):
    (tmp_path / "x.md").write_bytes(text)
    _, run = begun(reviews)
    args = ["--report", str(tmp_path / "x.md"), "--owner", "vision/prod"]
    assert reviews.run("comment", *args, run=run).code == 1


def test_which_pull_request(reviews):
    number = reviews.github.open_pull("topic")
    assert reviews.run("comment", reviews.plan()).code == 64
    assert reviews.run("comment", reviews.plan(), "--pull-request", str(number)).code == 0
    assert len(bodies(reviews, number)) == 1
    assert reviews.run("comment", reviews.plan(), "--pull-request", "99").code == 1


def test_of_a_merge_group(reviews):
    number = reviews.github.open_pull("topic")
    reviews.github.queue(number)
    assert (
        reviews.run("comment", reviews.plan(), run=reviews.github.start_run(number, event="merge_group")).code
        == 0
    )
    assert len(bodies(reviews, number)) == 1


def test_the_plan_of_a_merge_group_takes_the_place_of_the_head_s(reviews):
    """It is what the merge approves."""
    number, run = begun(reviews)
    reviews.run("comment", reviews.plan("one"), run=run)
    reviews.github.queue(number)
    group = reviews.github.start_run(number, event="merge_group")
    assert "up to date" in reviews.run("comment", reviews.plan("two"), run=group).out
    assert "`later`" in bodies(reviews, number)[0]


def test_a_label_that_is_no_consent_is_told_and_hides_nothing(reviews):
    number, run = begun(reviews, labels=["allow-replace: train", "allow-replace:train"])
    assert reviews.run("comment", reviews.plan(), run=run).code == 0
    (body,) = bodies(reviews, number)
    assert "**No label consents to anything**" in body
    assert "1 to create" in body


def test_a_run_whose_event_tells_of_it_as_it_was_leaves_what_was_said(reviews):
    """A run that is repeated has the event of its first attempt."""
    number = reviews.github.open_pull("topic")
    run = reviews.github.start_run(number)
    reviews.run("comment", reviews.plan(), run=run)
    before = bodies(reviews, number)
    reviews.github.merge(number)
    printed = reviews.run("comment", reviews.plan("two"), run=reviews.github.start_run(run_id=run["id"]))
    assert (printed.code, "is closed: what is said of it stays" in printed.out) == (0, True)
    assert bodies(reviews, number) == before


def test_a_pull_request_that_is_closed_keeps_what_was_said(reviews):
    number, _ = begun(reviews)
    reviews.github.merge(number)
    run = reviews.github.start_run(number)
    for command in ("comment", "check"):
        printed = reviews.run(command, reviews.plan(), run=run)
        assert (printed.code, "is closed" in printed.out) == (0, True)
    assert bodies(reviews, number) == []
    assert reviews.github.requests == []


@pytest.mark.parametrize("command", ["comment", "check"])
def test_dry_run_sends_nothing(reviews, command):
    _, run = begun(reviews)
    printed = reviews.run(command, reviews.plan(), "--dry-run", run=run, GITHUB_TOKEN="")
    assert (printed.code, reviews.github.requests) == (0, [])
    assert "1 to create" in printed.out


def test_a_fork_s_token_may_not_and_the_words_say_so(reviews):
    number = reviews.github.open_pull("topic", fork="mallory/jobs")
    reviews.token = reviews.github.token({"pull_requests": "read", "issues": "read", "checks": "read"})
    printed = reviews.run("comment", reviews.plan(), run=reviews.github.start_run(number))
    assert printed.code == 1
    first, second = printed.err.splitlines()
    assert first == (
        f"error: can't comment on pull request {number}: GitHub answered 403 Resource not accessible by"
        " integration, request FAKE:4"
    )
    assert "permissions: {pull-requests: write}" in second
    assert "fork's pull request never writes" in second
    assert bodies(reviews, number) == []


def test_what_github_says_reaches_no_terminal(reviews):
    number, run = begun(reviews)
    reviews.github.fault(method="POST", status=422, message="\x1b[2J\u202e::error::x\nsecond line")
    printed = reviews.run("comment", reviews.plan(), run=run)
    assert printed.code == 1
    assert "\x1b" not in printed.err
    assert "\u202e" not in printed.err
    assert not any(line.startswith("::") for line in printed.err.splitlines())
    assert number


def test_whether_a_comment_was_made_is_not_known(reviews):
    _, run = begun(reviews)
    reviews.github.fault(method="POST", drop=True)
    printed = reviews.run("comment", reviews.plan(), run=run)
    assert printed.code == 1
    assert "whether it was done is not known: run this again" in printed.err
    assert len(reviews.github.asked("POST")) == 1


@pytest.mark.parametrize("status", [403, 429])
def test_a_write_that_github_put_off_is_sent_again(reviews, status):
    number, run = begun(reviews)
    words = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
    reviews.github.fault(method="POST", status=status, message=words)
    printed = reviews.run("comment", reviews.plan(), run=run)
    assert (printed.code, reviews.clock.slept) == (0, [60])
    assert "waiting 60 s" in printed.err
    assert len(bodies(reviews, number)) == 1


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("GITHUB_REPOSITORY", "team"),
        ("GITHUB_REPOSITORY", "team/jobs/../.."),
        ("GITHUB_REPOSITORY", ""),
        ("GITHUB_RUN_NUMBER", "x"),
        ("GITHUB_RUN_ID", "9" * 40),
        ("GITHUB_API_URL", "http://example.com"),
        ("GITHUB_API_URL", "ftp://example.com"),
        ("GITHUB_API_URL", "https://user:secret@example.com"),
        ("GITHUB_API_URL", "https://[::1"),
        ("GITHUB_TOKEN", "a b"),
        ("GITHUB_TOKEN", "a\nX-Evil: 1"),
        ("GITHUB_TOKEN", ""),
    ],
)
def test_variables_that_mean_nothing(reviews, variable, value):
    _, run = begun(reviews)
    printed = reviews.run("comment", reviews.plan(), run=run, **{variable: value})
    assert (printed.code, reviews.github.requests) == (64, [])
    assert variable in printed.err
    assert "secret" not in printed.err


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        "{}",
        '{"pull_request": 1}',
        '{"pull_request": {"number": "1", "head": {"sha": "x"}}}',
        "[" * 99_999,
    ],
)
def test_an_event_that_can_not_be_read(reviews, tmp_path, text):
    _, run = begun(reviews)
    (tmp_path / "event.json").write_text(text, "utf-8")
    printed = reviews.run("comment", reviews.plan(), run=run, GITHUB_EVENT_PATH=str(tmp_path / "event.json"))
    assert (printed.code, reviews.github.requests) == (1, [])
    assert "the event" in printed.err


def test_an_app_of_one_s_own_has_one_comment_too(reviews):
    """Its token does not tell who it is before it has written."""
    number, run = begun(reviews)
    reviews.token = reviews.github.token(app="our-reviews")
    for plan in ("one", "two"):
        assert reviews.run("comment", reviews.plan(plan), run=run).code == 0
    (one,) = reviews.github.comments(number)
    assert (one["id"], one["by"], "`later`" in one["body"]) == (1, "our-reviews[bot]", True)


def test_without_the_client_library(reviews, monkeypatch):
    _, run = begun(reviews)
    monkeypatch.setitem(sys.modules, "github", None)
    printed = reviews.run("comment", reviews.plan(), run=run)
    assert printed.code == 1
    assert printed.err == (
        "error: GitHub's client library is not installed\nhint: pip install 'dlcapply[github]' brings it\n"
    )


def test_a_limit_that_resets_soon_is_waited_for(reviews):
    number, run = begun(reviews)
    reviews.github.limit(1, reset_in=20)
    printed = reviews.run("comment", reviews.plan(), run=run)
    assert (printed.code, reviews.clock.slept) == (0, [21])
    assert "waiting 21 s before GitHub is asked again: 403 API rate limit exceeded" in printed.err
    assert len(bodies(reviews, number)) == 1
