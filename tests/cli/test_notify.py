"""Webhooks are told at the end of an apply, each matter once; what they answer decides about nothing."""

import json
import os
import signal
import threading
from datetime import timedelta

import pytest

from dlcapply.emulator import Fault, FaultKind, Lifecycle
from dlcapply.manifest.schema.shipped import validator
from tests.notifying.webhook import FakeWebhook

SECRET = "c0ffee5ecre7"


@pytest.fixture
def hook():
    with FakeWebhook() as fake:
        yield fake


@pytest.fixture
def told(project, hook):
    """A project whose webhook is told everything, as a document."""
    project.environ["HOOK"] = f"{hook.address}/robot/{SECRET}?access_token={SECRET}"
    project.environ["GITHUB_SERVER_URL"] = "https://github.example"
    project.environ["GITHUB_REPOSITORY"] = "vision/jobs"
    project.environ["GITHUB_RUN_ID"] = "77"
    project.configure(", notify: [{kind: json, urlFrom: HOOK}]")
    return project


def news(hook, at=-1):
    document = hook.sent[at].body
    assert validator("notification.v1.schema.json").accepts(document)
    return [(one["event"], one["name"]) for one in document["news"]]


def test_a_wait_tells_how_the_runs_ended_once_and_nothing_of_the_address(told, hook):
    told.job("short-good")
    told.job("short-bad", "python train.py", "exit 137")
    printed = told.run("apply", "--yes", "--wait", "-v")
    assert printed.code == 9
    assert news(hook) == [("failed", "short-bad"), ("finished", "short-good")]
    document = hook.sent[0].body
    assert document["link"] == "https://github.example/vision/jobs/actions/runs/77"
    assert document["environment"]["workspace_id"] == "1001"
    assert "the json webhook of $HOOK was told of 2 things" in printed.err
    again = told.run("apply", "--yes", "--wait")
    assert again.code == 9
    assert len(hook.sent) == 1
    assert SECRET not in printed.out + printed.err + again.out + again.err
    assert SECRET not in "".join(
        path.read_text() for path in (told.folder / ".dlcapply").iterdir() if path.suffix == ".json"
    )


def test_a_wait_for_runs_that_are_there_tells_too_and_knows_what_an_apply_told(told, hook):
    told.job("short-good")
    told.job("short-bad", "python train.py", "exit 137")
    assert told.run("apply", "--yes").code == 0
    assert told.run("wait", "short-bad").code == 9
    assert news(hook) == [("failed", "short-bad")]
    assert hook.sent[0].body["command"] == "wait"
    assert told.run("wait", "short-bad").code == 9
    assert len(hook.sent) == 1
    assert told.run("apply", "--yes").code == 0
    assert news(hook) == [("finished", "short-good")]


def test_an_apply_that_comes_again_tells_of_runs_that_ended_meanwhile(told, hook):
    told.job("short-job")
    assert told.run("apply", "--yes").code == 0
    assert hook.sent == []
    told.emulator.turn(3600)
    assert told.run("apply", "--yes").code == 0
    assert news(hook) == [("finished", "short-job")]
    told.emulator.turn(3600)
    assert told.run("apply", "--yes").code == 0
    assert len(hook.sent) == 1
    (told.folder / ".dlcapply" / "told-news.json").unlink()  # the memory is lost, days later
    told.emulator.turn(timedelta(days=3).total_seconds())
    assert told.run("apply", "--yes").code == 0
    assert len(hook.sent) == 1


def test_what_lasts_is_told_again_after_a_day(told, hook):
    told.job("train")
    assert told.run("plan", "--out", "approved.json").code == 0
    told.job("train", "1e-4", "3e-4")
    for hours, times in ((0, 1), (1, 1), (24, 2)):
        told.emulator.turn(hours * 3600)
        assert told.run("apply", "--yes", "--approved", "approved.json").code == 3
        assert len(hook.sent) == times
        assert news(hook) == [("held-back", "train")]


def test_a_refused_apply_and_a_lost_create_are_told(told, hook):
    told.job("train")
    assert told.run("apply", "--yes", "--expect", "sha256:" + "0" * 64).code == 6
    assert news(hook) == [("stale", "")]
    told.emulator.fault(Fault("ListJobs", FaultKind.ERROR, status=403, code="Forbidden.RAM", times=None))
    assert told.run("apply", "--yes").code == 1
    assert news(hook) == [("failed", "")]
    assert "Forbidden.RAM" in hook.sent[-1].body["news"][0]["text"]
    told.emulator.clear_faults()
    told.emulator.fault(Fault("CreateJob", FaultKind.LOST))
    assert told.run("apply", "--yes").code == 8
    assert news(hook) == [("unknown", "train")]


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ((500, {}, SECRET.encode()), "it answered 500"),
        ((302, {"Location": f"https://evil.example/{SECRET}"}, b""), "it answered 302, a redirect"),
        ((None, {}, 0), "it can't be reached, or the connection broke"),
    ],
)
def test_a_webhook_that_fails_is_a_warning_and_is_told_the_next_time(told, hook, answer, why):
    hook.answers = [answer]
    told.job("short-job")
    printed = told.run("apply", "--yes", "--wait", "-v")
    assert printed.code == 0
    assert f"warning: the json webhook of $HOOK was not told of 1 thing: {why}" in printed.err
    assert SECRET not in printed.out + printed.err
    hook.answers = [(200, {}, b"")]
    assert told.run("apply", "--yes", "--wait").code == 0
    assert news(hook) == [("finished", "short-job")]


def test_each_webhook_is_told_what_it_asks_for_and_one_without_an_address_holds_up_nobody(project, hook):
    project.environ["SLACK"] = f"{hook.address}/{SECRET}"
    project.configure(
        ", notify: [{kind: dingtalk, urlFrom: UNSET}, {kind: slack, urlFrom: SLACK, on: [failed]},"
        " {kind: wecom, urlFrom: SLACK, on: [finished]}]"
    )
    project.job("short-job")
    printed = project.run("apply", "--yes", "--wait")
    assert printed.code == 0
    assert "the dingtalk webhook of $UNSET was not told of 1 thing: $UNSET is not set here" in printed.err
    assert [one.body["msgtype"] for one in hook.sent] == ["text"]
    assert "finished: short-job" in json.dumps(hook.sent[0].body)


def test_a_run_that_was_waited_for_in_vain_is_told(told, hook):
    told.emulator.configure(
        lifecycles={
            "image": Lifecycle(cause="image-missing", image_pull=3600),
            "slow": Lifecycle(running=36000),
        }
    )
    told.job("image")
    told.job("slow")
    waiting = ("apply", "--yes", "--wait", "--wait-timeout", "3m", "--image-pull-timeout", "30s")
    assert told.run(*waiting).code == 9
    assert news(hook) == [("failed", "image")]
    assert "its image can't be pulled" in hook.sent[0].body["news"][0]["text"]
    assert told.run(*waiting, "--on-timeout", "stop").code == 9
    assert news(hook) == [("failed", "image"), ("failed", "slow")]  # both have ended now
    assert "stopped, as it was not done in time" in hook.sent[1].body["news"][1]["text"]
    assert told.run("apply", "--yes").code == 0
    assert len(hook.sent) == 2


def test_webhooks_are_told_at_once_so_that_none_waits_for_another(project, hook):
    both = threading.Barrier(2, timeout=5)
    hook.on_sent = lambda path: both.wait() if path in {"/1", "/2"} else None
    for name in ("ONE", "TWO"):
        project.environ[name] = f"{hook.address}/{len(project.environ) + 1}"
    project.configure(", notify: [{kind: slack, urlFrom: ONE}, {kind: json, urlFrom: TWO}]")
    project.job("short-job")
    printed = project.run("apply", "--yes", "--wait")
    assert printed.code == 0
    assert "warning" not in printed.err
    assert sorted(one.path for one in hook.sent) == ["/1", "/2"]


def test_an_interrupt_while_webhooks_are_told_changes_neither_code_nor_report(told, hook):
    told.job("short-bad", "python train.py", "exit 137")
    hook.answers = [(None, {}, 10)]
    hook.on_sent = lambda _: os.kill(os.getpid(), signal.SIGINT)
    printed = told.run("apply", "--yes", "--wait", "-o", "json=report.json")
    assert printed.code == 9
    assert "interrupted: what is left to be told is not" in printed.err
    assert json.loads((told.folder / "report.json").read_text())["exit_code"] == 9


def test_a_job_of_the_same_name_in_another_environment_is_another_matter(told, hook):
    told.job("train")
    project = (told.folder / "dlcapply.yaml").read_text()
    told.write("dlcapply.yaml", project + project.splitlines()[-1].replace("local:", "prod:") + "\n")
    assert told.run("plan", "-e", "local", "--out", "local.json").code == 0
    assert told.run("plan", "-e", "prod", "--out", "prod.json").code == 0
    told.job("train", "1e-4", "3e-4")
    for name in ("local", "prod", "prod"):
        assert told.run("apply", "-e", name, "--yes", "--approved", f"{name}.json").code == 3
    assert [one.body["environment"]["name"] for one in hook.sent] == ["local", "prod"]


@pytest.mark.parametrize(
    ("written", "told_to_write"),
    [
        (
            "{kind: slack, urlFrom: https://hooks.slack.com/services/T0/B0/c0ffee5ecre7}",
            "must be the name of",
        ),
        ("{kind: slack, url: https://hooks.slack.com/services/T0/B0/c0ffee5ecre7}", "has no key url"),
        ("{kind: wecom, urlFrom: HOOK, secretFrom: KEY}", "secretFrom is for json, dingtalk and feishu"),
        ("{kind: teams, urlFrom: HOOK}", "must be one of"),
        ("{kind: json, urlFrom: HOOK, on: []}", "is an empty list"),
        ("{kind: json, urlFrom: HOOK, on: [start]}", "must be one of"),
    ],
)
def test_a_webhook_is_checked_and_an_address_in_its_place_is_not_repeated(project, written, told_to_write):
    project.configure(f", notify: [{written}]")
    project.job("train")
    printed = project.run("validate")
    assert printed.code == 4
    assert told_to_write in printed.out + printed.err
    assert SECRET not in printed.out + printed.err
