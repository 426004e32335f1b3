"""What a failed call says about its effect: the table, then the real SDK over HTTP."""

from __future__ import annotations

import json
import socket
import ssl

import pytest
from darabonba.exceptions import RetryError, UnretryableException
from darabonba.policy.retry import RetryPolicyContext
from darabonba.request import DaraRequest
from requests import Request
from requests.exceptions import ConnectionError as NoConnection
from requests.exceptions import SSLError as RequestsSSLError
from urllib3.exceptions import MaxRetryError, NameResolutionError, SSLError

from dlcapply.cloud.wire.failures import failure_kind, to_service_error
from dlcapply.emulator import Fault, FaultKind
from dlcapply.errors import FailureKind, ServiceError

REQUEST_ID = "473469C7-AA6F-4DC5-B3DB-A3DC0DE3C83E"


def error_json(code, message="because"):
    return json.dumps({"Code": code, "Message": message, "RequestId": REQUEST_ID})


def failure_of(connection, body=None):
    with pytest.raises(ServiceError) as failure:
        connection.write("CreateJob", "POST", "/api/v1/jobs", body or {"DisplayName": "x"})
    return failure.value


@pytest.mark.parametrize(
    ("status", "code", "retry_after", "verdict"),
    [
        (400, "InvalidParameter", 0, FailureKind.REFUSED),
        (400, "BadRequest", 0, FailureKind.REFUSED),
        (403, "NoPermission", 0, FailureKind.REFUSED),
        (404, "NotFound", 0, FailureKind.REFUSED),
        (409, "", 0, FailureKind.REFUSED),
        (429, "Throttling.User", 0, FailureKind.NOT_EXECUTED),
        (429, "", 0, FailureKind.NOT_EXECUTED),
        (400, "Throttling", 0, FailureKind.NOT_EXECUTED),
        (503, "Throttling.Api", 0, FailureKind.NOT_EXECUTED),
        (400, "ServiceBusy", 2.0, FailureKind.NOT_EXECUTED),
        (503, "ServiceUnavailable", 2.0, FailureKind.AMBIGUOUS),
        (500, "InternalError", 0, FailureKind.AMBIGUOUS),
        (503, "ServiceUnavailable", 0, FailureKind.AMBIGUOUS),
        (408, "RequestTimeout", 0, FailureKind.AMBIGUOUS),
        (400, "OperationTimeout", 0, FailureKind.AMBIGUOUS),
        (302, "", 0, FailureKind.AMBIGUOUS),
    ],
)
def test_only_a_clear_no_is_a_refusal(status, code, retry_after, verdict):
    assert failure_kind(status, code, retry_after=retry_after) is verdict


@pytest.mark.parametrize(
    ("fault", "verdict"),
    [
        (Fault("CreateJob", FaultKind.LOST), FailureKind.AMBIGUOUS),
        (Fault("CreateJob", FaultKind.LOST, effect=True), FailureKind.AMBIGUOUS),
        (Fault("CreateJob", FaultKind.THROTTLED), FailureKind.NOT_EXECUTED),
        (Fault("CreateJob", FaultKind.ERROR), FailureKind.AMBIGUOUS),
        (Fault("CreateJob", FaultKind.ERROR, effect=True), FailureKind.AMBIGUOUS),
        (Fault("CreateJob", FaultKind.HTML), FailureKind.AMBIGUOUS),
        (Fault("CreateJob", FaultKind.EMPTY, effect=True), FailureKind.AMBIGUOUS),
    ],
    ids=str,
)
def test_a_write_that_fails_is_sent_once_and_classified(emulator, connection, job_body, fault, verdict):
    emulator.fault(fault)
    assert failure_of(connection, job_body("x")).kind is verdict
    assert len(emulator.writes) == 1


def test_pai_s_words_reach_the_user(box, http, connected):
    server = box(http(400, error_json("InvalidParameter", "JobSpecs[0].Image\n is wrong")))
    failure = failure_of(connected(server.endpoint))
    assert failure.message == "CreateJob failed with 400: InvalidParameter: JobSpecs[0].Image is wrong"
    assert (failure.code, failure.status, failure.request_id) == ("InvalidParameter", 400, REQUEST_ID)


def test_keys_in_lower_case_are_understood(box, http, connected):
    body = json.dumps({"code": "NotFound", "message": "no such job", "requestId": "R"})
    failure = failure_of(connected(box(http(404, body)).endpoint))
    assert (failure.code, failure.request_id) == ("NotFound", "R")
    assert failure.message.endswith("NotFound: no such job")


def test_an_error_without_words_is_still_one_line(box, http, connected):
    failure = failure_of(connected(box(http(403, "{}")).endpoint))
    assert (failure.message, failure.code, failure.request_id) == ("CreateJob failed with 403", "", "")


def test_a_long_message_is_cut(box, http, connected):
    failure = failure_of(connected(box(http(400, error_json("BadRequest", "x" * 10_000))).endpoint))
    assert len(failure.message) < 500


def test_the_pause_of_a_throttled_call_is_in_seconds(box, http, connected):
    answer = http(429, error_json("Throttling.User"), x_acs_retry_after="1500")
    failure = failure_of(connected(box(answer).endpoint))
    assert (failure.kind, failure.retry_after) == (FailureKind.NOT_EXECUTED, 1.5)
    assert "--parallelism" in failure.hint


@pytest.mark.parametrize(
    ("code", "detail", "hint"),
    [
        ("NoPermission", None, "pai:CreateJob"),
        ("Forbidden.RAM", {"AuthAction": "paidlc:CreateJob"}, "RAM action paidlc:CreateJob,"),
        ("Forbidden.AccessDenied", "odd", "pai:CreateJob"),
        ("InvalidAccessKeyId.NotFound", None, "credentials"),
        ("InvalidParameter", None, ""),
    ],
)
def test_a_hint_says_the_way_out(box, http, connected, code, detail, hint):
    body = json.dumps({"Code": code, "Message": "m", "AccessDeniedDetail": detail})
    assert hint in failure_of(connected(box(http(403, body)).endpoint)).hint


def test_the_headers_that_a_signature_error_repeats_are_not_shown(box, http, connected):
    said = "canonical request: x-acs-security-token:CAIStoken"
    failure = failure_of(connected(box(http(403, error_json("SignatureDoesNotMatch", said))).endpoint))
    assert failure.message == "CreateJob failed with 403: SignatureDoesNotMatch"


def test_secrets_of_the_body_that_an_answer_repeats_are_masked(box, http, connected):
    body = {"Envs": {"WANDB_API_KEY": "hunter2-long", "SHORT": "hunter2"}}
    server = box(http(400, error_json("InvalidParameter", "bad value hunter2-long of Envs")))
    failure = failure_of(connected(server.endpoint), body)
    assert failure.message.endswith("bad value (masked) of Envs")
    assert failure.__cause__ is None
    assert failure.__suppress_context__


def test_no_text_of_an_answer_gives_a_secret_back(box, http, connected):
    secret = 'hunter2-"long"-\\'
    said = {"Code": f"X.{secret}", "Message": json.dumps(secret), "RequestId": secret, "HostId": secret}
    answer = {**said, "AccessDeniedDetail": {"AuthAction": secret}}
    server = box(http(403, json.dumps(answer)))
    failure = failure_of(connected(server.endpoint), {"Envs": {"DB_PASS": secret}})
    shown = f"{failure.message} {failure.code} {failure.request_id} {failure.hint}"
    assert "hunter2" not in shown
    assert failure.code == ""


def test_what_an_earlier_call_sent_is_hidden_too(box, http, connected):
    refusal = http(400, error_json("InvalidParameter", "bad value hunter2-long"))
    connection = connected(box(refusal).endpoint)
    failure_of(connection, {"Envs": {"DB_PASS": "hunter2-long"}})
    assert failure_of(connection).message.endswith("bad value (masked)")


def test_texts_of_an_answer_are_bounded_and_hold_no_control_characters(box, http, connected):
    said = {"Code": "C" * 9_999, "Message": "\x1b[31m" + "m" * 9_999, "RequestId": "r\n" * 9_999}
    failure = failure_of(connected(box(http(400, json.dumps(said))).endpoint))
    assert len(failure.message) < 600
    assert len(failure.code) + len(failure.request_id) < 210
    assert (failure.message + failure.code + failure.request_id).isprintable()


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (502, "<html>Bad Gateway secret</html>"),
        (404, "<html>secret</html>"),
        (200, "<html>secret</html>"),
        (200, ""),
        (500, '["secret"]'),
        (200, '["secret"]'),
        (204, ""),
    ],
)
def test_what_is_not_pai_s_json_proves_nothing(box, http, connected, status, body):
    failure = failure_of(connected(box(http(status, body)).endpoint))
    assert failure.kind is FailureKind.AMBIGUOUS
    assert "secret" not in failure.message


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{", b"what?\r\n\r\n"])
def test_a_broken_conversation_is_ambiguous(box, connected, answer):
    server = box(answer)
    failure = failure_of(connected(server.endpoint))
    assert failure.kind is FailureKind.AMBIGUOUS
    assert failure.message == f"CreateJob: the connection to {server.endpoint} broke before an answer came"


def test_a_reset_after_sending_is_ambiguous(box, connected):
    assert failure_of(connected(box(None, reset=True).endpoint)).kind is FailureKind.AMBIGUOUS


def test_an_answer_that_does_not_come_in_time_is_ambiguous(box, connected):
    failure = failure_of(connected(box(None).endpoint, read_timeout=150))
    assert failure.kind is FailureKind.AMBIGUOUS
    assert failure.message.endswith("did not answer in time")


def test_a_refused_connection_was_never_used(connected, closed_port):
    failure = failure_of(connected(closed_port))
    assert failure.kind is FailureKind.NOT_EXECUTED
    assert failure.message == f"CreateJob could not reach {closed_port}: no connection"
    assert "--endpoint" in failure.hint


def test_a_connection_not_made_in_time_was_never_used(connected):
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        address = listener.getsockname()
        # The backlog is full once nobody accepts; the kernel then drops what knocks.
        with socket.create_connection(address):
            failure = failure_of(connected(f"127.0.0.1:{address[1]}", connect_timeout=200))
    assert failure.kind is FailureKind.NOT_EXECUTED
    assert "no connection in time" in failure.message


def test_a_proxy_that_refuses_passed_nothing_on(connected, closed_port, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", f"http://{closed_port}")
    failure = failure_of(connected("pai-dlc.example"))
    assert failure.kind is FailureKind.NOT_EXECUTED
    assert "the proxy gave no connection" in failure.message


@pytest.mark.parametrize("status", [302, 307])
def test_a_refused_connection_behind_a_redirect_proves_nothing(box, http, connected, closed_port, status):
    server = box(http(status, Location=f"http://{closed_port}/api/v1/jobs"))
    assert failure_of(connected(server.endpoint)).kind is FailureKind.AMBIGUOUS


def test_what_the_caller_is_handling_says_nothing_about_this_call(box, connected, closed_port):
    refusing, breaking = connected(closed_port), connected(box(b"").endpoint)
    try:
        refusing.write("CreateJob", "POST", "/api/v1/jobs", {})
    except ServiceError:
        second = failure_of(breaking)
    assert second.kind is FailureKind.AMBIGUOUS


def test_a_body_that_json_can_not_hold_is_not_sent(emulator, connection):
    failure = failure_of(connection, {"DisplayName": object()})
    assert failure.kind is FailureKind.NOT_EXECUTED
    assert emulator.requests == ()


def raised(cause):
    """What the SDK makes of an exception of requests."""
    request = DaraRequest()
    request.method, request.pathname = "POST", "/api/v1/jobs"
    request.headers = {"host": "pai-dlc.example"}
    try:
        try:
            raise cause
        except OSError as error:
            raise RetryError(str(error))  # noqa: B904  as darabonba does
    except RetryError as error:
        return UnretryableException(
            RetryPolicyContext(retries_attempted=1, http_request=request, exception=error)
        )


@pytest.mark.parametrize(
    ("kind", "reason", "verdict", "words"),
    [
        (
            NoConnection,
            NameResolutionError("pai-dlc.example", None, socket.gaierror()),
            FailureKind.NOT_EXECUTED,
            "no such host name",
        ),
        (
            RequestsSSLError,
            SSLError(ssl.SSLCertVerificationError()),
            FailureKind.NOT_EXECUTED,
            "certificate is not trusted",
        ),
        (RequestsSSLError, SSLError(ssl.SSLEOFError()), FailureKind.AMBIGUOUS, "broke before an answer"),
    ],
)
def test_what_no_loopback_server_can_show(kind, reason, verdict, words):
    request = Request("POST", "https://pai-dlc.example/api/v1/jobs").prepare()
    cause = kind(MaxRetryError(None, "/api/v1/jobs", reason), request=request)
    failure = to_service_error(raised(cause), "CreateJob")
    assert failure.kind is verdict
    assert words in failure.message


def test_a_cause_without_details_is_ambiguous():
    assert to_service_error(raised(NoConnection()), "CreateJob").kind is FailureKind.AMBIGUOUS
