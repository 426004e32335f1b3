"""Whose PRIVATE jobs a plan does not show: it says so first, and starts none of them without a word."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from dlcapply.errors import ExitCode
from dlcapply.model.findings import Finding, Level
from dlcapply.model.jobs import RunRules, State, View
from dlcapply.model.plans import Action
from dlcapply.model.runs import Visibility
from dlcapply.planning.history import histories
from dlcapply.planning.inputs import PlanInputs
from dlcapply.planning.planner import make_plan
from dlcapply.planning.visibility import UNSEEN_JOBS, denied_starts, unseen_starts
from tests.builders import CENSUS, ENVIRONMENT, a_job, a_run

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def plan_of(*jobs, live=(), sees=Visibility.OWN, view=None, **options):
    environment = replace(ENVIRONMENT, view=view)
    return make_plan(
        desired=jobs,
        live=histories(live, environment=environment, jobs=jobs),
        environment=environment,
        census=replace(CENSUS, sees=sees),
        inputs=PlanInputs(NOW, **options),
    )


def rules(plan):
    return [finding.rule for finding in plan.findings]


def public(name="train"):
    return a_job(name, Accessibility="PUBLIC")


@pytest.mark.parametrize("view", [None, *View])
@pytest.mark.parametrize("sees", Visibility)
def test_a_plan_that_does_not_see_all_says_so_before_anything_else(sees, view):
    earlier = Finding("no-workspaces", Level.WARNING, "message")
    plan = plan_of(a_job("train"), sees=sees, view=view, findings=(earlier,))
    first = [] if sees is Visibility.ALL else [UNSEEN_JOBS]
    assert rules(plan) == [*first, "no-workspaces"]


@pytest.mark.parametrize(
    ("sees", "view", "is_refused"),
    [
        (Visibility.ALL, None, False),
        (Visibility.ALL, View.OWN, False),
        (Visibility.ALL, View.ALL, False),
        (Visibility.OWN, None, True),
        (Visibility.OWN, View.OWN, False),
        (Visibility.OWN, View.ALL, True),
        (Visibility.UNKNOWN, None, True),
        (Visibility.UNKNOWN, View.OWN, False),
        (Visibility.UNKNOWN, View.ALL, False),
    ],
)
def test_who_answers_for_what_is_not_seen(sees, view, is_refused):
    refusal = denied_starts(plan_of(a_job("train"), sees=sees, view=view))
    assert (refusal is not None) == is_refused
    if refusal:
        assert refusal.exit_code is ExitCode.DENIED
        assert refusal.message.startswith("unseen-jobs: train would start, and ")
        for way_out in ("administrator", "Accessibility: PUBLIC", "view: own"):
            assert way_out in refusal.hint


def test_the_hint_says_which_word_there_is_and_what_speaks_against_it():
    hints = {
        (sees, view): plan_of(a_job("train"), sees=sees, view=view).findings[0].hint
        for sees in (Visibility.OWN, Visibility.UNKNOWN)
        for view in (None, *View)
    }
    assert "view: all where you know" in hints[Visibility.UNKNOWN, None]
    assert "view: all" not in hints[Visibility.OWN, None]
    assert "PAI's rules say otherwise" in hints[Visibility.OWN, View.ALL]
    assert hints[Visibility.OWN, View.OWN] == hints[Visibility.UNKNOWN, View.OWN]
    assert "on a person's word it does" in hints[Visibility.UNKNOWN, View.ALL]


def test_why_nobody_can_tell_is_told():
    asked = plan_of(a_job("train"), sees=Visibility.UNKNOWN, view_unknown="403 (allow it)")
    assert asked.findings[0].message.endswith("(PRIVATE: 1 of 1 jobs): 403 (allow it)")
    assert "403 (allow it)" in denied_starts(asked).message
    silent = plan_of(a_job("train"), sees=Visibility.UNKNOWN)
    assert "ListJobs and PaiDLC:GetJob do not say" in silent.findings[0].message


def test_what_is_public_needs_no_word():
    mixed = plan_of(public("open"), a_job("closed"))
    assert unseen_starts(mixed) == ("closed",)
    assert "(PRIVATE: 1 of 2 jobs)" in mixed.findings[0].message
    assert "open" not in denied_starts(mixed).message
    alone = plan_of(public("open"))
    assert (rules(alone), denied_starts(alone)) == ([], None)
    assert [change.private for change in mixed.changes] == [True, False]


@pytest.mark.parametrize("word", [None, "PRIVATE", "public", True])
def test_whatever_is_not_public_is_private(word):
    assert unseen_starts(plan_of(a_job("train", Accessibility=word))) == ("train",)


def test_what_starts_no_run_is_not_refused():
    job, stopped = a_job("train"), a_job("train", rules=RunRules(state=State.STOPPED))
    for plan in (plan_of(job, live=[a_run(job)]), plan_of(stopped, live=[a_run(job)])):
        assert plan.changes[0].action in {Action.UNCHANGED, Action.STOP}
        assert rules(plan)[0] == UNSEEN_JOBS
        assert denied_starts(plan) is None


def test_of_many_jobs_some_are_named_and_the_others_counted():
    refusal = denied_starts(plan_of(*(a_job(f"job-{number}") for number in range(9))))
    assert "job-0, job-1, job-2, job-3, job-4, and 4 more would start" in refusal.message


@pytest.mark.parametrize("sees", Visibility)
def test_a_run_that_ended_before_its_job_was_public_is_named(sees):
    hidden, shown = (a_run(job, status="Succeeded") for job in (a_job("train"), public()))
    assert "private-run" in rules(plan_of(public(), live=[hidden], sees=sees))
    assert "private-run" not in rules(plan_of(public(), live=[shown], sees=sees))
    assert "private-run" not in rules(plan_of(a_job("train"), live=[hidden], sees=sees))


@pytest.mark.parametrize("accessibility", ["PUBLIC", "PRIVATE"])
def test_a_pruned_run_is_as_private_as_it_says(accessibility):
    orphan = a_run(a_job("old", Accessibility=accessibility))
    plan = plan_of(live=(orphan,), complete=True, prune=True)
    assert [change.private for change in plan.changes] == [accessibility == "PRIVATE"]
