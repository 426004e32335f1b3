"""Answers over HTTP, bounded: in bytes, in decompressed bytes and in time as a whole.

The libraries that send for us bound none of these; all of them send through adapters of `requests`.
"""

from __future__ import annotations

import io
import zlib
from http.client import HTTPResponse
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from socket import socket

# A page of PAI has 100 jobs of at most 64 KiB (CreateJob). JSON takes up to 25 times its size as objects.
LARGEST = 16 * 1024 * 1024
_LONGEST_HEADERS = 1024 * 1024
_PIECE = 1024 * 1024
# Only where nobody set a time-out.
_LONGEST = 60.0

_PLAIN = frozenset({"", "identity"})
_DEFLATED = frozenset({"gzip", "x-gzip", "deflate"})
_EITHER_HEADER = 32 + zlib.MAX_WBITS  # of gzip or zlib


class UnusableError(Exception):
    """The answer is one that nothing can be read from; the words say why, after the name of its host.

    Not an OSError, which the libraries would take for a broken connection.
    """


class TooLargeError(UnusableError):
    """The answer has more bytes than are read."""


def destination(url: str, location: str) -> str:
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


def content_of(response: Any) -> bytes:
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
        raise TooLargeError(f"gave an answer of more than {LARGEST // 1024**2} MiB")


def watch(adapter: Any, request: Any, options: Mapping[str, Any]) -> None:
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
