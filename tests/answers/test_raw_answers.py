"""What no service should send, on the wire: no traceback, no second run, no workspace that looks empty."""

from __future__ import annotations

import gzip
import json
from contextlib import closing
from dataclasses import replace

import pytest

from dlcapply.errors import ExitCode
from tests.answers.service import Service
from tests.answers.test_odd_answers import APPLY, SCENES, Bench

pytestmark = pytest.mark.sweep

EMPTY = b'{"Jobs": [], "TotalCount": 0, "JobId": "dlcfake"}'


def whole(content, *head, status=b"200 OK", length=None):
    size = b"Content-Length: %d" % (len(content) if length is None else length)
    return b"\r\n".join([b"HTTP/1.1 " + status, size, *head, b"", content])


def counting(content, number):
    return whole(json.dumps(json.loads(content) | {"TotalCount": number}).encode())


def in_chunks(content):
    return whole(b"", b"Transfer-Encoding: chunked").replace(b"Content-Length: 0\r\n", b"") + content


# No answer can be read from these.
BROKEN = {
    "nothing": lambda _: b"",
    "half a status": lambda _: b"HTTP/1.1 2",
    "half a header": lambda _: b"HTTP/1.1 200 OK\r\nContent-Le",
    "half a body": lambda content: whole(content[:-9], length=len(content)),
    "endless headers": lambda _: b"HTTP/1.1 200 OK\r\n" + b"X-A: y\r\n" * 50_000,
    "a chunk of no size": lambda content: in_chunks(b"zz\r\n" + content),
    "a chunk cut off": lambda content: in_chunks(b"%x\r\n" % (len(content) + 1) + content),
    "a bomb": lambda _: whole(gzip.compress(b" " * 17 * 1024**2), b"Content-Encoding: gzip"),
    "a coding in a coding": lambda content: whole(
        gzip.compress(gzip.compress(content)), b"Content-Encoding: gzip, gzip"
    ),
    "compressed, unsaid": lambda content: whole(gzip.compress(content)),
    "only promises": lambda _: b"HTTP/1.1 100 Continue\r\n\r\n" * 500,
    "HTTP/0.9": lambda content: content,
    "HTTP/2": lambda _: b"\0\0\x12\x04\0\0\0\0\0" + bytes(18),
    "TLS": lambda _: b"\x15\x03\x01\x00\x02\x02\x50",
    "a redirect to the same": lambda content: whole(content, b"Location: /api/v1/jobs", status=b"307 X"),
    "a proxy's login": lambda _: whole(b"<html>", b"Proxy-Authenticate: Basic", status=b"407 X"),
    "no content": lambda content: whole(content, status=b"204 No Content"),
    "HTML": lambda _: whole(b"<html>login</html>"),
    "NUL": lambda content: whole(content + b"\0"),
    "UTF-16": lambda content: whole(content.decode().encode("utf-16")),
    "a key twice": lambda content: whole(content[:-1] + b', "Jobs": [], "Jobs": []}'),
    "a failure beside nothing": lambda _: whole(EMPTY[:-1] + b', "Code": "InternalError"}'),
}
# Of a listing, these say that it is not whole.
MISCOUNTED = {
    "more than there are": lambda content: counting(content, 3),
    "fewer than there are": lambda content: counting(content, 1),
    "none": lambda content: counting(content, 0),
    "pages without end": lambda content: counting(content, 100_000),
    "more than can be": lambda content: counting(content, 10**9),
}
# And from these the same as ever is read.
SOUND = {
    "what belongs to no request": lambda content: whole(content) + whole(EMPTY) * 3,
    "promises first": lambda content: b"HTTP/1.1 100 Continue\r\n\r\n" * 3 + whole(content),
    "in chunks": lambda content: in_chunks(b"%x\r\n%s\r\n0\r\n\r\n" % (len(content), content)),
    "a mark of its order": lambda content: whole(b"\xef\xbb\xbf" + content),
    "cookies": lambda content: whole(content, *[b"Set-Cookie: a=b; Domain=.127.0.0.1"] * 50),
    "a pause after success": lambda content: whole(content, b"x-acs-retry-after: 99999999"),
}


@pytest.fixture
def bench(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with closing(Service()) as service:
        yield Bench(tmp_path, service)


def run(bench, scene, operation, message):
    bench.stage(scene)
    bench.service.raw = (operation, message)
    return bench.run(*scene.command, "--read-timeout", "5s")


@pytest.mark.parametrize("ways", [BROKEN, MISCOUNTED], ids=["broken", "miscounted"])
def test_what_is_not_a_listing_is_no_empty_workspace(bench, ways):
    """The run is there, and nothing has changed: whoever sees no run would create one."""
    for way, message in ways.items():
        code, printed = run(bench, SCENES["nothing to do"], "ListJobs", message)
        assert (code, bench.service.creates) == (ExitCode.FAILED, 0), way
        assert "ListJobs" in printed, way


def test_a_run_whose_create_was_not_confirmed_is_found_and_not_made_again(bench):
    scene = replace(SCENES["create"], command=APPLY)
    for way, message in BROKEN.items():
        code, printed = run(bench, scene, "CreateJob", message)
        assert bench.service.creates == 1, way
        if way != "a proxy's login":
            assert (code, "train  created" in printed) == (ExitCode.OK, True), way
        bench.service.raw = None
        bench.run(*APPLY)
        assert bench.service.creates == 1, way


@pytest.mark.parametrize(
    ("operation", "name", "code"),
    [
        ("GetJob", "plan", ExitCode.FAILED),
        ("UpdateJob", "update", ExitCode.OK),  # it was carried out, and is read back
        ("StopJob", "declared stop", ExitCode.OK),
        ("ListWorkspaces", "plan of nothing", ExitCode.OK),  # a warning: the listing itself was read
    ],
)
def test_other_answers_that_are_none(bench, operation, name, code):
    for way in ("nothing", "half a body", "HTTP/2", "HTML"):
        got, printed = run(bench, SCENES[name], operation, BROKEN[way])
        assert got == code, f"{way}: {printed}"
        assert code == ExitCode.OK or operation in printed
        assert bench.service.creates == 0


def test_what_is_odd_and_sound_is_read(bench):
    for way, message in SOUND.items():
        code, _ = run(bench, SCENES["plan"], "ListJobs", message)
        assert code == ExitCode.OK, way
        code, printed = run(bench, replace(SCENES["create"], command=APPLY), "CreateJob", message)
        assert (code, bench.service.creates) == (ExitCode.OK, 1), f"{way}: {printed}"
