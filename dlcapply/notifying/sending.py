"""One message on its way to a webhook: bounded, sent to this very address, and twice at most."""

from __future__ import annotations

import logging
import threading
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError, ReadTimeoutError

from dlcapply.http_bounds import UnusableError, content_of, watch
from dlcapply.notifying.addresses import is_loopback
from dlcapply.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

# Seconds to connect, and for the whole answer: a command does not end before its news is told.
TIMES = (3.0, 7.0)
_PAUSE = 1.0  # before it is sent once more
_LIBRARIES = ("urllib3.connection", "urllib3.connectionpool", "urllib3.util.retry", "charset_normalizer")


def send(
    url: str,
    content: bytes,
    headers: Mapping[str, str],
    sleep: Callable[[float], None],
    times: tuple[float, float] = TIMES,
) -> tuple[int, bytes, str]:
    """Status and content of the answer, or 0 and why none came; in no words is a part of the address.

    It is sent once more where nobody answered in time, or the server was in trouble.
    """
    answer = _sent(url, content, headers, times)
    if answer[0] >= HTTPStatus.INTERNAL_SERVER_ERROR or answer[2] == _LATE:
        sleep(_PAUSE)
        answer = _sent(url, content, headers, times)
    return answer


_LATE = "it did not answer in time"


def _sent(
    url: str, content: bytes, headers: Mapping[str, str], times: tuple[float, float]
) -> tuple[int, bytes, str]:
    """The words are a value: an exception would carry the address, its own text or its cause."""
    try:
        with _unlogged(), requests.Session() as session:
            session.auth = lambda request: request  # requests would look for somebody's in ~/.netrc
            return *_exchanged(session, url, content, headers, times), ""
    except (requests.RequestException, HTTPError, UnusableError, OSError, ValueError) as error:
        return 0, b"", _words(error)


def _exchanged(
    session: requests.Session,
    url: str,
    content: bytes,
    headers: Mapping[str, str],
    times: tuple[float, float],
) -> tuple[int, bytes]:
    told = {
        "Content-Type": "application/json; charset=utf-8",
        "Accept-Encoding": "identity",
        "User-Agent": f"dlcapply/{__version__}",
        **headers,
    }
    request = session.prepare_request(requests.Request("POST", url, headers=told, data=content))
    around: Any = session.merge_environment_settings(url, {}, True, None, None)  # the machine's proxies
    if is_loopback(urlsplit(url).hostname or ""):
        around["proxies"] = {}
    adapter = session.get_adapter(url)
    watch(adapter, request, around)
    response = adapter.send(request, timeout=times, **around)
    try:
        return response.status_code, content_of(response)
    finally:
        response.close()


# The first that fits says what went wrong; what requests says itself names addresses.
_WORDS: tuple[tuple[type[Exception], str], ...] = (
    (requests.exceptions.ConnectTimeout, "it can't be reached in time"),
    (requests.Timeout, _LATE),
    (TimeoutError, _LATE),
    (ReadTimeoutError, _LATE),
    (requests.exceptions.SSLError, "TLS failed: its certificate is not trusted here, or there is none"),
    (requests.exceptions.ProxyError, "the proxy refused"),
)


def _words(error: Exception) -> str:
    if isinstance(error, UnusableError):
        return f"it {error}"
    known = (words for kind, words in _WORDS if isinstance(error, kind))
    return next(known, "it can't be reached, or the connection broke")


class _Quiet(threading.local):
    """Whether the thread that asks is sending."""

    is_on = False


_quiet = _Quiet()


def _may_be_logged(_: logging.LogRecord) -> bool:
    return not _quiet.is_on  # a filter is asked by the thread that logs


@contextmanager
def _unlogged() -> Iterator[None]:
    """Libraries log the addresses that they send to, for whoever embeds us: not those of this thread now.

    The filter stays: one that is taken away while another thread logs may make that pass over the next.
    """
    for name in _LIBRARIES:
        logging.getLogger(name).addFilter(_may_be_logged)
    _quiet.is_on = True
    try:
        yield
    finally:
        _quiet.is_on = False
