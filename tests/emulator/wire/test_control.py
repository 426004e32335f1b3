"""The control routes: clock, seeds and faults for tests that are not in Python."""

import http.client
import json
from datetime import UTC, datetime

import pytest
from alibabacloud_tea_openapi.exceptions import ClientException

from dlcapply.emulator import Clock, Emulator, Lifecycle, clock

JSON = {"Content-Type": "application/json"}


@pytest.fixture
def ask(emulator):
    """Sends a control request; the status and the JSON of its answer."""

    def send(method, path, body=None, headers=None, at=emulator):
        connection = http.client.HTTPConnection(at.endpoint, timeout=10)
        text = None if body is None else body if isinstance(body, bytes) else json.dumps(body)
        connection.request(method, f"/_emulator/{path}", text, JSON if headers is None else headers)
        answer = connection.getresponse()
        result = answer.status, json.loads(answer.read())
        connection.close()
        return result

    return send


def test_the_clock_is_turned_and_runs_at_another_speed(ask, emulator):
    start = emulator.now()
    assert ask("GET", "clock") == (200, {"now": "2026-01-05T08:00:00Z", "speed": 0.0})
    assert ask("POST", "clock", {"turn": 90}) == (200, {"now": "2026-01-05T08:01:30Z", "speed": 0.0})
    assert emulator.now() == start + 90

    assert ask("POST", "clock", {"speed": 1000})[1]["speed"] == 1000
    assert emulator.speed == 1000
    assert ask("POST", "clock", {"speed": 0})[1]["speed"] == 0


@pytest.mark.parametrize(
    "body",
    [
        *({"turn": value} for value in (-1, "x", "5", True, None, [], 1e999, float("nan"), 1e300, 10**400)),
        *({"speed": value} for value in (-1, "x", True, None, 1e999, float("nan"), 1e300, 1_000_001)),
        {"speed": 1000, "turn": -1},
        {"turn": 60, "speed": -1},
        {"turn": 9000 * 365.25 * 86_400},
        {"back": 1},
        [],
    ],
    ids=str,
)
def test_a_clock_that_can_not_be_is_refused_before_it_takes_effect(ask, emulator, call, body):
    before = emulator.now(), emulator.speed
    status, answer = ask("POST", "clock", body)

    assert (status, list(answer)) == (400, ["error"])
    assert (emulator.now(), emulator.speed) == before
    assert ask("GET", "clock") == (200, {"now": "2026-01-05T08:00:00Z", "speed": 0.0})
    assert call.list()["TotalCount"] == 0


def test_time_has_an_end_where_it_stands_still(emulator, call):
    emulator.seed({"DisplayName": "a"})
    emulator.turn(clock.LAST - emulator.now())
    emulator.set_speed(clock.MAX_SPEED)

    assert emulator.now() == clock.LAST
    assert call.list(StartTime="2000-01-01T00:00:00Z")["Jobs"][0]["Status"] == "Succeeded"
    with pytest.raises(ValueError, match="time must be"):
        emulator.turn(1)


@pytest.mark.parametrize(
    ("speed", "start"),
    [
        (-1, None),
        (float("nan"), None),
        (1e7, None),
        (1.0, datetime(9999, 1, 1, tzinfo=UTC)),
        (0, datetime(1969, 1, 1, tzinfo=UTC)),
    ],
)
def test_clocks_that_can_not_be(speed, start):
    with pytest.raises(ValueError, match=r"must be"):
        Clock(speed, start)


def test_jobs_are_seeded_changed_and_cloned(ask, call):
    status, made = ask("POST", "jobs", {"jobs": [{"DisplayName": "a", "Status": "Running"}]})
    (job_id,) = made["jobIds"]
    assert (status, call.get(job_id)["Status"]) == (200, "Running")

    assert ask("PATCH", f"jobs/{job_id}", {"Status": "Failed"}) == (200, {})
    assert call.get(job_id)["Status"] == "Failed"
    copy = ask("POST", f"jobs/{job_id}/clone", {})[1]["jobId"]
    assert call.get(copy)["Settings"]["Tags"] == {"CloneFromJobID": job_id}
    assert [job["JobId"] for job in ask("GET", "jobs")[1]["jobs"]] == [job_id, copy]


def test_faults_come_and_go(ask, call, refusal):
    fault = {"operation": "ListJobs", "kind": "throttled", "times": None}
    assert ask("POST", "faults", {"faults": [fault]}) == (200, {})
    with pytest.raises(ClientException) as error:
        call.list()
    assert refusal(error) == (429, "Throttling.User")

    assert ask("DELETE", "faults", headers={}) == (200, {})  # as curl -X DELETE sends it
    call.list()


@pytest.mark.parametrize(
    "faults",
    [
        [{"operation": "ListJobs"}],
        [{"operation": "ListJobs", "kind": "odd"}],
        [{"kind": "lost"}],
        {},
        [1],
        [{"operation": "CreateJob", "kind": "short-listing"}],
        [{"operation": "None", "kind": "lost"}],
    ],
)
def test_a_fault_that_could_never_act_is_refused(ask, faults):
    assert ask("POST", "faults", {"faults": faults})[0] == 400


def test_switches_change_one_by_one(ask, emulator, call, a_body):
    assert ask("PATCH", "switches", {"listLag": 5}) == (200, {})
    call.create(**a_body())
    assert call.names() == []
    assert emulator.switches.check_references is False

    assert ask("PATCH", "switches", {"listLag": "x"})[0] == 400
    assert ask("PATCH", "switches", {"colour": "red"})[0] == 400


def test_requests_are_told_but_not_those_for_control(ask, call):
    call.list()
    ask("GET", "clock")
    answer = ask("GET", "requests")[1]

    assert [entry["operation"] for entry in answer["requests"]] == ["ListJobs"]
    assert answer["unknownRoutes"] == []


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "nothing", 404),
        ("PUT", "clock", 404),
        ("PATCH", "jobs/dlcnone", 404),
        ("POST", "jobs/dlcnone/clone", 404),
    ],
)
def test_what_is_not_there(ask, method, path, status):
    assert ask(method, path, {})[0] == status


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"\xff",
        b"[1]",
        b"[" * 100_000,
        b'{"jobs": 1}',
        b'{"jobs": [{"JobSpecs": 1}]}',
        b'{"jobs": [{"JobSpecs": [{"PodCount": 1000000000}]}]}',
        b'{"jobs": [{"JobId": 1}]}',
        b'{"jobs": [{"JobId": "a"}, {"JobId": "a"}]}',
        b'{"jobs": [{"Status": ["Running"]}]}',
        b'{"jobs": [{"GmtCreateTime": "9999-12-31T23:59:59Z"}]}',
        b'{"jobs": [{"GmtCreateTime": "yesterday"}]}',
    ],
)
def test_a_body_that_can_not_be_read_is_refused(ask, emulator, body):
    assert ask("POST", "jobs", body)[0] == 400
    assert emulator.errors == ()
    assert emulator.jobs() == ()


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {**JSON, "Origin": "http://evil.example"},
        {**JSON, "Host": "evil.example"},
    ],
)
def test_a_page_in_a_browser_can_do_nothing(ask, emulator, headers):
    before = emulator.now()

    assert ask("POST", "clock", {"turn": 60}, headers)[0] == 403
    assert emulator.now() == before


def test_lifecycles_go_before_those_that_there_are(ask, emulator):
    emulator.configure(lifecycles={"a-*": Lifecycle(), "*": Lifecycle(running=1000)})
    assert ask("PATCH", "lifecycles", {"a-*": {"cause": "error", "running": 2}}) == (200, {})
    assert ask("PATCH", "lifecycles", {"a": {"cause": "odd"}})[0] == 400
    emulator.seed({"DisplayName": "a-1"}, {"DisplayName": "b"})
    emulator.turn(60)

    assert [job["Status"] for job in emulator.jobs()] == ["Failed", "Running"]


def test_control_can_be_closed(ask):
    with Emulator(clock=Clock.still(), control=False) as closed:
        status, answer = ask("GET", "clock", at=closed)

        assert (status, answer["Code"]) == (404, "InvalidAction.NotFound")
        assert closed.unknown_routes == ("GET /_emulator/clock",)


def test_a_body_that_is_far_too_long_is_cut_off(emulator):
    connection = http.client.HTTPConnection(emulator.endpoint, timeout=10)
    connection.request("POST", "/api/v1/jobs", b"x" * 1_048_577, JSON)
    answer = connection.getresponse()

    assert (answer.status, json.loads(answer.read())["Code"]) == (413, "RequestEntityTooLarge")
    connection.close()
