from __future__ import annotations

from dataclasses import replace

import pytest

from dlcapply.cloud.wire.connection import TRIES, Connection, connect
from dlcapply.cloud.wire.heard import Heard
from dlcapply.cloud.wire.pacing import Pacer
from dlcapply.cloud.wire.products import PAI_DLC, PAI_STUDIO
from dlcapply.cloud.wire.session import StaticKeys, open_client
from dlcapply.emulator import KEY_ID, SECRET, Fault, FaultKind
from dlcapply.errors import FailureKind, ServiceError, UsageError
from dlcapply.version import __version__

JOBS = "/api/v1/jobs"


@pytest.mark.parametrize(
    "kind", [FaultKind.LOST, FaultKind.THROTTLED, FaultKind.ERROR, FaultKind.HTML, FaultKind.EMPTY]
)
def test_a_read_is_tried_again(emulator, connection, kind):
    emulator.fault(Fault("ListJobs", kind, times=TRIES - 1))
    assert connection.read("ListJobs", JOBS, {"WorkspaceId": "1001"})["TotalCount"] == 0
    assert len(emulator.requests) == connection.calls == TRIES


def test_a_read_that_never_succeeds_fails_as_it_last_did(emulator, connection):
    emulator.fault(Fault("ListJobs", FaultKind.ERROR, times=None))
    with pytest.raises(ServiceError, match="ServiceUnavailable"):
        connection.read("ListJobs", JOBS)
    assert len(emulator.requests) == TRIES


def test_a_refused_read_is_not_tried_again(emulator, connection, clock):
    with pytest.raises(ServiceError) as failure:
        connection.read("GetJob", f"{JOBS}/dlcnone")
    assert failure.value.kind is FailureKind.REFUSED
    assert len(emulator.requests) == 1
    assert clock.sleeps == []


def test_the_pauses_between_tries_grow(box, http, connected, clock):
    failing = connected(box(http(500, '{"Code": "InternalError"}')).endpoint)
    with pytest.raises(ServiceError):
        failing.read("ListJobs", JOBS)
    assert clock.sleeps == [0.5, 1.0, 2.0, 4.0]


@pytest.mark.parametrize(("named", "least"), [("9000", 9.0), ("3600000", 60.0)])
def test_the_pause_that_pai_names_is_obeyed_within_reason(box, http, connected, clock, named, least):
    answer = http(429, '{"Code": "Throttling.User"}', x_acs_retry_after=named)
    throttled = connected(box(answer).endpoint)
    with pytest.raises(ServiceError):
        throttled.read("ListJobs", JOBS)
    assert clock.sleeps == pytest.approx([least] * (TRIES - 1))


def test_an_interrupt_does_not_shorten_the_pause_before_the_next_try(
    emulator, environment, woken_clock, keys
):
    emulator.fault(Fault("ListJobs", FaultKind.LOST))
    connection = connect(replace(environment, endpoint=emulator.endpoint), clock=woken_clock, keys=keys)
    before = woken_clock.now()
    connection.read("ListJobs", JOBS, {"WorkspaceId": "1001"})
    assert (woken_clock.now() - before).total_seconds() >= 0.25
    assert len(emulator.requests) == 2


def test_throttling_slows_the_calls_that_follow(emulator, connection, clock, job_body):
    emulator.fault(Fault("CreateJob", FaultKind.THROTTLED, retry_after_ms=7000))
    with pytest.raises(ServiceError):
        connection.write("CreateJob", "POST", JOBS, job_body("x"))
    connection.read("ListJobs", JOBS, {"WorkspaceId": "1001"})
    assert clock.sleeps == pytest.approx([7.0])


def test_answers_quicken_the_calls_that_follow(box, http, environment, clock, keys):
    server = box(http(200, "{}"))
    client = open_client(replace(environment, endpoint=server.endpoint), keys=keys)
    pacer = Pacer(clock, rate=10)
    Connection(client, clock=clock, pacer=pacer).read("GetJob", f"{JOBS}/x")
    assert pacer.rate == 11


def test_a_body_is_sent_as_written_and_an_answer_kept_as_it_came(emulator, connection, job_body):
    body = job_body("x", BrandNew={"Key": None}, Settings={"QuotaInstanceTypes": ["a"]})
    job_id = connection.write("CreateJob", "POST", JOBS, body)["JobId"]
    assert emulator.writes[0].body == body
    assert connection.read("GetJob", f"{JOBS}/{job_id}")["BrandNew"] == {"Key": None}


def test_requests_say_who_sent_them(box, http, environment, clock, keys):
    server = box(http(200, "{}"))
    connect(replace(environment, endpoint=server.endpoint), clock=clock, keys=keys).read(
        "GetJob", f"{JOBS}/x"
    )
    assert f" dlcapply/{__version__}" in server.requests[0]


def test_the_read_time_out_is_a_choice(box, environment, clock, keys):
    server = box(None)
    connection = connect(
        replace(environment, endpoint=server.endpoint), clock=clock, keys=keys, read_timeout_ms=100
    )
    with pytest.raises(ServiceError, match="did not answer in time"):
        connection.write("StopJob", "POST", f"{JOBS}/x/stop")
    assert len(server.requests) == 1


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy"])
def test_loopback_goes_past_any_proxy(emulator, environment, clock, keys, closed_port, monkeypatch, variable):
    monkeypatch.setenv(variable, f"http://{closed_port}")
    local = connect(replace(environment, endpoint=emulator.endpoint), clock=clock, keys=keys)
    assert local.read("ListJobs", JOBS, {"WorkspaceId": "1001"})["TotalCount"] == 0


@pytest.mark.parametrize(("no_proxy", "goes_through"), [("", True), ("192.0.2.1", False)])
def test_a_proxy_is_used_unless_no_proxy_names_the_host(
    box, http, environment, clock, keys, monkeypatch, no_proxy, goes_through
):
    proxy = box(http(400, '{"Code": "FromTheProxy"}'))
    monkeypatch.setenv("HTTP_PROXY", f"http://{proxy.endpoint}")
    monkeypatch.setenv("NO_PROXY", no_proxy)
    far = connect(replace(environment, endpoint="http://192.0.2.1"), clock=clock, keys=keys)
    with pytest.raises(ServiceError) as failure:
        far.write("StopJob", "POST", f"{JOBS}/x/stop")
    assert (failure.value.code == "FromTheProxy") is goes_through
    assert len(proxy.requests) == goes_through


def test_keys_do_not_show():
    assert SECRET not in repr(StaticKeys(KEY_ID, SECRET))


def test_wrong_keys_are_refused_with_a_hint(emulator, environment, clock):
    stranger = connect(
        replace(environment, endpoint=emulator.endpoint), clock=clock, keys=StaticKeys("nobody", SECRET)
    )
    with pytest.raises(ServiceError) as failure:
        stranger.read("ListJobs", JOBS)
    assert failure.value.kind is FailureKind.REFUSED
    assert "credentials" in failure.value.hint


def test_an_endpoint_that_names_no_host_is_told_before_anything_is_sent(environment, clock):
    with pytest.raises(UsageError):
        connect(replace(environment, endpoint="ftp://x"), clock=clock)


@pytest.mark.parametrize(
    ("date", "told"),
    [
        ("Tue, 12 Jan 2021 14:36:01 GMT", "2021-01-12T14:36:01+00:00"),
        ("Tue, 12 Jan 2021 16:36:01 +0200", "2021-01-12T14:36:01+00:00"),
        ("yesterday", None),
        ("Tue, 99 Jan 2021 14:36:01 GMT", None),
        (None, None),
    ],
)
def test_the_services_time_is_that_of_its_answer(box, http, connected, date, told):
    server = box(http(200, "{}", **({"Date": date} if date else {})))
    connection = connected(server.endpoint)
    assert connection.heard.now is None
    connection.read("ListJobs", "/api/v1/jobs")
    assert (connection.heard.now and connection.heard.now.isoformat()) == told


@pytest.mark.parametrize(
    ("server", "is_emulator"),
    [
        ("dlcapply-emulator", True),
        ("Dlcapply-Emulator", True),
        ("Tengine", False),
        ("dlcapply", False),
        ("", False),
    ],
)
def test_an_emulator_is_known_by_what_it_says_of_itself(box, http, connected, server, is_emulator):
    connection = connected(box(http(200, "{}", Server=server)).endpoint)
    assert not connection.heard.is_emulator
    connection.read("ListJobs", "/api/v1/jobs")
    assert connection.heard.is_emulator == is_emulator


def test_the_emulator_says_what_it_is_and_what_one_product_tells_all_of_its_service_know(
    emulator, environment, clock, keys
):
    there, heard = replace(environment, endpoint=emulator.endpoint), Heard()
    of_jobs, studio = (
        connect(there, clock=clock, product=product, keys=keys, heard=heard)
        for product in (PAI_DLC, PAI_STUDIO)
    )
    studio.read("ListQuotas", "/api/v1/quotas/", {"WorkspaceIds": "1001", "ResourceType": "ECS"})
    assert of_jobs.heard.is_emulator
    assert of_jobs.heard.now is not None
