"""What an apply starts while it waits: never more runs than one and the retries, whoever waits beside it."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from itertools import pairwise
from math import inf

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import dlcapply
from dlcapply.api.applying.application import prepared
from dlcapply.api.applying.carrying_out import apply_context, carry_out
from dlcapply.api.options import ApplyOptions, PlanOptions
from dlcapply.api.waiting.progress import Silent
from dlcapply.emulator import Clock, Emulator, Fault, FaultKind, Lifecycle, Switches
from tests.cli.conftest import Project
from tests.clocks import TurningClock

# By hand, with many more: DLCAPPLY_EXAMPLES=500
EXAMPLES = int(os.environ.get("DLCAPPLY_EXAMPLES", "10"))
LONG = 0.9  # seconds
NO_RERUN = """{
  "title": "no reruns",
  "properties": {"changes": {"items": {"properties": {"action": {"not": {"const": "rerun"}}}}}}
}"""
FAILING = "run: {{retries: {}}}\n"


class Crash(BaseException):
    """The process is gone: nothing may handle it."""


class Disturbed(TurningClock):
    """A clock at whose n-th sleep something happens.

    The short ones, by which calls are spread, are not counted: no process stands still for a minute between
    an intent and its call.
    """

    def __init__(self, emulator, happens):
        super().__init__(emulator)
        self.happens = dict(happens)
        self._sleeps = 0

    def sleep(self, seconds):
        super().sleep(seconds)
        self._sleeps += seconds >= LONG
        if seconds >= LONG and (deed := self.happens.pop(self._sleeps, None)):
            deed()


@contextmanager
def a_project(folder, capsys=None):
    """A project whose runs last 20 seconds."""
    with Emulator(
        clock=Clock.still(datetime(2026, 11, 23, tzinfo=UTC)),
        lifecycle=Lifecycle(running=20),
        switches=Switches(check_references=False),
    ) as emulator:
        yield Project(folder, emulator, capsys)
        assert (emulator.errors, emulator.unknown_routes) == ((), ())


def applied(project, clock=None, *, state="here", **options):
    """What an apply with --wait did; `state` is the machine that it runs on."""
    manifests = dlcapply.load(environ={}, state_dir=project.folder / state)
    with dlcapply.connect(manifests, clock=clock or TurningClock(project.emulator)) as service:
        known = {"consent": lambda _: True, "wait": "finished", "parallelism": 1, "settle": 10.0}
        return dlcapply.apply(manifests, service, **(known | options))


def runs(project, name="train"):
    return [job for job in project.emulator.jobs() if job["DisplayName"] == name]


def assert_one_after_the_other(project):
    """No run begins before the one before it has ended: what was paid for twice at a time is a duplicate."""
    past = sorted(runs(project), key=lambda job: job["GmtCreateTime"])
    for before, after in pairwise(past):
        assert before["GmtFinishTime"], "two runs at a time"
        assert before["GmtFinishTime"] <= after["GmtCreateTime"], "two runs at a time"


TROUBLES = st.builds(
    Fault,
    st.sampled_from(["CreateJob", "CreateJob", "ListJobs", "GetJob"]),
    st.sampled_from([FaultKind.LOST, FaultKind.ERROR, FaultKind.HTML, FaultKind.THROTTLED]),
    after=st.integers(0, 12),
    times=st.integers(1, 2),
    status=st.sampled_from([503, 500]),
)
AT = st.integers(1, 40)


@given(
    retries=st.integers(0, 2),
    troubles=st.lists(TROUBLES, max_size=3),
    killed_at=st.none() | AT,
    joined_at=st.none() | AT,
    beside=st.sampled_from(["here", "there"]),
)
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_there_are_never_more_runs_than_one_and_the_retries(
    tmp_path_factory, monkeypatch, retries, troubles, killed_at, joined_at, beside
):
    """Answers are lost, processes killed, and another apply waits for the same job, here or elsewhere."""
    folder = tmp_path_factory.mktemp("project")
    monkeypatch.chdir(folder)
    with a_project(folder) as project:
        project.job("train", "python train.py", "exit 1", more=FAILING.format(retries))
        for trouble in troubles:
            project.emulator.fault(trouble)

        def die():
            raise Crash

        def join():
            with suppress(dlcapply.DlcapplyError):
                applied(project, state=beside)

        happens = {at: deed for at, deed in ((joined_at, join), (killed_at, die)) if at}
        with suppress(Crash, dlcapply.DlcapplyError):
            applied(project, Disturbed(project.emulator, happens))
        assert len(runs(project)) <= 1 + retries
        project.emulator.clear_faults()
        project.emulator.turn(60)  # what was sent is listed, and what was begun has ended
        done = applied(project)
        assert len(runs(project)) == 1 + retries
        assert [one.failed for one in done.waited] == [True]
        assert_one_after_the_other(project)
        assert applied(project, state="elsewhere").later == ()
        assert len(runs(project)) == 1 + retries


@pytest.fixture
def lasting(tmp_path, monkeypatch, capsys):
    """A project whose runs go on until somebody ends them."""
    monkeypatch.chdir(tmp_path)
    with a_project(tmp_path, capsys) as made:
        made.emulator.configure(lifecycle=Lifecycle(running=inf))
        yield made


def at_sleeps(project, *deeds):
    """A clock at whose third sleep the first of these happens, and so on every third."""
    return Disturbed(project.emulator, {3 * (number + 1): deed for number, deed in enumerate(deeds)})


def ends(project, status="Failed", name="train"):
    """Somebody sees the newest run of the name end."""
    return lambda: project.emulator.change(runs(project, name)[-1]["JobId"], Status=status)


def told(done):
    """What came due, and what became of it."""
    return [(one.outcome.name, one.outcome.action.value, one.outcome.result.value) for one in done.later]


def test_what_is_edited_meanwhile_is_not_what_is_started(lasting):
    lasting.job("train", more=FAILING.format(1))

    def edit():
        lasting.job("train", "python train.py", "rm -rf /", more=FAILING.format(9))
        lasting.job("other")

    done = applied(lasting, at_sleeps(lasting, edit, ends(lasting), ends(lasting)))
    assert told(done) == [("train", "rerun", "created")]
    assert {job["UserCommand"] for job in lasting.emulator.jobs()} == {"python train.py"}
    assert [one.failed for one in done.waited] == [True]


def test_by_name_alone_there_are_as_many_retries(lasting):
    project = lasting.folder / "dlcapply.yaml"
    project.write_text(project.read_text() + "identity: name\n")
    lasting.job("train", more=FAILING.format(1))
    done = applied(lasting, at_sleeps(lasting, ends(lasting), ends(lasting)))
    assert told(done) == [("train", "rerun", "created")]
    assert lasting.writes == ["CreateJob", "CreateJob"]


def test_a_retry_that_nobody_approved_is_told_and_not_made(lasting):
    lasting.job("train", more=FAILING.format(1))
    manifests = dlcapply.load(environ={})
    with dlcapply.connect(manifests, clock=TurningClock(lasting.emulator)) as service:
        plan = dlcapply.plan(manifests, service)
        dlcapply.save_plan(plan, "plan.json", manifests, now=service.clock.now(), valid_for=60)
    lasting.job("train", more=FAILING.format(1))
    done = applied(lasting, at_sleeps(lasting, ends(lasting), ends(lasting)), approved="plan.json")
    assert told(done) == [("train", "rerun", "created")]
    lasting.job("train", more=FAILING.format(2))
    done = applied(lasting, approved="plan.json", wait=None)
    assert [one.result for one in done.outcomes] == [dlcapply.Result.NOT_APPROVED]


@pytest.mark.parametrize("how", ["approved", "saved"])
def test_an_approval_that_expires_while_runs_are_waited_for_approves_no_retry(lasting, how):
    lasting.job("train", more=FAILING.format(1))
    manifests = dlcapply.load(environ={})
    with dlcapply.connect(manifests, clock=TurningClock(lasting.emulator)) as service:
        plan = dlcapply.plan(manifests, service)
        dlcapply.save_plan(plan, "plan.json", manifests, now=service.clock.now(), valid_for=60)
    plans = {"approved": "plan.json", "saved": dlcapply.open_plan("plan.json")}

    def late():
        lasting.emulator.turn(60)
        ends(lasting)()

    done = applied(lasting, at_sleeps(lasting, late), **{how: plans[how]})
    assert told(done) == [("train", "rerun", {"approved": "not-approved", "saved": "not-done"}[how])]
    assert lasting.writes == ["CreateJob"]


def test_a_run_that_somebody_else_started_stands_against_a_retry(lasting):
    lasting.job("train", more=FAILING.format(1))

    def meddle():
        lasting.emulator.seed({"DisplayName": "train", "Status": "Running"})
        ends_ours()

    def ends_ours():
        lasting.emulator.change(runs(lasting)[0]["JobId"], Status="Failed")

    done = applied(lasting, at_sleeps(lasting, meddle))
    assert told(done) == [("train", "blocked", "blocked")]
    assert lasting.writes == ["CreateJob"]


def test_another_start_than_the_one_that_was_waited_for_is_not_made(lasting):
    """The plan waits for one run; a person ends it and starts another, which ends: that is another story."""
    lasting.job("train", more="run: {onChange: wait}\n")
    applied(lasting, wait=None)
    lasting.job("train", "python train.py", "python other.py", more="run: {onChange: wait}\n")

    def another():
        lasting.job("train", "python train.py", "python third.py", more="run: {onChange: wait}\n")
        ends(lasting)()
        applied(lasting, wait=None, state="there")
        ends(lasting)()

    done = applied(lasting, at_sleeps(lasting, another))
    assert told(done) == [("train", "rerun", "not-done")]
    assert "nobody agreed to it" in done.later[0].outcome.error.message
    assert len(lasting.writes) == 2


def test_a_replace_that_a_freeze_held_is_made_once_it_is_over(lasting):
    lasting.configure(', freeze: [{from: "2026-11-23T00:00:00Z", until: "2026-11-23T00:02:00Z", reason: x}]')
    lasting.job("other", more="run: {onChange: replace}\n")
    lasting.emulator.turn(180)
    applied(lasting, wait=None)
    lasting.configure(', freeze: [{from: "2026-11-23T00:00:00Z", until: "2026-11-23T00:10:00Z", reason: x}]')
    lasting.job("other", "python train.py", "python other.py", more="run: {onChange: replace}\n")
    done = applied(lasting, allow_replace=["other"], wait_timeout=900)
    assert [one.result for one in done.outcomes] == [dlcapply.Result.WAITING]
    assert told(done) == [("other", "replace", "replaced")]
    assert lasting.writes == ["CreateJob", "StopJob", "CreateJob"]


def test_a_retry_without_its_variable_is_not_made(lasting):
    lasting.job(
        "train", "metadata: {name: train}", "metadata: {name: train}\nenvFrom: [{name: K, fromEnv: K}]"
    )
    path = lasting.folder / "jobs/train.yaml"
    path.write_text(path.read_text() + FAILING.format(1))
    manifests = dlcapply.load(environ={"K": "sesame"})
    with dlcapply.connect(manifests, clock=TurningClock(lasting.emulator)) as service:
        dlcapply.apply(manifests, service, consent=lambda _: True)
    done = applied(lasting, at_sleeps(lasting, ends(lasting)))
    assert told(done) == [("train", "rerun", "failed")]
    assert lasting.writes == ["CreateJob"]


def test_a_policy_on_the_plan_judges_what_comes_due(lasting):
    lasting.write("late.plan.schema.json", NO_RERUN)
    project = lasting.folder / "dlcapply.yaml"
    project.write_text(project.read_text() + "planPolicies: [late.plan.schema.json]\n")
    lasting.job("train", more=FAILING.format(2))
    done = applied(lasting, at_sleeps(lasting, ends(lasting), ends(lasting)))
    assert told(done) == [("train", "rerun", "not-done")]
    assert [one.denied for one in done.later] == [True]
    assert lasting.writes == ["CreateJob"]


def test_nothing_starts_after_an_interrupt_or_when_time_is_up(lasting):
    lasting.job("train", more=FAILING.format(1))
    manifests = dlcapply.load(environ={})
    with dlcapply.connect(manifests, clock=at_sleeps(lasting, lambda: None)) as service:
        options = ApplyOptions(wait="finished")
        application = prepared(manifests, service, PlanOptions(), options, begun=0.0)
        context = apply_context(application)

        def interrupt():
            context.interrupt.ask(2)
            ends(lasting)()

        service.clock.happens = {3: interrupt}
        done = carry_out(application, context, Silent())
    assert (told(done), lasting.writes) == ([], ["CreateJob"])
    done = applied(lasting, at_sleeps(lasting, ends(lasting)), wait_timeout=1)
    assert lasting.writes == ["CreateJob", "CreateJob"]
    assert told(done) == []
