"""What a claim makes of a run's own marks, and what it can't make of them."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from dlcapply.model.claims import Claim, OwnerMarks
from dlcapply.model.findings import Place
from dlcapply.model.jobs import EnvSource, Identity, RunRules, State
from dlcapply.model.plans import Action, ClaimedRun, FieldKind
from dlcapply.model.runs import Ownership
from dlcapply.planning.adopting import adopted, released, run_to_adopt
from dlcapply.planning.claims import deciding_claims
from dlcapply.planning.history import histories
from dlcapply.planning.marks import has_spec_mark, marks_for, secret_names
from dlcapply.planning.ownership import carried, claimed, classify, is_still_ours
from tests.builders import (
    ENVIRONMENT,
    OWNER,
    a_job,
    a_plan,
    a_run,
    an_environment,
    only_change,
    without_marks,
)

MARKS = {"owner": OWNER, "spec": "v2:x", "token": "1"}
OTHER = "audio/prod"
THEIRS = {"dlcapply-owner": OTHER}
STOPPED = RunRules(state=State.STOPPED)


def owner_of(run, environment=ENVIRONMENT):
    return classify([run], environment=environment)[run.job_id]


def a_claim(run, owner="", marks=MARKS, **changes):
    return replace(Claim(run.job_id, run.name, marks, OwnerMarks(owner)), **changes)


def test_without_a_claim_a_run_is_what_its_tags_say():
    run = a_run(a_job())
    assert claimed(run, None) is run
    assert carried(run) == OwnerMarks(OWNER)


def test_a_claim_stands_in_place_of_the_marks_and_leaves_the_rest():
    tags = {"team": "a", "CloneFromJobID": "dlc9", **THEIRS}
    run = a_run(a_job(Settings={"EnableRDMA": True}), tags=tags)
    ours = claimed(run, a_claim(run, OTHER))
    assert ours.tags == {
        "team": "a",
        "dlcapply-owner": OWNER,
        "dlcapply-spec": "v2:x",
        "dlcapply-token": "1",
    }
    assert ours.body["Settings"]["EnableRDMA"] is True
    assert replace(ours, body=run.body, claim=None) == run
    assert {key: ours.body[key] for key in ours.body if key != "Settings"} == {
        key: run.body[key] for key in run.body if key != "Settings"
    }
    assert (owner_of(run), owner_of(ours)) == (Ownership.CLONE, Ownership.OURS)
    assert carried(ours) == carried(run) == OwnerMarks(OTHER)


def test_a_run_without_settings_can_be_claimed():
    bare = without_marks(a_run(a_job()))
    none = replace(bare, body={key: value for key, value in bare.body.items() if key != "Settings"})
    for run in (bare, none):
        assert owner_of(claimed(run, a_claim(run))) is Ownership.OURS


def test_a_released_run_is_nobodys():
    run = a_run(a_job())
    assert owner_of(claimed(run, released(run))) is Ownership.UNMARKED
    assert released(claimed(run, released(run))) == released(run)


def test_which_runs_say_what_they_were_started_for():
    run = a_run(a_job())
    assert has_spec_mark(run)
    assert not has_spec_mark(without_marks(run))
    assert not has_spec_mark(a_run(a_job(), tags={"dlcapply-spec": "v9:x"}))


@pytest.mark.parametrize("marks", [{}, MARKS, {**MARKS, "env": "BAR"}, {**MARKS, "env": ""}])
@pytest.mark.parametrize("giver", [OWNER, OTHER])
def test_no_claim_takes_away_a_protection_or_shows_what_came_from_the_environment(marks, giver):
    job = a_job(env_from=(EnvSource("FOO", "X"),), rules=RunRules(protect=True))
    run = a_run(job, tags={"dlcapply-owner": giver})
    after = claimed(run, a_claim(run, giver, marks))
    assert after.claim is not None
    assert after.tags["dlcapply-protect"] == "true"
    assert set(secret_names(after)) == {"FOO", *filter(None, [marks.get("env")])}


@pytest.mark.parametrize(
    ("tags", "change"),
    [
        (THEIRS, {"giver": OwnerMarks()}),
        (THEIRS, {"giver": OwnerMarks(OWNER)}),
        (THEIRS, {"giver": OwnerMarks("audio/PROD")}),
        (THEIRS, {"giver": OwnerMarks(OTHER, "github.com/audio/jobs")}),
        ({**THEIRS, "dlcapply-origin": "github.com/audio/jobs"}, {"giver": OwnerMarks(OTHER)}),
        (
            {**THEIRS, "dlcapply-origin": "github.com/audio/jobs"},
            {"giver": OwnerMarks(OTHER, "github.com/x")},
        ),
        ({}, {"giver": OwnerMarks(), "marks": {}}),
        (THEIRS, {"giver": OwnerMarks(OTHER), "name": "other"}),
    ],
)
def test_a_claim_that_says_otherwise_than_the_run_is_void_and_blocks(tags, change):
    place = Place("dlcapply.claims.yaml", 5, 3)
    run = a_run(a_job(), "Succeeded", tags=tags)
    disputed = claimed(run, a_claim(run, place=place, **change))
    assert (disputed.body, disputed.claim, owner_of(disputed)) == (run.body, None, Ownership.DISPUTED)
    assert owner_of(disputed, an_environment(identity=Identity.NAME)) is Ownership.OURS
    assert not is_still_ours(disputed, names=("train",), environment=ENVIRONMENT)
    plan = a_plan(a_job(), live=(disputed,))
    (change,), (finding,) = plan.changes, plan.findings
    assert (change.action, change.reason.code, finding.rule) == (Action.BLOCKED, "void-claim", "void-claim")
    assert (finding.place, "void" in finding.message, "from" in finding.hint) == (place, True, True)
    pruned = a_plan(live=(replace(disputed, status="Running"),), complete=True, prune=True)
    assert (pruned.changes, [found.rule for found in pruned.findings]) == ((), ["void-claim"])


def test_a_claim_from_the_very_origin_that_the_marks_name_holds():
    run = a_run(a_job(), tags={**THEIRS, "dlcapply-origin": "github.com/audio/jobs"})
    giver = OwnerMarks(OTHER, "github.com/audio/jobs")
    assert owner_of(claimed(run, a_claim(run, giver=giver))) is Ownership.OURS
    assert adopted(run, job=a_job()).giver == giver


@pytest.mark.parametrize(
    ("giver", "own_rule", "action"),
    [
        (OTHER, False, Action.BLOCKED),
        (OTHER, True, Action.BLOCKED),
        ("", False, Action.BLOCKED),
        (OWNER, True, Action.BLOCKED),
        (OWNER, False, Action.STOP),
    ],
)
def test_only_its_own_owner_lifts_the_protection_of_a_run(giver, own_rule, action):
    tags = {"dlcapply-protect": "true", "dlcapply-owner": giver}
    run = a_run(a_job(), tags={tag: value for tag, value in tags.items() if value})
    if not giver:
        run = replace(run, body={**run.body, "Settings": {"Tags": {"dlcapply-protect": "true"}}})
    ours = claimed(run, a_claim(run, giver, MARKS | {"spec": "v2:x"}))
    stopped = only_change(a_job(rules=replace(STOPPED, protect=own_rule)), live=(ours,))
    assert (stopped.action, stopped.target_id) == (action, run.job_id)
    assert only_change(live=(ours,), complete=True, prune=True).action is Action.BLOCKED


def test_a_protection_by_marks_holds_against_a_replace_with_consent():
    rules = RunRules(on_change="replace")
    run = a_run(a_job(), tags={**THEIRS, "dlcapply-protect": "true"})
    ours = claimed(run, adopted(run, job=a_job()))
    change = only_change(
        a_job(UserCommand="x", rules=rules), live=(ours,), allow_replace=frozenset({"train"})
    )
    assert (change.action, change.reason.code) == (Action.BLOCKED, "mark-protected")


@pytest.mark.parametrize(
    ("tags", "action"),
    [
        ({**THEIRS, "dlcapply-protect": "true"}, Action.BLOCKED),
        ({"dlcapply-protect": "true"}, Action.STOP),
        (THEIRS, Action.STOP),
    ],
)
def test_the_name_alone_lifts_no_protection_by_the_marks_of_another(tags, action):
    by_name = an_environment(identity=Identity.NAME)
    run = a_run(a_job(), tags=tags)
    assert only_change(a_job(rules=STOPPED), live=(run,), environment=by_name).action is action


def test_prune_leaves_alone_what_is_ours_only_by_a_claim_on_anothers_marks():
    run = a_run(a_job(), tags=THEIRS)
    for giver, action in ((OTHER, Action.BLOCKED), (OWNER, Action.STOP), ("", Action.STOP)):
        marked = a_run(a_job(), tags={"dlcapply-owner": giver}) if giver else without_marks(run)
        ours = claimed(marked, a_claim(marked, giver))
        assert only_change(live=(ours,), complete=True, prune=True).action is action
        (warning,) = a_plan(live=(ours,), complete=True).findings
        assert (warning.rule, "by a claim" in warning.message or "by a claim" in warning.hint) == (
            "orphan",
            True,
        )


def test_every_change_that_rests_on_a_claim_carries_it():
    theirs, ours = a_run(a_job(), tags=THEIRS), a_run(a_job(), "Failed")
    taken = claimed(theirs, adopted(theirs, job=a_job()))
    given = claimed(ours, released(ours))
    for job in (a_job(), a_job(rules=STOPPED), a_job(UserCommand="x"), a_job(Description="x")):
        change = only_change(job, live=(taken,))
        assert change.claims == (ClaimedRun(theirs.job_id, "Running", OwnerMarks(OTHER), OWNER),)
    create = only_change(a_job(), live=(given,))
    assert create.action is Action.CREATE
    assert create.claims == (ClaimedRun(ours.job_id, "Failed", OwnerMarks(OWNER), ""),)
    older = [a_run(a_job(), "Succeeded", number=number) for number in (1, 2)]
    past = claimed(older[0], adopted(older[0], job=a_job()))
    assert only_change(a_job(), live=(past, older[1])).claims == ()


def test_an_approval_of_a_plan_without_a_claim_is_none_of_one_with_it():
    """The same stop of the same run, by marks, by a claim, and by claims from others."""
    job, digests = a_job(rules=STOPPED), set()
    for tags, claim in product(({}, THEIRS, {"dlcapply-owner": "text/prod"}), (True, False)):
        run = a_run(a_job(), tags=tags)
        digests.add(a_plan(job, live=(claimed(run, adopted(run, job=a_job()) if claim else None),)).digest)
    assert len(digests) == 5  # what is another's without a claim is left alone, whoever that is


def test_a_clone_of_anothers_run_is_taken_only_from_them():
    clone = a_run(a_job(), tags={**THEIRS, "CloneFromJobID": "dlc9"})
    with pytest.raises(Exception, match=OTHER):
        run_to_adopt("train", [clone], environment=ENVIRONMENT)
    assert run_to_adopt("train", [clone], environment=ENVIRONMENT, giver=OTHER) is clone
    own = a_run(a_job(), tags={"CloneFromJobID": "dlc9"})
    assert run_to_adopt("train", [own], environment=ENVIRONMENT) is own


def test_what_was_released_once_is_still_anothers_by_its_marks():
    run = a_run(a_job(), tags=THEIRS)
    given = claimed(run, released(run))
    with pytest.raises(Exception, match=OTHER):
        run_to_adopt("train", [given], environment=ENVIRONMENT)
    assert adopted(given, job=a_job()).giver == OwnerMarks(OTHER)


def test_the_marks_of_a_claim_are_those_of_a_create_but_for_the_operation():
    marks = {f"dlcapply-{name}": mark for name, mark in adopted(a_run(a_job()), job=a_job()).marks.items()}
    assert marks == {tag: mark for tag, mark in marks_for(a_job(), op="x").items() if tag != "dlcapply-op"}


def test_the_claim_on_an_older_run_that_is_still_under_way_is_told_too():
    older = a_run(a_job(), tags=THEIRS)
    older = claimed(older, a_claim(older, OTHER))
    newer = a_run(a_job(), number=2)
    (history,) = histories([older, newer], environment=ENVIRONMENT).values()
    assert [claim.job_id for claim in deciding_claims(history, ENVIRONMENT)] == ["dlc001"]


def test_a_run_of_another_that_is_given_away_by_a_claim_decides_nothing_here():
    run = a_run(a_job(), tags=THEIRS)
    given = claimed(run, a_claim(run, OTHER, marks={}))
    (history,) = histories([given], environment=ENVIRONMENT).values()
    assert deciding_claims(history, ENVIRONMENT) == ()


def test_an_adopted_run_of_other_circumstances_has_not_drifted():
    run = without_marks(a_run(a_job(JobMaxRunningTimeMinutes=60)))
    job = a_job(JobMaxRunningTimeMinutes=120)
    change = only_change(job, live=(claimed(run, adopted(run, job=job)),))
    assert (change.action, change.reason.code) == (Action.UNCHANGED, "circumstance")
    assert [(one.path, one.kind) for one in change.fields] == [
        ("JobMaxRunningTimeMinutes", FieldKind.CHANGED)
    ]
