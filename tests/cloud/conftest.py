"""A clock that only moves when somebody sleeps, a service in a box, and servers that answer bytes."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from alibabacloud_pai_dlc20201203.client import Client
from alibabacloud_tea_openapi.utils_models import Config

from dlcapply.cloud.connection import Connection, connect
from dlcapply.cloud.jobs import JobService
from dlcapply.cloud.session import StaticKeys
from dlcapply.emulator import KEY_ID, SECRET, Emulator, Switches
from dlcapply.model import Environment

WORKSPACE = "1001"


class StillClock:
    def __init__(self):
        self.time = datetime(2026, 11, 1, tzinfo=UTC)
        self.sleeps = []

    def now(self):
        return self.time

    def monotonic(self):
        return self.time.timestamp()

    def sleep(self, seconds):
        self.sleeps.append(seconds)
        self.time += timedelta(seconds=seconds)


class WokenClock:
    """The machine's clock after an interrupt: its sleeps end at once."""

    def now(self):
        return datetime.now(UTC)

    def monotonic(self):
        return time.monotonic()

    def sleep(self, seconds):
        pass


@pytest.fixture
def woken_clock():
    return WokenClock()


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def clock():
    return StillClock()


@pytest.fixture
def emulator():
    with Emulator(switches=Switches(check_references=False)) as running:
        yield running
        assert running.unknown_routes == ()


@pytest.fixture
def keys():
    return StaticKeys(KEY_ID, SECRET)


@pytest.fixture
def environment():
    return Environment("local", "cn-hangzhou", WORKSPACE, "vision/local")


@pytest.fixture
def connection(emulator, environment, clock, keys):
    return connect(replace(environment, endpoint=emulator.endpoint), clock=clock, keys=keys)


@pytest.fixture
def service(connection):
    return JobService(connection, workspace_id=WORKSPACE)


@pytest.fixture
def job_body():
    def make(name, **keys):
        return {
            "DisplayName": name,
            "WorkspaceId": WORKSPACE,
            "JobType": "PyTorchJob",
            "UserCommand": "python train.py",
            "JobSpecs": [{"Type": "Worker", "PodCount": 1, "EcsSpec": "ecs.g6.large", "Image": "i"}],
            **keys,
        }

    return make


@pytest.fixture
def connected(clock):
    """A connection without retries' jitter to any endpoint, with small time-outs."""

    def to(endpoint, *, read_timeout=5000, connect_timeout=5000):
        config = Config(
            access_key_id="id",
            access_key_secret="secret",
            endpoint=endpoint,
            protocol="http",
            read_timeout=read_timeout,
            connect_timeout=connect_timeout,
        )
        return Connection(Client(config), clock=clock, jitter=lambda: 1.0)

    return to


class Box:
    """Answers each connection with the same bytes, and keeps what was asked.

    None instead of bytes is silence, until the box is closed; `reset` breaks the connection.
    """

    def __init__(self, answer, *, reset=False):
        self.answer = answer
        self.reset = reset
        self.requests = []
        self._over = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.endpoint = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self):
        while True:
            conversation, _ = self._listener.accept()
            with conversation:
                if self._over.is_set():
                    return
                self._converse(conversation)

    def _converse(self, conversation):
        self.requests.append(_whole_request(conversation))
        if self.reset:
            conversation.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif self.answer is None:
            self._over.wait(10)
        else:
            conversation.sendall(self.answer)

    def close(self):
        self._over.set()
        host, port = self.endpoint.split(":")
        with contextlib.suppress(OSError), socket.create_connection((host, int(port))):
            pass
        self._thread.join()
        self._listener.close()


def _whole_request(conversation):
    received = b""
    while b"\r\n\r\n" not in received:
        received += conversation.recv(65536)
    head, _, body = received.partition(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            while len(body) < int(line.split(b":")[1]):
                body += conversation.recv(65536)
    return (head + b"\r\n\r\n" + body).decode()


@pytest.fixture
def box():
    with contextlib.ExitStack() as boxes:

        def make(answer, *, reset=False):
            made = Box(answer, reset=reset)
            boxes.callback(made.close)
            return made

        yield make


@pytest.fixture
def http():
    """An HTTP answer as bytes."""

    def make(status, body="", **headers):
        lines = [f"HTTP/1.1 {status} Any", f"Content-Length: {len(body.encode())}", "Connection: close"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        return "\r\n".join([*lines, "", body]).encode()

    return make


@pytest.fixture
def closed_port():
    """An address that refuses connections."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    return f"127.0.0.1:{port}"
