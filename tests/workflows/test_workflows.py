"""The workflows of examples/, run by a real runner: what people do to pull requests, and what comes of it.

All tests share one company (`company`), each with jobs and pull requests of its own.
"""

from __future__ import annotations

import os
import signal
import time
from functools import partial
from pathlib import Path

from dlcapply.emulator import Fault, FaultKind
from tests.workflows.rig import SECRETS, job

CHECK = "dlcapply vision-team/prod"
LOST = "the journal is lost"
LOOKED_UP = "actions/cache/restore@27d5ce7f107fe9357f9df03efb73ab90386fccae"


def comments(company, number):
    return [one["body"] for one in company.github.comments(number)]


def check_of(company, number):
    head = company.github.state["pulls"][str(number)]["sha"]
    return company.github.checks(head, CHECK)[-1]


def runs_of(company, name):
    return [one for one in company.emulator.jobs() if one["DisplayName"] == name]


def plans(company):
    return [one["name"] for one in company.github.state["artifacts"].values()]


def test_a_pull_request_has_its_plan_in_one_comment_that_follows_it(company):
    number = company.open("shown", job("shown"), labels=["allow-stops:0", "help wanted"])
    company.github.comment(number, "looks good to me")
    before = len(plans(company))

    opened = company.review(number, action="opened")
    assert (opened.job("validate"), opened.job("plan")) == ("success", "success"), str(opened)
    assert "shown" in opened.summaries("validate")
    stranger, comment = comments(company, number)
    assert stranger == "looks good to me"
    assert "shown" in comment
    assert "Consent given: `--allow-stops 0`" in comment
    assert check_of(company, number)["conclusion"] == "success"
    assert plans(company)[before:] == ["dlcapply-plan-prod"]
    assert list(company.emulator.writes) == []

    first = check_of(company, number)
    company.push(number, job("shown-2"))
    updated = company.review(number, jobs=("plan",))
    assert updated.job("plan") == "success", str(updated)
    stranger, comment = comments(company, number)
    assert "shown-2" in comment
    assert check_of(company, number)["external_id"] != first["external_id"]

    for one in company.github.comments(number)[1:]:
        company.github.delete_comment(one["id"])
    again = company.review(number, action="labeled", jobs=("plan",))
    assert again.job("plan") == "success", str(again)
    assert ["shown-2" in text for text in comments(company, number)] == [False, True]


def test_what_is_wrong_is_red_and_said_where_the_plan_would_be(company):
    (name,) = wrong = job("wrong")
    number = company.open("wrong", {name: wrong[name].replace("PodCount", "PotCount")})
    run = company.review(number, action="opened")
    assert (run.job("validate"), run.job("plan")) == ("failure", "failure")
    assert any(level == "error" and "PotCount" in text for level, text in run.annotations("validate"))
    assert check_of(company, number)["conclusion"] == "failure"
    (comment,) = comments(company, number)
    assert "PotCount" in comment


def test_where_no_role_can_be_assumed_there_is_no_plan_and_it_is_said(company):
    number = company.open("roleless", job("roleless"))
    run = company.review(number, jobs=("plan",), roles={})
    assert run.job("plan") == "failure"
    check, (comment,) = check_of(company, number), comments(company, number)
    assert (check["conclusion"], check["output"]["title"]) == ("failure", "no plan could be made")
    assert "A step before the plan failed." in comment


def test_a_fork_is_validated_and_gets_no_role_and_no_say(company):
    number = company.open("forked", job("forked"), fork="eve/jobs")
    requests = len(company.github.requests)
    run = company.review(number, action="opened")
    assert (run.job("validate"), run.job("plan")) == ("success", "")
    assert "forked" in run.summaries("validate")
    assert len(company.github.requests) == requests
    assert comments(company, number) == []


def test_two_that_are_merged_in_one_minute_are_both_applied_though_the_first_apply_is_cancelled(company):
    one, two = company.open("left", job("left")), company.open("right", job("right"))
    for number in (one, two):
        assert company.review(number, jobs=("plan",)).job("plan") == "success"
    old = company.merge(one)
    company.merge(two)
    company.emulator.fault(Fault("CreateJob", FaultKind.SLOW, seconds=60))
    has_begun = lambda: runs_of(company, "left") + runs_of(company, "right")  # noqa: E731
    first = company.apply(during=partial(signal_when, company, has_begun, signal.SIGKILL))
    assert first.job("apply") == "failure"
    assert "` | `CreateJob` |" in first.summaries("apply"), str(first)
    company.runner.turn_clocks()
    second = company.apply(head=old)
    assert second.job("apply") == "success", str(second)
    assert LOST not in second.log("apply")
    assert (len(runs_of(company, "left")), len(runs_of(company, "right"))) == (1, 1)
    (run,) = runs_of(company, "left")
    assert run["Envs"] == SECRETS


def test_what_changed_after_its_review_is_held_back_until_somebody_says_so(company):
    number = company.open("late", job("late"))
    assert company.review(number, jobs=("plan",)).job("plan") == "success"
    company.push(number, job("late", "python train.py --lr 1"))
    company.merge(number)

    held = company.apply()
    assert held.job("apply") == "failure"
    assert runs_of(company, "late") == []
    assert "late" in held.summaries("apply")
    assert any("exit 3" in text for _, text in held.annotations("apply"))
    scheduled = company.apply(event="schedule", workflow="scheduled")
    assert scheduled.job("scheduled") == "success", str(scheduled)
    assert runs_of(company, "late") == []

    by_hand = company.apply(event="workflow_dispatch", expect=company.digest())
    assert by_hand.job("apply") == "success", str(by_hand)
    assert len(runs_of(company, "late")) == 1


def test_where_an_apply_left_no_journal_the_next_lets_time_pass_before_it_creates(company):
    """An attempt began, and ended without a trace; what it may have created, PAI lists by and by."""
    company.repository.commit(job("lost"))
    company.runner.cache("dlcapply-journal/prod/1-2/begun")
    said = company.runner.folder / "said"
    is_told = lambda: LOST in said.read_text("utf-8")  # noqa: E731
    during = partial(signal_when, company, is_told, signal.SIGINT)
    run = company.apply(event="workflow_dispatch", expect=company.digest(), during=during)
    assert run.job("apply") == "failure"
    assert any("exit 130" in text for _, text in run.annotations("apply")), str(run)
    assert runs_of(company, "lost") == []


def test_no_apply_begins_where_the_next_could_not_know_of_it(company):
    with company.runner.no_room():
        run = company.apply(event="workflow_dispatch", expect="0" * 64)
    assert run.job("apply") == "failure"
    assert [step for step, end in run.steps("apply") if end == "failure"] == [LOOKED_UP], str(run)
    assert "dlcapply apply" not in run.summaries("apply")


def signal_when(company, happened, number, process):
    """The step's own process gets the signal, as from a runner."""
    while not happened():
        assert process.poll() is None
        time.sleep(0.01)
    ours = str(company.runner.folder).encode()
    for path in Path("/proc").glob("[0-9]*"):
        if b"action/run.py" in read(path / "cmdline") and ours in read(path / "environ"):
            os.kill(int(path.name), number)


def read(path):
    try:
        return path.read_bytes()
    except OSError:  # it ended
        return b""


def test_drift_of_what_came_by_the_merge_queue_becomes_an_issue_and_is_not_mended(company):
    number = company.open("drifting", job("drifting"), labels=["allow-replace:base"])
    queued = company.queue(number)
    assert queued.job("plan") == "success", str(queued)
    assert comments(company, number) == []
    applied = company.apply()
    assert applied.job("apply") == "success", str(applied)
    (run,) = runs_of(company, "drifting")
    company.emulator.change(run["JobId"], Status="Stopped")
    found = company.drift()
    assert found.job("drift") == "success", str(found)
    (issue,) = company.github.issues()
    assert "drifting" in issue["body"]
    assert len(runs_of(company, "drifting")) == 1


def test_a_run_is_stopped_by_a_form_whose_words_are_no_commands(company):
    company.seed("wrong-turn")
    before = stopped_of_others(company)
    form = {"names": " wrong-turn\n", "signal": "none", "grace": "10m", "all": False}
    reason = "it diverges $(touch planted)\n::error::planted `id`"
    done = company.stop(during=partial(let_it_stop, company), reason=reason, **form)
    assert done.job("stop") == "success", str(done)
    (run,) = runs_of(company, "wrong-turn")
    assert run["Status"] == "Stopped"
    summary = done.summaries("stop")
    assert "it diverges $(touch planted) ::error::planted `id`" in summary
    assert "`wrong-turn`" in summary
    assert done.annotations("stop") == []
    assert stopped_of_others(company) == before


def stopped_of_others(company):
    return {
        one["JobId"]
        for one in company.emulator.jobs()
        if one["DisplayName"] != "wrong-turn" and one["Status"] in {"Stopping", "Stopped"}
    }


def let_it_stop(company, process):
    """Time passes once the stop was told."""
    while not any(entry.operation == "StopJob" for entry in company.emulator.writes):
        assert process.poll() is None
        time.sleep(0.01)
    company.emulator.turn(60)
