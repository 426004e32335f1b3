"""A run that uses less of its accelerators than its manifest asks for is told by apply, and left alone."""

import pytest

from dlcapply.emulator import Fault, FaultKind, Lifecycle
from tests.notifying.webhook import FakeWebhook

ASKED = "run: {utilization: {min: 10%, window: 1h}}\n"
LONG = ("JobMaxRunningTimeMinutes: 60", "JobMaxRunningTimeMinutes: 60000")
HANGS = {"hangs*": Lifecycle(running=60, cause="hang")}


@pytest.fixture
def busy_and_idle(project):
    """Two jobs that ask for a utilization, one of them hanging, and a third that asks for none."""
    project.emulator.configure(lifecycles=HANGS)
    for name, more in (("hangs", ASKED), ("works", ASKED), ("hangs-unasked", "")):
        project.job(name, *LONG, more=more)
    assert project.run("apply", "--yes").code == 0
    project.emulator.turn(4 * 3600)
    return project


def test_an_idle_run_is_told_of_and_goes_on(busy_and_idle):
    printed = busy_and_idle.run("apply", "--yes")
    assert printed.code == 0
    (told,) = [line for line in printed.err.splitlines() if "idle" in line]
    assert told.startswith("idle: hangs dlc")
    assert "its accelerators were used 0.8 % over the last 1h00m, at most 1 %" in told
    assert told.endswith("run.utilization asks for 10 %")
    assert busy_and_idle.statuses("hangs") == ["Running"]


def test_what_is_young_takes_no_call_and_what_is_refused_is_not_idle(busy_and_idle):
    refused = Fault("GetJobMetrics", FaultKind.ERROR, status=403, code="Forbidden", times=None)
    busy_and_idle.emulator.fault(refused)
    printed = busy_and_idle.run("apply", "--yes")
    assert printed.code == 0
    assert "not known to be idle or busy: hangs dlc" in printed.err
    assert "and 1 more" in printed.err
    assert "\nidle:" not in f"\n{printed.err}"
    before = len(busy_and_idle.emulator.requests)
    busy_and_idle.job("hangs", *LONG, more=ASKED.replace("1h", "6h"))
    busy_and_idle.job("works", *LONG, more=ASKED.replace("1h", "6h"))
    assert "idle" not in busy_and_idle.run("apply", "--yes").err
    asked = {entry.operation for entry in busy_and_idle.emulator.requests[before:]}
    assert "GetJobMetrics" not in asked


def test_a_webhook_is_told_once_a_day(busy_and_idle):
    with FakeWebhook() as hook:
        busy_and_idle.environ["HOOK"] = hook.address
        busy_and_idle.configure(", notify: [{kind: json, urlFrom: HOOK, on: [idle]}]")
        for hours, times in ((0, 1), (1, 1), (24, 2)):
            busy_and_idle.emulator.turn(hours * 3600)
            assert busy_and_idle.run("apply", "--yes").code == 0
            assert len(hook.sent) == times
    (news,) = hook.sent[0].body["news"]
    assert (news["event"], news["name"]) == ("idle", "hangs")


def test_a_utilization_starts_nothing_and_changes_no_digest(busy_and_idle):
    def digest():
        plan = busy_and_idle.run("plan")
        assert "No changes" in plan.out
        return [line for line in plan.out.splitlines() if line.startswith("Digest")]

    before = digest()
    busy_and_idle.job("works", *LONG, more="run: {utilization: {min: 50%}}\n")
    busy_and_idle.job("hangs", *LONG)
    assert digest() == before
