"""What saved plans approve: those very changes, the starts that they wait for, and the retries they grant."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcapply.model.jobs import EnvSource, Identity, Limits, OnChange, RunRules, State, View
from dlcapply.model.plans import Action
from dlcapply.model.runs import Visibility
from dlcapply.planning.approval_terms import terms_of
from dlcapply.planning.approvals import approvals_of
from dlcapply.planning.create_body import body_to_create
from dlcapply.planning.digest import change_digest
from tests.builders import NOW, RULES, a_job, a_plan, a_run, an_environment, only_change, without_marks


def approved(*plans, now=NOW):
    return approvals_of(plans, now=now)


def planned(*jobs, by=(), live=(), now=NOW, **options):
    """The plan of now, of which only what the plans `by` contain is carried out."""
    return a_plan(*jobs, live=live, now=now, approvals=approved(*by, now=now), **options)


def test_what_a_plan_contains_is_carried_out_and_the_rest_held_back():
    first, second = a_job("first"), a_job("second")
    plan = planned(first, second, by=[a_plan(first)])
    assert [change.name for change in plan.writing] == ["first"]
    assert plan.held == {"second": "no approved plan does anything for this job"}


def test_without_approvals_asked_for_nothing_is_held_back_and_with_none_everything():
    assert a_plan(a_job()).held == {}
    assert planned(a_job(), by=[]).held.keys() == {"train"}


@pytest.mark.parametrize(
    "changes",
    [
        {"UserCommand": "python other.py"},
        {"Description": "another"},
        {"Priority": 9},
        {"Accessibility": "PUBLIC"},
        {"labels": {"team": "audio"}},
        {"Settings": {"Tags": {"cost": "2"}}},
        {"JobMaxRunningTimeMinutes": 61},
        {"env_from": (EnvSource("KEY", "SOURCE"),)},
        {"rules": RunRules(retries=1)},
        {"rules": RunRules(token="2")},
        {"rules": RunRules(protect=True)},
    ],
    ids=str,
)
def test_a_body_or_a_ceiling_that_was_not_reviewed_is_held_back(changes):
    reviewed = a_plan(a_job())
    plan = planned(a_job(**changes), by=[reviewed])
    assert plan.held["train"].startswith("create is approved ")


def test_another_source_of_a_variable_is_held_back():
    one, other = (a_job(env_from=(EnvSource("KEY", name),)) for name in ("ONE", "OTHER"))
    assert planned(one, by=[a_plan(one)]).held == {}
    assert planned(other, by=[a_plan(one)]).held == {
        "train": "create is approved with another body, in what no plan shows"
    }


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"Description": "password=hunter2222"}, {"Description": "password=hunter3333"}),
        ({"Envs": {"API_KEY": "abcd1234efgh"}}, {"Envs": {"API_KEY": "abcd1234efgi"}}),
        (
            {"JobSpecs": [{"Type": "Worker", "PodCount": 1, "ImageConfig": {"Password": "one"}}]},
            {"JobSpecs": [{"Type": "Worker", "PodCount": 1, "ImageConfig": {"Password": "two"}}]},
        ),
    ],
)
def test_secrets_that_no_plan_shows_are_told_apart_and_not_told(before, after):
    one, other = a_plan(a_job(**before)), a_plan(a_job(**after))
    assert one.digest != other.digest
    for secret in ("hunter2222", "abcd1234efgh"):
        assert secret not in repr(one)


def test_an_update_that_differs_only_in_a_masked_secret_is_another():
    live = (a_run(a_job()),)
    one, other = (a_plan(a_job(Description=f"password=hunter{n}"), live=live) for n in ("2222", "3333"))
    assert [change.action for change in (*one.changes, *other.changes)] == [Action.UPDATE] * 2
    assert one.changes[0].fields == other.changes[0].fields
    assert planned(a_job(Description="password=hunter3333"), live=live, by=[one]).held


def test_of_the_environment_nothing_enters_a_digest_but_the_names():
    job = a_job(env_from=(EnvSource("KEY", "SOURCE"),), Envs={"KEY": "never sent", "LR": "1"})
    other = a_job(env_from=(EnvSource("KEY", "SOURCE"),), Envs={"KEY": "nor this", "LR": "1"})
    assert terms_of(job, identity=Identity.MARKS).body == terms_of(other, identity=Identity.MARKS).body


def test_the_token_is_approved_where_runs_carry_no_marks_too():
    one, other = (terms_of(a_job(rules=RunRules(token=token)), identity=Identity.NAME) for token in "12")
    assert one.body != other.body


# A start that is waited for

WAITS = RunRules(on_change=OnChange.WAIT)


def waiting_then(status, *, rules=WAITS, **changes):
    """An approved plan that waits for a run, and the plan once the run has the status."""
    old, new = a_job(), a_job(rules=WAITS, UserCommand="new")
    reviewed = a_plan(new, live=(a_run(old),))
    assert reviewed.changes[0].action is Action.WAITING
    later = a_job(rules=rules, **({"UserCommand": "new"} | changes))
    return planned(later, live=(a_run(old, status),), by=[reviewed], allow_replace=frozenset({"train"}))


@pytest.mark.parametrize("status", ["Succeeded", "Failed", "Stopped"])
def test_an_approved_wait_covers_the_start_that_it_waits_for(status):
    plan = waiting_then(status)
    assert [change.action for change in plan.writing] == [Action.RERUN]
    assert plan.changes[0].op == waiting_then("Running").changes[0].op


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"UserCommand": "newer"}, "for another spec or token"),
        ({"Description": "x"}, "with another body, in what no plan shows"),
        ({"labels": {"a": "b"}}, "with another body, in what no plan shows"),
        ({"rules": RunRules(retries=1)}, "with other retries"),
    ],
    ids=str,
)
def test_an_approved_wait_covers_no_other_start(changes, words):
    plan = waiting_then("Succeeded", **changes)
    assert (plan.changes[0].action, plan.writing) == (Action.RERUN, ())
    assert plan.held["train"] == f"the approved wait is {words}"


@pytest.mark.parametrize("retries", [1, 2])
@pytest.mark.parametrize("status", ["Succeeded", "Failed", "Stopped"])
def test_an_approved_wait_for_a_retry_of_an_older_spec_covers_it(retries, status):
    old = a_job(rules=RunRules(on_change=OnChange.WAIT, retries=retries))
    between = a_job(UserCommand="between")
    failed_once = a_run(old, "Failed")
    reviewed = a_plan(old, live=(failed_once, a_run(between, number=2)))
    plan = planned(old, live=(failed_once, a_run(between, status, number=2)), by=[reviewed])
    assert [change.action for change in (*reviewed.changes, *plan.writing)] == [Action.WAITING, Action.RERUN]
    assert {change.spend.runs for change in (*reviewed.changes, *plan.changes)} == {retries}


def test_without_marks_too_an_approved_wait_covers_its_start():
    by_name = an_environment(identity=Identity.NAME)
    old, new = (a_job(rules=RunRules(on_change=OnChange.WAIT, retries=3), UserCommand=word) for word in "ab")

    def runs(status):
        made = (a_run(old, "Failed"), a_run(old, status, number=2))
        return tuple(without_marks(run) for run in made)

    reviewed = a_plan(new, live=runs("Running"), environment=by_name)
    plan = planned(new, live=runs("Succeeded"), by=[reviewed], environment=by_name)
    assert [change.action for change in (*reviewed.changes, *plan.writing)] == [Action.WAITING, Action.RERUN]
    assert plan.changes[0].spend.runs == 2


def test_an_approved_wait_stops_nothing():
    plan = waiting_then("Running", rules=RunRules(on_change=OnChange.REPLACE))
    assert plan.changes[0].action is Action.REPLACE
    assert plan.writing == ()


def test_a_wait_itself_is_told_to_be_unapproved_and_stays_what_it_is():
    old, new = a_run(a_job()), a_job(rules=WAITS, UserCommand="new")
    plan = planned(new, live=(old,), by=[])
    assert (plan.changes[0].action, plan.held.keys()) == (Action.WAITING, {"train"})
    assert waiting_then("Running").held == {}


# Retries

TWICE = RunRules(retries=2)


def failed(job, *, times):
    return tuple(a_run(job, "Failed", number=number) for number in range(1, times + 1))


def test_the_retries_of_an_approved_plan_are_approved():
    job = a_job(rules=TWICE)
    reviewed = a_plan(job)
    for times in (1, 2):
        plan = planned(job, live=failed(job, times=times), by=[reviewed])
        assert [(change.action, change.retry) for change in plan.writing] == [(Action.RERUN, times)]
    assert planned(job, live=failed(job, times=3), by=[reviewed]).changes[0].action is Action.UNCHANGED


def test_the_retries_of_a_job_that_a_plan_lists_as_unchanged_are_approved():
    job = a_job(rules=TWICE)
    reviewed = a_plan(job, live=(a_run(job),))
    assert reviewed.changes[0].action is Action.UNCHANGED
    assert planned(job, live=failed(job, times=1), by=[reviewed]).held == {}


def test_no_more_retries_than_were_approved():
    more = a_job(rules=RunRules(retries=5))
    reviewed = a_plan(a_job(rules=TWICE))
    assert planned(more, live=failed(more, times=2), by=[reviewed]).held == {}
    held = planned(more, live=failed(more, times=3), by=[reviewed]).held
    assert held == {"train": "no approved plan grants retry 3 of this spec and token"}


@pytest.mark.parametrize(
    "changes",
    [{"Description": "x"}, {"labels": {"a": "b"}}, {"Priority": 9}, {"env_from": (EnvSource("K", "S"),)}],
    ids=str,
)
def test_a_retry_with_another_body_is_held_back(changes):
    job, other = a_job(rules=TWICE), a_job(rules=TWICE, **changes)
    plan = planned(other, live=failed(job, times=1), by=[a_plan(job)])
    assert (plan.changes[0].action, plan.changes[0].retry, plan.writing) == (Action.RERUN, 1, ())


def test_a_plan_in_which_the_job_was_blocked_or_stopped_grants_no_retry():
    job, old = a_job(rules=TWICE), a_run(a_job(UserCommand="old"))
    blocked = a_plan(job, live=(old,))
    stopped = a_plan(a_job(rules=RunRules(retries=2, state=State.STOPPED)), live=(a_run(job),))
    assert [plan.changes[0].action for plan in (blocked, stopped)] == [Action.BLOCKED, Action.STOP]
    assert planned(job, live=failed(job, times=1), by=[blocked, stopped]).held


@pytest.mark.parametrize("status", [None, "Stopping", "Failed"])
def test_a_plan_in_which_the_job_is_not_wanted_grants_no_retry(status):
    """Whether there is a run to be stopped or not: who reviewed it agreed that nothing starts."""
    job, unwanted = a_job(rules=TWICE), a_job(rules=RunRules(retries=2, state=State.STOPPED))
    reviewed = a_plan(unwanted, live=(a_run(job, status),) if status else ())
    assert reviewed.writing == ()
    assert planned(job, live=failed(job, times=1), by=[reviewed]).held


def test_a_return_to_an_older_spec_is_no_retry():
    old, new = a_job(rules=TWICE), a_job(rules=TWICE, UserCommand="new")
    live = (*failed(old, times=1), a_run(new, "Failed", number=2))
    plan = planned(old, live=live, by=[a_plan(old), a_plan(new, live=failed(old, times=1))])
    assert plan.changes[0].retry == 0
    assert plan.writing == ()


def test_a_rerun_for_other_circumstances_is_no_retry():
    """That the active run goes on is what was reviewed, and not that another one follows it."""
    job, longer = a_job(rules=TWICE), a_job(rules=TWICE, JobMaxRunningTimeMinutes=61)
    reviewed = a_plan(longer, live=(a_run(job),))
    plan = planned(longer, live=failed(job, times=1), by=[reviewed])
    assert reviewed.changes[0].action is Action.UNCHANGED
    assert (plan.changes[0].action, plan.changes[0].reason.code) == (Action.RERUN, "new-circumstances")
    assert (plan.changes[0].retry, plan.writing) == (0, ())


def test_what_was_approved_until_a_time_is_not_approved_later():
    deadline = RunRules(retries=2, not_after=NOW)
    open_end = a_job(rules=TWICE)
    reviewed = a_plan(a_job(rules=deadline))
    later = NOW + timedelta(seconds=1)
    assert planned(open_end, by=[reviewed]).held == {}
    assert planned(open_end, by=[reviewed], now=later).held == {
        "train": "run.notAfter has passed, as it was approved"
    }
    assert planned(open_end, live=failed(open_end, times=1), by=[reviewed], now=later).held


# Consents, prune and limits


def test_an_approved_replace_carries_its_consent():
    new = a_job(rules=RunRules(on_change=OnChange.REPLACE), UserCommand="new")
    live = (a_run(a_job()),)
    reviewed = a_plan(new, live=live, allow_replace=frozenset({"train"}))
    given = planned(new, live=live, by=[reviewed])
    assert [change.action for change in given.writing] == [Action.REPLACE]
    unsaid = planned(new, live=live, by=[a_plan(new, live=live)], allow_replace=frozenset({"train"}))
    assert unsaid.held == {"train": "the approved plan says blocked, and this is replace"}


def test_an_approved_replace_is_not_the_start_that_is_left_once_its_run_has_ended():
    """Who agreed to a replace knew what it would stop: the end of the run is news."""
    for status in ("Succeeded", "Failed"):
        reviewed, plan = replacing_then(status)
        assert plan.changes[0].op == reviewed.changes[0].op
        assert plan.held == {"train": "the approved plan says replace, and this is rerun"}


def replacing_then(status, **changes):
    """An approved replace, and the plan once the run that it stops has the status."""
    rules = RunRules(on_change=OnChange.REPLACE)
    new = a_job(rules=rules, UserCommand="new")
    reviewed = a_plan(new, live=(a_run(a_job()),), allow_replace=frozenset({"train"}))
    later = a_job(rules=rules, **({"UserCommand": "new"} | changes))
    return reviewed, planned(later, live=(a_run(a_job(), status),), by=[reviewed])


@pytest.mark.parametrize(
    ("status", "action"), [("Stopping", Action.WAITING), ("Stopped", Action.RERUN)], ids=str
)
def test_an_approved_replace_whose_stop_alone_was_done_covers_the_start_that_is_left(status, action):
    reviewed, plan = replacing_then(status)
    assert [change.action for change in reviewed.changes] == [Action.REPLACE]
    assert ([change.action for change in plan.changes], plan.held) == ([action], {})
    for other in ({"UserCommand": "newer"}, {"Description": "x"}):
        assert replacing_then(status, **other)[1].held


def test_a_consent_to_replace_is_for_the_run_that_was_reviewed_alone():
    """What was consented to once changes nothing of what another review has seen of a later run."""
    rules = RunRules(on_change=OnChange.REPLACE)
    new = a_job(rules=rules, UserCommand="new")
    spent = a_plan(new, live=(a_run(a_job()),), allow_replace=frozenset({"train"}))
    later = a_job(rules=rules, UserCommand="new", Description="x", JobMaxRunningTimeMinutes=90)
    live = (a_run(a_job(), "Stopped"), a_run(new, number=2))
    reviewed = a_plan(later, live=live)
    for by in ([reviewed], [spent, reviewed], [reviewed, spent]):
        assert [change.action for change in planned(later, live=live, by=by).writing] == [Action.UPDATE]


def test_an_approved_stop_is_the_same_whatever_else_differs():
    """A run that goes on costs money, and neither an edit beside it nor a drift is a part of its stop."""
    stopped = RunRules(state=State.STOPPED)
    live = (a_run(a_job()),)
    reviewed = a_plan(a_job(rules=stopped), live=live)
    for job in (a_job(rules=stopped, UserCommand="other"), a_job(rules=stopped, Description="x")):
        assert [change.action for change in planned(job, live=live, by=[reviewed]).writing] == [Action.STOP]
    drifted = (a_run(a_job(), Priority=7),)
    assert planned(a_job(rules=stopped), live=drifted, by=[reviewed]).held == {}
    assert planned(a_job(rules=stopped), live=(a_run(a_job(), number=2),), by=[reviewed]).held


def test_a_prune_is_approved_like_any_other_stop_and_only_asked_for():
    live = (a_run(a_job("gone")),)
    reviewed = a_plan(live=live, complete=True, prune=True)
    assert [c.action for c in planned(live=live, by=[reviewed], complete=True, prune=True).writing] == [
        Action.STOP
    ]
    assert planned(live=live, by=[reviewed], complete=True).changes == ()
    assert planned(live=live, by=[a_plan(live=live)], complete=True, prune=True).writing == ()


def test_the_consent_to_a_number_of_stops_travels_with_the_stops_that_it_was_for():
    options = {"live": tuple(a_run(a_job(name)) for name in "abcd"), "complete": True, "prune": True}
    consented = a_plan(a_job("d"), allow_stops=3, **options)
    alone = [a_plan(*map(a_job, set("abcd") - {name}), **options) for name in "abc"]

    def stopped(by, *, kept="d"):
        plan = planned(*map(a_job, kept), by=by, **options)
        return [finding.rule for finding in plan.findings], [change.name for change in plan.writing]

    assert stopped([consented]) == ([], ["a", "b", "c"])
    assert stopped([a_plan(a_job("d"), **options)]) == (["limit-prune-half"], ["a", "b", "c"])
    assert stopped(alone[:2], kept="cd") == ([], ["a", "b"])
    assert stopped(alone) == (["limit-prune-half"], ["a", "b", "c"])
    assert stopped([*alone, consented]) == ([], ["a", "b", "c"])


def test_limits_are_asked_of_what_is_carried_out():
    jobs = [a_job(f"job-{n}") for n in range(3)]
    tight = an_environment(limits=Limits(creates=2, gpu_hours=4))
    reviewed = [a_plan(job) for job in jobs]
    assert planned(*jobs, by=reviewed[:2], environment=tight).findings == ()
    over = planned(*jobs, by=reviewed, environment=tight).findings
    assert [finding.rule for finding in over] == ["limit-gpu-hours", "limit-creates"]


@pytest.mark.parametrize("sees", [Visibility.OWN, Visibility.UNKNOWN])
def test_a_plan_that_does_not_see_all_approves_no_start_of_a_private_job(sees):
    def reviewed(job, **options):
        plan = a_plan(job, **options)
        return replace(plan, census=replace(plan.census, sees=sees))

    private, public = a_job(), a_job(Accessibility="PUBLIC")
    assert planned(private, by=[reviewed(private)]).writing == ()
    assert len(planned(public, by=[reviewed(public)]).writing) == 1
    live = (a_run(private),)
    update = a_job(Description="x")
    assert len(planned(update, by=[reviewed(update, live=live)], live=live).writing) == 1
    retried = a_job(rules=TWICE)
    assert planned(retried, live=failed(retried, times=1), by=[reviewed(retried, live=live)]).writing == ()


@pytest.mark.parametrize("now", [a_job(), a_job(UserCommand="another")])
def test_who_saw_too_little_to_approve_is_told(now):
    private = a_plan(a_job())
    by = [replace(private, census=replace(private.census, sees=Visibility.OWN))]
    assert planned(a_job("other"), by=by).held == {"other": "no approved plan does anything for this job"}
    assert "may not see everybody's PRIVATE jobs" in planned(now, by=by).held["train"]
    assert planned(now, by=[*by, a_plan(now)]).held == {}


@pytest.mark.parametrize(
    ("view", "sees", "approves"),
    [
        (View.ALL, Visibility.UNKNOWN, True),
        (View.ALL, Visibility.OWN, False),
        (View.OWN, Visibility.UNKNOWN, False),
        (View.OWN, Visibility.OWN, False),
        (None, Visibility.UNKNOWN, False),
    ],
)
def test_a_persons_word_that_all_is_seen_counts_where_the_rules_say_nothing(view, sees, approves):
    """The other word is about who applies: it says nothing of what the plan saw."""
    plan = a_plan(a_job(), environment=an_environment(view=view))
    plan = replace(plan, census=replace(plan.census, sees=sees))
    assert bool(planned(a_job(), by=[plan]).writing) is approves


# Any order

NAMES = ("a", "b", "c")
bodies = st.fixed_dictionaries(
    {},
    optional={
        "UserCommand": st.sampled_from(["x", "y"]),
        "Description": st.sampled_from(["", "password=hunter2222", "password=hunter3333", "é", "e\u0301"]),
        "Priority": st.sampled_from([1, 2]),
        "Accessibility": st.sampled_from(["PUBLIC", "PRIVATE"]),
        "Envs": st.dictionaries(st.sampled_from(["LR", "API_KEY"]), st.sampled_from(["1", "1.0", "0.1"])),
        "JobMaxRunningTimeMinutes": st.sampled_from([60, 61]),
        "labels": st.dictionaries(st.sampled_from(["k", "l"]), st.sampled_from(["1", "2"])),
        "env_from": st.sampled_from([(), (EnvSource("LR", "A"),), (EnvSource("LR", "B"),)]),
        "rules": st.sampled_from([RULES, TWICE, RunRules(token="2"), RunRules(protect=True)]),
    },
)


def sent(job):
    """What a create of the job writes, spelled out."""
    env = {source.name: f"${source.variable}" for source in job.env_from}
    body = body_to_create(job, identity=Identity.MARKS, op="op", env=env)
    return body, job.rules.token, job.rules.retries


@given(bodies, bodies)
def test_equal_digests_are_equal_writes_and_other_digests_others(first, second):
    one, other = a_job(**first), a_job(**second)
    same = sent(one) == sent(other)
    assert (a_plan(one).digest == a_plan(other).digest) == same
    assert (change_digest(only_change(one)) == change_digest(only_change(other))) == same
    assert (planned(other, by=[a_plan(one)]).held == {}) == same


@given(
    st.lists(st.dictionaries(st.sampled_from(NAMES), bodies, min_size=1), min_size=1, max_size=3),
    st.dictionaries(st.sampled_from(NAMES), bodies),
)
def test_of_merged_approvals_exactly_the_approved_is_carried_out_in_any_order(reviews, tree):
    """Each review was of its own branch; the tree is whatever came of merging them, and more."""
    plans = [a_plan(*(a_job(name, **body) for name, body in review.items())) for review in reviews]
    jobs = [a_job(name, **body) for name, body in tree.items()]
    agreed = [(name, sent(a_job(name, **body))) for review in reviews for name, body in review.items()]
    expected = {job.name for job in jobs if (job.name, sent(job)) in agreed}
    outcomes = [planned(*jobs, by=order) for order in permutations(plans)]
    assert all({change.name for change in plan.writing} == expected for plan in outcomes)
    assert all(plan.held.keys() == {job.name for job in jobs} - expected for plan in outcomes)


def test_what_was_done_is_not_approved_again():
    """The run that an approved create made is what the next plan starts from."""
    job = a_job(rules=RunRules(token="2"))
    reviewed = a_plan(job)
    for status in ("Running", "Succeeded", "Stopped", "Failed"):
        plan = planned(job, live=(a_run(job, status),), by=[reviewed])
        assert (plan.changes[0].action, plan.writing) == (Action.UNCHANGED, ())
    again = replace(job, rules=RunRules(token="3"))
    assert planned(again, live=(a_run(job, "Succeeded"),), by=[reviewed]).writing == ()
