"""What ended runs say of a job: revert, branch, retry, and the end of a time limit."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlcapply.model.jobs import Identity, OnChange, RunRules
from dlcapply.model.plans import Action
from dlcapply.model.runs import Phase
from dlcapply.model.stop_causes import StopCause, stop_cause
from dlcapply.planning.ended_runs import ended_runs
from tests.builders import a_job, a_run, an_environment, only_change, without_marks

WAIT = RunRules(on_change=OnChange.WAIT)
REPLACE = RunRules(on_change=OnChange.REPLACE)
A, B = {"UserCommand": "train --epochs 90"}, {"UserCommand": "train --epochs 120"}
LONGER = {"JobMaxRunningTimeMinutes": 2000}
OUT_OF_TIME = {"ReasonCode": "JobMaxRunningTimeExceeded"}


def history(*runs):
    """Runs from oldest to newest: what the spec was, how it ended, and what else the answer shows."""
    return tuple(
        a_run(a_job(**spec), status, number=number, **dict(*shown))
        for number, (spec, status, *shown) in enumerate(runs, 1)
    )


CASES = [
    # history, spec, rules → action, code, the run it is about
    ([(A, "Succeeded"), (B, "Succeeded")], A, {}, Action.UNCHANGED, "done-before", "dlc001"),
    ([(A, "Succeeded"), (B, "Succeeded")], B, {}, Action.UNCHANGED, "succeeded", "dlc002"),
    ([(A, "Succeeded"), (B, "Failed")], A, {}, Action.UNCHANGED, "done-before", "dlc001"),
    ([(A, "SucceededReserving"), (B, "Failed")], A, {}, Action.UNCHANGED, "done-before", "dlc001"),
    ([(A, "Succeeded"), (B, "Stopped")], A, {"token": "2"}, Action.RERUN, "new-token", "dlc002"),
    ([(A, "Failed"), (B, "Succeeded")], A, {}, Action.UNCHANGED, "failed", "dlc001"),
    ([(A, "Failed"), (B, "Succeeded")], A, {"retries": 1}, Action.RERUN, "retry", "dlc002"),
    ([(A, "Failed"), (B, "Failed"), (A, "Failed")], A, {"retries": 1}, Action.UNCHANGED, "failed", "dlc003"),
    ([(A, "Succeeded"), (A, "Failed")], A, {"retries": 3}, Action.UNCHANGED, "done-before", "dlc001"),
    ([(A, "Stopped"), (B, "Succeeded")], A, {}, Action.RERUN, "returned", "dlc002"),
    ([(A, "Stopped")], A, {}, Action.UNCHANGED, "stopped", "dlc001"),
    ([(A, "FailedReserving")], A, {"retries": 1}, Action.UNCHANGED, "failed-reserving", "dlc001"),
    ([(A, "FailedReserving")], B, {}, Action.RERUN, "new-spec", "dlc001"),
    # circumstances
    ([(A, "Succeeded")], A | LONGER, {}, Action.UNCHANGED, "succeeded", "dlc001"),
    ([(A, "Failed")], A | LONGER, {}, Action.RERUN, "new-circumstances", "dlc001"),
    ([(A, "Failed"), (A | LONGER, "Failed")], A | LONGER, {}, Action.UNCHANGED, "failed", "dlc002"),
    ([(A | LONGER, "Failed"), (A, "Failed")], A | LONGER, {}, Action.UNCHANGED, "failed", "dlc002"),
    ([(A | LONGER, "Stopped"), (A, "Failed")], A | LONGER, {}, Action.RERUN, "new-circumstances", "dlc002"),
    (
        [(A, "Stopped", OUT_OF_TIME), (A | LONGER, "Stopped", OUT_OF_TIME)],
        A,
        {},
        Action.UNCHANGED,
        "out-of-time",
        "dlc002",
    ),
    ([(A | LONGER, "Failed"), (A, "Failed")], A | LONGER, {"retries": 1}, Action.RERUN, "retry", "dlc002"),
    (
        [(A, "Failed"), (A | LONGER, "Failed"), (A, "Failed")],
        A | LONGER,
        {"retries": 1},
        Action.UNCHANGED,
        "failed",
        "dlc003",
    ),
    (
        [(A, "Failed"), (A | LONGER, "Failed")],
        A | LONGER,
        {"retries": 1},
        Action.RERUN,
        "retry",
        "dlc002",
    ),
    ([(A, "Stopped")], A | LONGER, {}, Action.UNCHANGED, "stopped", "dlc001"),
    ([(A, "Stopped", OUT_OF_TIME)], A | LONGER, {}, Action.RERUN, "new-circumstances", "dlc001"),
    ([(A, "Stopped", OUT_OF_TIME)], A, {}, Action.UNCHANGED, "out-of-time", "dlc001"),
    ([(A, "Stopped", OUT_OF_TIME), (B, "Succeeded")], A, {}, Action.UNCHANGED, "out-of-time", "dlc001"),
    (
        [(A, "Stopped", OUT_OF_TIME), (B, "Succeeded")],
        A | LONGER,
        {},
        Action.RERUN,
        "new-circumstances",
        "dlc002",
    ),
    # a run of another spec is under way
    (
        [(A, "Succeeded"), (B, "Running")],
        A,
        {"on_change": OnChange.WAIT},
        Action.UNCHANGED,
        "ran-before",
        "dlc002",
    ),
    ([(A, "Succeeded"), (B, "Running")], A, {}, Action.BLOCKED, "ran-before", "dlc002"),
    (
        [(A, "Succeeded"), (B, "Running")],
        A,
        {"on_change": OnChange.REPLACE},
        Action.BLOCKED,
        "ran-before",
        "dlc002",
    ),
    (
        [(A, "Stopped", OUT_OF_TIME), (B, "Running")],
        A,
        {"on_change": OnChange.REPLACE},
        Action.BLOCKED,
        "ran-before",
        "dlc002",
    ),
    ([(A, "Running"), (B, "Succeeded")], A, {}, Action.UNCHANGED, "equal", "dlc001"),
    (
        [(A, "Running"), (B, "Succeeded")],
        B,
        {"on_change": OnChange.WAIT},
        Action.UNCHANGED,
        "ran-before",
        "dlc001",
    ),
]


@pytest.mark.parametrize(("runs", "spec", "rules", "action", "code", "about"), CASES)
def test_the_runs_of_this_spec_and_token_decide(runs, spec, rules, action, code, about):
    job = a_job(**spec, rules=RunRules(**rules))
    change = only_change(job, live=history(*runs), allow_replace=frozenset({"train"}))
    assert (change.action, change.reason.code, change.target_id) == (action, code, about)


def test_a_revert_while_another_spec_runs_names_both_runs_and_is_told():
    runs = history((A, "Succeeded"), (B, "Running"))
    change = only_change(a_job(**A, rules=WAIT), live=runs)
    assert "dlc001 (Succeeded)" in change.reason.text
    assert "dlc002 (Running)" in change.reason.text
    assert [field.path for field in change.fields] == ["UserCommand"]


def test_a_return_to_a_spec_that_succeeded_names_its_run():
    change = only_change(a_job(**A), live=history((A, "Succeeded"), (B, "Succeeded")))
    assert change.reason.text.startswith("dlc001 (Succeeded) has succeeded with this very spec and token")


def test_a_run_whose_marks_say_nothing_counts_only_while_it_is_the_newest():
    bare = without_marks(a_run(a_job(**A), "Succeeded", number=1))
    assert ended_runs([bare], job=a_job(**B)).deciding is bare
    newer = a_run(a_job(**B), "Failed", number=2)
    assert ended_runs([bare, newer], job=a_job(**A)).deciding is None


def test_by_name_alone_the_newest_run_decides_whatever_ran_before():
    environment = an_environment(identity=Identity.NAME)
    runs = tuple(map(without_marks, history((A, "Succeeded"), (B, "Failed"))))
    change = only_change(a_job(**A), live=runs, environment=environment)
    assert (change.action, change.reason.code) == (Action.RERUN, "new-spec")


@pytest.mark.parametrize(
    ("status", "shown", "ended"),
    [
        ("Stopped", {"ReasonCode": "JobMaxRunningTimeExceeded"}, True),
        ("Stopped", {"ReasonMessage": "Job exceeds max running time."}, True),
        ("Stopped", {"ReasonMessage": "The job reached its time limit"}, True),
        ("Stopped", {"Duration": 3600, "JobMaxRunningTimeMinutes": 60}, True),
        ("Stopped", {"Duration": 3571, "JobMaxRunningTimeMinutes": 60}, True),
        ("Stopped", {"Duration": 3569, "JobMaxRunningTimeMinutes": 60}, False),
        ("Stopped", {"Duration": 7201, "JobMaxRunningTimeMinutes": 60}, False),
        ("Stopped", {"Duration": 3600, "JobMaxRunningTimeMinutes": True}, False),
        ("Stopped", {"Duration": 3600, "JobMaxRunningTimeMinutes": 0}, False),
        ("Stopped", {"ReasonCode": "JobStoppedByUser", "Duration": 9000}, False),
        ("Stopped", {"ReasonCode": "StoppedByUser", "ReasonMessage": "max running time"}, False),
        ("Stopped", {}, False),
        ("Failed", {"ReasonCode": "JobMaxRunningTimeExceeded"}, False),
        ("Running", {"ReasonCode": "JobMaxRunningTimeExceeded"}, False),
    ],
)
def test_what_a_time_limit_stopped_is_told_from_what_a_person_stopped(status, shown, ended):
    assert (stop_cause(a_run(a_job(), status, **shown)) is StopCause.TIME_LIMIT) is ended


SPECS = st.sampled_from([A, B, A | LONGER, B | LONGER])
ENDS = st.sampled_from(["Succeeded", "SucceededReserving", "Failed", "FailedReserving", "Stopped"])
UNDER_WAY = st.none() | st.tuples(SPECS, st.sampled_from(["Running", "Queuing", "Stopping", "Hibernating"]))


@given(
    st.lists(st.tuples(SPECS, ENDS), max_size=4),
    UNDER_WAY,
    SPECS,
    st.builds(RunRules, on_change=st.sampled_from(OnChange), retries=st.integers(0, 2)),
)
def test_what_has_succeeded_is_never_started_again(ended, under_way, spec, rules):
    runs = history(*ended, *([under_way] if under_way else []))
    job = a_job(**spec, rules=rules)
    change = only_change(job, live=runs, allow_replace=frozenset({"train"}))
    record = ended_runs(runs, job=job)
    if any(run.phase is Phase.SUCCEEDED for run in record.same):
        assert not change.action.starts_a_run
        assert change.op == ""


FAILED_BEFORE = (A, "Failed")
OUT_OF_TIME_BEFORE = (A, "Stopped", OUT_OF_TIME)


@pytest.mark.parametrize("status", ["Running", "Stopping"])
@pytest.mark.parametrize(
    ("before", "spec", "retries", "code"),
    [
        ((), A, 1, "new-spec"),
        ((FAILED_BEFORE,), A, 2, "retry"),
        ((FAILED_BEFORE,), A | LONGER, 2, "new-circumstances"),
        ((OUT_OF_TIME_BEFORE,), A | LONGER, 0, "new-circumstances"),
        (((A, "Stopped"),), A, 1, "returned"),
    ],
)
def test_a_start_that_is_waited_for_is_named_like_the_one_that_comes_of_it(
    before, spec, retries, code, status
):
    job = a_job(**spec, rules=replace(WAIT, retries=retries))
    waiting = only_change(job, live=history(*before, (B, status)))
    assert waiting.action is Action.WAITING
    start = only_change(job, live=history(*before, (B, "Succeeded")))
    assert (start.action, start.reason.code) == (Action.RERUN, code)
    assert (waiting.op, waiting.spend, waiting.target_id) == (start.op, start.spend, start.target_id)
    assert waiting.op
    assert [(one.path, one.before, one.after) for one in waiting.fields] == [
        (one.path, one.before, one.after) for one in start.fields
    ]


VARIANTS = st.tuples(
    st.sampled_from([A, B]), st.sampled_from([None, 60, 600, 2000]), st.sampled_from(["Failed", "late"])
)


@settings(max_examples=30)
@given(st.lists(VARIANTS, min_size=2, max_size=3, unique_by=lambda one: str(one[:2])), st.integers(0, 2))
def test_those_who_apply_in_turn_start_each_variant_once_and_its_retries(variants, retries):
    """Branches and CI apply what they have, one after another, until nobody starts anything."""
    runs, before = (), None
    jobs = [
        (a_job(**command, JobMaxRunningTimeMinutes=minutes, rules=RunRules(retries=retries)), end)
        for command, minutes, end in variants
    ]
    while before != len(runs):
        before = len(runs)
        for job, end in jobs:
            if only_change(job, live=runs).action.starts_a_run:
                shown = {} if end == "Failed" else OUT_OF_TIME
                status = "Failed" if end == "Failed" else "Stopped"
                runs = (*runs, a_run(job, status, number=len(runs) + 1, **shown))
        assert len(runs) <= len(variants) + 2 * retries
    for command in (A, B):
        tried = [minutes for which, minutes, _ in variants if which is command]
        started = [run for run in runs if run.body["UserCommand"] == command["UserCommand"]]
        assert len(started) <= len(tried) + retries if tried else not started


@pytest.mark.parametrize(
    ("status", "shown", "code"),
    [
        ("Failed", {}, "new-circumstances"),
        ("Stopped", OUT_OF_TIME, "new-circumstances"),
        ("Stopped", {}, "stopped"),
        ("Succeeded", {}, "succeeded"),
    ],
)
def test_by_name_alone_circumstances_are_told_by_what_can_be_read(status, shown, code):
    environment = an_environment(identity=Identity.NAME)
    run = without_marks(a_run(a_job(**A), status, **shown))
    change = only_change(a_job(**A, **LONGER), live=(run,), environment=environment)
    assert change.reason.code == code
    assert change.action is (Action.RERUN if code == "new-circumstances" else Action.UNCHANGED)
    same = only_change(a_job(**A), live=(run,), environment=environment)
    assert same.action is Action.UNCHANGED
    assert "run.token" not in same.reason.text


OLD = a_job(UserCommand="older")
TOKEN = a_job(rules=RunRules(token="2"))


@pytest.mark.parametrize(
    ("runs", "used"),
    [
        ([], 0),
        ([(a_job(), "Failed")], 0),
        ([(a_job(), "Failed"), (a_job(), "Failed")], 1),
        ([(a_job(), "Stopped"), (a_job(), "FailedReserving"), (a_job(), "Failed")], 2),
        ([(a_job(), "Failed"), (a_job(), "Running")], 0),
        ([(a_job(), "Failed"), (a_job(), "Stopping")], 0),
        ([(a_job(), "Failed"), (a_job(), "Hibernating")], 0),
        ([(OLD, "Failed"), (OLD, "Failed"), (a_job(), "Failed")], 0),
        ([(TOKEN, "Failed"), (TOKEN, "Failed"), (a_job(), "Failed")], 0),
    ],
)
def test_a_retry_is_an_ended_run_of_the_same_spec_and_token_after_the_first(runs, used):
    live = [a_run(job, status, number=number) for number, (job, status) in enumerate(runs, 1)]
    assert ended_runs(live, job=a_job()).retries_used == used
