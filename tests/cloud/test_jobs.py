from __future__ import annotations

import json
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from dlcapply.cloud.jobs import JobService
from dlcapply.cloud.listing import list_all
from dlcapply.errors import ServiceError, Verdict
from dlcapply.model import Phase, Receipt


def served(connected, server):
    return JobService(connected(server.endpoint), workspace_id="1001")


def test_a_created_run_is_found_by_its_exact_name(service, job_body):
    created = service.create(job_body("train", Settings={"Tags": {"team": "vision"}}))
    service.create(job_body("Train"))
    (run,) = service.runs_named("train")
    assert (run.job_id, run.name, run.phase) == (created.job_id, "train", Phase.ACTIVE)
    assert run.tags == {"team": "vision"}
    assert run.created
    assert created.request_id


def test_runs_come_oldest_first(emulator, service, job_body):
    emulator.seed(*(job_body("x", GmtCreateTime=f"2026-01-0{day}T00:00:00Z") for day in (3, 1, 2)))
    assert [run.created[8:10] for run in service.runs_named("x")] == ["01", "02", "03"]


def test_tags_find_runs(emulator, service, job_body):
    emulator.seed(
        job_body("x", Settings={"Tags": {"a": "1 ü", "b": "2"}}),
        job_body("y", Settings={"Tags": {"a": "1 ü"}}),
    )
    assert [row["DisplayName"] for row in list_all(service.pages(tags={"a": "1 ü", "b": "2"}))] == ["x"]
    assert parse_qs(urlsplit(emulator.requests[0].path).query)["Tags"] == ['{"a":"1 ü","b":"2"}']


def test_detail_keeps_what_only_the_listing_shows(service, job_body):
    service.create(job_body("x", Description="why", JobMaxRunningTimeMinutes=60))
    (listed,) = service.runs_named("x")
    assert "Description" not in listed.body
    detailed = service.detail(listed)
    assert detailed.detailed
    assert (detailed.body["Description"], detailed.body["JobMaxRunningTimeMinutes"]) == ("why", 60)
    assert "JobMaxRunningTimeMinutes" not in service.get(listed.job_id).body


def test_detail_is_as_new_as_its_answer(emulator, service, job_body):
    job_id = service.create(job_body("x")).job_id
    (listed,) = service.runs_named("x")
    emulator.change(job_id, Status="Odd")
    detailed = service.detail(listed)
    assert (detailed.status, detailed.body["Status"]) == ("Odd", "Odd")


def test_an_update_and_a_stop_reach_the_run(emulator, service, job_body):
    job_id = service.create(job_body("x")).job_id
    assert service.update(job_id, {"Description": "new"})
    assert service.get(job_id).body["Description"] == "new"
    assert service.stop(job_id)
    assert service.get(job_id).phase in {Phase.STOPPING, Phase.STOPPED}
    assert [entry.operation for entry in emulator.writes] == ["CreateJob", "UpdateJob", "StopJob"]


def test_a_stop_that_pai_refuses_is_an_error(emulator, service, job_body):
    (job_id,) = emulator.seed(job_body("x", Status="Succeeded"))
    with pytest.raises(ServiceError, match="because it is Succeeded") as failure:
        service.stop(job_id)
    assert failure.value.verdict is Verdict.REFUSED


def test_ids_can_not_lead_to_another_path(box, http, connected):
    server = box(http(404, '{"Code": "NotFound"}'))
    with pytest.raises(ServiceError):
        served(connected, server).stop("x/../../y?z=1")
    assert server.requests[0].startswith("POST /api/v1/jobs/x%2F..%2F..%2Fy%3Fz%3D1/stop ")


def test_a_job_id_comes_with_its_request_id(box, http, connected):
    server = box(http(200, '{"JobId": "dlc1", "RequestId": "R"}'))
    assert served(connected, server).create({}) == Receipt("dlc1", "R")


@pytest.mark.parametrize(
    "answer", [{}, {"JobId": ""}, {"JobId": None}, {"JobId": 7}, {"Jobs": [], "TotalCount": 0}]
)
def test_a_create_that_names_no_run_is_ambiguous(box, http, connected, answer):
    server = box(http(200, json.dumps({**answer, "RequestId": "R"})))
    with pytest.raises(ServiceError, match="names no JobId") as failure:
        served(connected, server).create({"DisplayName": "x"})
    assert (failure.value.verdict, failure.value.request_id) == (Verdict.AMBIGUOUS, "R")
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"Jobs": []},
        {"TotalCount": 0},
        {"Jobs": None, "TotalCount": 0},
        {"Jobs": [], "TotalCount": "0"},
        {"Jobs": ["dlc1"], "TotalCount": 1},
        {"Jobs": [{"DisplayName": "x"}], "TotalCount": 1},
    ],
)
def test_a_listing_that_is_none_is_an_error(box, http, connected, answer):
    with pytest.raises(ServiceError) as failure:
        served(connected, box(http(200, json.dumps(answer)))).runs_named("x")
    assert failure.value.verdict is Verdict.AMBIGUOUS


@pytest.mark.parametrize(
    "workspace", [{"WorkspaceId": "1001"}, {"WorkspaceId": 1001}, {"WorkspaceId": None}, {}]
)
def test_a_workspace_may_be_spelled_in_any_way(box, http, connected, workspace):
    row = {"JobId": "dlc1", "DisplayName": "x", **workspace}
    server = box(http(200, json.dumps({"Jobs": [row], "TotalCount": 1})))
    assert len(served(connected, server).runs_named("x")) == 1


def test_a_listing_of_another_workspace_is_not_no_jobs(box, http, connected):
    row = {"JobId": "dlc1", "DisplayName": "x", "WorkspaceId": "268"}
    server = box(http(200, json.dumps({"Jobs": [row], "TotalCount": 1})))
    with pytest.raises(ServiceError, match="about workspace 268, not 1001"):
        served(connected, server).runs_named("x")


def test_an_answer_about_another_job_is_not_understood(box, http, connected):
    server = box(http(200, '{"JobId": "dlc2"}'))
    with pytest.raises(ServiceError, match="another job"):
        served(connected, server).get("dlc1")


def test_a_row_may_lack_anything_but_its_id(box, http, connected):
    server = box(http(200, '{"Jobs": [{"JobId": "dlc1", "Settings": null}], "TotalCount": 1}'))
    (run,) = served(connected, server).runs_named("")
    assert (run.name, run.status, run.created, run.tags, run.phase) == ("", "", "", {}, Phase.UNKNOWN)
    assert replace(run, detailed=False) == run


def test_the_service_counts_its_calls(service, emulator):
    service.runs_named("x")
    service.runs_named("y")
    assert service.calls == len(emulator.requests) == 2
