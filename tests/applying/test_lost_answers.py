"""Wherever an answer is lost, each job ends as exactly one run."""

from collections import Counter
from dataclasses import replace

import pytest

from dlcapply.emulator import Fault, FaultKind
from dlcapply.errors import ServiceError
from dlcapply.model.jobs import OnChange, RunRules, State
from tests.applying.conftest import Bench
from tests.builders import a_job, an_environment

pytestmark = pytest.mark.sweep

# More than are created at a time.
JOBS = tuple(a_job(f"job-{number:02}") for number in range(6))


def runs(bench):
    return Counter(job["DisplayName"] for job in bench.emulator.jobs())


def applied(bench):
    """Applied, and applied again where the first attempt could not tell how it ended, or could not begin."""
    for _ in range(2):
        try:
            bench.apply(*JOBS)
        except ServiceError:  # a plan whose listing was lost; the user plans again
            continue
    return runs(bench)


def count_of(make_emulator, folder, operation):
    bench = Bench(make_emulator(), folder)
    bench.apply(*JOBS)
    return sum(entry.operation == operation for entry in bench.emulator.requests)


EVERY = Counter(job.name for job in JOBS)


@pytest.mark.parametrize("effect", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("operation", ["CreateJob", "ListJobs"])
def test_an_answer_lost_at_any_request(make_emulator, tmp_path, operation, effect):
    positions = count_of(make_emulator, tmp_path / "count", operation)
    assert positions >= len(JOBS)
    for position in range(positions):
        bench = Bench(make_emulator(), tmp_path / str(position))
        bench.emulator.fault(Fault(operation, FaultKind.LOST, after=position, effect=effect))

        assert applied(bench) == EVERY, position
        assert not any(change.action.writes for change in bench.plan(*JOBS).changes)


# A second apply of these changes, stops, replaces, reruns and creates.
BEFORE = (
    a_job("edited", Description="old"),
    a_job("ended"),
    a_job("left"),
    a_job("replaced"),
    a_job("short"),
)
AFTER = (
    a_job("edited", Description="new"),
    a_job("ended", rules=RunRules(state=State.STOPPED)),
    a_job("new", UserCommand="new"),
    a_job("replaced", UserCommand="other", rules=RunRules(on_change=OnChange.REPLACE)),
    a_job("short", UserCommand="other"),
)
OPTIONS = {"prune": True, "allow_replace": frozenset({"replaced"})}
ALL = {"edited": 1, "ended": 1, "left": 1, "new": 1, "replaced": 2, "short": 2}


def prepared(make_emulator, folder):
    bench = Bench(make_emulator(), folder)
    bench.apply(*BEFORE)
    bench.emulator.turn(60)
    return bench


def sent(make_emulator, folder, operation):
    """How many requests of the operation the second apply makes."""
    bench = prepared(make_emulator, folder)
    before = len(bench.emulator.requests)
    bench.apply(*AFTER, **OPTIONS)
    return sum(entry.operation == operation for entry in bench.emulator.requests[before:])


@pytest.mark.parametrize("effect", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("operation", ["CreateJob", "ListJobs", "GetJob", "UpdateJob", "StopJob"])
def test_an_answer_lost_at_any_request_of_a_mixed_apply(make_emulator, tmp_path, operation, effect):
    positions = sent(make_emulator, tmp_path / "count", operation)
    assert positions
    for position in range(positions):
        bench = prepared(make_emulator, tmp_path / str(position))
        bench.emulator.fault(Fault(operation, FaultKind.LOST, after=position, effect=effect))
        for _ in range(2):
            bench.apply(*AFTER, **OPTIONS)

        assert runs(bench) == ALL, position
        assert bench.statuses("replaced")[0] == "Stopped"
        assert [bench.statuses("ended"), bench.statuses("left")] == [["Stopped"], ["Stopped"]]
        assert not any(change.action.writes for change in bench.plan(*AFTER, **OPTIONS).changes)
        assert bench.writes.count("StopJob") <= 3 + (operation == "StopJob")


@pytest.mark.parametrize(
    ("name", "formerly", "origin"), [("new", ("train",), "host/a"), ("train", (), "host/b")]
)
@pytest.mark.parametrize(("lag", "ends"), [(30.0, "stale"), (1e6, "created")])
def test_a_create_that_nobody_knows_about_is_waited_for_under_another_name_or_origin(
    make_emulator, tmp_path, name, formerly, origin, lag, ends
):
    """Nobody knows any better once the window has passed, as for a create of the same name."""
    emulator = make_emulator(list_lag=lag)

    def applied_from(origin, job):
        bench = Bench(emulator, tmp_path, an_environment(origin=origin))
        job = replace(job, key=replace(job.key, origin=origin))
        return [
            str(one.result) for one in bench.carry_out(bench.plan(job), job, context=bench.context(settle=60))
        ]

    emulator.fault(Fault("CreateJob", FaultKind.LOST, effect=True))
    bench = Bench(emulator, tmp_path, an_environment(origin="host/a"))
    before = replace(a_job(), key=replace(a_job().key, origin="host/a"))
    (outcome,) = bench.carry_out(bench.plan(before), before, context=bench.context(settle=5))
    assert outcome.result == "unknown"
    renamed = replace(before, key=replace(before.key, name=name), formerly=formerly)
    assert applied_from(origin, renamed) == [ends]
