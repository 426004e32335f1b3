"""Operation ids: which run they name."""

from __future__ import annotations

from dataclasses import replace

from dlcapply.model.jobs import RunRules
from dlcapply.planning.operations import operation_id
from tests.builders import a_job, a_run


def test_operation_ids_stay_what_they_were():
    assert operation_id(a_job(), newest=None) == "0f24a7d60868a4f09efde50a22e89322"


def test_an_operation_follows_the_job_its_spec_its_token_and_its_history():
    job, run = a_job(), a_run(a_job())
    ids = {
        operation_id(job, newest=None),
        operation_id(job, newest=run),
        operation_id(a_job("other"), newest=None),
        operation_id(a_job(UserCommand="x"), newest=None),
        operation_id(a_job(rules=RunRules(token="2")), newest=None),
    }
    assert len(ids) == 5
    assert operation_id(a_job(Description="x"), newest=None) in ids


def test_an_operation_is_named_by_region_workspace_and_owner_too():
    job = a_job()
    keys = [{}, {"region": "cn-beijing"}, {"workspace_id": "1002"}, {"owner": "vision/prod"}]
    ids = {operation_id(replace(job, key=replace(job.key, **key)), newest=None) for key in keys}
    assert len(ids) == len(keys)
    assert {len(op) for op in ids} == {32}
