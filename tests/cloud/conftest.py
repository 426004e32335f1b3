"""A clock that only moves when somebody sleeps, a service in a box, and servers that answer bytes."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from alibabacloud_pai_dlc20201203.client import Client
from alibabacloud_tea_openapi.utils_models import Config

from dlcapply.cloud.jobs import JobService
from dlcapply.cloud.wire.connection import Connection, connect
from dlcapply.cloud.wire.session import StaticKeys
from dlcapply.cloud.wire.transport import USER_AGENT
from dlcapply.emulator import KEY_ID, SECRET, Emulator, Switches
from dlcapply.model.jobs import Environment

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
            user_agent=USER_AGENT,
            read_timeout=read_timeout,
            connect_timeout=connect_timeout,
        )
        return Connection(Client(config), clock=clock, jitter=lambda: 1.0)

    return to


class Box:
    """Answers each connection with the same bytes, and keeps what was asked.

    None instead of bytes is silence, until the box is closed; `reset` breaks the connection. With `drip` the
    answer comes byte by byte, so many seconds apart; `tls` is a file with a key and its certificate.
    """

    def __init__(self, answer, *, reset=False, drip=0.0, tls=None):
        self.tls = tls
        self.answer = answer
        self.reset = reset
        self.drip = drip
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
                if self.tls is None:
                    self._converse(conversation)
                else:
                    self._converse_in_secret(conversation)

    def _converse_in_secret(self, conversation):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.tls)
        with (
            contextlib.suppress(ssl.SSLError),  # who asked does not trust it
            context.wrap_socket(conversation, server_side=True) as secured,
        ):
            self._converse(secured)

    def _converse(self, conversation):
        self.requests.append(_whole_request(conversation))
        if self.reset:
            conversation.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif self.answer is None:
            self._over.wait(10)
        elif self.drip:
            self._trickle(conversation)
        else:
            with contextlib.suppress(ConnectionError):  # who asked has heard enough
                conversation.sendall(self.answer)

    def _trickle(self, conversation):
        with contextlib.suppress(ConnectionError):
            for number in range(len(self.answer)):
                conversation.sendall(self.answer[number : number + 1])
                if self._over.wait(self.drip):
                    return

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

        def make(answer, **ways):
            made = Box(answer, **ways)
            boxes.callback(made.close)
            return made

        yield make


class Endless(Box):
    """Sends a piece again and again, until nobody listens."""

    def __init__(self, start, piece):
        self.sent = 0
        self.piece = piece
        super().__init__(start)

    def _converse(self, conversation):
        self.requests.append(_whole_request(conversation))
        with contextlib.suppress(ConnectionError):
            conversation.sendall(self.answer)
            while not self._over.is_set():
                conversation.sendall(self.piece)
                self.sent += len(self.piece)


@pytest.fixture
def endless():
    with contextlib.ExitStack() as boxes:

        def make(start, piece):
            made = Endless(start, piece)
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
