"""Jobs that were renamed: with former names their runs are theirs, without them nothing is paid for twice."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcapply.model.jobs import Identity, OnChange, State
from dlcapply.model.plans import Action
from dlcapply.planning.adopting import released
from dlcapply.planning.history import NO_RUNS, histories
from dlcapply.planning.ownership import claimed
from dlcapply.planning.renames import looks_renamed, may_start, ran_for
from tests.builders import ENVIRONMENT, a_job, a_plan, a_run, an_environment, only_change, without_marks

OLD = a_job("old")
NEW = a_job("new")
KEPT = replace(NEW, formerly=("old",))
NAMES = frozenset({"new"})
EVERY_STATUS = ["Running", "Queuing", "Stopping", "Succeeded", "Failed", "Stopped"]


def ruled(job, **rules):
    return replace(job, rules=replace(job.rules, **rules))


def told(*args, **options):
    change = only_change(*args, **options)
    return change.action, change.reason.code


@pytest.mark.parametrize(
    ("status", "reason"),
    [("Running", "equal"), ("Succeeded", "succeeded"), ("Stopped", "stopped"), ("Failed", "failed")],
)
def test_a_run_under_a_former_name_is_the_job_s(status, reason):
    run = a_run(OLD, status)
    change = only_change(KEPT, live=(run,), complete=True, prune=True)
    assert (change.name, change.action, change.reason.code) == ("new", Action.UNCHANGED, reason)
    assert change.target_id == run.job_id


@pytest.mark.parametrize(
    ("rules", "action"),
    [
        ({}, Action.BLOCKED),
        ({"on_change": OnChange.WAIT}, Action.WAITING),
        ({"on_change": OnChange.REPLACE}, Action.REPLACE),
        ({"state": State.STOPPED}, Action.STOP),
    ],
)
def test_a_change_of_a_renamed_job_is_decided_as_any_other(rules, action):
    changed = ruled(replace(a_job("new", UserCommand="python other.py"), formerly=("old",)), **rules)
    change = only_change(changed, live=(a_run(OLD),), allow_replace=frozenset({"new"}))
    assert (change.action, change.names) == (action, ("new", "old"))


def test_the_operation_that_follows_a_run_under_a_former_name_is_the_present_job_s():
    again = ruled(KEPT, token="2")
    change = only_change(again, live=(a_run(OLD, "Succeeded"),))
    alike = only_change(ruled(NEW, token="2"), live=(a_run(NEW, "Succeeded"),))
    assert (change.action, change.op) == (Action.RERUN, alike.op)


def test_what_is_not_ours_under_a_former_name_stands_in_nobody_s_way():
    assert told(KEPT, live=(without_marks(a_run(OLD)),)) == (Action.CREATE, "first-run")
    assert told(NEW, live=(without_marks(a_run(NEW)),)) == (Action.BLOCKED, "name-taken")


def test_runs_of_the_former_and_of_the_present_name_are_one_history():
    older, newer = a_run(OLD, "Failed"), a_run(NEW, number=2)
    history = histories((newer, older), environment=ENVIRONMENT, jobs=[KEPT])["new"]
    assert history.ours == (older, newer)
    assert told(KEPT, live=(a_run(OLD), newer)) == (Action.BLOCKED, "conflict")


def test_by_name_alone_a_former_name_counts_too():
    by_name = an_environment(identity=Identity.NAME)
    assert told(KEPT, live=(a_run(OLD),), environment=by_name) == (Action.UNCHANGED, "equal")


@pytest.mark.parametrize("status", EVERY_STATUS)
@pytest.mark.parametrize("prune", [False, True])
def test_what_ran_under_a_name_that_is_gone_is_not_paid_for_again(status, prune):
    run = a_run(OLD, status)
    plan = a_plan(NEW, live=(run,), names=NAMES, complete=True, prune=prune)
    changes = {change.name: change for change in plan.changes}
    assert (changes["new"].action, changes["new"].reason.code) == (Action.BLOCKED, "looks-renamed")
    assert run.job_id in changes["new"].reason.text
    assert "metadata.formerly: [old]" in changes["new"].reason.text
    assert "run.token" in changes["new"].reason.text
    assert not any(change.action.writes for change in plan.changes)
    if "old" in changes:
        assert changes["old"].reason.code == "orphan-looks-renamed"


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        (OLD, ruled(NEW, token="2"), "first-run"),
        (OLD, a_job("new", UserCommand="python other.py"), "first-run"),
        (OLD, ruled(NEW, state=State.STOPPED), "not-wanted"),
    ],
    ids=["another token", "another spec", "no run wanted"],
)
def test_what_pays_for_nothing_twice_is_no_rename(before, after, reason):
    plan = a_plan(after, live=(a_run(before),), names=NAMES, complete=True, prune=True)
    changes = {change.name: (change.action, change.reason.code) for change in plan.changes}
    assert changes["new"][1] == reason
    assert changes["old"] == (Action.STOP, "orphan")


def test_jobs_that_are_declared_never_block_each_other():
    live = (a_run(OLD),)
    assert {change.action for change in a_plan(OLD, NEW, live=live, names=NAMES).changes} == {
        Action.UNCHANGED,
        Action.CREATE,
    }
    assert told(NEW, live=live, names=NAMES | {"old"}) == (Action.CREATE, "first-run")
    other = replace(a_job("third"), formerly=("old",))
    codes = [change.reason.code for change in a_plan(NEW, other, live=live, names=NAMES).changes]
    assert codes == ["first-run", "equal"]


def test_a_job_with_a_run_of_its_own_for_this_spec_needs_no_other():
    live = (a_run(OLD), a_run(NEW, "Failed", number=2))
    assert told(NEW, live=live, names=NAMES) == (Action.UNCHANGED, "failed")
    assert told(ruled(NEW, retries=1), live=live, names=NAMES) == (Action.RERUN, "retry")


def test_a_start_that_waits_is_held_too():
    after = ruled(a_job("new", UserCommand="python old.py"), on_change=OnChange.WAIT)
    live = (a_run(a_job("old", UserCommand="python old.py"), "Succeeded"), a_run(NEW, number=2))
    assert told(after, live=live, names=NAMES) == (Action.BLOCKED, "looks-renamed")


def test_where_nobody_can_know_the_other_names_it_is_a_warning():
    plan = a_plan(NEW, live=(a_run(OLD),), names=None)
    assert [change.action for change in plan.changes] == [Action.CREATE]
    assert [finding.rule for finding in plan.findings] == ["looks-renamed"]
    assert "metadata.formerly: [old]" in plan.findings[0].hint


def test_by_name_alone_and_of_others_nothing_looks_renamed():
    run = a_run(OLD)
    assert told(NEW, live=(run,), names=NAMES, environment=an_environment(identity=Identity.NAME)) == (
        Action.CREATE, "first-run",
    )  # fmt: skip
    assert told(NEW, live=(without_marks(run),), names=NAMES) == (Action.CREATE, "first-run")
    assert told(NEW, live=(a_run(OLD, tags={"dlcapply-owner": "others"}),), names=NAMES) == (
        Action.CREATE, "first-run",
    )  # fmt: skip


NAMED = st.sampled_from("abcd")


@given(
    st.lists(st.tuples(NAMED, st.sampled_from(EVERY_STATUS), st.booleans()), max_size=4),
    st.sets(NAMED, min_size=1, max_size=3),
    st.booleans(),
)
def test_no_spec_and_token_is_started_that_ran_under_a_name_that_is_gone(past, declared, prune):
    commands = {False: "python a.py", True: "python b.py"}
    live = tuple(
        a_run(a_job(name, UserCommand=commands[other]), status, number=number + 1)
        for number, (name, status, other) in enumerate(past)
    )
    jobs = [a_job(name, UserCommand=commands[False]) for name in sorted(declared)]
    plan = a_plan(*jobs, live=live, names=frozenset(declared), complete=True, prune=prune)
    gone = {run.name for run in live if run.name not in declared and ran_for(run, jobs[0])}
    for change in plan.changes:
        own = [run for run in live if run.name == change.name and ran_for(run, jobs[0])]
        if change.name in declared and gone and not own:
            assert not change.action.starts_a_run
        if any(other.reason.code == "looks-renamed" for other in plan.changes):
            assert not (change.name in gone and change.action.stops_a_run)


@given(st.sampled_from(EVERY_STATUS), st.booleans())
def test_whoever_may_start_is_asked_about_before(status, same):
    run = a_run(NEW if same else a_job("new", UserCommand="python other.py"), status)
    history = histories((run,), environment=ENVIRONMENT)["new"]
    change = only_change(ruled(NEW, retries=3), live=(run,))
    assert not change.action.starts_a_run or may_start(NEW, history)
    assert may_start(NEW, NO_RUNS)
    assert not may_start(ruled(NEW, state=State.STOPPED), NO_RUNS)


def test_the_newest_of_several_runs_is_named():
    live = (a_run(OLD, "Failed"), a_run(OLD, "Succeeded", number=2))
    by_name = histories(live, environment=ENVIRONMENT)
    assert looks_renamed([NEW], by_name, environment=ENVIRONMENT, names=NAMES) == {"new": live}
    assert "dlc002 (Succeeded)" in only_change(NEW, live=live, names=NAMES).reason.text


@pytest.mark.parametrize(
    ("run", "words"),
    [
        (claimed(a_run(OLD), released(a_run(OLD))), "released"),
        (a_run(OLD, tags={"CloneFromJobID": "dlc0"}), "a clone of dlc0"),
    ],
    ids=["released", "clone"],
)
def test_what_bears_our_marks_is_in_the_way_under_a_former_name_too(run, words):
    blocked = only_change(KEPT, live=(run,))
    assert (blocked.action, blocked.reason.code) == (Action.BLOCKED, "name-taken")
    assert f"has the former name old and is {words}" in blocked.reason.text
    assert told(KEPT, live=(without_marks(a_run(OLD)),)) == (Action.CREATE, "first-run")


SWAPPED = (a_job("a"), a_job("b", UserCommand="python other.py"))


def warned(*jobs, live, **changes):
    plan = a_plan(*jobs, live=live, environment=an_environment(**changes))
    return {found.message.partition(":")[0] for found in plan.findings if found.rule == "ran-elsewhere"}


def of_origin(job, origin):
    return replace(job, key=replace(job.key, origin=origin))


@pytest.mark.parametrize(("status", "expected"), [("Succeeded", {"a", "b"}), ("Running", set())])
def test_two_jobs_that_swap_their_names_are_warned_of_where_they_start_again(status, expected):
    live = tuple(a_run(job, status, number=number) for number, job in enumerate(SWAPPED, 1))
    names = dict(zip("ab", "ba", strict=True))
    swapped = [replace(job, key=replace(job.key, name=names[job.name])) for job in SWAPPED]
    assert warned(*swapped, live=live) == expected
    assert warned(*SWAPPED, live=live) == set()


def test_a_copy_of_what_another_job_still_asks_for_is_no_cause_to_warn():
    assert warned(OLD, NEW, live=(a_run(OLD, "Succeeded"),)) == set()
    edited = a_job("old", UserCommand="python other.py")
    assert warned(edited, NEW, live=(a_run(OLD, "Succeeded"),)) == {"new"}
    assert warned(edited, ruled(NEW, token="2"), live=(a_run(OLD, "Succeeded"),)) == set()
    assert warned(ruled(OLD, token="2"), NEW, live=(a_run(OLD, "Succeeded"),)) == set()


@pytest.mark.parametrize(("origin", "expected"), [("host/there", {"new"}), ("host/here", set())])
def test_a_job_that_is_renamed_while_its_repository_moves_is_warned_of(origin, expected):
    """Of our own repository it is held back; of another one only a person can tell."""
    job, run = of_origin(NEW, "host/here"), a_run(of_origin(OLD, origin))
    assert warned(job, live=(run,), origin="host/here") == expected


def calls_of(function):
    """How many functions are called by it: what takes time, whatever the machine."""
    count = 0

    def tell(_frame, event, _argument):
        nonlocal count
        count += event == "call"

    sys.setprofile(tell)
    try:
        function()
    finally:
        sys.setprofile(None)
    return count


def test_what_many_edited_jobs_cost_grows_with_their_number_and_not_with_its_square():
    def cost(number):
        names = [f"job-{index}" for index in range(number)]
        runs = [a_run(a_job(name, UserCommand=f"old {name}"), "Succeeded") for name in names]
        live = [replace(run, job_id=f"dlc-{run.name}") for run in runs]
        jobs = [a_job(name, UserCommand=f"new {name}") for name in names]
        return calls_of(lambda: a_plan(*jobs, live=live))

    assert cost(60) < 2.5 * cost(30)
