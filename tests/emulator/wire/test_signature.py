"""Only requests signed with a known key, as they came in, are answered."""

import http.client
import json
from dataclasses import replace

import pytest
from alibabacloud_pai_dlc20201203.models import GetJobRequest
from alibabacloud_tea_openapi.exceptions import ClientException
from hypothesis import given
from hypothesis import strategies as st

from dlcapply.emulator import KEY_ID, SECRET, Clock, Emulator, User
from dlcapply.emulator.answers import Refusal
from dlcapply.emulator.wire.received import Received
from dlcapply.emulator.wire.signature import authenticate, sign

EMPTY_HASH = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
USERS = {"key": User("secret", "1")}


def signed(path="/api/v1/jobs", query="a=1&b=x+y", names=("host", "x-acs-content-sha256"), **headers):
    headers = {"host": "127.0.0.1:1", "x-acs-content-sha256": EMPTY_HASH, **headers}
    received = Received("GET", path, query, headers, b"")
    signature = sign(received, list(names), "secret")
    value = f"ACS3-HMAC-SHA256 Credential=key,SignedHeaders={';'.join(names)},Signature={signature}"
    return replace(received, headers={**headers, "authorization": value})


def refused(received):
    with pytest.raises(Refusal) as error:
        authenticate(received, USERS)
    return error.value.status, error.value.code


def test_a_known_signature_names_the_user():
    assert authenticate(signed(), USERS) is USERS["key"]


@pytest.mark.parametrize(
    "change",
    [
        {"method": "POST"},
        {"path": "/api/v1/jobs/dlc1"},
        {"query": "a=1&b=x"},
    ],
)
def test_a_changed_request_is_refused(change):
    assert refused(replace(signed(), **change)) == (403, "SignatureDoesNotMatch")


@given(st.text("abc/%é\udcff", min_size=1))
def test_another_host_is_refused(host):
    received = signed()

    assert refused(replace(received, headers={**received.headers, "host": host})) == (
        403,
        "SignatureDoesNotMatch",
    )


def test_a_changed_body_is_refused():
    assert refused(replace(signed(), body=b"{}"))[0] == 400


def test_an_unsigned_security_token_is_refused():
    received = signed()
    token = {"x-acs-security-token": "t"}

    assert refused(replace(received, headers={**received.headers, **token})) == (403, "SignatureDoesNotMatch")


def test_a_wrong_secret_is_refused(emulator, connect, refusal):
    with pytest.raises(ClientException) as error:
        connect(emulator, secret="wrong").list()

    assert refusal(error) == (403, "SignatureDoesNotMatch")
    assert [(entry.operation, entry.user, entry.status) for entry in emulator.requests] == [
        ("ListJobs", "", 403)
    ]


def test_an_unknown_key_is_refused(emulator, connect, refusal):
    with pytest.raises(ClientException) as error:
        connect(emulator, key_id="nobody").list()

    assert refusal(error) == (403, "InvalidAccessKeyId.NotFound")


def test_a_security_token_is_accepted(emulator, connect):
    assert connect(emulator, security_token="token").list()["TotalCount"] == 0


def test_own_users_replace_the_default_ones(connect, refusal):
    with Emulator(clock=Clock.still(), users={"k": User("s", "7")}) as emulator:
        job_id = emulator.seed({"DisplayName": "a"})[0]

        assert connect(emulator, "k", "s").get(job_id)["UserId"] == "7"
        with pytest.raises(ClientException) as error:
            connect(emulator, KEY_ID, SECRET).list()
        assert refusal(error) == (403, "InvalidAccessKeyId.NotFound")


def test_a_request_without_authorization_is_refused(emulator):
    connection = http.client.HTTPConnection(emulator.endpoint)
    connection.request("GET", "/api/v1/jobs")
    answer = connection.getresponse()
    body = json.loads(answer.read())
    connection.close()

    assert (answer.status, body["Code"]) == (400, "IncompleteSignature")


@pytest.mark.parametrize("name", ["plain", "with space", "a/b", "ümlaut", "a+b&c=d", "~*'()"])
def test_the_sdk_and_the_check_agree_on_encodings(call, name):
    assert call.list(DisplayName=name, Tags=json.dumps({name: name}))["TotalCount"] == 0
    with pytest.raises(ClientException, match="is not found"):
        call.sdk.get_job(name, GetJobRequest())
