"""What a claim makes of a run's own marks."""

from __future__ import annotations

from dataclasses import replace

from dlcapply.model import Claim, Ownership
from dlcapply.planning.marks import claimed, classify, has_spec_mark
from tests.builders import ENVIRONMENT, OWNER, a_job, a_run, without_marks

MARKS = {"owner": OWNER, "spec": "v1:x", "token": "1"}


def owner_of(run):
    return classify([run], environment=ENVIRONMENT)[run.job_id]


def test_without_a_claim_a_run_is_what_its_tags_say():
    run = a_run(a_job())
    assert claimed(run, None) is run


def test_a_claim_stands_in_place_of_all_marks_and_leaves_the_rest():
    tags = {"team": "a", "CloneFromJobID": "dlc9", "dlcapply-env": "FOO", "dlcapply-owner": "other/prod"}
    run = a_run(a_job(Settings={"EnableRDMA": True}), tags=tags)
    ours = claimed(run, Claim(run.job_id, run.name, MARKS))
    assert ours.tags == {
        "team": "a",
        "dlcapply-owner": OWNER,
        "dlcapply-spec": "v1:x",
        "dlcapply-token": "1",
    }
    assert ours.body["Settings"]["EnableRDMA"] is True
    assert replace(ours, body=run.body) == run
    assert {key: ours.body[key] for key in ours.body if key != "Settings"} == {
        key: run.body[key] for key in run.body if key != "Settings"
    }
    assert (owner_of(run), owner_of(ours)) == (Ownership.CLONE, Ownership.OURS)


def test_a_run_without_settings_can_be_claimed():
    bare = without_marks(a_run(a_job()))
    none = replace(bare, body={key: value for key, value in bare.body.items() if key != "Settings"})
    for run in (bare, none):
        assert owner_of(claimed(run, Claim(run.job_id, run.name, MARKS))) is Ownership.OURS


def test_a_released_run_is_nobodys():
    run = a_run(a_job())
    assert owner_of(claimed(run, Claim(run.job_id, run.name, {}))) is Ownership.UNMARKED


def test_which_runs_say_what_they_were_started_for():
    run = a_run(a_job())
    assert has_spec_mark(run)
    assert not has_spec_mark(without_marks(run))
    assert not has_spec_mark(a_run(a_job(), tags={"dlcapply-spec": "v9:x"}))
