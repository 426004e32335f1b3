"""The chain in a process of its own, since the SDK reads the environment when it is imported."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from dlcapply.cloud.wire.credentials import resolved
from dlcapply.emulator import KEY_ID, SECRET
from dlcapply.errors import CredentialsError

PROGRAM = """
import sys
import time
from datetime import UTC, datetime
from dlcapply.cloud.wire.connection import connect
from dlcapply.errors import DlcapplyError
from dlcapply.model.jobs import Environment

class Clock:
    def now(self):
        return datetime.now(UTC)
    def monotonic(self):
        return time.monotonic()
    def sleep(self, seconds):
        raise AssertionError("nothing to wait for")

try:
    connection = connect(Environment("e", "cn-hangzhou", "1001", "", endpoint=sys.argv[1]), clock=Clock())
    print(connection.read("ListJobs", "/api/v1/jobs", {"WorkspaceId": "1001"})["TotalCount"])
except DlcapplyError as error:
    print(type(error).__name__, error.message, "|", error.hint)
    sys.exit(1)
"""


def run(endpoint, home, **environment):
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, endpoint],
        env={"HOME": str(home), **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@contextmanager
def served(handler):
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def metadata(answers):
    """A proxy through which the metadata service of ECS, or anything else, seems to be there."""

    class Answers(BaseHTTPRequestHandler):
        def answer(self):
            path = self.path.partition("//")[2].partition("/")[2] or self.path.lstrip("/")
            found = answers.get(path)
            self.send_response(200 if found else 404)
            self.end_headers()
            self.wfile.write((found or "secret").encode())

        do_GET = do_PUT = answer  # noqa: N815  the names that http.server calls

        def log_message(self, *_):
            pass

    return served(Answers)


def leading_to(url):
    """A source that sends whoever asks to another address."""

    class Redirect(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(302)
            self.send_header("Location", url)
            self.end_headers()

        def log_message(self, *_):
            pass

    return served(Redirect)


def session_credentials():
    return json.dumps(
        {
            "Code": "Success",
            "AccessKeyId": KEY_ID,
            "AccessKeySecret": SECRET,
            "SecurityToken": "sts-token",
            "Expiration": "2099-01-01T00:00:00Z",
        }
    )


def test_without_credentials_one_line_says_how_to_give_them(closed_port, tmp_path):
    result = run(closed_port, tmp_path, HTTP_PROXY=f"http://{closed_port}", DEBUG="sdk")
    assert result.returncode == 1
    assert result.stderr == ""
    assert result.stdout.startswith("CredentialsError no Alibaba Cloud credentials found | ")
    assert "ALIBABA_CLOUD_ACCESS_KEY_ID" in result.stdout
    assert result.stdout.count("\n") == 1


def test_what_a_failing_source_answers_is_not_shown(closed_port, tmp_path):
    with metadata({}) as url:
        result = run(
            closed_port,
            tmp_path,
            ALIBABA_CLOUD_ECS_METADATA_DISABLED="true",
            ALIBABA_CLOUD_CREDENTIALS_URI=f"{url}/credentials",
        )
    assert result.stdout.startswith("CredentialsError no Alibaba Cloud credentials found | ")
    assert "secret" not in result.stdout.lower().replace("access_key_secret", "") + result.stderr


def test_keys_of_the_environment_sign(emulator, tmp_path):
    result = run(
        emulator.endpoint,
        tmp_path,
        ALIBABA_CLOUD_ACCESS_KEY_ID=KEY_ID,
        ALIBABA_CLOUD_ACCESS_KEY_SECRET=SECRET,
        DEBUG="sdk",
    )
    assert (result.stdout, result.stderr) == ("0\n", "")


def test_a_profile_of_the_aliyun_command_signs(emulator, tmp_path):
    profile = {"name": "p", "mode": "AK", "access_key_id": KEY_ID, "access_key_secret": SECRET}
    folder = tmp_path / ".aliyun"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({"current": "p", "profiles": [profile]}))
    result = run(emulator.endpoint, tmp_path)
    assert (result.stdout, result.stderr) == ("0\n", "")


def test_the_role_of_an_ecs_instance_signs(emulator, tmp_path):
    answers = {
        "latest/api/token": "metadata-token",
        "latest/meta-data/ram/security-credentials/": "Trainer",
        "latest/meta-data/ram/security-credentials/Trainer": session_credentials(),
    }
    with metadata(answers) as url:
        result = run(emulator.endpoint, tmp_path, HTTP_PROXY=url)
    assert (result.stdout, result.stderr) == ("0\n", "")
    assert emulator.requests[-1].status == 200


def test_the_credentials_of_a_dsw_pod_sign(emulator, tmp_path):
    with metadata({"api/v1/credentials/0": session_credentials()}) as url:
        result = run(
            emulator.endpoint,
            tmp_path,
            ALIBABA_CLOUD_ECS_METADATA_DISABLED="true",
            ALIBABA_CLOUD_CREDENTIALS_URI=f"{url}/api/v1/credentials/0",
        )
    assert (result.stdout, result.stderr) == ("0\n", "")


def test_credentials_are_not_taken_from_where_a_source_leads(emulator, tmp_path):
    with metadata({"stolen": session_credentials()}) as url, leading_to(f"{url}/stolen") as source:
        result = run(
            emulator.endpoint,
            tmp_path,
            ALIBABA_CLOUD_ECS_METADATA_DISABLED="true",
            ALIBABA_CLOUD_CREDENTIALS_URI=f"{source}/credentials",
        )
    assert result.stdout.startswith("CredentialsError no Alibaba Cloud credentials found | ")
    assert emulator.requests == ()


def test_a_source_that_answers_for_ever_is_left(box, http, tmp_path):
    source = box(http(200, " " * 100_000), drip=0.05)
    result = run("127.0.0.1:1", tmp_path, HTTP_PROXY=f"http://{source.endpoint}")
    assert result.stdout.startswith("CredentialsError no Alibaba Cloud credentials found | ")


class Chain:
    """A credential client that does what it was given when it is asked for credentials."""

    def __init__(self, get_credential):
        self.get_credential = get_credential


def test_a_chain_that_hangs_is_given_up():
    over = threading.Event()
    try:
        with pytest.raises(CredentialsError, match=r"within 0\.05 seconds"):
            resolved(lambda: Chain(over.wait), seconds=0.05)
        (left,) = (thread for thread in threading.enumerate() if thread.name == "credentials")
        assert left.daemon
    finally:
        over.set()


def test_the_chain_that_gave_credentials_is_kept():
    chain = Chain(lambda: "credentials")
    assert resolved(lambda: chain, seconds=5) is chain


def test_the_text_of_a_failure_does_not_pass():
    def fail():
        raise RuntimeError("AccessKeySecret=hunter2")

    with pytest.raises(CredentialsError) as failure:
        resolved(lambda: Chain(fail), seconds=5)
    assert "hunter2" not in repr(failure.value)
    assert failure.value.__context__ is None
