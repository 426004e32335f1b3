"""What tests and demos do to an emulator from outside: seed, change, watch."""

import json
import signal
import sqlite3

import pytest
from alibabacloud_tea_openapi.exceptions import ServerException
from darabonba.exceptions import UnretryableException

from dlcapply.emulator import Clock, Emulator, Fault, FaultKind, serve_forever
from dlcapply.emulator.jobs.body_schema import BODY


def test_seeds_need_nothing(emulator, call):
    (job_id,) = emulator.seed({})

    assert call.get(job_id)["DisplayName"] == "job-1"


def test_seeds_keep_what_they_are_given(emulator, colleague):
    facts = {
        "JobId": "dlcmine",
        "DisplayName": "a",
        "Status": "Failed",
        "GmtCreateTime": "2026-01-01T00:00:00Z",
        "UserId": "1000000000000002",
        "Settings": {"Tags": {"t": "1"}},
    }
    emulator.seed(facts)
    emulator.turn(86_400)
    job = colleague.get("dlcmine")

    assert {key: job[key] for key in facts} == facts
    assert job["ReasonCode"] == "JobFailed"


def test_seeds_without_a_status_live_on(emulator, call):
    (job_id,) = emulator.seed({"DisplayName": "a"})
    emulator.turn(3)

    assert call.get(job_id)["Status"] == "Running"


def test_a_created_job_comes_after_seeds(emulator, call, a_body):
    seeded = emulator.seed({}, {})
    created = call.create(**a_body())

    assert [job["JobId"] for job in emulator.jobs()] == [*seeded, created]


def test_changes_show_in_both_answers(emulator, call, a_body):
    job_id = call.create(**a_body(Envs={"A": "1"}))
    tags = {"Tags": {"by": "hand"}}
    emulator.change(
        job_id, Envs={"A": "2"}, Settings=tags, ReasonMessage="because", NewKey=[1], UserCommand=None
    )

    for job in (call.get(job_id), *call.list(Tags=json.dumps(tags["Tags"]))["Jobs"]):
        assert (job["Envs"], job["ReasonMessage"], job["NewKey"]) == ({"A": "2"}, "because", [1])
        assert "UserCommand" not in job


def test_a_changed_name_is_found(emulator, call, a_body):
    emulator.change(call.create(**a_body()), DisplayName="other")

    assert call.names(DisplayName="other") == ["other"]


def test_changing_a_job_that_does_not_exist_is_an_error(emulator):
    with pytest.raises(KeyError):
        emulator.change("dlc1", Status="Running")


def test_requests_are_logged_and_stay_readable(connect, a_body, tmp_path):
    path = tmp_path / "new" / "requests.ndjson"
    with Emulator(clock=Clock.still(), log=path) as emulator:
        call = connect(emulator)
        job_id = call.create(**a_body())
        call.list(DisplayName="a")
        call("POST", f"/jobs/{job_id}/stop")

    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [(line["operation"], line["method"], line["status"]) for line in lines] == [
        ("CreateJob", "POST", 200),
        ("ListJobs", "GET", 200),
        ("StopJob", "POST", 200),
    ]
    assert lines[0]["body"] == a_body()
    assert lines[1]["path"] == "/api/v1/jobs?DisplayName=a"
    assert lines[1]["body"] is None
    assert [entry.operation for entry in emulator.writes] == ["CreateJob", "StopJob"]
    assert {entry.user for entry in emulator.requests} == {"1000000000000001"}


def test_secrets_are_not_logged(a_body, connect, tmp_path):
    spec = {
        **a_body()["JobSpecs"][0],
        "ImageConfig": {"Username": "u", "Password": "hunter2", "Auth": "hunter2"},
    }
    with Emulator(clock=Clock.still(), log=tmp_path / "log") as emulator:
        connect(emulator).create(**a_body(JobSpecs=[spec]))

        assert emulator.writes[0].body["JobSpecs"][0]["ImageConfig"] == {
            "Username": "u",
            "Password": "******",
            "Auth": "******",
        }
        assert "hunter2" not in (tmp_path / "log").read_text()
        assert "ACS3-HMAC-SHA256" not in (tmp_path / "log").read_text()


@pytest.mark.parametrize("value", [None, True, 5, "x", [], [1], {}, {"a": 1}, [[{}]]], ids=str)
def test_answers_may_be_made_to_hold_anything(emulator, call, value):
    (job_id,) = emulator.seed({"DisplayName": "a", "DataSources": [{"Uri": "oss://b/"}], "Envs": {"A": "1"}})
    facts = dict.fromkeys((*BODY, "Pods", "Status", "StatusHistory", "RequestCPU", "NewKey"), value)
    emulator.change(job_id, **facts)
    emulator.turn(10)

    row, job = call.list(WorkspaceId="")["Jobs"], call.get(job_id)
    for key in ("Envs", "JobSpecs", "Settings", "Pods", "NewKey"):
        assert job.get(key) == value
    assert all(one.get("JobSpecs") == value for one in row)
    assert len(emulator.jobs()) == 1
    assert emulator.errors == ()


def test_an_edited_state_is_answered_and_printed_nowhere(tmp_path, connect, refusal, capfd):
    with Emulator(tmp_path / "a.db", clock=Clock.still()) as emulator:
        (job_id,) = emulator.seed({"DisplayName": "a"})
        edit = sqlite3.connect(tmp_path / "a.db")
        edit.execute("UPDATE jobs SET body = 'sesame'")
        edit.commit()
        edit.close()
        with pytest.raises(ServerException) as error:
            connect(emulator).get(job_id)

    assert refusal(error) == (500, "InternalError")
    assert "sesame" not in error.value.message
    assert len(emulator.errors) == 1
    assert capfd.readouterr() == ("", "")


@pytest.mark.sweep
def test_ten_thousand_jobs_are_paged(emulator, call):
    emulator.seed(*({"DisplayName": f"job-{number}", "Status": "Running"} for number in range(10_000)))
    pages = [call.list(PageSize=100, PageNumber=number, Status="Running") for number in (1, 50, 100)]
    assert [(len(page["Jobs"]), page["TotalCount"]) for page in pages] == [(100, 10_000)] * 3


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serving_ends_on_a_signal_and_gives_its_handler_back(number, connect):
    emulator = Emulator()
    handler = signal.getsignal(number)
    served = []

    def announce(endpoint):
        assert endpoint == emulator.endpoint
        served.append(connect(emulator).list()["TotalCount"])
        signal.raise_signal(number)

    serve_forever(emulator, announce)

    assert served == [0]
    assert signal.getsignal(number) is handler


def test_stopping_does_not_wait_for_slow_answers(connect):
    """Else this takes a day."""
    with Emulator() as emulator:
        emulator.fault(Fault("ListJobs", FaultKind.SLOW, seconds=86_400))
        with pytest.raises(UnretryableException):
            connect(emulator, read_timeout=50).list()
