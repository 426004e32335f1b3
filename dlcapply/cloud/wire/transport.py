"""What the SDK sends and receives, bounded: nothing is followed elsewhere, no answer is endless.

The SDK bounds neither, and has one place where others can: the sessions of `requests` that it keeps for each
address. A client of our own would have to sign requests and renew credentials too. So the SDK's adapters go
on doing the work (TLS, proxies, pools), and each is mounted behind one that checks what comes back.
"""

from __future__ import annotations

import io
import zlib
from collections import UserDict
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPResponse
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit
from uuid import uuid4

from darabonba.core import DaraCore
from Tea.core import TeaCore

from dlcapply.version import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping
    from socket import socket

# A page has 100 jobs of at most 64 KiB (CreateJob). JSON takes up to 25 times its size as Python's objects.
LARGEST = 16 * 1024 * 1024
_LONGEST_HEADERS = 1024 * 1024
_PIECE = 1024 * 1024
# Only where the SDK sets no time-out of its own.
_LONGEST = 60.0

# How a request shows that it is ours: whoever else uses the SDK in this process keeps it as it is.
USER_AGENT = f"dlcapply/{__version__}"
# How an answer shows that it came through here; no service can know the value.
_PASSED = "dlcapply-passed"
_PROOF = uuid4().hex

_PLAIN = frozenset({"", "identity"})
_DEFLATED = frozenset({"gzip", "x-gzip", "deflate"})
_EITHER_HEADER = 32 + zlib.MAX_WBITS  # of gzip or zlib


class UnusableError(Exception):
    """The answer is one that nothing can be read from; the words say why, after the name of its host.

    Not an OSError, which the SDK would take for a broken connection.
    """


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it came, its content decompressed; the names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes


class AnsweredError(Exception):
    """The service answered with an error: `answer` says which."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def bound_the_sdk() -> None:
    """Every session of the SDK is bounded, for our calls and for those of the credential chain."""
    for core, is_chain in ((DaraCore, False), (TeaCore, True)):
        sessions = getattr(core, "_sessions", {})
        if not isinstance(sessions, _Sessions):
            core._sessions = _Sessions(sessions, is_chain=is_chain)  # noqa: SLF001  there is no public way


def is_bounded(headers: Mapping[str, str]) -> bool:
    """Whether the answer with these headers came through here, and not by a way of the SDK that is new."""
    return headers.get(_PASSED) == _PROOF


class _Sessions(UserDict[str, Any]):
    """The SDK's sessions by address; what goes in comes out bounded."""

    def __init__(self, sessions: Mapping[str, Any], *, is_chain: bool) -> None:
        self._is_chain = is_chain
        super().__init__(sessions)

    def __setitem__(self, key: str, session: Any) -> None:
        for prefix, adapter in list(session.adapters.items()):
            if not isinstance(adapter, _Bounded):
                session.mount(prefix, _Bounded(adapter, is_chain=self._is_chain))
        super().__setitem__(key, session)


class _Bounded:
    """An adapter of requests in front of the SDK's own, or of the credential chain's.

    Of our own requests, the answers of errors are raised too, for us to read: the SDK trusts what is in them.
    """

    def __init__(self, adapter: Any, *, is_chain: bool) -> None:
        self._adapter = adapter
        self._is_chain = is_chain

    def send(self, request: Any, **options: Any) -> Any:
        """The answer, whole; raises UnusableError, AnsweredError, and what the SDK's adapter raises."""
        if not (self._is_chain or USER_AGENT in str(request.headers.get("user-agent", ""))):
            return self._adapter.send(request, **options)
        _watch(self._adapter, request, options)
        response = self._adapter.send(request, **{**options, "stream": True})
        try:
            _refuse_what_is_no_answer(response, request.url)
            content = _content(response)
        except BaseException:
            response.close()
            raise
        if not self._is_chain and response.status_code >= HTTPStatus.BAD_REQUEST:
            headers = {name.lower(): value for name, value in response.headers.items()}
            raise AnsweredError(Answer(response.status_code, headers, content))
        response.raw = io.BytesIO(content)
        response.headers.pop("Content-Encoding", None)
        response.headers[_PASSED] = _PROOF
        return response

    def close(self) -> None:
        self._adapter.close()


def _refuse_what_is_no_answer(response: Any, url: str) -> None:
    status = response.status_code
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        where = _destination(url, response.headers.get("Location", ""))
        raise UnusableError(f"answered with a redirect ({status}{where}), which dlcapply does not follow")
    if not HTTPStatus.OK <= status < 600:  # noqa: PLR2004  where HTTP's statuses end
        raise UnusableError(f"answered with the status {status}, which means nothing")


def _destination(url: str, location: str) -> str:
    """Where a redirect leads, in words: the host alone, since the rest may hold what was sent."""
    try:
        here, there = urlsplit(url), urlsplit(urljoin(url, location))
        host, port = there.hostname or "", there.port
    except ValueError:
        return " to what is not an address"
    if not location or not host:
        return ""
    if (there.scheme, there.netloc) == (here.scheme, here.netloc):
        return " to another path"
    return f" to {there.scheme}://{host[:100]}{f':{port}' if port else ''}"


def _content(response: Any) -> bytes:
    coding = response.headers.get("Content-Encoding", "").strip().lower()
    if coding in _PLAIN:
        return _wire_bytes(response.raw)
    if coding in _DEFLATED:  # unasked for: the SDK asks for none
        return _inflated(_wire_bytes(response.raw))
    raise UnusableError("answered in a content encoding that nobody asked for")


def _wire_bytes(raw: Any) -> bytes:
    pieces = []
    size = 0
    while piece := raw.read(_PIECE, decode_content=False):
        pieces.append(piece)
        size += len(piece)
        _check_size(size)
    raw.release_conn()
    return b"".join(pieces)


def _inflated(content: bytes) -> bytes:
    inflating = zlib.decompressobj(_EITHER_HEADER)
    try:
        text = inflating.decompress(content, LARGEST + 1)
    except zlib.error:
        raise UnusableError("gave an answer that can't be decompressed") from None
    _check_size(len(text))
    if not inflating.eof or inflating.unused_data:
        raise UnusableError("gave an answer that can't be decompressed")
    return text


def _check_size(size: int) -> None:
    if size > LARGEST:
        raise UnusableError(f"gave an answer of more than {LARGEST // 1024**2} MiB")


def _watch(adapter: Any, request: Any, options: Mapping[str, Any]) -> None:
    """The connections that this request may take read their answers as `_answer` does."""
    chosen = {name: options.get(name) for name in ("verify", "proxies", "cert")}
    pool = adapter.get_connection_with_tls_context(request, **chosen)
    kind = pool.ConnectionCls
    if getattr(kind, "response_class", None) is not _answer:
        pool.ConnectionCls = type(kind.__name__, (kind,), {"response_class": staticmethod(_answer)})


def _answer(sock: socket, *args: Any, **options: Any) -> HTTPResponse:
    """An answer that ends in time: the socket's time-out is from here the time for all of it."""
    answer = HTTPResponse(sock, *args, **options)
    answer.fp = io.BufferedReader(_Metered(answer.fp.detach(), sock))
    return answer


class _Metered(io.RawIOBase):
    """What a socket reads, as far as time and size allow; headers and the marks of chunks count too."""

    def __init__(self, raw: io.RawIOBase, sock: socket) -> None:
        self._raw = raw
        self._sock = sock
        self._end = monotonic() + (sock.gettimeout() or _LONGEST)
        self._left = LARGEST + _LONGEST_HEADERS

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        seconds = self._end - monotonic()
        if seconds <= 0:
            raise TimeoutError("timed out")
        _check_size(0 if self._left > 0 else LARGEST + 1)
        self._sock.settimeout(seconds)
        count: int | None = self._raw.readinto(buffer)
        self._left -= count or 0
        return count

    def close(self) -> None:
        try:
            self._raw.close()
        finally:
            super().close()
