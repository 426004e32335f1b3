"""What a plan says of each change, and what it says beside."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from dlcapply.model.findings import Finding, Level, Place
from dlcapply.model.jobs import Identity, Limits, OnChange, RerunOn, RunRules, State
from dlcapply.model.plans import Action, Behaviour, Consent, Scope, Target
from tests.builders import (
    CENSUS,
    NOW,
    OWNER,
    a_job,
    a_plan,
    a_run,
    an_environment,
    only_change,
    without_marks,
)

REPLACE = RunRules(on_change=OnChange.REPLACE)
ALLOWED = frozenset({"train"})


def a_rival(job, *, number=9, status="Running"):
    return replace(without_marks(a_run(job, status, number=number)), job_id=f"dlc-theirs-{number}")


def test_changes_warnings_and_orphans_come_by_name():
    jobs = [a_job(name) for name in ("d", "a", "c")]
    orphans = tuple(a_run(a_job(name)) for name in ("e", "b", "0"))
    pruned = a_plan(*jobs, live=orphans, complete=True, prune=True)
    assert [change.name for change in pruned.changes] == ["0", "a", "b", "c", "d", "e"]
    ignored = [a_job(name, Priority=5) for name in ("b", "a")]
    told = a_plan(*ignored, live=tuple(a_run(a_job(name)) for name in ("a", "b"))).findings
    assert [finding.message.split(":")[0] for finding in told] == ["a", "b"]
    warned = a_plan(*jobs, live=orphans, complete=True)
    assert [finding.message.split(":")[0] for finding in warned.findings] == ["0", "b", "e"]


@pytest.mark.parametrize("prune", [True, False])
def test_a_declared_job_is_no_orphan(prune):
    job = a_job()
    plan = a_plan(job, live=(a_run(job),), complete=True, prune=prune)
    assert [(change.name, change.action) for change in plan.changes] == [("train", Action.UNCHANGED)]
    assert plan.findings == ()


@pytest.mark.parametrize("status", ["Stopping", "Succeeded", "Failed", "Stopped"])
def test_only_an_active_run_is_an_orphan(status):
    live = (a_run(a_job("old"), status),)
    assert a_plan(live=live, complete=True, prune=True).changes == ()
    assert a_plan(live=live, complete=True).findings == ()


def test_an_orphan_in_an_unknown_status_is_told_of_and_left_alone():
    live = (a_run(a_job("old"), "Hibernating"),)
    pruned = only_change(live=live, complete=True, prune=True)
    assert (pruned.action, pruned.reason.code) == (Action.BLOCKED, "unknown-status")
    assert [finding.rule for finding in a_plan(live=live, complete=True).findings] == ["orphan"]


NOBODY_KNOWS = " an unknown number of accelerator-hours of work"


def test_an_orphan_is_named_with_its_run_and_what_to_do():
    (finding,) = a_plan(live=(a_run(a_job("old")),), complete=True).findings
    assert finding.message.startswith(
        "old: no manifest declares dlc001 (Running) any more; stopping it loses "
    )
    assert "--prune" in finding.hint


def test_an_orphan_is_stopped_or_left_alone_for_a_reason_that_names_it():
    old = a_job("old")
    stopped = a_plan(live=(a_run(old),), complete=True, prune=True)
    assert stopped.findings == ()
    assert (stopped.changes[0].reason.code, stopped.changes[0].reason.text) == (
        "orphan",
        "no manifest declares dlc001 (Running) any more; stopping it loses" + NOBODY_KNOWS,
    )
    kept = only_change(live=(a_run(replace(old, rules=RunRules(protect=True))),), complete=True, prune=True)
    assert (kept.action, kept.reason.code) == (Action.BLOCKED, "orphan-protected")
    assert kept.reason.text.startswith("dlc001 (Running) is protected")


def test_unless_told_so_a_plan_does_not_take_its_jobs_for_all():
    plan = a_plan(live=(a_run(a_job("old")),), prune=True)
    assert (plan.changes, plan.findings) == ((), ())


def test_of_an_orphan_with_an_older_run_the_active_one_is_stopped():
    old = a_job("old")
    live = (a_run(old, "Failed", number=1), a_run(old, number=2))
    assert only_change(live=live, complete=True, prune=True).target == Target("dlc002", "Running")


def test_an_orphan_with_several_runs_lists_them():
    live = tuple(a_run(a_job("old"), number=number) for number in (1, 2))
    change = only_change(live=live, complete=True, prune=True)
    assert (change.action, change.reason.code) == (Action.BLOCKED, "orphan-conflict")
    assert "dlc001 (Running), dlc002 (Running)" in change.reason.text
    assert change.target == Target("dlc002", "Running")
    (finding,) = a_plan(live=live, complete=True).findings
    assert "dlc002 (Running)" in finding.message
    assert finding.level is Level.WARNING
    assert "--prune" not in finding.hint


def test_a_strangers_run_is_no_orphan_even_beside_ours():
    old = a_job("old")
    live = (a_run(old), a_rival(old))
    assert only_change(live=live, complete=True, prune=True).target.job_id == "dlc001"
    assert a_plan(live=live[1:], complete=True, prune=True).changes == ()


def behaviours(change):
    return {field.path: field.behaviour for field in change.fields}


def test_a_new_run_takes_every_field_and_an_active_one_what_pai_changes_in_it():
    before = a_job(Description="old")
    after = a_job(Description="new", UserCommand="other")
    needs, in_place = Behaviour.NEEDS_RUN, Behaviour.IN_PLACE
    rerun = only_change(after, live=(a_run(before, "Succeeded"),))
    blocked = only_change(after, live=(a_run(before),))
    assert behaviours(rerun) == {"Description": needs, "UserCommand": needs}
    assert behaviours(blocked) == {"Description": in_place, "UserCommand": needs}
    updated = only_change(a_job(Description="new"), live=(a_run(before),))
    assert behaviours(updated) == {"Description": in_place}


def test_what_stays_unchanged_shows_its_fields_only_where_they_are_the_reason():
    ignored = only_change(a_job(Priority=5), live=(a_run(a_job()),))
    assert behaviours(ignored) == {"Priority": Behaviour.IGNORED}
    changed = a_job(UserCommand="other", rules=RunRules(rerun_on=RerunOn.TOKEN))
    assert set(behaviours(only_change(changed, live=(a_run(a_job(), "Succeeded"),)))) == {"UserCommand"}
    past = a_job(UserCommand="other", rules=RunRules(not_after=NOW - timedelta(days=1)))
    assert set(behaviours(only_change(past, live=(a_run(a_job(), "Succeeded"),)))) == {"UserCommand"}
    stopped = a_job(UserCommand="other", rules=RunRules(state=State.STOPPED))
    assert only_change(stopped, live=(a_run(a_job(), "Succeeded"),)).fields == ()


def test_an_operation_and_a_ceiling_are_those_of_what_starts_a_run():
    after = a_job(UserCommand="other")
    replaced = replace(after, rules=REPLACE)
    starting = [
        only_change(after),
        only_change(after, live=(a_run(a_job(), "Failed"),)),
        only_change(replaced, live=(a_run(a_job()),), allow_replace=ALLOWED),
    ]
    assert [change.action for change in starting] == [Action.CREATE, Action.RERUN, Action.REPLACE]
    assert all(change.op and change.spend.hours == 2.0 for change in starting)
    idle = [
        only_change(after, live=(a_run(a_job()),)),
        only_change(replaced, live=(a_run(a_job()),)),
        only_change(a_job(rules=RunRules(state=State.STOPPED)), live=(a_run(a_job()),)),
        only_change(a_job(Description="new"), live=(a_run(a_job(Description="old")),)),
        only_change(a_job(), live=(a_run(a_job()),)),
    ]
    assert {(change.op, change.spend) for change in idle} == {("", None)}


def test_only_a_replacement_asks_for_consent():
    after = a_job(UserCommand="other", rules=REPLACE)
    live = (a_run(a_job()),)
    assert only_change(after, live=live).consent == Consent("--allow-replace train", given=False)
    allowed = only_change(after, live=live, allow_replace=ALLOWED)
    assert allowed.consent == Consent("--allow-replace train", given=True)
    other = only_change(after, live=live, allow_replace=frozenset({"trai", "other"}))
    assert (other.action, other.consent.given) == (Action.BLOCKED, False)
    assert only_change(a_job(UserCommand="other"), live=live, allow_replace=ALLOWED).consent is None


@pytest.mark.parametrize(
    ("job", "runs", "words"),
    [
        (a_job(), [], "no run of this job yet"),
        (a_job(UserCommand="x"), ["Succeeded"], "the spec changed since dlc001 (Succeeded)"),
        (a_job(UserCommand="x"), ["Running"], "this change needs a new run, and dlc001 (Running) is active"),
        (a_job(rules=RunRules(token="2")), ["Running"], "the new run.token asks for a new run"),
        (a_job(rules=RunRules(retries=3)), ["Failed", "Failed"], "dlc002 (Failed): retry 2 of 3"),
        (a_job(rules=RunRules(retries=1)), ["Failed", "Failed"], "1 of 1 retries are used"),
        (a_job(), ["Failed"], "dlc001 (Failed); "),
        (a_job(rules=RunRules(not_after=NOW - timedelta(days=1))), [], "2026-11-22 12:00 UTC"),
        (a_job(UserCommand="x", rules=REPLACE), ["Queuing"], "about 0.0 accelerator-hours"),
        (
            a_job(),
            ["Running", "Stopping", "Running"],
            "dlc001 (Running), dlc002 (Stopping), dlc003 (Running);",
        ),
    ],
)
def test_a_reason_names_the_run_and_the_facts(job, runs, words):
    live = tuple(a_run(a_job(), status, number=number) for number, status in enumerate(runs, 1))
    assert words in only_change(job, live=live).reason.text


def test_a_change_is_about_the_newest_run_and_names_where_it_was_declared():
    place = Place("jobs/train.yaml", 3)
    live = tuple(a_run(a_job(), status, number=n) for n, status in ((1, "Failed"), (2, "Succeeded")))
    change = only_change(a_job(place=place), live=live)
    assert (change.source, change.target) == (place, Target("dlc002", "Succeeded"))


def test_a_taken_name_shows_what_the_stranger_runs():
    job, theirs = a_job(), a_job(UserCommand="theirs")
    own = a_run(a_job(UserCommand="older"), "Succeeded")
    change = only_change(job, live=(own, a_rival(theirs), a_rival(a_job(UserCommand="later"), number=10)))
    assert change.reason.code == "name-taken"
    assert [(field.path, field.before) for field in change.fields] == [("UserCommand", "theirs")]
    assert re.findall(r"dlc\S+ \(\w+\)", change.reason.text) == [
        "dlc-theirs-9 (Running)",
        "dlc-theirs-10 (Running)",
    ]
    assert change.target.job_id == "dlc001"


def test_strangers_of_the_name_are_warned_about_active_ones_first_and_three_at_most():
    job = a_job(place=Place("jobs/train.yaml", 3))
    past = [a_rival(job, number=number, status="Failed") for number in (3, 4, 5)]
    (finding,) = a_plan(job, live=(a_run(job), *past, a_rival(job))).findings
    assert (finding.rule, finding.level, finding.place) == ("same-name", Level.WARNING, job.place)
    assert re.findall(r"dlc\S+ \(\w+\)", finding.message) == [
        "dlc-theirs-9 (Running)",
        "dlc-theirs-3 (Failed)",
        "dlc-theirs-4 (Failed)",
    ]
    assert a_plan(job, live=(a_rival(job),)).findings == ()


@pytest.mark.parametrize(
    ("tags", "words"),
    [
        ({"dlcapply-owner": "other/prod"}, "dlc009 (Running) has this name and is a run of other/prod"),
        ({"CloneFromJobID": "dlc7"}, "dlc009 (Running) has this name and is a clone of dlc7"),
    ],
)
def test_a_stranger_is_told_by_whose_it_is(tags, words):
    job = a_job()
    stranger = a_run(job, number=9, tags=tags)
    assert words in only_change(job, live=(stranger,)).reason.text
    (finding,) = a_plan(job, live=(a_run(job), stranger)).findings
    assert words in finding.message


def test_of_several_strangers_the_first_is_the_one_to_adopt():
    job = a_job()
    live = (a_run(job, "Succeeded"), a_rival(job, number=8), a_rival(job, number=9))
    (finding,) = a_plan(job, live=live).findings
    assert "--job-id dlc-theirs-8" in finding.hint


@pytest.mark.parametrize(
    ("own", "stranger", "adopts"),
    [("Running", "Running", False), ("Succeeded", "Running", True), ("Running", "Failed", True)],
)
def test_a_stranger_may_be_adopted_unless_it_would_stand_beside_a_run_of_ours(own, stranger, adopts):
    job = a_job()
    (finding,) = a_plan(job, live=(a_run(job, own), a_rival(job, status=stranger))).findings
    assert ("dlcapply adopt train --job-id dlc-theirs-9" in finding.hint) is adopts
    assert ("--not-ours" in finding.hint) is (stranger == "Running")


@pytest.mark.parametrize(
    ("desired", "status", "rule"),
    [
        (a_job(Priority=5), "Running", "ignored-by-pai"),
        (a_job(), "Hibernating", "unknown-status"),
        (a_job(UserCommand="x"), "Hibernating", None),
        (a_job(UserCommand="x"), "Running", None),
    ],
)
def test_what_stays_unchanged_with_a_warning_names_the_place(desired, status, rule):
    job = replace(desired, place=Place("jobs/train.yaml", 3))
    found = a_plan(job, live=(a_run(a_job(), status),)).findings
    assert [(one.rule, one.level, one.place) for one in found] == (
        [(rule, Level.WARNING, job.place)] if rule else []
    )
    assert all("dlc001" in one.message and one.message.startswith("train: ") for one in found)


def test_findings_come_from_before_then_from_changes_then_from_orphans_then_from_limits():
    earlier = Finding("no-workspaces", Level.WARNING, "not known")
    plan = a_plan(
        a_job(Priority=5),
        a_job("new"),
        live=(a_run(a_job()), a_run(a_job("old", UserCommand="old"))),
        environment=an_environment(limits=Limits(creates=0)),
        findings=(earlier,),
        complete=True,
    )
    rules = [finding.rule for finding in plan.findings]
    assert rules == ["no-workspaces", "ignored-by-pai", "orphan", "limit-creates"]
    assert plan.findings[0] is earlier


def test_a_percentage_of_stops_is_one_of_our_active_runs_declared_or_not():
    stop = a_job("stop", rules=RunRules(state=State.STOPPED))
    others = [a_run(a_job(f"other{number}")) for number in range(4)]
    ended = [a_run(a_job(f"ended{number}"), "Succeeded") for number in range(9)]
    strangers = [a_rival(a_job(f"theirs{number}")) for number in range(9)]
    live = (a_run(a_job("stop")), *others, *ended, *strangers)
    for limit, over in ((19, True), (20, False)):
        environment = an_environment(limits=Limits(stops_percent=limit))
        found = a_plan(stop, live=live, environment=environment).findings
        assert bool(found) is over


def test_a_plan_says_what_it_was_asked_and_where_it_looked():
    environment = an_environment(identity=Identity.NAME, endpoint="127.0.0.1:1")
    plan = a_plan(environment=environment, prune=True, select=("a*",), exclude=("b*", "c*"))
    assert plan.scope == Scope(
        OWNER, "cn-hangzhou", "1001", Identity.NAME, True, ("a*",), ("b*", "c*"), "127.0.0.1:1"
    )
    assert (plan.environment, plan.census) == (environment, CENSUS)


def test_by_name_alone_an_ended_run_is_compared_by_its_fields():
    environment = an_environment(identity=Identity.NAME)
    ended = without_marks(a_run(a_job(Description="old"), "Succeeded"))
    change = only_change(a_job(UserCommand="other"), live=(ended,), environment=environment)
    assert change.action is Action.RERUN
    assert [field.path for field in change.fields] == ["UserCommand"]


def test_an_older_run_that_is_still_under_way_decides_and_is_not_replaced_behind_a_newer_one():
    live = (a_run(a_job(), number=1), a_run(a_job(), "Succeeded", number=2))
    for rules, action, code in (
        (RunRules(), Action.BLOCKED, "on-change-block"),
        (RunRules(state=State.STOPPED), Action.STOP, "state-stopped"),
        (REPLACE, Action.BLOCKED, "outlived"),
    ):
        change = only_change(a_job(UserCommand="other", rules=rules), live=live, allow_replace=ALLOWED)
        assert (change.action, change.reason.code, change.target_id) == (action, code, "dlc001")


def test_several_runs_under_way_are_named_whatever_is_asked_for():
    live = (a_run(a_job(), number=1), a_run(a_job(), number=2))
    for rules in (RunRules(), RunRules(state=State.STOPPED), RunRules(retries=9), REPLACE):
        change = only_change(a_job(UserCommand="other", rules=rules), live=live, allow_replace=ALLOWED)
        assert (change.action, change.reason.code) == (Action.BLOCKED, "conflict")
        assert "dlc001 (Running)" in change.reason.text


def test_several_active_runs_of_a_name_are_a_conflict_by_name_too():
    environment = an_environment(identity=Identity.NAME)
    live = tuple(without_marks(a_run(a_job(), number=number)) for number in (1, 2))
    change = only_change(a_job(), live=live, environment=environment)
    assert (change.action, change.reason.code) == (Action.BLOCKED, "conflict")


BY_TOKEN = RunRules(rerun_on=RerunOn.TOKEN, on_change=OnChange.REPLACE)


@pytest.mark.parametrize("status", ["Running", "Succeeded"])
def test_where_only_a_token_asks_for_a_run_the_plan_says_so(status):
    change = only_change(
        a_job(UserCommand="new", rules=BY_TOKEN), live=(a_run(a_job(), status),), allow_replace=ALLOWED
    )
    assert (change.action, change.reason.code) == (Action.UNCHANGED, "rerun-on-token")
    assert "only a new run.token asks for a run" in change.reason.text
    assert [field.behaviour for field in change.fields] == [Behaviour.NEEDS_TOKEN]


def test_an_update_says_what_only_a_token_would_bring():
    job = a_job(UserCommand="new", Description="new", rules=BY_TOKEN)
    change = only_change(job, live=(a_run(a_job()),), allow_replace=ALLOWED)
    assert change.action is Action.UPDATE
    assert {field.path: field.behaviour for field in change.fields} == {
        "Description": Behaviour.IN_PLACE,
        "UserCommand": Behaviour.NEEDS_TOKEN,
    }
    token = replace(job, rules=replace(BY_TOKEN, token="2"))
    assert [field.behaviour for field in only_change(token, live=(a_run(a_job()),)).fields] == [
        Behaviour.IN_PLACE,
        Behaviour.NEEDS_RUN,
    ]


@pytest.mark.parametrize(
    ("rules", "is_offered"),
    [
        (REPLACE, True),
        (RunRules(), False),
        (BY_TOKEN, False),
        (replace(REPLACE, protect=True), False),
        (replace(REPLACE, not_after=NOW - timedelta(hours=1)), False),
    ],
)
def test_a_run_of_other_circumstances_says_whether_consent_would_replace_it(rules, is_offered):
    live = (a_run(a_job()),)
    change = only_change(a_job(JobMaxRunningTimeMinutes=600, rules=rules), live=live)
    assert (change.action, change.reason.code) == (Action.UNCHANGED, "circumstance")
    assert ("--allow-replace train" in change.reason.text) is is_offered


def test_by_name_alone_no_hint_names_a_token():
    environment = an_environment(identity=Identity.NAME)
    run = without_marks(a_run(a_job(), "Failed"))
    for job in (a_job(), a_job(UserCommand="new", rules=BY_TOKEN)):
        change = only_change(job, live=(run,), environment=environment)
        assert change.action is Action.UNCHANGED
        assert "run.token" not in change.reason.text


def test_a_tag_that_many_active_jobs_keep_is_one_warning():
    """As a commit's tag in the project's defaults: it changes at every commit."""

    def tagged(name, commit, **tags):
        return a_job(name, UserCommand=name, Settings={"Tags": {"commit": commit, **tags}})

    names = [f"job-{number}" for number in range(7)]
    live = [a_run(tagged(name, "1"), number=number) for number, name in enumerate(names, 1)]
    live = [replace(run, job_id=f"dlc-{run.name}") for run in live]
    plan = a_plan(*(tagged(name, "2") for name in names[:6]), tagged(names[6], "2", team="a"), live=live)
    many, one = (finding.message for finding in plan.findings)
    assert many == (
        "the runs of job-0, job-1, job-2, job-3, job-4, and 1 more keep their Settings.Tags.commit: the next"
        " runs will have the new"
    )
    assert one.startswith("job-6: dlc-job-6 (Running) keeps its Settings.Tags.commit, Settings.Tags.team")
    assert {change.action for change in plan.changes} == {Action.UNCHANGED}
