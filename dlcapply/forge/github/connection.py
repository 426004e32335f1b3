"""The connection that PyGithub sends through: to one host, bounded, and never silent for long.

Its own follows redirects with the token, waits as long as GitHub says without a word, and reads answers of
any length. A redirect is not followed here: it is an answer that says where it leads.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import requests
from urllib3.exceptions import HTTPError, ReadTimeoutError

from dlcapply.forge.github.pauses import SENT_AT_MOST, pause_after
from dlcapply.http_bounds import UnusableError, content_of, watch
from dlcapply.model.calls import Answered, Call, Unwatched

if TYPE_CHECKING:
    from collections.abc import Callable, ItemsView, Mapping

    from dlcapply.model.calls import CallWatcher
    from dlcapply.model.clock import Clock

# Seconds to connect, and for the whole answer.
TIMES = (10.0, 60.0)
# The header by which an answer says that it is a redirect, and where it leads.
LEADS_TO = "dlcapply-leads-to"
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class NoAnswerError(Exception):
    """No answer came, or none that can be read; the words say why."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as PyGithub reads it; the names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    text: str

    def getheaders(self) -> ItemsView[str, str]:
        return self.headers.items()

    def read(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class _Request:
    verb: str
    path: str
    body: str | None
    headers: Mapping[str, str]


class Connection:
    """Sends one request after the other to the address; `sent` counts them.

    `tell` hears of waits, `watcher` of every request to this address.
    """

    def __init__(
        self,
        address: str,
        host: str,
        clock: Clock,
        tell: Callable[[str], None],
        watcher: CallWatcher | None = None,
    ) -> None:
        self.host = host
        self._address = address
        self._clock = clock
        self._tell = tell
        self._watcher = watcher or Unwatched()
        self._session = anonymous_session()
        self._asked: _Request | None = None
        self.sent = 0

    def request(self, verb: str, url: str, body: str | None, headers: Mapping[str, str], *_: Any) -> None:
        self._asked = _Request(verb, url, body, headers)

    def getresponse(self) -> Answer:
        """The answer; raises NoAnswerError."""
        asked = self._asked
        assert asked is not None  # noqa: S101  PyGithub calls `request` first
        sent = 0
        while True:
            sent += 1
            answer, why = self._answered(asked)
            status, headers = (answer.status, answer.headers) if answer else (0, {})
            message = _message(answer) if answer else why
            now = self._clock.now().timestamp()
            pause = pause_after(status, headers, message, verb=asked.verb, sent=sent, now=now)
            if pause is not None:
                self.wait(pause, f"{status or ''} {message}".strip())
            elif answer is None:
                raise NoAnswerError(why)
            else:
                return _readable(answer, asked.verb)

    def wait(self, seconds: float, why: str) -> None:
        """Never silently."""
        self._tell(f"waiting {seconds:.0f} s before GitHub is asked again: {why}")
        self._clock.sleep(seconds)

    def _answered(self, asked: _Request) -> tuple[Answer | None, str]:
        self.sent += 1
        url = f"{self._address}{asked.path}"
        call = Call(f"GitHub {asked.verb}", asked.path)
        self._watcher.began(call)
        began = self._clock.monotonic()
        status, request_id = 0, ""
        try:
            status, headers, content = send(self._session, asked.verb, url, asked.headers, asked.body)
            request_id = headers.get("x-github-request-id", "")
        except NoAnswerError as error:
            return None, str(error)
        finally:
            seconds = self._clock.monotonic() - began
            self._watcher.ended(call, Answered(seconds, status, request_id))
        return Answer(status, headers, content.decode("utf-8", "replace")), ""

    def fetched(self, where: str) -> tuple[int, bytes]:
        """Status and content of what another address has, asked without the token; raises NoAnswerError."""
        with anonymous_session() as session:
            for sent in range(1, SENT_AT_MOST + 1):
                status, content, error = _kept(session, where)
                pause = pause_after(status, {}, "", verb="GET", sent=sent, now=0.0)
                if pause is None or (error and isinstance(error.__cause__, UnusableError)):
                    break
                self.wait(pause, str(error or status))
        if error is not None:
            raise error
        return status, content

    def close(self) -> None:
        self._session.close()


def _kept(session: requests.Session, where: str) -> tuple[int, bytes, NoAnswerError | None]:
    try:
        status, _, content = send(session, "GET", where, {"Accept": "*/*"})
    except NoAnswerError as error:
        return 0, b"", error
    return status, content, None


def anonymous_session() -> requests.Session:
    """A session that adds nobody's credentials: requests itself would look for some in ~/.netrc."""
    session = requests.Session()
    session.auth = lambda request: request
    return session


def send(
    session: requests.Session, verb: str, url: str, headers: Mapping[str, str], body: str | None = None
) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and content of what comes back from this very address; raises NoAnswerError."""
    try:
        return _sent(session, verb, url, headers, body)
    except (requests.RequestException, HTTPError, UnusableError, OSError, ValueError) as error:
        raise NoAnswerError(_words(error)) from error


def _sent(
    session: requests.Session, verb: str, url: str, headers: Mapping[str, str], body: str | None
) -> tuple[int, dict[str, str], bytes]:
    data = None if body is None else body.encode()
    request = session.prepare_request(requests.Request(verb, url, headers=dict(headers), data=data))
    around: Any = session.merge_environment_settings(url, {}, True, None, None)
    adapter = session.get_adapter(url)
    watch(adapter, request, around)
    response = adapter.send(request, timeout=TIMES, **around)
    try:
        content = content_of(response)
    finally:
        response.close()
    return response.status_code, {name.lower(): value for name, value in response.headers.items()}, content


def _words(error: Exception) -> str:
    """What went wrong on the way; what requests says names addresses and objects instead."""
    match error:
        case UnusableError():
            return f"it {error}"
        case requests.Timeout() | TimeoutError() | ReadTimeoutError():
            return "it did not answer in time"
        case requests.exceptions.SSLError():
            return "TLS failed: its certificate is not trusted here, or there is none"
        case requests.exceptions.ProxyError():
            return "the proxy refused"
        case _:
            return "it can't be reached, or the connection broke"


def _message(answer: Answer) -> str:
    """GitHub's own words where it refused."""
    if answer.status < HTTPStatus.BAD_REQUEST:
        return ""
    try:
        said = json.loads(answer.text)
    except (ValueError, RecursionError):
        return ""
    message = said.get("message") if isinstance(said, dict) else None
    return message if isinstance(message, str) else ""


def _readable(answer: Answer, verb: str) -> Answer:
    """An answer that PyGithub can make sense of: it takes each error for an object, and follows redirects."""
    if answer.status in _REDIRECTS:
        return Answer(HTTPStatus.OK, {LEADS_TO: answer.headers.get("location", "")}, "")
    if answer.status == HTTPStatus.ACCEPTED and verb == "GET":  # PyGithub would ask again, for ever
        raise NoAnswerError("it is still working on the answer")
    if answer.status < HTTPStatus.BAD_REQUEST:
        return answer
    return Answer(answer.status, answer.headers, json.dumps({"message": _message(answer), **_errors(answer)}))


def _errors(answer: Answer) -> dict[str, Any]:
    try:
        said = json.loads(answer.text)
    except (ValueError, RecursionError):
        return {}
    return (
        {"errors": said["errors"]} if isinstance(said, dict) and isinstance(said.get("errors"), list) else {}
    )
