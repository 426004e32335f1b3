"""Freezes: every start waits, nothing else does, and approvals of one side hold on the other."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcapply.model.jobs import Freeze, Identity, Limits, OnChange, RunRules, State
from dlcapply.model.plans import Action
from dlcapply.planning.approvals import approvals_of
from dlcapply.planning.freezes import frozen
from tests.builders import NOW, a_job, a_plan, a_run, an_environment, only_change, without_marks

HOUR = timedelta(hours=1)
WINDOW = Freeze(NOW - HOUR, NOW + HOUR, "year-end closing")
FROZEN = an_environment(freezes=(WINDOW,))
FREE = an_environment()
REPLACES = RunRules(on_change=OnChange.REPLACE)
TWICE = RunRules(retries=2)
CONSENT = frozenset({"train"})
OLD, NEW = a_job(UserCommand="old"), a_job()

ANOTHER = [{"Description": "x"}, {"labels": {"a": "b"}}, {"UserCommand": "third"}]

# What starts without a freeze: (job, its runs, what is planned).
STARTS = {
    "create": (NEW, (), Action.CREATE),
    "rerun": (NEW, (a_run(OLD, "Succeeded"),), Action.RERUN),
    "token": (a_job(rules=RunRules(token="2")), (a_run(NEW, "Succeeded"),), Action.RERUN),
    "retry": (a_job(rules=TWICE), (a_run(a_job(rules=TWICE), "Failed"),), Action.RERUN),
    "return": (NEW, (a_run(NEW, "Stopped"), a_run(OLD, "Succeeded", number=2)), Action.RERUN),
    "circumstances": (a_job(JobMaxRunningTimeMinutes=90), (a_run(NEW, "Failed"),), Action.RERUN),
    "replace": (a_job(rules=REPLACES), (a_run(OLD),), Action.REPLACE),
}
# What goes on in a freeze as without one.
OTHERS = {
    "update": (a_job(Description="x"), (a_run(NEW),), Action.UPDATE),
    "state": (a_job(rules=RunRules(state=State.STOPPED)), (a_run(NEW),), Action.STOP),
    "equal": (NEW, (a_run(NEW),), Action.UNCHANGED),
    "succeeded": (NEW, (a_run(NEW, "Succeeded"),), Action.UNCHANGED),
    "late": (a_job(rules=RunRules(not_after=NOW - HOUR)), (), Action.UNCHANGED),
    "blocked": (NEW, (a_run(OLD),), Action.BLOCKED),
    "protected": (a_job(rules=replace(REPLACES, protect=True)), (a_run(OLD),), Action.BLOCKED),
    "rival": (NEW, (without_marks(a_run(NEW)),), Action.BLOCKED),
    "waiting": (a_job(rules=RunRules(on_change=OnChange.WAIT)), (a_run(OLD),), Action.WAITING),
    "stopping": (NEW, (a_run(OLD, "Stopping"),), Action.WAITING),
}


def starting(name, environment, **options):
    job, live, _ = STARTS[name]
    return a_plan(job, live=live, environment=environment, **({"allow_replace": CONSENT} | options))


@pytest.mark.parametrize("name", STARTS)
def test_a_start_waits_with_all_that_it_would_do(name):
    free, held = starting(name, FREE), starting(name, FROZEN)
    (start,), (wait,) = free.changes, held.changes
    assert (start.action, wait.action, wait.reason.code) == (STARTS[name][2], Action.WAITING, "frozen")
    assert (wait.op, wait.fields, wait.spend, wait.consent, wait.target, wait.retry, wait.terms) == (
        *(start.op, start.fields, start.spend, start.consent, start.target, start.retry, start.terms),
    )
    until = "nothing starts before 2026-11-23 13:00 UTC (year-end closing): "
    assert wait.reason.text == f"{until}{start.reason.text}"
    assert held.writing == ()
    assert held.digest != free.digest


@pytest.mark.parametrize("name", OTHERS)
def test_what_starts_nothing_is_as_without_a_freeze(name):
    job, live, action = OTHERS[name]
    free, held = (a_plan(job, live=live, environment=one, allow_replace=CONSENT) for one in (FREE, FROZEN))
    assert free.changes[0].action is action
    assert (held.changes, held.digest) == (free.changes, free.digest)


def test_a_prune_goes_on_beside_a_start_that_waits():
    orphan = a_run(a_job("old", UserCommand="gone"))
    plan = a_plan(NEW, live=(orphan,), environment=FROZEN, complete=True, prune=True, allow_stops=1)
    assert [(change.name, change.action) for change in plan.changes] == [
        ("old", Action.STOP),
        ("train", Action.WAITING),
    ]


def test_a_replace_that_nobody_consented_to_is_blocked_in_a_freeze_too():
    change = starting("replace", FROZEN, allow_replace=frozenset()).changes[0]
    assert (change.action, change.reason.code) == (Action.BLOCKED, "needs-consent")
    assert not change.consent.given


def test_by_name_alone_a_freeze_holds_the_same():
    by_name = an_environment(freezes=(WINDOW,), identity=Identity.NAME)
    assert only_change(NEW, environment=by_name).reason.code == "frozen"


def test_what_waits_counts_with_its_spend_and_as_no_create():
    limits = Limits(gpu_hours=1, creates=0)
    plan = a_plan(NEW, environment=an_environment(freezes=(WINDOW,), limits=limits))
    assert [finding.rule for finding in plan.findings] == ["limit-gpu-hours"]


# Approvals on both sides of a freeze


def then(name, *, reviewed, now, job=None, live=None, **options):
    """The plan in the one environment, of which only what was reviewed in the other is carried out."""
    approvals = approvals_of([reviewed], now=NOW)
    first, runs, _ = STARTS[name]
    return a_plan(
        job or first, live=runs if live is None else live, environment=now, approvals=approvals, **options
    )


@pytest.mark.parametrize("name", STARTS)
def test_what_was_approved_in_a_freeze_starts_after_it(name):
    plan = then(name, reviewed=starting(name, FROZEN), now=FREE)
    assert (plan.held, [change.action for change in plan.writing]) == ({}, [STARTS[name][2]])


@pytest.mark.parametrize("name", STARTS)
def test_what_was_approved_before_a_freeze_waits_in_it_and_is_not_called_unapproved(name):
    plan = then(name, reviewed=starting(name, FREE), now=FROZEN)
    assert (plan.held, plan.writing, plan.changes[0].action) == ({}, (), Action.WAITING)


@pytest.mark.parametrize("name", STARTS)
@pytest.mark.parametrize(("reviewed", "now"), [(FROZEN, FREE), (FREE, FROZEN), (FROZEN, FROZEN)])
@pytest.mark.parametrize("other", ANOTHER, ids=str)
def test_another_start_is_approved_on_neither_side(name, reviewed, now, other):
    rules = STARTS[name][0].rules
    plan = then(name, reviewed=starting(name, reviewed), now=now, job=a_job(rules=rules, **other))
    assert "train" in plan.held or not plan.changes[0].op


@pytest.mark.parametrize("now", [FREE, FROZEN])
def test_a_replace_that_waited_without_a_consent_is_not_approved(now):
    reviewed = starting("replace", FROZEN, allow_replace=frozenset())
    plan = then("replace", reviewed=reviewed, now=now, allow_replace=CONSENT)
    assert (plan.held.keys(), plan.writing) == ({"train"}, ())


@pytest.mark.parametrize("status", ["Succeeded", "Failed"])
def test_an_approved_replace_that_waited_is_not_the_start_that_is_left_once_its_run_has_ended(status):
    plan = then("replace", reviewed=starting("replace", FROZEN), now=FREE, live=(a_run(OLD, status),))
    assert (plan.changes[0].action, plan.held.keys()) == (Action.RERUN, {"train"})


@pytest.mark.parametrize("reviewed", [FREE, FROZEN])
def test_the_start_that_an_approved_replace_left_waits_for_the_end_of_a_freeze(reviewed):
    stopped = (a_run(OLD, "Stopped"),)
    approved = starting("replace", reviewed)
    waits, starts = (then("replace", reviewed=approved, now=now, live=stopped) for now in (FROZEN, FREE))
    assert (waits.held, waits.changes[0].action) == ({}, Action.WAITING)
    assert (starts.held, [change.action for change in starts.writing]) == ({}, [Action.RERUN])


def test_an_approved_wait_for_the_end_of_a_run_goes_on_as_one_for_the_end_of_a_freeze():
    job = a_job(rules=RunRules(on_change=OnChange.WAIT))
    reviewed = a_plan(job, live=(a_run(OLD),), environment=FREE)
    approvals = approvals_of([reviewed], now=NOW)
    for environment, action in ((FROZEN, Action.WAITING), (FREE, Action.RERUN)):
        plan = a_plan(job, live=(a_run(OLD, "Failed"),), environment=environment, approvals=approvals)
        assert (plan.held, plan.changes[0].action) == ({}, action)


def test_an_approved_replace_that_waited_is_for_that_run_alone():
    later = (a_run(OLD, "Stopped"), a_run(OLD, number=2))
    plan = then("replace", reviewed=starting("replace", FROZEN), now=FREE, live=later)
    assert (plan.changes[0].action, plan.writing) == (Action.BLOCKED, ())


# Windows

START = datetime(2026, 1, 1, tzinfo=UTC)
minutes = st.integers(0, 30)
windows = st.lists(
    st.tuples(minutes, st.integers(1, 8)).map(
        lambda pair: Freeze(at(pair[0]), at(pair[0] + pair[1]), f"window {pair[0]}")
    ),
    max_size=5,
)


def at(minute):
    return START + timedelta(minutes=minute)


@given(windows, minutes)
def test_a_moment_is_frozen_where_a_window_holds_it_until_the_first_that_none_holds(freezes, now):
    held = {minute for minute in range(60) if any(one.start <= at(minute) < one.end for one in freezes)}
    found = frozen(freezes, at(now))
    assert (found is not None) == (now in held)
    if found:
        assert found.until == at(next(minute for minute in range(now, 60) if minute not in held))
        assert set(found.reasons) == {one.reason for one in freezes if one.start <= at(now) < one.end}


def test_however_many_windows_hold_a_moment_a_few_reasons_are_told():
    many = [Freeze(NOW, NOW + HOUR, f"reason {number}") for number in range(1_000)]
    assert str(frozen(many, NOW)) == "2026-11-23 13:00 UTC (reason 0; reason 1; reason 2; and 997 more)"


@given(windows, minutes, st.integers(0, 10))
def test_some_moment_of_a_time_is_frozen_where_any_is(freezes, now, length):
    found = frozen(freezes, at(now), end=at(now + length))
    any_held = any(frozen(freezes, at(minute)) for minute in range(now, now + length + 1))
    assert (found is not None) == any_held
