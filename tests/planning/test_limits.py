"""The limits of an environment, at their edges."""

from __future__ import annotations

import pytest

from dlcapply.model.findings import Level
from dlcapply.model.jobs import Limits
from dlcapply.model.plans import Action, Change, Reason, Spend
from dlcapply.planning.limits import check_limits


def of(*actions, spend=None):
    reason = Reason("code", "words")
    return [Change(f"j{n}", action, reason, spend=spend) for n, action in enumerate(actions)]


def rules(changes, *, active=0, **limits):
    return [finding.rule for finding in check_limits(changes, limits=Limits(**limits), active=active)]


CREATE, RERUN, REPLACE, STOP = Action.CREATE, Action.RERUN, Action.REPLACE, Action.STOP
IDLE = [Action.UNCHANGED, Action.WAITING, Action.BLOCKED, Action.UPDATE]


def test_without_limits_nothing_is_over_them():
    assert rules(of(*[REPLACE] * 9, spend=Spend(8, None)), active=9) == []


def test_what_spends_nothing_is_under_every_limit():
    assert rules(of(*IDLE), active=9, gpu_hours=0, creates=0, stops=0, stops_percent=0) == []


@pytest.mark.parametrize("action", [CREATE, RERUN, REPLACE])
def test_whatever_starts_a_run_counts_as_a_create(action):
    assert rules(of(action, action, *IDLE), creates=1) == ["limit-creates"]
    assert rules(of(action, action, *IDLE), creates=2) == []


@pytest.mark.parametrize("action", [STOP, REPLACE])
def test_whatever_stops_a_run_counts_as_a_stop(action):
    assert rules(of(action, action, *IDLE), stops=1) == ["limit-stops"]
    assert rules(of(action, action, *IDLE), stops=2) == []


@pytest.mark.parametrize(
    ("active", "limit", "over"),
    [(4, 0, False), (5, 39.9, True), (5, 40, False), (6, 33, True), (6, 33.4, False)],
)
def test_a_percentage_counts_from_five_runs_up(active, limit, over):
    found = rules(of(STOP, STOP), active=active, stops_percent=limit)
    assert found == (["limit-stops-percent"] if over else [])


def test_hours_add_up():
    assert rules(of(CREATE, RERUN, spend=Spend(2, 2.5)), gpu_hours=4.9) == ["limit-gpu-hours"]
    assert rules(of(CREATE, RERUN, spend=Spend(2, 2.5)), gpu_hours=5) == []


def test_sums_of_fractions_are_no_more_than_they_are_and_large_ones_are_told_whole():
    spent = [Change(f"j{n}", CREATE, Reason("", ""), spend=Spend(1, 0.1)) for n in range(3)]
    assert rules(spent, gpu_hours=0.3) == []
    (over,) = check_limits(of(CREATE, spend=Spend(64, 1234567.5)), limits=Limits(gpu_hours=1234567), active=0)
    assert over.message == "up to 1,234,567.5 accelerator-hours, and the limit is 1,234,567"


def test_where_unbounded_jobs_are_allowed_they_count_nothing_and_the_others_still_do():
    changes = [*of(CREATE, spend=Spend(8, None)), Change("k", CREATE, Reason("", ""), spend=Spend(1, 2.0))]
    assert rules(changes, gpu_hours=2, unbounded_allowed=True) == []
    assert rules(changes, gpu_hours=1.9, unbounded_allowed=True) == ["limit-gpu-hours"]
    assert rules(changes, gpu_hours=1.9) == ["limit-gpu-hours", "limit-gpu-hours"]


def test_where_a_type_is_not_known_the_hint_names_it():
    types = tuple(f"ecs.{letter}" for letter in "gfedcba")
    (finding,) = check_limits(of(CREATE, spend=Spend(0, None, types)), limits=Limits(gpu_hours=1), active=0)
    assert ", ".join(sorted(types)) in finding.hint
    endless = Spend(8, None, unbounded_by=("JobMaxRunningTimeMinutes", "TemplateId"))
    (known,) = check_limits(of(CREATE, spend=endless), limits=Limits(gpu_hours=1), active=0)
    assert known.hint.startswith("set JobMaxRunningTimeMinutes and leave out TemplateId, or allow it")


def test_cpu_hours_have_a_limit_of_their_own():
    spend = Spend(0, 0.0, cpus=4, cpu_hours=2.5)
    assert rules(of(CREATE, RERUN, spend=spend), cpu_hours=4.9, gpu_hours=0) == ["limit-cpu-hours"]
    assert rules(of(CREATE, RERUN, spend=spend), cpu_hours=5, gpu_hours=0) == []
    unknown = of(CREATE, spend=Spend(0, 0.0, cpu_hours=None, uncounted=("ecs.x",)))
    (finding,) = check_limits(unknown, limits=Limits(cpu_hours=5), active=0)
    assert (finding.rule, "ecs.x: how many CPUs" in finding.hint) == ("limit-cpu-hours", True)
    assert rules(unknown, cpu_hours=5, unbounded_allowed=True) == []


@pytest.mark.parametrize("action", [*Action])
def test_whatever_spends_counts(action):
    assert rules(of(action, spend=Spend(2, 2.5)), gpu_hours=2) == ["limit-gpu-hours"]


def test_what_can_exceed_the_hours_is_told_where_they_are_limited():
    spend = Spend(2, 2.5, can_exceed=("Settings.ElasticSpotJobMaxRestartTimes",))
    words = "Settings.ElasticSpotJobMaxRestartTimes of j0 may exceed"
    (over,) = check_limits(of(CREATE, spend=spend), limits=Limits(gpu_hours=2), active=0)
    (within,) = check_limits(of(CREATE, spend=spend), limits=Limits(gpu_hours=3), active=0)
    assert (over.level, within.level) == (Level.ERROR, Level.WARNING)
    assert words in over.message
    assert words in within.message
    assert rules(of(CREATE, spend=spend)) == []


def pruned(count, *others):
    """So many prunes, and changes of other actions."""
    prunes = [Change(f"p{n}", STOP, Reason("orphan", "")) for n in range(count)]
    return [*prunes, *of(*others)]


@pytest.mark.parametrize(
    ("changes", "active", "over"),
    [
        (pruned(1), 1, False),
        (pruned(1), 2, False),
        (pruned(2), 2, True),
        (pruned(2), 3, True),
        (pruned(2), 4, False),
        (pruned(3), 4, True),
        (pruned(1, REPLACE, STOP), 4, True),
        (of(REPLACE, STOP, STOP), 3, False),
    ],
)
def test_prune_stops_at_half_where_no_percentage_is_set(changes, active, over):
    found = check_limits(changes, limits=Limits(), active=active)
    assert [finding.rule for finding in found] == (["limit-prune-half"] if over else [])
    assert all("--allow-stops" in finding.hint for finding in found)
    assert rules(changes, active=active, stops_percent=100) == []


def allowed(changes, number, **limits):
    found = check_limits(changes, limits=Limits(**limits), active=4, allow_stops=number)
    return [finding.rule for finding in found]


@pytest.mark.parametrize(
    ("number", "found"), [(3, []), (2, ["allow-stops"]), (4, ["allow-stops"]), (0, ["allow-stops"])]
)
def test_a_consent_is_to_exactly_so_many_stops_and_replaces(number, found):
    assert allowed(pruned(2, REPLACE, CREATE), number) == found


def test_a_consent_lifts_no_limit_of_the_environment():
    assert allowed(pruned(3), 3, stops=2) == ["limit-stops"]
    assert allowed(pruned(3), 2, stops=3) == ["allow-stops"]
    assert allowed(of(CREATE), 0) == []
    many = check_limits(pruned(3), limits=Limits(stops_percent=50), active=5, allow_stops=3)
    assert [finding.rule for finding in many] == ["limit-stops-percent"]


@pytest.mark.parametrize(
    ("changes", "limits", "words"),
    [
        (of(CREATE, spend=Spend(8, 12.5)), {"gpu_hours": 8}, ["12.5", "8"]),
        (of(CREATE, spend=Spend(8, 100_000.001)), {"gpu_hours": 100_000}, ["100,000.1", "is 100,000"]),
        (of(CREATE, spend=Spend(8, 2e7)), {"gpu_hours": 1e7}, ["20,000,000", "is 10,000,000"]),
        (of(CREATE, RERUN, spend=Spend(8, None)), {"gpu_hours": 8}, ["j0, j1"]),
        (of(*[CREATE] * 7, spend=Spend(8, None)), {"gpu_hours": 8}, ["of j0, j1, j2, j3, j4, and 2 more"]),
        (of(CREATE, CREATE), {"creates": 1}, ["2 runs", "1"]),
        (of(CREATE), {"creates": 0}, ["1 run to create"]),
        (of(STOP), {"stops": 0}, ["1 run to stop"]),
        (of(STOP, STOP), {"stops": 1}, ["2 runs", "1"]),
        (of(STOP, STOP), {"stops_percent": 12.5}, ["2 of 9", "12.5 %"]),
    ],
)
def test_a_limit_says_how_much_was_asked_how_much_is_allowed_and_what_to_do(changes, limits, words):
    (finding,) = check_limits(changes, limits=Limits(**limits), active=9)
    assert all(word in finding.message for word in words)
    assert "limits" in finding.hint
