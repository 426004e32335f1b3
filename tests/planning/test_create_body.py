"""The body of CreateJob."""

from __future__ import annotations

from dlcapply.model.jobs import EnvSource, RunRules
from dlcapply.planning.create_body import create_body
from dlcapply.planning.fingerprints import fingerprint, fingerprints
from dlcapply.planning.marks import marks_for
from tests.builders import a_job, a_spec


def test_a_create_body_carries_name_labels_marks_and_environment_values():
    job = a_job(
        labels={"team": "a", "shared": "label"},
        env_from=(EnvSource("FOO", "BAR"),),
        rules=RunRules(protect=True),
        Settings={"EnableRDMA": True, "Tags": {"shared": "tag"}},
    )
    body = create_body(job, marks=marks_for(job, op="op1", provenance="abc"), env={"FOO": "value"})
    assert body["DisplayName"] == "train"
    assert body["Envs"] == {"LR": "1e-4", "FOO": "value"}
    assert body["Settings"]["EnableRDMA"] is True
    assert body["Settings"]["Tags"] == {
        "team": "a",
        "shared": "tag",
        "dlcapply-owner": "vision/local",
        "dlcapply-spec": fingerprint(job),
        "dlcapply-around": fingerprints(job).around,
        "dlcapply-hidden": fingerprints(job).hidden,
        "dlcapply-token": "1",
        "dlcapply-op": "op1",
        "dlcapply-env": "FOO",
        "dlcapply-protect": "true",
        "dlcapply-from": "abc",
    }
    assert "DisplayName" not in job.spec
    assert create_body(a_job(), marks={}, env={}) == {**a_spec(), "DisplayName": "train"}


def test_nothing_is_sent_that_nobody_asked_for():
    job = a_job(Envs=None)
    assert create_body(job, marks={}, env={}) == {**job.spec, "DisplayName": "train"}
    assert create_body(job, marks={}, env={"FOO": "1"})["Envs"] == {"FOO": "1"}
    assert create_body(a_job(Settings=None), marks={"m": "1"}, env={})["Settings"] == {"Tags": {"m": "1"}}
