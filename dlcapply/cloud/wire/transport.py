"""What the SDK sends and receives, bounded: nothing is followed elsewhere, no answer is endless.

The SDK bounds neither, and has one place where others can: the sessions of `requests` that it keeps for each
address. A client of our own would have to sign requests and renew credentials too. So the SDK's adapters go
on doing the work (TLS, proxies, pools), and each is mounted behind one that checks what comes back.
"""

from __future__ import annotations

import io
from collections import UserDict
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from darabonba.core import DaraCore
from Tea.core import TeaCore

from dlcapply.http_bounds import UnusableError, content_of, destination, watch
from dlcapply.version import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping

# How a request shows that it is ours: whoever else uses the SDK in this process keeps it as it is.
USER_AGENT = f"dlcapply/{__version__}"
# How an answer shows that it came through here; no service can know the value.
_PASSED = "dlcapply-passed"
_PROOF = uuid4().hex


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
        watch(self._adapter, request, options)
        response = self._adapter.send(request, **{**options, "stream": True})
        try:
            _refuse_what_is_no_answer(response, request.url)
            content = content_of(response)
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
        where = destination(url, response.headers.get("Location", ""))
        raise UnusableError(f"answered with a redirect ({status}{where}), which dlcapply does not follow")
    if not HTTPStatus.OK <= status < 600:  # noqa: PLR2004  where HTTP's statuses end
        raise UnusableError(f"answered with the status {status}, which means nothing")
