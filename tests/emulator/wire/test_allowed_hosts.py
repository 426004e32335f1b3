"""Who is answered: clients that know the server by a name of its own, and no page in a browser."""

import http.client
import json
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcapply.emulator import Clock, Emulator
from dlcapply.emulator.answers import Refusal
from dlcapply.emulator.wire.allowed_hosts import AllowedHosts, check_sender

EVERYWHERE = "0.0.0.0"  # noqa: S104
ROUTES = [
    ("GET", "/api/v1/jobs"),
    ("POST", "/api/v1/jobs"),
    ("POST", "/api/v1/jobs/dlc1/stop"),
    ("GET", "/api/v1/workspaces"),
    ("GET", "/_emulator/clock"),
    ("GET", "/_emulator/jobs"),
    ("POST", "/_emulator/clock"),
    ("DELETE", "/_emulator/faults"),
    ("GET", "/nothing"),
    ("OPTIONS", "/api/v1/jobs"),
]


def ask(emulator, method, path, headers):
    """Status, headers and JSON of the answer to a request with these headers alone, Host among them."""
    connection = http.client.HTTPConnection(emulator.endpoint, timeout=10)
    connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    for name, value in headers:
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    result = answer.status, dict(answer.getheaders()), json.loads(answer.read() or b"{}")
    connection.close()
    return result


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize(
    "headers",
    [
        [("Host", "evil.example")],
        [("Host", "evil.example:{port}")],
        [("Host", "")],
        [("Host", "{own}"), ("Origin", "http://evil.example")],
        [("Host", "{own}"), ("Origin", "null")],
        [("Host", "{own}"), ("Origin", "http://localhost:1")],
        [("Host", "{own}"), ("Sec-Fetch-Site", "cross-site")],
        [("Host", "{own}"), ("Sec-Fetch-Site", "same-site")],
    ],
    ids=str,
)
def test_a_page_of_elsewhere_is_refused_on_every_route(emulator, method, path, headers):
    port = emulator.endpoint.rpartition(":")[2]
    filled = [(name, value.format(own=emulator.endpoint, port=port)) for name, value in headers]
    status, answered, body = ask(emulator, method, path, filled)

    assert (status, body["Code"]) == (403, "Forbidden.Stranger")
    assert not [name for name in answered if name.lower().startswith("access-control-")]
    assert (emulator.requests, emulator.unknown_routes) == ((), ())


@pytest.mark.parametrize("headers", [[], [("Host", "localhost"), ("Host", "evil.example")]], ids=str)
def test_no_name_and_two_names_are_refused(emulator, headers):
    text = "".join(f"{name}: {value}\r\n" for name, value in headers)
    for version in ("1.0", "1.1"):
        host, port = emulator.endpoint.split(":")
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            connection.sendall(f"GET /_emulator/clock HTTP/{version}\r\n{text}\r\n".encode())
            assert connection.recv(65_536).split()[1] in {b"400", b"403"}


def test_a_strangers_body_is_not_even_read(emulator):
    host, port = emulator.endpoint.split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(
            b"POST /api/v1/jobs HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 1000\r\n\r\n"
        )
        assert connection.recv(65_536).startswith(b"HTTP/1.1 403 ")


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "LOCALHOST", "[::1]", "127.0.0.2"])
def test_names_of_loopback_are_its_own_at_any_port(emulator, name):
    port = emulator.endpoint.rpartition(":")[2]
    for host in (name, f"{name}:{port}", f"{name}:9"):
        assert ask(emulator, "GET", "/_emulator/clock", [("Host", host)])[0] == 200


def test_the_own_origin_and_the_address_bar_are_not_foreign(emulator):
    own = [("Host", emulator.endpoint)]
    for more in (("Origin", f"http://{emulator.endpoint}"), ("Sec-Fetch-Site", "none")):
        assert ask(emulator, "GET", "/_emulator/clock", [*own, more])[0] == 200


def test_answers_are_not_for_pages_to_embed(emulator):
    _, headers, _ = ask(emulator, "GET", "/_emulator/clock", [("Host", emulator.endpoint)])

    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_the_sdk_reaches_it_by_a_name_that_it_was_given(connect):
    with Emulator(clock=Clock.still(), names=("localhost", "Pai.Test")) as emulator:
        port = emulator.endpoint.rpartition(":")[2]
        assert ask(emulator, "GET", "/_emulator/clock", [("Host", f"pai.test:{port}")])[0] == 200
        assert ask(emulator, "GET", "/_emulator/clock", [("Host", f"other.test:{port}")])[0] == 403
        assert connect(emulator).list()["TotalCount"] == 0
        emulator.endpoint = f"localhost:{port}"
        assert connect(emulator).list()["TotalCount"] == 0


def test_an_emulator_at_the_other_loopback(connect):
    with Emulator(clock=Clock.still(), host="::1") as emulator:
        assert emulator.endpoint.startswith("[::1]:")
        assert connect(emulator).list()["TotalCount"] == 0


@pytest.mark.parametrize(
    ("bound", "host", "is_own"),
    [
        ("127.0.0.1", "10.0.0.5:8080", False),
        ("127.0.0.1", "0.0.0.0:8080", False),
        ("127.0.0.1", "127.0.0.1.evil.example", False),
        ("127.0.0.1", "evil.example#localhost", False),
        ("127.0.0.1", "user@localhost", False),
        ("127.0.0.1", "localhost.", False),
        ("127.0.0.1", "[::1]:8080", True),
        ("127.0.0.1", "[::1", False),
        ("127.0.0.1", "localhost:", False),
        ("127.0.0.1", "localhost:abc", False),
        ("10.0.0.5", "10.0.0.5:8080", True),
        ("10.0.0.5", "10.0.0.6:8080", False),
        ("10.0.0.5", "localhost:8080", True),
        (EVERYWHERE, "0.0.0.0:8080", True),
        (EVERYWHERE, "192.0.2.7:8080", True),
        (EVERYWHERE, "[2001:db8::1]:8080", True),
        (EVERYWHERE, "evil.example:8080", False),
        ("::", "192.0.2.7:8080", True),
        ("build-host", "build-host:8080", True),
        ("build-host", "BUILD-HOST", True),
        ("build-host", "192.0.2.7", False),
    ],
)
def test_which_names_are_its_own(bound, host, is_own):
    assert AllowedHosts(bound).hold(host) is is_own


@given(host=st.text(max_size=40), origin=st.none() | st.text(max_size=40))
def test_any_other_name_is_foreign(host, origin):
    headers = [("host", host), *([("origin", origin)] if origin is not None else [])]
    with pytest.raises(Refusal):
        check_sender(AllowedHosts("127.0.0.1"), headers)
