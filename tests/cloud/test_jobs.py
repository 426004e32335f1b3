from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from dlcapply.cloud.active_jobs import active_runs
from dlcapply.cloud.jobs import JobService
from dlcapply.cloud.listing import list_all
from dlcapply.errors import FailureKind, ServiceError
from dlcapply.model.outcomes import Receipt
from dlcapply.model.runs import Phase

ROW = {
    "JobId": "dlc1",
    "DisplayName": "x",
    "Status": "Running",
    "GmtCreateTime": "2026-01-01T00:00:00Z",
    "Settings": {"Tags": {"dlcapply-owner": "vision/local"}},
}


def served(connected, server):
    return JobService(connected(server.endpoint), workspace_id="1001", owner="vision/local")


def listing(*rows, **keys):
    return json.dumps({"Jobs": rows, "TotalCount": len(rows), "RequestId": "R"} | keys)


def without(*keys):
    return {key: value for key, value in ROW.items() if key not in keys}


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
    assert failure.value.kind is FailureKind.REFUSED


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
    assert (failure.value.kind, failure.value.request_id) == (FailureKind.AMBIGUOUS, "R")
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
    assert failure.value.kind is FailureKind.AMBIGUOUS


@pytest.mark.parametrize(
    "workspace", [{"WorkspaceId": "1001"}, {"WorkspaceId": 1001}, {"WorkspaceId": None}, {}]
)
def test_a_workspace_may_be_spelled_in_any_way(box, http, connected, workspace):
    server = box(http(200, listing(ROW | workspace)))
    assert len(served(connected, server).runs_named("x")) == 1


def test_a_listing_of_another_workspace_is_not_no_jobs(box, http, connected):
    server = box(http(200, listing(ROW | {"WorkspaceId": "268"})))
    with pytest.raises(ServiceError, match="about workspace 268, not 1001"):
        served(connected, server).runs_named("x")


def test_an_answer_about_another_job_is_not_understood(box, http, connected):
    server = box(http(200, '{"JobId": "dlc2"}'))
    with pytest.raises(ServiceError, match="another job"):
        served(connected, server).get("dlc1")


@pytest.mark.parametrize(("named", "is_ours"), [("1001", True), (1001, True), (None, True), ("268", False)])
def test_a_run_of_another_workspace_is_not_found_and_not_read(box, http, connected, named, is_ours):
    """GetJob takes no workspace: what a journal or a claim names may be anywhere in the region."""
    service = served(connected, box(http(200, json.dumps(ROW | {"WorkspaceId": named}))))
    assert (service.find("dlc1") is not None) == is_ours
    if is_ours:
        assert service.get("dlc1").job_id == "dlc1"
    else:
        with pytest.raises(ServiceError, match="GetJob: PAI's answer is about workspace 268, not 1001"):
            service.get("dlc1")


def test_a_row_may_lack_all_that_says_nothing_of_whose_it_is(box, http, connected):
    server = box(http(200, listing(without("Settings") | {"Duration": "long"})))
    (run,) = served(connected, server).runs_named("x")
    assert (run.tags, run.phase, run.duration_seconds) == ({}, Phase.ACTIVE, None)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"DisplayName": None}, "DisplayName is missing"),
        ({"DisplayName": ["x"]}, "DisplayName is a list"),
        ({"DisplayName": " x"}, "DisplayName is text that can't be used"),
        ({"DisplayName": ""}, "DisplayName is empty"),
        ({"Status": 7}, "Status is a number"),
        ({"Status": ""}, "Status is empty"),
        ({"Status": "Run\u202ening"}, "Status is text that can't be used"),
        ({"GmtCreateTime": True}, "GmtCreateTime is true or false"),
        ({"GmtCreateTime": "yesterday"}, "GmtCreateTime is text that can't be used"),
        ({"GmtCreateTime": "2026-02-30T00:00:00Z"}, "GmtCreateTime is text that can't be used"),
        ({"Settings": []}, "Settings is a list"),
        ({"Settings": {"Tags": "dlcapply-owner"}}, "Settings.Tags is text that can't be used"),
        ({"Settings": {"Tags": {"dlcapply-op": None}}}, "Settings.Tags.dlcapply-op is missing"),
        ({"Settings": {"Tags": {"dlcapply-op": ""}}}, "Settings.Tags.dlcapply-op is empty"),
        ({"Settings": {"Tags": {"dlcapply-token": " 1"}}}, "dlcapply-token is text that can't be used"),
        ({"Settings": {"Tags": {"dlcapply-token": "1\x07"}}}, "dlcapply-token is text that can't be used"),
        ({"Settings": {"Tags": {"dlcapply-around": 7}}}, "Settings.Tags.dlcapply-around is a number"),
        ({"Settings": {"Tags": {"CloneFromJobID": {}}}}, "Settings.Tags.CloneFromJobID is a map"),
        ({"Settings": {"Tags": {"dlcapply-owner": "\ud800"}}}, "dlcapply-owner is text that can't be used"),
    ],
)
def test_a_run_that_can_not_be_read_is_never_no_run(box, http, connected, change, problem):
    service = served(connected, box(http(200, listing(ROW | change))))
    with pytest.raises(ServiceError, match=problem) as failure:
        service.runs_named("x")
    assert failure.value.message.startswith("ListJobs dlc1: ")
    assert (failure.value.kind, failure.value.code) == (FailureKind.AMBIGUOUS, "UnreadableAnswer")
    assert failure.value.hint


@pytest.mark.parametrize("key", ["DisplayName", "Status", "GmtCreateTime"])
def test_get_job_that_can_not_be_read_names_job_and_path(box, http, connected, key):
    answer = json.dumps(without(key) | {"RequestId": "R"})
    with pytest.raises(ServiceError, match=f"^GetJob dlc1: {key} is missing$") as failure:
        served(connected, box(http(200, answer))).get("dlc1")
    assert failure.value.request_id == "R"


@pytest.mark.parametrize(
    "odd",
    [
        {"Status": []},
        {"GmtCreateTime": 1.5},
        {"Settings": 7},
        {"Settings": {"Tags": ["x"]}},
        {"Settings": {"Tags": {"dlcapply-owner": {}}}},
        {"WorkspaceId": ["1001"]},
        {"JobSpecs": "x", "Envs": 3, "Duration": {}},
        {"DisplayName": "\x1b[31mred\ud800", "Settings": None},
    ],
)
def test_what_is_odd_in_a_stranger_s_row_is_passed_over(box, http, connected, odd):
    stranger = without("Settings") | {"JobId": "dlc2", "DisplayName": "other"} | odd
    (run,) = served(connected, box(http(200, listing(ROW, stranger)))).runs_named("x")
    assert run.job_id == "dlc1"


def test_of_strangers_rows_only_an_outline_is_kept(box, http, connected):
    stranger = ROW | {
        "JobId": "dlc2",
        "DisplayName": "y" * 70_000,
        "Envs": {"BIG": "x" * 70_000},
        "Settings": {},
    }
    service = served(connected, box(http(200, listing(ROW, stranger))))
    page = service.pages(wanted=service.wanting({"x"}))(1, "")
    assert page.rows[0] == ROW
    assert page.rows[1] == {"JobId": "dlc2", "DisplayName": "y" * 257, "GmtCreateTime": ROW["GmtCreateTime"]}


def test_a_mark_that_decides_nothing_may_be_odd(box, http, connected):
    tags = ROW["Settings"]["Tags"] | {"dlcapply-from": ["x"], "team": 7}
    server = box(http(200, listing(ROW | {"Settings": {"Tags": tags}})))
    assert len(served(connected, server).runs_named("x")) == 1


def test_a_copy_with_another_name_is_a_stranger(box, http, connected):
    tags = {"dlcapply-owner": "vision/local", "CloneFromJobID": "dlc1"}
    clone = ROW | {"JobId": "dlc2", "DisplayName": "x (copy)", "Settings": {"Tags": tags}}
    assert len(served(connected, box(http(200, listing(ROW, clone)))).runs_named("x")) == 1


@pytest.mark.parametrize("job_id", [None, 7, "", " ", "dlc\n1", "\ud800", "d" * 300, ["dlc1"], {}])
def test_a_row_without_an_id_fails_the_listing(box, http, connected, job_id):
    with pytest.raises(ServiceError, match="has a job without a JobId") as failure:
        served(connected, box(http(200, listing(ROW, ROW | {"JobId": job_id})))).runs_named("x")
    assert failure.value.request_id == "R"


@pytest.mark.parametrize("total", [True, -1, 1.0, "1", 10**9, 10**50, None, []])
def test_a_total_that_is_none_fails_the_listing(box, http, connected, total):
    server = box(http(200, listing(ROW, TotalCount=total)))
    with pytest.raises(ServiceError, match=r"TotalCount|counts"):
        served(connected, server).runs_named("x")
    assert len(server.requests) == 1


def test_the_same_page_for_ever_is_asked_for_a_few_times(box, http, connected):
    rows = [ROW | {"JobId": f"dlc{number}"} for number in range(100)]
    server = box(http(200, listing(*rows, TotalCount=10**6)))
    with pytest.raises(ServiceError, match="did not list"):
        served(connected, server).runs_named("x")
    assert len(server.requests) == 6


def test_times_order_runs_in_any_spelling(box, http, connected):
    times = ("2026-01-01T00:00:01.5Z", "2026-01-01T00:00:01Z", "2026-01-01T08:00:00+08:00")
    rows = [ROW | {"JobId": f"dlc{number}", "GmtCreateTime": time} for number, time in enumerate(times)]
    runs = served(connected, box(http(200, listing(*rows)))).runs_named("x")
    assert [run.job_id for run in runs] == ["dlc2", "dlc1", "dlc0"]
    assert runs[0].created == "2026-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("status", "code", "known"),
    [
        (404, "NotFound", True),
        (404, "InvalidAction.NotFound", False),
        (404, "", False),
        (400, "NotFound", False),
    ],
)
def test_only_pai_s_own_word_says_that_there_is_no_job(box, http, connected, status, code, known):
    service = served(connected, box(http(status, json.dumps({"Code": code}))))
    if known:
        assert service.find("dlc1") is None
    else:
        with pytest.raises(ServiceError):
            service.find("dlc1")


@pytest.mark.parametrize(
    "change",
    [
        {"DisplayName": "y"},
        {"Settings": None},
        {"Settings": {"Tags": {**ROW["Settings"]["Tags"], "dlcapply-origin": "x/y"}}},
    ],
)
def test_two_answers_about_one_run_that_contradict_each_other_are_an_error(box, http, connected, change):
    (listed,) = served(connected, box(http(200, listing(ROW)))).runs_named("x")
    with pytest.raises(ServiceError, match="another name, owner or origin than ListJobs"):
        served(connected, box(http(200, json.dumps(ROW | change)))).detail(listed)


def test_the_service_counts_its_calls(service, emulator):
    service.runs_named("x")
    service.runs_named("y")
    assert service.calls == len(emulator.requests) == 2


def test_runs_are_read_by_their_ids_a_hundred_a_call_in_the_order_asked_for(service, emulator):
    ids = emulator.seed(
        *({"DisplayName": f"job-{n}", "WorkspaceId": "1001", "Status": "Running"} for n in range(250))
    )
    asked = [*reversed(ids), "dlcunknown"]
    before = service.calls
    assert [run.job_id for run in service.runs_by_id(asked)] == asked[:-1]
    assert service.calls - before == 3
    assert service.runs_by_id([]) == ()


def test_an_active_run_that_can_not_be_read_is_counted_and_costs_the_others_nothing(box, http, connected):
    odd = ROW | {"JobId": "dlc2", "GmtCreateTime": 1_793_500_000_000}
    server = box(http(200, listing(ROW, odd)))
    runs, unread = active_runs(served(connected, server))
    assert ([run.job_id for run in runs], unread) == (["dlc1"], 1)
