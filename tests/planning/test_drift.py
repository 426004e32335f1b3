"""Drift: what a person changed on the service, and nothing that a manifest, an apply or time did."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcapply.model.claims import Claim
from dlcapply.model.drift import DriftCode, DriftReport
from dlcapply.model.jobs import Identity, OnChange, RunRules, State
from dlcapply.pai import IN_PLACE
from dlcapply.planning.context import context_of
from dlcapply.planning.drift import Writes, drift_of
from dlcapply.planning.history import histories
from dlcapply.planning.inputs import PlanInputs
from dlcapply.planning.marks import OP_TAG, SET_TAG, in_place_print, marks_for
from dlcapply.planning.ownership import carried, claimed
from dlcapply.planning.restored_plans import drift_report_of
from dlcapply.rendering.plan_documents import drift_document
from tests.builders import ENVIRONMENT, NOW, a_job, a_plan, a_run, an_environment, without_marks
from tests.planning.test_freezes import OTHERS, STARTS

QUEUED = {"ResourceId": "quota1"}
C = DriftCode


def drift(*jobs, live=(), environment=ENVIRONMENT, writes=None, misses_none=True, **inputs):
    known = {"now": NOW, "complete": True} | inputs
    by_name = histories(live, environment=environment, jobs=jobs)
    inputs = PlanInputs(**known)
    return drift_of(jobs, by_name, environment, inputs, writes or Writes(), misses_none=misses_none)


def codes(*jobs, **options):
    return [row.code for row in drift(*jobs, **options)]


def noted(*, stopped=(), moved=None, created=()):
    """A journal that notes these."""
    moves = {path: in_place_print(value) for path, value in (moved or {}).items()}
    return Writes(lambda run: run in stopped, lambda _: moves, lambda _: tuple(created))


@pytest.mark.parametrize("name", [*STARTS, *OTHERS])
def test_what_a_manifest_asks_for_is_no_drift(name):
    """But for a run that somebody stopped, or that has the job's name and is not ours."""
    job, live, _ = (STARTS | OTHERS)[name]
    expected = {"rival": [C.STRANGER], "stopping": [C.STOPPED]}
    assert codes(job, live=live) == expected.get(name, [])


@pytest.mark.parametrize(
    "status", ["Creating", "Queuing", "Running", "Restarting", "Succeeded", "Failed", "FailedReserving"]
)
def test_an_untouched_run_is_no_drift_whatever_becomes_of_it(status):
    job = a_job(**QUEUED, Priority=3, Description="x", Accessibility="PUBLIC", labels={"team": "a"})
    assert codes(job, live=(a_run(job, status),)) == []


def test_a_value_that_a_mark_proves_to_be_another_is_drift():
    job = a_job()
    (row,) = drift(job, live=(a_run(job, Envs={"LR": "3e-4"}),))
    assert (row.code, row.job_id, row.is_proven) == (C.VALUE_CHANGED, "dlc001", True)
    assert [(field.path, field.declared, field.live) for field in row.fields] == [("Envs.LR", "1e-4", "3e-4")]


def test_a_result_that_drifted_is_told_where_a_circumstance_of_the_manifest_changed_too():
    job = a_job()
    live = (a_run(job, Envs={"LR": "3e-4"}),)
    (row,) = drift(a_job(JobMaxRunningTimeMinutes=90), live=live)
    assert [field.path for field in row.fields] == ["Envs.LR"]


def test_a_secret_that_drifted_is_masked():
    job = a_job(Envs={"API_KEY": "abcd1234efgh"})
    assert "ijkl5678" not in repr(drift(job, live=(a_run(job, Envs={"API_KEY": "ijkl5678mnop"}),)))


OLD, NEW, THIRD = 3, 5, 7
# (started with, noted since, live, declared): is it drift? None where nobody can tell.
PRIORITIES = [
    *[((OLD, None, OLD, declared), False) for declared in (OLD, NEW)],
    ((OLD, None, NEW, OLD), True),
    ((OLD, None, NEW, THIRD), None),
    ((OLD, NEW, NEW, OLD), False),
    ((OLD, NEW, NEW, THIRD), False),
    ((OLD, NEW, OLD, NEW), True),
    ((OLD, NEW, THIRD, OLD), True),
    ((None, None, 1, NEW), False),
    ((None, None, OLD, NEW), None),
]


@pytest.mark.parametrize(("values", "expected"), PRIORITIES)
def test_who_changed_a_value_that_pai_changes_in_place(values, expected):
    started, moved, live, declared = values
    run = a_run(a_job(**QUEUED, Priority=started), "Queuing", Priority=live)
    writes = noted(moved={} if moved is None else {"Priority": moved})
    rows = drift(a_job(**QUEUED, Priority=declared), live=(run,), writes=writes)
    assert [row.code for row in rows] == {
        True: [C.VALUE_CHANGED],
        None: [C.VALUE_DIFFERS],
        False: [],
    }[expected]
    knows = noted(moved={} if moved is None else {"Priority": moved}, created=["dlc001"])
    told = codes(a_job(**QUEUED, Priority=declared), live=(run,), writes=knows)
    assert told == ([] if expected is False else [C.VALUE_CHANGED])


def test_a_claim_or_no_mark_says_nothing_of_what_a_run_was_started_with():
    job, other = a_job(Description="x"), a_job(Description="y")
    run = a_run(other)
    adopted = replace(run, claim=Claim(run.job_id, run.name, {}))
    older = a_run(other, tags={SET_TAG: "Description"})
    for live in (adopted, older):
        assert codes(job, live=(live,)) == [C.VALUE_DIFFERS]
    by_name = an_environment(identity=Identity.NAME)
    assert codes(job, live=(without_marks(run),), environment=by_name) == [C.VALUE_DIFFERS]


def test_a_priority_that_pai_ignores_is_no_drift():
    job = a_job(Priority=3)
    assert codes(job, live=(a_run(job, Priority=1),)) == []


@given(st.sampled_from(IN_PLACE), st.sampled_from([0, 3, "PUBLIC", "x, y:z", "", "ü"]))
def test_a_value_is_known_again_as_number_and_as_text(path, value):
    job = a_job(**QUEUED, **{path: value})
    assert codes(job, live=(a_run(job, "Queuing", **{path: str(value)}),)) == []
    assert in_place_print(value) == in_place_print(str(value))
    assert len(marks_for(job, op="o")[SET_TAG]) < 128


# Stops


@pytest.mark.parametrize("reason", ["JobStoppedByUser", "StoppedByUser", "", "SomethingElse"])
@pytest.mark.parametrize("status", ["Stopped", "Stopping"])
def test_a_run_that_was_stopped_is_drift_unless_we_stopped_it_or_it_is_declared_so(status, reason):
    job = a_job()
    live = (a_run(job, status, ReasonCode=reason),)
    (row,) = drift(job, live=live)
    assert (row.code, row.job_id, row.status) == (C.STOPPED, "dlc001", status)
    assert (reason or "no reason") in row.evidence
    assert codes(job, live=live, writes=noted(stopped=["dlc001"])) == []
    assert codes(a_job(rules=RunRules(state=State.STOPPED)), live=live) == []


@pytest.mark.parametrize(
    "body",
    [
        {"ReasonCode": "JobMaxRunningTimeExceeded"},
        {"Duration": 3600},
        {"ReasonMessage": "time limit reached"},
    ],
)
def test_a_run_that_a_limit_or_a_rule_stopped_is_no_drift(body):
    job = a_job()
    assert codes(job, live=(a_run(job, "Stopped", **body),)) == []


def test_what_was_started_after_a_stop_has_settled_it():
    job = a_job(rules=RunRules(token="2"))
    for status in ("Running", "Succeeded", "Failed"):
        assert codes(job, live=(a_run(a_job(), "Stopped"), a_run(job, status, number=2))) == []


def test_the_loser_of_a_race_is_no_stopped_run():
    job = a_job()
    winner, loser = a_run(job), a_run(job, "Stopped", number=2)
    twin = {**loser.body["Settings"]["Tags"], OP_TAG: winner.tags[OP_TAG]}
    loser = replace(loser, body={**loser.body, "Settings": {"Tags": twin}})
    assert codes(job, live=(winner, loser)) == []
    assert codes(job, live=(winner, replace(loser, status="Running"))) == [C.SECOND_RUN]


def test_a_reason_that_pai_gives_colours_no_line():
    job = a_job()
    (row,) = drift(job, live=(a_run(job, "Stopped", ReasonCode="\x1b[2K" + "x" * 1000),))
    assert "\x1b" not in row.evidence
    assert len(row.evidence) < 200


# Strangers, orphans and the rest


def foreign(job, status, *, number):
    return a_run(job, status, number=number, tags={"dlcapply-owner": "audio/prod"})


@pytest.mark.parametrize(
    "make", [foreign, lambda job, status, number: without_marks(a_run(job, status, number=number))]
)
def test_a_stranger_is_told_while_it_goes_on_and_where_it_came_after_our_newest(make):
    job = a_job()
    ours = a_run(job, number=5)
    assert codes(job, live=(ours, make(job, "Running", number=3))) == [C.STRANGER]
    assert codes(job, live=(ours, make(job, "Succeeded", number=3))) == []
    assert codes(job, live=(ours, make(job, "Succeeded", number=7))) == [C.ENDED_STRANGER]
    assert codes(job, live=(make(job, "Failed", number=3),)) == []


def test_a_run_that_a_claim_leaves_to_others_is_none():
    job = a_job()
    run = a_run(job, number=2)
    left = claimed(run, Claim(run.job_id, run.name, {}, carried(run)))
    assert codes(job, live=(left,)) == []
    assert codes(job, live=(a_run(job), replace(left, status="Succeeded"))) == []
    assert codes(job, live=(without_marks(run),)) == [C.STRANGER]


def test_a_clone_is_a_stranger():
    job = a_job()
    clone = a_run(job, number=2, tags={"CloneFromJobID": "dlc001"})
    (row,) = drift(job, live=(a_run(job), clone))
    assert (row.code, row.job_id) == (C.STRANGER, "dlc002")
    assert "a clone of dlc001" in row.what


def test_a_run_of_ours_that_no_manifest_declares_is_told_once_all_manifests_are_known():
    live = (a_run(a_job("old")), a_run(a_job("done"), "Succeeded"))
    assert [(row.name, row.code) for row in drift(a_job(), live=live)] == [("old", C.UNDECLARED)]
    assert codes(a_job(), live=live, complete=False) == []


def test_several_runs_and_one_that_outlived_a_newer_are_told():
    job = a_job()
    assert codes(job, live=(a_run(job), a_run(job, number=2))) == [C.SEVERAL_RUNS]
    assert codes(job, live=(a_run(job), a_run(job, "Succeeded", number=2))) == [C.OUTLIVED]


def test_a_status_that_nobody_knows_is_told_and_nothing_is_concluded_from_the_run():
    job = a_job()
    assert codes(job, live=(a_run(job, "Hibernating", Envs={"LR": "2"}),)) == [C.UNKNOWN_STATUS]


def test_a_run_that_the_journal_knows_and_pai_does_not_is_told():
    job = a_job()
    op = a_plan(job).changes[0].op
    (row,) = drift(job, gone={op: "dlc9 (as old)"})
    assert (row.code, row.job_id, row.status) == (C.GONE, "dlc9", "")


@pytest.mark.parametrize(
    ("accessibility", "code"), [("PRIVATE", C.NOT_SEEN), (None, C.NOT_SEEN), ("PUBLIC", C.GONE)]
)
def test_a_private_run_may_be_kept_from_who_looks(accessibility, code):
    job = a_job(Accessibility=accessibility) if accessibility else a_job()
    gone = {a_plan(job).changes[0].op: "dlc9 (as old)"}
    (row,) = drift(job, gone=gone, misses_none=False)
    assert (row.code, row.is_proven) == (code, code is C.GONE)


def test_rows_are_sorted_and_their_order_rests_on_no_other():
    jobs = [a_job("b"), a_job("a")]
    live = [a_run(job, status) for job, status in product(jobs, ["Stopped"])]
    assert [row.name for row in drift(*jobs, live=tuple(live))] == ["a", "b"]


def test_a_freeze_or_a_consent_changes_nothing_of_drift():
    job = a_job(rules=RunRules(on_change=OnChange.REPLACE))
    live = (a_run(job, "Stopped"),)
    assert drift(job, live=live) == drift(job, live=live, allow_replace=frozenset({"train"}), now=LATER)


LATER = datetime(2027, 1, 1, tzinfo=UTC)


def test_a_report_comes_back_from_its_document_as_it_was():
    job = a_job(place=None)
    plan = a_plan(job)
    rows = drift(
        job,
        a_job("b"),
        live=(a_run(job, Envs={"LR": "9"}), a_run(a_job("old")), a_run(a_job("b"), "Stopped")),
    )
    report = DriftReport(
        plan.environment, plan.scope, plan.census, context_of(NOW, UTC), rows, plan.findings, has_journal=True
    )
    assert drift_report_of(drift_document(report)) == replace(report, rows=(*report.proven, *report.unclear))
