"""A run that uses less of its accelerators than its manifest asks for is told by apply, and left alone."""

import pytest

from dlcapply.emulator import Fault, FaultKind, Lifecycle, Switches
from tests.notifying.webhook import FakeWebhook

ASKED = "run: {utilization: {min: 10%, window: 1h}}\n"
LONG = ("JobMaxRunningTimeMinutes: 60", "JobMaxRunningTimeMinutes: 60000")
HANGS = {"hangs*": Lifecycle(running=1800, cause="hang")}


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
    status = busy_and_idle.run("status").out.splitlines()
    (noted,) = [at for at, line in enumerate(status) if "idle: its accelerators were used" in line]
    assert status[noted - 1].startswith("hangs ")
    for name, is_told in (("hangs", True), ("works", False), ("hangs-unasked", False)):
        why = busy_and_idle.run("why", name).out
        assert ("idle: its accelerators were used 0.8 %" in " ".join(why.split())) is is_told


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


def test_of_a_run_on_a_quota_cloud_monitor_tells_and_no_plan_stops_it_for_that(project):
    stoppable(project, "works", limits="{idle: stop, stops: 5}")
    project.job("hangs", *LONG, more=STOPS)
    manifest = project.folder / "jobs/hangs.yaml"
    text = manifest.read_text().replace("JobSpecs:", "ResourceId: quota1\n  JobSpecs:")
    manifest.write_text(text.replace("EcsSpec: ecs.gn7i-c8g1.2xlarge", 'ResourceConfig: {GPU: "1"}'))
    assert project.run("apply", "--yes").code == 0
    project.emulator.turn(3 * 3600)
    assert "No changes" in project.run("plan").out
    printed = project.run("apply", "--yes")
    assert "idle: hangs dlc" in printed.err
    assert project.statuses("hangs") == ["Running"]
    assert "GetMetrics" in {entry.operation for entry in project.emulator.requests}


STOPS = ASKED.replace("1h}", "1h, then: stop}")


def stoppable(project, *names, limits="{idle: stop, stops: 1}"):
    """Jobs whose runs may be stopped where they are idle, three hours after they began."""
    project.emulator.configure(lifecycles=HANGS)
    project.configure(f", limits: {limits}")
    for name in names:
        project.job(name, *LONG, more=STOPS)
    assert project.run("apply", "--yes").code == 0
    project.emulator.turn(3 * 3600)


def test_where_both_agree_a_plan_stops_an_idle_run_once(project):
    stoppable(project, "hangs", "works")
    plan = project.run("plan", "--detailed-exitcode")
    assert plan.code == 2
    assert "- hangs  stop" in plan.out
    words = " ".join(plan.out.split())
    assert "is idle: its accelerators were used 0.8 % over the last 1h00m" in words
    assert "loses about 3.0 accelerator-hours" in words
    assert project.run("apply", "--yes").code == 0
    assert (project.statuses("hangs"), project.statuses("works")) == (["Stopped"], ["Running"])
    assert "No changes" in project.run("plan").out  # a stop is final


@pytest.mark.parametrize("use", ["percent", "fraction", "zero"])
def test_a_single_run_is_stopped_only_where_its_own_past_shows_that_its_metric_works(project, use):
    stoppable(project, "hangs" if use == "percent" else "works")
    project.emulator.configure(switches=Switches(check_references=False, accelerator_use=use))
    applied = project.run("apply", "--yes")
    assert applied.code == 0
    if use == "percent":
        assert project.statuses("hangs") == ["Stopped"]
        return
    assert project.statuses("works") == ["Running"]
    assert "works is idle, and not stopped: " in applied.out + applied.err
    assert "never used 20 % since it runs" in " ".join(applied.out.split())
    assert ("may not be measured" in applied.err) is (use == "zero")


def test_a_wait_asks_for_no_metrics(project):
    stoppable(project, "hangs", "works")
    before = len(project.emulator.requests)
    assert project.run("wait", "hangs", "--for", "running").code == 0
    assert "GetJobMetrics" not in {entry.operation for entry in project.emulator.requests[before:]}


def test_a_stop_is_covered_by_digest_and_approvals_and_is_judged_again_before_it_happens(project):
    stoppable(project, "hangs", "works")
    project.job("new")
    assert project.run("plan", "--select", "new", "--out", "approved.json").code == 0
    held = project.run("apply", "--yes", "--approved", "approved.json")
    assert held.code == 3
    assert "hangs  not-approved" in held.out
    # At the plan it was idle; when it is to be stopped, PAI does not tell any more.
    project.emulator.fault(Fault("GetJobMetrics", FaultKind.ERROR, after=4, status=403, times=None))
    late = project.run("apply", "--yes")
    assert "is not idle any more, or nobody can tell" in late.out
    assert project.statuses("hangs") == ["Running"]
    project.emulator.clear_faults()
    (digest,) = [line.split()[1] for line in project.run("plan").out.splitlines() if "Digest" in line]
    project.emulator.fault(Fault("GetJobMetrics", FaultKind.ERROR, status=403, times=None))
    assert project.run("apply", "--yes", "--expect", digest).code == 6
    assert project.statuses("hangs") == ["Running"]
    project.emulator.clear_faults()
    project.emulator.turn(1800)  # in other words, and the same change
    assert project.run("apply", "--yes", "--expect", digest).code == 0
    assert project.statuses("hangs") == ["Stopped"]


@pytest.mark.parametrize(
    ("names", "more", "stops", "told"),
    [
        (["hangs", "hangs-too"], "", 5, "all 2 runs that are judged look idle"),
        (["hangs", "works"], "", 0, "more runs would stop than the limits allow"),
        (["hangs", "works"], "protect: true, ", 5, ""),
    ],
)
def test_what_may_not_be_stopped_is_reported_and_denies_nothing(project, names, more, stops, told):
    stoppable(project, *names, limits=f"{{idle: stop, stops: {stops}}}")
    for name in names:
        project.job(name, *LONG, more=STOPS.replace("run: {", f"run: {{{more}"))
    plan = project.run("plan")
    assert plan.code == 0
    assert "No changes" in plan.out
    assert told in plan.out
    applied = project.run("apply", "--yes")
    assert applied.code == 0
    assert "idle: hangs" in applied.err
    assert project.statuses("hangs") == ["Running"]


@pytest.mark.parametrize(
    ("limits", "window", "rule"),
    [
        ("{}", "1h", "utilization-stop"),
        ("{idle: report}", "1h", "utilization-stop"),
        ("{idle: stop, stops: 1}", "10m", "utilization-stop"),
        ("{idle: stop}", "1h", "missing-key"),
    ],
)
def test_a_stop_needs_the_environments_word_a_limit_and_time(project, limits, window, rule):
    project.configure(f", limits: {limits}")
    project.job("train", more=STOPS.replace("1h", window))
    printed = project.run("validate")
    assert printed.code == 4
    assert rule in printed.out + printed.err


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


def test_of_an_idle_run_that_was_stopped_a_webhook_is_told_once(project):
    with FakeWebhook() as hook:
        project.environ["HOOK"] = hook.address
        stoppable(
            project, "hangs", "works", limits="{idle: stop, stops: 1}, notify: [{kind: json, urlFrom: HOOK}]"
        )
        for _ in range(2):
            assert project.run("apply", "--yes").code == 0
            project.emulator.turn(3600)
    (news,) = [one for sent in hook.sent for one in sent.body["news"]]
    assert (news["event"], news["name"]) == ("idle", "hangs")
    assert news["text"].startswith("stopped: dlc")


def test_a_utilization_starts_nothing_and_changes_no_digest(busy_and_idle):
    def digest():
        plan = busy_and_idle.run("plan")
        assert "No changes" in plan.out
        return [line for line in plan.out.splitlines() if line.startswith("Digest")]

    before = digest()
    busy_and_idle.job("works", *LONG, more="run: {utilization: {min: 50%}}\n")
    busy_and_idle.job("hangs", *LONG)
    assert digest() == before
