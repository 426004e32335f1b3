"""Whose a run is by the repository that its marks name, and what that lets a plan do."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from dlcapply.errors import DeniedError
from dlcapply.model.claims import OwnerMarks
from dlcapply.model.jobs import Identity, RunRules, State
from dlcapply.model.plans import Action
from dlcapply.model.runs import Ownership
from dlcapply.planning.adopting import adopted, run_to_adopt
from dlcapply.planning.decisions import Why
from dlcapply.planning.history import histories
from dlcapply.planning.marks import marks_for
from dlcapply.planning.operations import operation_id
from dlcapply.planning.ownership import claimed, classify, is_still_ours
from tests.builders import OWNER, a_job, a_plan, a_run, an_environment

HERE, THERE, BEFORE = "github.com/vision/jobs", "github.com/audio/jobs", "github.com/vision/old"
ENVIRONMENT = an_environment(origin=HERE)


def of(origin, name="train", **changes):
    job = a_job(name, **changes)
    return replace(job, key=replace(job.key, origin=origin))


def run_of(origin, status="Running", name="train", **rest):
    return a_run(of(origin, name), status, **rest)


def change_of(job, *live, environment=ENVIRONMENT, **options):
    (change,) = a_plan(job, live=live, environment=environment, **options).changes
    return change


@pytest.mark.parametrize(
    ("mark", "origin", "former", "whose"),
    [
        (HERE, HERE, (), Ownership.OURS),
        ("", HERE, (), Ownership.OURS),
        ("", "", (), Ownership.OURS),
        (BEFORE, HERE, (BEFORE,), Ownership.OURS),
        (BEFORE, "", (BEFORE,), Ownership.OURS),
        (BEFORE, HERE, (), Ownership.OTHER_ORIGIN),
        (THERE, HERE, (BEFORE,), Ownership.OTHER_ORIGIN),
        (THERE, "", (), Ownership.OTHER_ORIGIN),
        (f"{HERE}/folder", HERE, (), Ownership.OTHER_ORIGIN),
    ],
)
def test_whose_a_run_of_our_owner_is(mark, origin, former, whose):
    environment = an_environment(origin=origin, former_origins=former)
    run = run_of(mark)
    assert classify([run], environment=environment) == {run.job_id: whose}
    assert is_still_ours(run, names=("train",), environment=environment) is (whose is Ownership.OURS)


def test_by_name_alone_every_run_is_ours():
    run = run_of(THERE)
    by_name = an_environment(identity=Identity.NAME)
    assert classify([run], environment=by_name) == {run.job_id: Ownership.OURS}
    assert a_plan(a_job(), live=(run,), environment=by_name).changes[0].action is Action.UNCHANGED


def test_a_foreign_owner_stays_foreign_whatever_its_origin():
    run = run_of(HERE, tags={"dlcapply-owner": "audio/prod"})
    assert classify([run], environment=ENVIRONMENT) == {run.job_id: Ownership.FOREIGN}


def test_an_operation_is_told_from_its_copies_only_among_runs_that_are_ours():
    job = of(HERE)
    op = {"dlcapply-op": operation_id(job, newest=None)}
    theirs, ours = run_of(THERE, number=1, tags=op), run_of(HERE, number=2, tags=op)
    copy = run_of(HERE, number=3, tags=op)
    assert classify([theirs, ours, copy], environment=ENVIRONMENT) == {
        theirs.job_id: Ownership.OTHER_ORIGIN,
        ours.job_id: Ownership.OURS,
        copy.job_id: Ownership.CLONE,
    }


def test_the_repository_is_part_of_a_job_and_of_its_operations():
    assert of(HERE).key != of(THERE).key
    ids = {operation_id(of(origin), newest=None) for origin in (HERE, THERE, "")}
    assert len(ids) == 3
    assert marks_for(of(HERE), op="x")["dlcapply-origin"] == HERE
    assert "dlcapply-origin" not in marks_for(of(""), op="x")


@pytest.mark.parametrize(
    "status", ["Queuing", "Running", "Stopping", "Mending", "Succeeded", "Failed", "Stopped"]
)
@pytest.mark.parametrize("origin", [HERE, ""])
def test_a_job_that_would_start_looks_moved_whatever_became_of_the_other_run(status, origin):
    environment = an_environment(origin=origin)
    change = change_of(of(origin), run_of(THERE, status), environment=environment)
    assert (change.action, change.reason.code, change.op) == (Action.BLOCKED, Why.LOOKS_MOVED, "")
    assert THERE in change.reason.text
    assert (origin or "nobody knows which repository this project is") in change.reason.text
    assert f"dlcapply adopt train --job-id dlc001 --from {THERE}" in change.reason.text
    assert "metadata.formerOrigins" in change.reason.text


def test_without_a_project_nothing_can_be_adopted():
    assert "adopt" not in change_of(of(HERE), run_of(THERE), can_claim=False).reason.text


def test_a_former_origin_is_ours():
    environment = an_environment(origin=HERE, former_origins=(THERE,))
    for status in ("Running", "Succeeded"):
        change = change_of(of(HERE), run_of(THERE, status), environment=environment)
        assert (change.action, change.target_id) == (Action.UNCHANGED, "dlc001")


def test_what_has_nothing_to_start_is_warned_alone():
    job = replace(of(HERE), rules=RunRules(state=State.STOPPED))
    plan = a_plan(job, live=(run_of(THERE, "Succeeded"),), environment=ENVIRONMENT)
    assert plan.changes[0].action is Action.UNCHANGED
    (finding,) = plan.findings
    assert finding.rule == "same-name"
    assert f"a run of another repository, {THERE}" in finding.message


def test_a_run_of_ours_goes_on_beside_one_of_another_repository():
    ours = run_of(HERE, number=2)
    change = change_of(of(HERE), run_of(THERE, "Succeeded", number=1), ours)
    assert (change.action, change.target_id) == (Action.UNCHANGED, ours.job_id)


def test_a_later_run_of_another_repository_holds_a_new_one_back_and_an_earlier_one_was_spoken_for():
    changed = of(HERE, UserCommand="python other.py")
    ours = run_of(HERE, "Succeeded", number=2)
    assert change_of(changed, ours, run_of(THERE, "Succeeded", number=3)).reason.code == Why.LOOKS_MOVED
    assert change_of(changed, ours, run_of(THERE, number=1)).reason.code == Why.LOOKS_MOVED
    assert change_of(changed, ours, run_of(THERE, "Succeeded", number=1)).action is Action.RERUN


@pytest.mark.parametrize(("prune", "status"), [*product((False, True), ("Running", "Queuing", "Mending"))])
def test_another_repositorys_run_is_no_orphan_and_counts_for_nothing(prune, status):
    run = run_of(THERE, status, name="theirs")
    plan = a_plan(live=(run,), environment=ENVIRONMENT, complete=True, prune=prune)
    assert (plan.changes, plan.findings) == ((), ())
    history = histories([run], environment=ENVIRONMENT)["theirs"]
    assert (history.ours, history.active) == ((), ())


def test_a_plan_is_for_one_repository():
    plans = [a_plan(environment=an_environment(origin=origin)) for origin in (HERE, THERE, "")]
    assert len({plan.digest for plan in plans}) == 3
    assert [plan.scope.origin for plan in plans] == [HERE, THERE, ""]


def test_adopting_another_repositorys_run_takes_its_name():
    run = run_of(THERE)
    for giver in ("", OWNER, "github.com/x"):
        with pytest.raises(DeniedError, match=THERE):
            run_to_adopt("train", [run], environment=ENVIRONMENT, giver=giver)
    assert run_to_adopt("train", [run], environment=ENVIRONMENT, giver=THERE) is run
    claim = adopted(run, job=of(HERE))
    assert (claim.giver, claim.marks["origin"]) == (OwnerMarks(OWNER, THERE), HERE)
    ours = claimed(run, claim)
    assert change_of(of(HERE), ours).action is Action.UNCHANGED


def test_one_that_was_adopted_is_neither_pruned_nor_robbed_of_its_protection():
    run = run_of(THERE, tags={"dlcapply-protect": "true"})
    taken = claimed(run, adopted(run, job=of(HERE)))
    stopped = replace(of(HERE), rules=RunRules(state=State.STOPPED))
    assert change_of(stopped, taken).reason.code == Why.MARK_PROTECTED
    bare = run_of(THERE)
    taken = claimed(bare, adopted(bare, job=of(HERE)))
    (change,) = a_plan(live=(taken,), environment=ENVIRONMENT, complete=True, prune=True).changes
    assert (change.action, change.reason.code) == (Action.BLOCKED, Why.ORPHAN_CLAIMED)


def test_what_was_adopted_before_the_project_moved_on_looks_moved_too():
    run = run_of("", tags={"dlcapply-owner": "audio/prod"})
    taken = claimed(run, adopted(run, job=of(BEFORE)))
    change = change_of(of(HERE), taken)
    assert change.reason.code == Why.LOOKS_MOVED
    environment = an_environment(origin=HERE, former_origins=(BEFORE,))
    assert change_of(of(HERE), taken, environment=environment).action is Action.UNCHANGED
