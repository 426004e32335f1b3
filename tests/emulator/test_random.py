"""Whatever is asked, the emulator answers, and never with an error of its own."""

import hashlib
import http.client
import json
import re
import socket
from datetime import UTC, datetime
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dlcapply.emulator import KEY_ID, SECRET, Clock, Emulator, Switches
from dlcapply.emulator.jobs.body_schema import ANY, BODY, CHOICES
from dlcapply.emulator.wire.received import Received
from dlcapply.emulator.wire.routing import OPERATIONS
from dlcapply.emulator.wire.signature import sign

SPEC = {"Type": "Worker", "PodCount": 1, "Image": "a", "EcsSpec": "ecs.g6.large"}
TEXTS = st.sampled_from(
    ["", "a", "1", "-1", "0", "10", "True", "9" * 30, "{}", "[]", "null", "'; DROP TABLE jobs; --", "%", "é☃"]
) | st.text(max_size=8)
JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | TEXTS
    | st.sampled_from([10**400, 2**63, -1, float("inf"), "\ud800"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


def values(shape, path=""):
    """Values of a shape, now and then junk."""
    match shape:
        case dict():
            keys = {
                key: values(inner, f"{path}.{key}".lstrip(".")) for key, inner in shape.items() if key != "*"
            }
            return st.fixed_dictionaries({}, optional=keys) if keys else st.dictionaries(TEXTS, TEXTS)
        case list():
            return st.lists(values(shape[0], path), max_size=2)
        case _:
            return leaf(shape, path)


def leaf(shape, path):
    if path in CHOICES:
        return st.sampled_from(sorted(CHOICES[path]))
    by_type = {str: TEXTS, int: st.integers(-1, 20), float: st.floats(0, 2), bool: st.booleans(), ANY: JUNK}
    return by_type[shape]


BODIES = st.builds(
    lambda base, body, junk: {**base, **body, **junk},
    st.sampled_from(
        [{}, {"DisplayName": "a", "JobType": "PyTorchJob", "UserCommand": "exit 1", "JobSpecs": [SPEC]}]
    ),
    values({key: BODY[key] for key in BODY if key != "JobSpecs"}),
    st.dictionaries(st.sampled_from([*BODY, "Odd"]), JUNK, max_size=2),
)
SPECS = st.lists(values(BODY["JobSpecs"][0]), max_size=2)
OTHER_BODIES = st.dictionaries(
    st.sampled_from(
        [
            "TemplateName",
            "WorkspaceId",
            "Content",
            "Constraints",
            "Metadata",
            "Version",
            "SetAsDefault",
            "ResourceType",
            "ResourceId",
            "Tag",
            "Signal",
            "Target",
            "Priority",
            "Description",
            "JobSpecs",
            "UserCommand",
        ]
    ),
    JUNK | st.just("Job") | st.just("1001") | st.just('{"A": 1}') | st.just({"$.A[0].B": "locked"}),
    max_size=4,
)


@pytest.fixture(scope="module")
def emulator():
    with Emulator(clock=Clock.still(), switches=Switches(check_references=False)) as emulator:
        emulator.seed({"JobId": "dlcknown", "DisplayName": "known"})
        emulator.turn(3)
        yield emulator


def send(emulator, method, path, query="", body=b""):
    """Status and JSON of the answer to a signed request; the SDK could not send all that is sent here."""
    headers = {
        "host": emulator.endpoint,
        "x-acs-content-sha256": hashlib.sha256(body).hexdigest(),
        "x-acs-date": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "x-acs-signature-nonce": str(uuid4()),
    }
    signature = sign(Received(method, path, query, headers, body), list(headers), SECRET)
    names = ";".join(headers)
    headers["authorization"] = (
        f"ACS3-HMAC-SHA256 Credential={KEY_ID},SignedHeaders={names},Signature={signature}"
    )
    connection = http.client.HTTPConnection(emulator.endpoint, timeout=10)
    try:
        connection.request(method, f"{path}?{query}" if query else path, body=body, headers=headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read(), parse_constant=pytest.fail)
    finally:
        connection.close()


def check(emulator, method, path, query="", body=None):
    """The request was answered or refused, and the service still works."""
    text = b"" if body is None else json.dumps(body).encode()
    status, answer = send(emulator, method, path, query, text)
    assert status in {200, 400, 403, 404, 501}, answer
    status, listed = send(emulator, "GET", "/api/v1/jobs", "JobIds=dlcknown&ShowOwn=false")
    assert (status, listed["TotalCount"]) == (200, 1)
    assert send(emulator, "GET", "/api/v1/jobs/dlcknown")[0] == 200


# A whole body is much to make at once, the first time above all.
@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(body=BODIES, specs=st.none() | SPECS)
def test_any_body_of_a_job(emulator, body, specs):
    whole = {**body, **({} if specs is None else {"JobSpecs": specs})}
    check(emulator, "POST", "/api/v1/jobs", body=whole)
    check(emulator, "PUT", "/api/v1/jobs/dlcknown", body=whole)


@given(
    route=st.sampled_from(sorted(OPERATIONS)),
    parts=st.lists(
        st.sampled_from(["dlcknown", "dlcknown-master-0", "%00", "..", "%2e%2e%2f", "%ff", "a%20b"]),
        min_size=2,
        max_size=2,
    ),
    body=OTHER_BODIES | JUNK,
    data=st.data(),
)
def test_any_operation(emulator, route, parts, body, data):
    method, path = route
    for part in parts:
        path = re.sub(r"\{\w+\}", part, path, count=1)
    if (method, path) in {("POST", "/api/v1/jobs/dlcknown/stop"), ("DELETE", "/api/v1/jobs/dlcknown")}:
        return  # the known job must live on
    names = sorted(OPERATIONS[route].parameters)
    query = data.draw(st.dictionaries(st.sampled_from(names), TEXTS, max_size=3)) if names else {}
    check(emulator, method, path, urlencode(query), body if method in {"POST", "PUT"} else None)


@given(
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD"]),
    path=st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=30),
    headers=st.dictionaries(
        st.sampled_from(
            ["Authorization", "x-acs-date", "x-acs-version", "Content-Type", "x-acs-content-sha256"]
        ),
        st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30)
        | st.just("ACS3-HMAC-SHA256 Credential=dlcapply-emulator,SignedHeaders=host,Signature=00"),
    ),
    body=st.binary(max_size=40),
)
def test_requests_that_nobody_signed(emulator, method, path, headers, body):
    connection = http.client.HTTPConnection(emulator.endpoint, timeout=10)
    try:
        connection.request(method, f"/api/v1/jobs{path}", body=body, headers=headers)
        answer = connection.getresponse()
        text = answer.read()
    finally:
        connection.close()

    assert 400 <= answer.status < 500 or answer.status == 501
    assert method == "HEAD" or json.loads(text)["Code"] or answer.status == 400


@given(data=st.binary(max_size=60) | st.binary(max_size=20).map(lambda tail: b"GET /api/v1/jobs" + tail))
def test_bytes_that_are_no_request(emulator, data):
    host, port = emulator.endpoint.split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(data + b"\r\n\r\n")
        connection.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))

    assert not answer or answer.split()[1][:1] == b"4" or answer.split()[1] == b"501"
