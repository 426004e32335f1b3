"""No answer leads elsewhere, and none is endless: the real SDK against what no service should send."""

from __future__ import annotations

import gzip
import json
import tracemalloc
import zlib
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_address
from itertools import pairwise
from socket import socket

import pytest
from alibabacloud_aiworkspace20210204.client import Client as Workspaces
from alibabacloud_aiworkspace20210204.models import GetWorkspaceRequest
from alibabacloud_tea_openapi.exceptions import ClientException
from alibabacloud_tea_openapi.utils_models import Config
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from darabonba.core import DaraCore
from requests import Session
from requests.adapters import HTTPAdapter
from Tea.core import TeaCore
from Tea.request import TeaRequest
from urllib3.connection import HTTPConnection

from dlcapply.cloud.wire.connection import TRIES, Connection, connect
from dlcapply.cloud.wire.pacing import LONGEST_PAUSE
from dlcapply.cloud.wire.products import AI_WORKSPACE, PAI_DLC
from dlcapply.cloud.wire.transport import USER_AGENT, bound_the_sdk
from dlcapply.errors import FailureKind, ServiceError
from dlcapply.http_bounds import LARGEST, UnusableError

JOBS = "/api/v1/jobs"
KEYS = {"access_key_id": "i", "access_key_secret": "s"}
SECRETS = {"Envs": {"WANDB_API_KEY": "hunter2-long"}}


def failure_of(connection, body=SECRETS):
    with pytest.raises(ServiceError) as failure:
        connection.write("CreateJob", "POST", JOBS, body)
    return failure.value


def raw(head, body=b""):
    """An answer whose head is as given."""
    return b"\r\n".join([b"HTTP/1.1 200 OK", *head, b"", b""]) + body


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 305, 307, 308, 399])
def test_a_redirect_is_not_followed_and_proves_nothing(box, http, connected, status):
    elsewhere = box(http(200, '{"JobId": "dlc1"}'))
    server = box(http(status, Location=f"http://{elsewhere.endpoint}{JOBS}?token=hunter2"))
    failure = failure_of(connected(server.endpoint))
    assert elsewhere.requests == []
    assert len(server.requests) == 1
    assert failure.kind is FailureKind.AMBIGUOUS
    assert failure.message == (
        f"CreateJob: {server.endpoint} answered with a redirect ({status} to http://{elsewhere.endpoint}),"
        " which dlcapply does not follow"
    )
    assert "--endpoint" in failure.hint


@pytest.mark.parametrize(
    ("location", "where"),
    [
        ("/api/v2/jobs?token=hunter2", " to another path"),
        ("jobs", " to another path"),
        ("https://user:hunter2@evil.example:8443/x#hunter2", " to https://evil.example:8443"),
        ("//evil.example/x", " to http://evil.example"),
        ("http://[", " to what is not an address"),
        ("http://x:99999/", " to what is not an address"),
        ("http://" + "x" * 5000, " to http://" + "x" * 100),
        ("mailto:hunter2", ""),
        ("", ""),
    ],
)
def test_a_redirect_is_told_without_what_it_carries(box, http, connected, location, where):
    failure = failure_of(connected(box(http(302, Location=location)).endpoint))
    assert f"redirect (302{where})," in failure.message
    assert "hunter2" not in failure.message


@pytest.mark.parametrize("product", [PAI_DLC, AI_WORKSPACE], ids=["pai-dlc", "aiworkspace"])
def test_a_read_that_is_led_elsewhere_fails_with_either_product(box, http, environment, clock, keys, product):
    elsewhere = box(http(200, '{"Jobs": [], "TotalCount": 0}'))
    server = box(http(307, Location=f"http://{elsewhere.endpoint}/"))
    there = replace(environment, endpoint=server.endpoint)
    with pytest.raises(ServiceError, match="redirect"):
        connect(there, clock=clock, keys=keys, product=product).read("List", "/")
    assert elsewhere.requests == []
    assert len(server.requests) == TRIES


def test_whatever_else_sends_through_the_sdk_is_bounded_too(box, http, connected):
    """The credential chain asks its sources by another core of the same make."""
    connected("127.0.0.1:1")
    elsewhere = box(http(200, "{}"))
    request = TeaRequest()
    request.headers["host"] = box(http(302, Location=f"http://{elsewhere.endpoint}/")).endpoint
    with pytest.raises(UnusableError, match="redirect"):
        TeaCore.do_action(request)
    assert elsewhere.requests == []


def test_a_source_of_credentials_may_say_no(box, http, connected):
    connected("127.0.0.1:1")
    request = TeaRequest()
    request.headers["host"] = box(http(404, "no role")).endpoint
    answer = TeaCore.do_action(request)
    assert (answer.status_code, answer.body) == (404, b"no role")


def test_sessions_that_were_open_before_are_bounded(box, http, clock):
    server = box(http(302, Location="http://evil.example/"))
    client = Workspaces(Config(**KEYS, endpoint=server.endpoint, protocol="http", user_agent=USER_AGENT))
    DaraCore._sessions = {f"http://{server.endpoint}:80:pool=40": Session()}
    connection = Connection(client, clock=clock)
    bound_the_sdk()
    assert "redirect" in failure_of(connection).message


def test_whoever_else_uses_the_sdk_in_this_process_has_it_as_it_is(box, http, connected):
    connected("127.0.0.1:1")
    server = box(http(403, '{"Code": "NoPermission", "Message": "no", "RequestId": "R"}'))
    theirs = Workspaces(Config(**KEYS, endpoint=server.endpoint, protocol="http"))
    with pytest.raises(ClientException, match="NoPermission"):
        theirs.get_workspace("1", GetWorkspaceRequest())


def test_an_sdk_that_sends_in_another_way_is_noticed(box, http, connected):
    """Its sessions are taken away after they were bounded, as if it kept them elsewhere."""
    server = box(http(200, '{"JobId": "dlc1"}'))
    connection = connected(server.endpoint)
    DaraCore._sessions = {}
    try:
        failure = failure_of(connection)
        refused = connected(box(http(400, '{"Code": "Throttling"}')).endpoint)
        DaraCore._sessions = {}
        error = failure_of(refused)
    finally:
        bound_the_sdk()
    assert (failure.code, failure.kind) == ("UnknownSdk", FailureKind.AMBIGUOUS)
    assert (error.code, error.kind) == ("UnknownSdk", FailureKind.AMBIGUOUS)
    assert "darabonba-core" in failure.hint


def test_an_answer_that_comes_byte_by_byte_has_the_time_of_one(box, http, connected):
    for answer in (http(200, '{"JobId": "dlc1"}' + " " * 5000), b"HTTP/1.1 200 OK\r\nX: " + b"x" * 5000):
        server = box(answer, drip=0.02)
        failure = failure_of(connected(server.endpoint, read_timeout=300))
        assert failure.message == f"CreateJob: {server.endpoint} did not answer in time"
        assert failure.kind is FailureKind.AMBIGUOUS


class Telling(socket):
    """Keeps how long each of its reads may take."""

    def __init__(self, other, waits):
        super().__init__(fileno=other.detach())
        self.waits = waits

    def recv_into(self, *args):
        self.waits.append(self.gettimeout())
        return super().recv_into(*args)


def test_each_read_has_the_time_that_is_left_of_the_answers(box, http):
    waits = []

    class Connected(HTTPConnection):
        def connect(self):
            super().connect()
            wait = self.sock.gettimeout()
            self.sock = Telling(self.sock, waits)
            self.sock.settimeout(wait)

    class Adapter(HTTPAdapter):
        def get_connection_with_tls_context(self, *args, **options):
            pool = super().get_connection_with_tls_context(*args, **options)
            if not issubclass(pool.ConnectionCls, Connected):
                pool.ConnectionCls = Connected
            return pool

    session = Session()
    session.mount("http://", Adapter())
    server = box(http(200, '{"JobId": "dlc1"}' + " " * 100_000))
    bound_the_sdk()
    DaraCore._sessions[server.endpoint] = session
    answer = session.get(f"http://{server.endpoint}", headers={"User-Agent": USER_AGENT}, timeout=300)
    assert len(answer.content) > 100_000
    assert len(waits) > 1
    assert all(later < earlier for earlier, later in pairwise([300, *waits]))


def test_promises_to_go_on_are_no_answer(box, connected):
    failure = failure_of(
        connected(box(b"HTTP/1.1 100 Continue\r\n\r\n" * 5000, drip=0.001).endpoint, read_timeout=300)
    )
    assert failure.message.endswith("did not answer in time")


@pytest.mark.parametrize(
    "head",
    [[b"Connection: close"], [b"Content-Length: 999999999999"], [b"Transfer-Encoding: chunked"]],
    ids=["to the end", "by length", "in chunks"],
)
def test_an_answer_without_end_is_left(connected, endless, head):
    server = endless(
        raw(head), b"%x\r\n%s\r\n" % (65536, b"x" * 65536) if b"chunked" in head[0] else b"x" * 65536
    )
    failure = failure_of(connected(server.endpoint))
    assert failure.message == f"CreateJob: {server.endpoint} gave an answer of more than 16 MiB"
    assert server.sent < LARGEST + 24 * 1024**2


def test_marks_of_chunks_count_too(connected, endless):
    server = endless(raw([b"Transfer-Encoding: chunked"]), b"1;" + b"x" * 65536)
    assert failure_of(connected(server.endpoint)).kind is FailureKind.AMBIGUOUS
    assert server.sent < LARGEST + 24 * 1024**2


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "deflate", " GZip "])
def test_a_compressed_answer_is_read(box, connected, coding):
    text = json.dumps({"Jobs": [], "TotalCount": 0}).encode()
    packed = zlib.compress(text) if coding == "deflate" else gzip.compress(text, mtime=0)
    head = [b"Content-Encoding: " + coding.encode(), b"Content-Length: %d" % len(packed)]
    connection = connected(box(raw(head, packed)).endpoint)
    assert connection.read("ListJobs", JOBS) == {"Jobs": [], "TotalCount": 0}


def test_a_small_answer_that_grows_is_left_before_it_has_grown(box, connected):
    packed = _bomb()
    head = [b"Content-Encoding: gzip", b"Content-Length: %d" % len(packed)]
    connection = connected(box(raw(head, packed)).endpoint)
    tracemalloc.start()
    try:
        failure = failure_of(connection)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert "more than 16 MiB" in failure.message
    assert peak < 4 * LARGEST


def _bomb():
    packing = zlib.compressobj(9, zlib.DEFLATED, 31)
    piece = b" " * 1024**2
    return b"".join(packing.compress(piece) for _ in range(256)) + packing.flush()


@pytest.mark.parametrize(
    ("coding", "packed"),
    [
        ("gzip", b"no gzip at all"),
        ("gzip", gzip.compress(b"{}", mtime=0)[:-4]),
        ("gzip", gzip.compress(b"{}", mtime=0) * 2),
        ("gzip, gzip", gzip.compress(gzip.compress(b"{}", mtime=0), mtime=0)),
        ("br", b"{}"),
        ("zstd", b"{}"),
    ],
)
def test_what_can_not_be_unpacked_is_no_answer(box, connected, coding, packed):
    head = [b"Content-Encoding: " + coding.encode(), b"Content-Length: %d" % len(packed)]
    failure = failure_of(connected(box(raw(head, packed)).endpoint))
    assert failure.kind is FailureKind.AMBIGUOUS
    assert "decompressed" in failure.message or "encoding" in failure.message


@pytest.mark.parametrize("status", [101, 199, 600, 799])
def test_a_status_that_means_nothing_is_no_answer(box, http, connected, status):
    failure = failure_of(connected(box(http(status, '{"JobId": "dlc1"}')).endpoint))
    assert failure.kind is FailureKind.AMBIGUOUS
    assert f"status {status}" in failure.message


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"a":' * 100_000,
        '{"JobId": "dlc1", "JobId": "dlc2"}',
        '{"JobId": "dlc1"} {}',
        '"dlc1"',
        "null",
        "7",
    ],
)
def test_what_is_not_json_in_one_sense_is_no_answer(box, http, connected, text):
    failure = failure_of(connected(box(http(200, text, x_acs_request_id="R1")).endpoint))
    assert (failure.kind, failure.request_id) == (FailureKind.AMBIGUOUS, "R1")
    assert "is not JSON" in failure.message or "is not a JSON object" in failure.message


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ('"Code": "InternalError", "Success": false', "says that it failed: InternalError"),
        ('"code": "ServiceUnavailable"', "says that it failed: ServiceUnavailable"),
        ('"Code": "no\\u001b[31m code"', "says that it failed"),
        ('"Code": 500', "says that it failed"),
        ('"HttpStatusCode": 503', "says that it failed"),
        ('"httpStatusCode": "502"', "says that it failed"),
        ('"success": false', "says that it failed"),
    ],
)
def test_a_failure_told_in_an_answer_of_200_is_no_answer(box, http, connected, told, words):
    """Beside it stands what would be an empty workspace."""
    answer = http(200, f'{{"Jobs": [], "TotalCount": 0, "RequestId": "R1", {told}}}')
    failure = failure_of(connected(box(answer).endpoint))
    assert failure.message == f"CreateJob: PAI's answer {words}"
    assert (failure.kind, failure.request_id) == (FailureKind.AMBIGUOUS, "R1")


@pytest.mark.parametrize(
    "told",
    [
        '"Code": "OK", "HttpStatusCode": 200, "Success": true',
        '"code": "Success", "success": true, "httpStatusCode": "200"',
        '"Code": "", "Success": null, "HttpStatusCode": null',
        '"Code": [], "code": 0, "Success": "", "HttpStatusCode": {}',
    ],
)
def test_a_success_told_in_an_answer_of_200_is_one(box, http, connected, told):
    answer = http(200, f'{{"Jobs": [], "TotalCount": 0, {told}}}')
    assert connected(box(answer).endpoint).read("ListJobs", JOBS)["TotalCount"] == 0


def test_short_values_in_great_number_are_no_answer(box, http, connected):
    text = '{"Jobs": [' + "[]," * 1_500_000 + "[]]}"
    failure = failure_of(connected(box(http(200, text)).endpoint))
    assert failure.message == "CreateJob: PAI's answer has more values than any page of jobs"


def test_bytes_that_are_no_text_are_no_answer(box, connected):
    failure = failure_of(connected(box(raw([b"Connection: close"], b'{"JobId": "\xff"}')).endpoint))
    assert "is not JSON" in failure.message


def test_what_can_not_be_reckoned_with_is_passed_over_where_nothing_needs_it(box, http, connected):
    text = '{"Jobs": [], "TotalCount": 0, "Odd": [%s, 1e999, NaN, Infinity, -Infinity]}' % ("9" * 5000)
    answer = connected(box(http(200, text)).endpoint).read("ListJobs", JOBS)
    assert answer["Odd"] == [float("inf")] * 5


@pytest.mark.parametrize(
    ("named", "seconds"),
    [
        ("1500", 1.5),
        ("0", 0),
        ("-5", 0),
        ("soon", 0),
        ("NaN", 0),
        ("1e9", 0),
        ("", 0),
        ("9" * 30, 0),
        ("99999999999", LONGEST_PAUSE),
    ],
)
def test_a_pause_is_a_number_of_milliseconds_within_reason(box, http, connected, named, seconds):
    answer = http(429, '{"Code": "Throttling.User"}', x_acs_retry_after=named)
    assert failure_of(connected(box(answer).endpoint)).retry_after == seconds


@pytest.mark.parametrize(
    "odd", [None, True, 7, 1.5, "", [], ["a"], {}, {"": 1}, "\x1b[31m", "\ud800", "x" * 10_000]
)
@pytest.mark.parametrize("key", ["Code", "Message", "RequestId", "AccessDeniedDetail"])
def test_an_error_may_hold_anything(box, http, connected, key, odd):
    body = {
        "Code": "NoPermission",
        "Message": "because",
        "RequestId": "R",
        "AccessDeniedDetail": {},
        key: odd,
    }
    failure = failure_of(connected(box(http(403, json.dumps(body))).endpoint))
    assert (failure.kind, failure.status) == (FailureKind.REFUSED, 403)
    assert failure.code == ("NoPermission" if key != "Code" else "")
    assert failure.request_id == ("R" if key != "RequestId" else "")
    assert len(failure.message) < 500


@pytest.mark.parametrize(
    "detail", [{"AuthAction": odd} for odd in (7, [], "a b", "x:" + "y" * 1000, "pai:\x1b")]
)
def test_an_action_that_is_none_is_not_named(box, http, connected, detail):
    body = {"Code": "NoPermission", "AccessDeniedDetail": detail}
    assert "pai:CreateJob (or" in failure_of(connected(box(http(403, json.dumps(body))).endpoint)).hint


def test_an_error_in_xml_is_not_opened(box, http, connected):
    """The SDK would, with entities and all."""
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]><Error><Code>&a;</Code></Error>'
    failure = failure_of(connected(box(http(400, bomb, Content_Type="text/xml;charset=utf-8")).endpoint))
    assert failure.kind is FailureKind.AMBIGUOUS
    assert failure.message.endswith("an answer that is not PAI's JSON (400)")


def test_a_proxy_goes_on_working(box, http, connected, monkeypatch):
    proxy = box(http(200, '{"JobId": "dlc1"}'))
    monkeypatch.setenv("HTTP_PROXY", f"http://{proxy.endpoint}")
    connection = connected("pai-dlc.example")
    assert connection.write("CreateJob", "POST", JOBS, {}) == {"JobId": "dlc1"}
    assert proxy.requests[0].startswith(f"POST http://pai-dlc.example{JOBS} ")


def test_a_proxy_leads_nowhere_else_either(box, http, connected, monkeypatch):
    proxy = box(http(302, Location="http://login.example/?token=hunter2"))
    monkeypatch.setenv("HTTP_PROXY", f"http://{proxy.endpoint}")
    failure = failure_of(connected("pai-dlc.example"))
    assert "(302 to http://login.example)" in failure.message
    assert len(proxy.requests) == 1


def test_connections_are_kept_between_answers(emulator, connection):
    for _ in range(3):
        connection.read("ListJobs", JOBS, {"WorkspaceId": "1001"})
    (session,) = (one for key, one in DaraCore._sessions.items() if emulator.endpoint in key)
    pools = session.get_adapter(f"http://{emulator.endpoint}")._adapter.poolmanager.pools
    (pool,) = (pools[key] for key in pools.keys())  # noqa: SIM118  it is no mapping
    assert (pool.num_connections, pool.num_requests) == (1, 3)


@pytest.fixture
def tls(tmp_path):
    """A certificate for loopback and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    day = datetime(2020, 1, 1, tzinfo=UTC)
    signed = (
        x509.CertificateBuilder(
            name, name, key.public_key(), x509.random_serial_number(), day, day.replace(2090)
        )
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file = tmp_path / "tls.pem"
    file.write_bytes(private + signed.public_bytes(Encoding.PEM))
    return file


def secured(server, tls, clock, *, trusted=True, read_timeout=5000):
    config = Config(
        **KEYS,
        ca=str(tls) if trusted else None,
        endpoint=server.endpoint,
        protocol="https",
        user_agent=USER_AGENT,
        read_timeout=read_timeout,
    )
    return Connection(PAI_DLC.load_client()(config), clock=clock)


def test_tls_is_checked_as_before(box, http, tls, clock):
    server = box(http(200, '{"JobId": "dlc1"}'), tls=tls)
    assert secured(server, tls, clock).write("CreateJob", "POST", JOBS, {}) == {"JobId": "dlc1"}
    stranger = box(http(200, '{"JobId": "dlc1"}'), tls=tls)
    failure = failure_of(secured(stranger, tls, clock, trusted=False))
    assert (failure.kind, stranger.requests) == (FailureKind.NOT_EXECUTED, [])
    assert "certificate is not trusted" in failure.message


def test_tls_is_bounded_too(box, http, tls, clock):
    led = box(http(302, Location="http://evil.example/"), tls=tls)
    assert "redirect (302 to http://evil.example)" in failure_of(secured(led, tls, clock)).message
    slow = box(http(200, " " * 5000), drip=0.02, tls=tls)
    failure = failure_of(secured(slow, tls, clock, read_timeout=300))
    assert failure.message.endswith("did not answer in time")
