"""The runs of a name, told apart."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dlcapply.planning.history import NO_RUNS, histories
from tests.builders import ENVIRONMENT, a_job, a_run, without_marks


def a_history(*runs):
    return histories(runs, environment=ENVIRONMENT)["train"]


def ours(status, number):
    return a_run(a_job(), status, number=number)


def theirs(status, number):
    return replace(without_marks(ours(status, number)), job_id=f"dlc-theirs-{number}")


def test_every_run_is_in_one_place_and_the_oldest_comes_first():
    first, second = ours("Failed", 1), ours("Running", 2)
    ended, earlier = theirs("Failed", 9), theirs("Stopped", 3)
    rival, other = theirs("Running", 8), theirs("Stopping", 4)
    history = a_history(ended, second, rival, first, other, earlier)
    assert history.ours == (first, second)
    assert history.rivals == (other, rival)
    assert history.past == (earlier, ended)
    assert history.newest is second
    runs = (first, second, ended, earlier, rival, other)
    assert set(history.owners) == {run.job_id for run in runs}


def test_names_are_told_apart_by_their_case():
    runs = (ours("Running", 1), a_run(a_job("Train"), number=2))
    found = histories(runs, environment=ENVIRONMENT)
    assert {name: history.ours for name, history in found.items()} == {"train": runs[:1], "Train": runs[1:]}


def test_without_a_run_there_is_no_newest_and_no_conflict():
    assert NO_RUNS.newest is None
    assert not NO_RUNS.is_conflict
    assert not NO_RUNS.is_outlived
    assert NO_RUNS.active == NO_RUNS.under_way == ()


@pytest.mark.parametrize(
    ("statuses", "under_way", "active", "conflict", "outlived"),
    [
        (["Running"], 1, 1, False, False),
        (["Succeeded", "Running"], 1, 1, False, False),
        (["Succeeded", "Failed"], 0, 0, False, False),
        (["Running", "Queuing"], 2, 2, True, False),
        (["Running", "Queuing", "Failed"], 2, 2, True, False),
        (["Stopping", "Running"], 2, 1, True, False),
        (["Running", "Succeeded"], 1, 1, False, True),
        (["Hibernating", "Failed"], 1, 0, False, True),
        (["Stopping"], 1, 0, False, False),
    ],
)
def test_what_is_under_way_and_what_a_decision_about_the_newest_would_overlook(
    statuses, under_way, active, conflict, outlived
):
    history = a_history(*(ours(status, number) for number, status in enumerate(statuses, 1)))
    assert (len(history.under_way), len(history.active)) == (under_way, active)
    assert (history.is_conflict, history.is_outlived) == (conflict, outlived)


def test_of_two_runs_of_one_second_the_job_id_says_which_is_newer():
    first = ours("Failed", 1)
    second = replace(ours("Failed", 2), created=first.created)
    assert a_history(second, first).newest is second


def test_what_lost_a_race_counts_while_it_is_under_way():
    """Two runs of one create: the second is told of until it has ended."""
    job = a_job()
    first, second = a_run(job), replace(a_run(job), job_id="dlc002", created="2026-11-02T00:00:00Z")
    assert histories([first, second], environment=ENVIRONMENT)["train"].rivals == (second,)
    ended = replace(second, status="Stopped")
    history = histories([first, ended], environment=ENVIRONMENT)["train"]
    assert (history.ours, history.rivals, history.past) == ((first,), (), ())
