"""What an apply starts while it waits: never more runs than one and the retries, whoever waits beside it."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import dlcapply
from dlcapply.emulator import Clock, Emulator, Fault, FaultKind, Lifecycle, Switches
from tests.cli.conftest import Project
from tests.clocks import TurningClock

# By hand, with many more: DLCAPPLY_EXAMPLES=500
EXAMPLES = int(os.environ.get("DLCAPPLY_EXAMPLES", "10"))
LONG = 0.9  # seconds
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
        self._happens = dict(happens)
        self._sleeps = 0

    def sleep(self, seconds):
        super().sleep(seconds)
        self._sleeps += seconds >= LONG
        if seconds >= LONG and (deed := self._happens.pop(self._sleeps, None)):
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
