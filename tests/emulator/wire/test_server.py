"""Whatever comes through the socket: the server lives on, and tells nobody."""

import http.client
import random
import socket
import struct
import subprocess
import sys

import pytest

SERVE = """
import sys
from dlcapply.emulator import Clock, Emulator, serve_forever
serve_forever(Emulator(clock=Clock.still()), lambda endpoint: print(endpoint, flush=True))
"""
HOST = b"Host: localhost\r\n"
JSON = HOST + b"Content-Type: application/json\r\n"
REQUESTS = [
    b"GET /api/v1/jobs HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET /api/v1/jobs HTTP/1.0\r\n\r\n",
    b"POST /_emulator/clock HTTP/1.1\r\n" + JSON + b'Content-Length: 11\r\n\r\n{"turn": 1}',
    b"POST /_emulator/jobs HTTP/1.1\r\n" + JSON + b"Content-Length: 100000\r\n\r\n" + b"[" * 100_000,
    b"POST /_emulator/jobs HTTP/1.1\r\n" + JSON + b'Content-Length: 13\r\n\r\n{"jobs": \xff\xfe}',
    b"POST /api/v1/jobs HTTP/1.1\r\n" + JSON + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    b"POST /api/v1/jobs HTTP/1.1\r\n" + JSON + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n",
    b"POST /api/v1/jobs HTTP/1.1\r\n"
    + JSON
    + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n",
    b"POST /api/v1/jobs HTTP/1.1\r\n" + JSON + b"Content-Length: -1\r\n\r\n",
    b"POST /api/v1/jobs HTTP/1.1\r\n" + JSON + b"Content-Length: 99999999999999999999\r\n\r\n",
    b"POST /api/v1/jobs HTTP/1.1\r\n" + JSON + b"Expect: 100-continue\r\nContent-Length: 5\r\n\r\n",
    b"POST /api/v1/jobs HTTP/1.1\r\n"
    + JSON
    + b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\0\0",
    b"GET /" + b"a" * 300_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET / HTTP/1.1\r\n" + HOST + b"X-Long: " + b"b" * 100_000 + b"\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + HOST + b"".join(b"X-%d: y\r\n" % number for number in range(2000)) + b"\r\n",
    b"GET /api/v1/jobs?Tags=\xff\xfe HTTP/1.1\r\n" + HOST + b"Authorization: \xff\xff\r\n\r\n",
    b"GET http://localhost/api/v1/jobs HTTP/1.1\r\n" + HOST + b"\r\n",
    b"CONNECT localhost:1 HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET / HTTP/1.1\r\n" + HOST + b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n\x81\x05hello",
    b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(256)),
    b"\0" * 1000,
    b"\r\n" * 1000,
]
INSERTED = [
    b"\r\n",
    b"\0",
    b"\r\n\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Content-Length: 5\r\n",
    b"Host: x\r\n",
]


def mutated(data, dice):
    """The bytes with a few of them changed, taken out or put in."""
    mutable = bytearray(data[:2000])
    for _ in range(dice.choice([1, 1, 2, 5, 20])):
        place = dice.randrange(len(mutable) + 1)
        match dice.randrange(3):
            case 0:
                mutable[place : place + 1] = bytes([dice.randrange(256)])
            case 1:
                del mutable[place : place + dice.randrange(1, 10)]
            case _:
                mutable[place:place] = dice.choice(INSERTED)
    return bytes(mutable)


@pytest.fixture
def served(tmp_path):
    """The address of an emulator in a process of its own; nothing on its stderr until it ends."""
    with (
        (tmp_path / "stderr").open("w+") as errors,
        subprocess.Popen(
            [sys.executable, "-c", SERVE], stdout=subprocess.PIPE, stderr=errors, text=True
        ) as process,
    ):
        host, _, port = process.stdout.readline().strip().partition(":")
        yield host, int(port)
        was_alive = process.poll() is None
        process.terminate()
        rest, _ = process.communicate(timeout=20)
        assert (was_alive, rest, (tmp_path / "stderr").read_text()) == (True, "", "")


def send(address, data, *, ends):
    """Everything that is answered, until the other side closes, or takes long."""
    with socket.create_connection(address, timeout=2) as connection:
        try:
            connection.sendall(data)
            if ends == "reset":
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            if ends != "waits":
                return b""
            connection.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: connection.recv(65_536), b""))
        except OSError:  # it closed first, or waits for more
            return b""


def is_alive(address):
    connection = http.client.HTTPConnection(*address, timeout=10)
    connection.request("GET", "/_emulator/clock")
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status == 200


def test_any_bytes_print_nothing_and_stop_nothing(served):
    dice = random.Random(20)  # noqa: S311 - a fuzz that can be repeated
    for data in REQUESTS:
        for ends in ("waits", "closes", "reset"):
            send(served, data, ends=ends)
    assert is_alive(served)
    for _ in range(300):
        data = dice.choice(REQUESTS) if dice.random() < 0.9 else dice.randbytes(300)
        answer = send(served, mutated(data, dice), ends=dice.choice(["waits", "closes", "reset"]))
        assert not answer or answer.startswith(b"HTTP/")
        assert b"Traceback" not in answer
    assert is_alive(served)


def test_connections_that_say_nothing_hold_up_nobody(served):
    silent = [socket.create_connection(served, timeout=10) for _ in range(200)]
    for connection in silent[::2]:
        connection.sendall(b"GET /api/v1/jobs HTTP/1.1\r\nHost: loc")
    for connection in silent[::3]:
        connection.sendall(b"POST /api/v1/jobs HTTP/1.1\r\n" + HOST + b"Content-Length: 5\r\n\r\nhe")

    assert is_alive(served)
    for connection in silent:
        connection.close()
    assert is_alive(served)
