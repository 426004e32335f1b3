"""Calls of GitHub's REST API: values in, JSON out, every failure a ForgeError."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from dlcapply.errors import DlcapplyError, UsageError
from dlcapply.forge.github import failures
from dlcapply.forge.service import TOO_MUCH, ForgeError
from dlcapply.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from github.Requester import Requester

    from dlcapply.forge.github.connection import Connection
    from dlcapply.model.calls import CallWatcher
    from dlcapply.model.clock import Clock

_HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
_PER_PAGE = 100
# Ten thousand items: a tenth of the requests of an hour.
_MOST_PAGES = 100
_HERE = frozenset({"127.0.0.1", "::1", "localhost"})
_PLACE_OF_THE_CONNECTION = "_Requester__connectionClass"


class Api:
    """GitHub at an address, for one repository."""

    def __init__(self, requester: Requester, connection: Connection, repository: str, clock: Clock) -> None:
        self._requester = requester
        self._connection = connection
        self.repository = repository
        self.clock = clock

    @property
    def sent(self) -> int:
        """How many requests were sent."""
        return self._connection.sent

    def close(self) -> None:
        self._connection.close()

    def get(self, path: str, doing: str, needs: str, **parameters: Any) -> Any:
        """The answer; `path` is below the repository, or begins with a slash."""
        return self._answered("GET", path, doing, needs, parameters=parameters)[1]

    def pages(self, path: str, doing: str, needs: str, *, key: str = "", **parameters: Any) -> Iterator[Any]:
        """Every item of a list; with `key`, of the list that each page has under it."""
        for page in range(1, _MOST_PAGES + 1):
            asked = {"per_page": _PER_PAGE, **parameters, "page": page}
            headers, answer = self._answered("GET", path, doing, needs, parameters=asked)
            items = answer.get(key) if key and isinstance(answer, dict) else answer
            if not isinstance(items, list):
                raise unreadable(doing)
            yield from items
            if not _goes_on(items, headers.get("link", "")):
                return
        most = _MOST_PAGES * _PER_PAGE
        raise ForgeError(f"{doing}: there are more than {most:,}", status=TOO_MUCH)

    def post(self, path: str, doing: str, needs: str, body: Mapping[str, Any]) -> Any:
        return self._answered("POST", path, doing, needs, body=body)[1]

    def patch(self, path: str, doing: str, needs: str, body: Mapping[str, Any]) -> Any:
        return self._answered("PATCH", path, doing, needs, body=body)[1]

    def delete(self, path: str, doing: str, needs: str) -> None:
        self._answered("DELETE", path, doing, needs)

    def location(self, path: str, doing: str, needs: str) -> str:
        """Where the answer redirects to, and nobody has followed."""
        from dlcapply.forge.github.connection import LEADS_TO

        headers, _ = self._asked("GET", path, doing, needs, {}, None)
        if not (where := headers.get(LEADS_TO, "")):
            raise unreadable(doing)
        return where

    def fetched(self, where: str, doing: str) -> bytes:
        """What is at an address outside of the API, asked for without the token; no redirect is followed."""
        from dlcapply.forge.github.connection import NoAnswerError

        if not self._may_lead_to(where):
            raise ForgeError(f"{doing}: GitHub leads to an address without TLS")
        try:
            status, content = self._connection.fetched(where)
        except NoAnswerError as error:
            raise ForgeError(
                f"{doing}: where GitHub keeps it, there was no usable answer: {error}"
            ) from error
        if status != HTTPStatus.OK:
            raise ForgeError(f"{doing}: where GitHub keeps it, the answer was {status}", status=status)
        return content

    def _may_lead_to(self, where: str) -> bool:
        """Whether it has TLS, or GitHub itself is a program on this machine and so is what it leads to."""
        try:
            here, there = urlsplit(self._requester.base_url), urlsplit(where)
        except ValueError:
            return False
        return there.scheme == "https" or {here.hostname, there.hostname} <= _HERE

    def _answered(
        self,
        verb: str,
        path: str,
        doing: str,
        needs: str,
        *,
        parameters: Mapping[str, Any] | None = None,
        body: Any = None,
    ) -> tuple[Mapping[str, str], Any]:
        from dlcapply.forge.github.connection import LEADS_TO

        headers, answer = self._asked(verb, path, doing, needs, dict(parameters or {}), body)
        if LEADS_TO in headers:
            raise ForgeError(
                f"{doing}: GitHub answered with a redirect, which is not followed with a token",
                hint="look at GITHUB_API_URL and GITHUB_REPOSITORY: a repository may have been renamed",
            )
        return headers, answer

    def _asked(
        self, verb: str, path: str, doing: str, needs: str, parameters: dict[str, Any], body: Any
    ) -> tuple[Mapping[str, str], Any]:
        from github import GithubException

        from dlcapply.forge.github.connection import NoAnswerError

        where = path if path.startswith("/") else f"/repos/{self.repository}/{path}".rstrip("/")
        try:
            return self._requester.requestJsonAndCheck(verb, where, parameters, dict(_HEADERS), body)
        except NoAnswerError as error:
            unsure = "" if verb == "GET" else "; whether it was done is not known: run this again"
            raise ForgeError(f"{doing}: GitHub gave no answer: {error}{unsure}") from error
        except GithubException as error:
            headers = {name.lower(): value for name, value in (error.headers or {}).items()}
            now = self.clock.now()
            raise failures.refused(doing, error.status, headers, error.data, needs=needs, now=now) from error
        except (ValueError, RecursionError) as error:  # of the JSON, and of headers that PyGithub reads
            raise unreadable(doing) from error


def _goes_on(page: list[Any], link: str) -> bool:
    """Whether there may be another page: one that is full and says nothing may have lost its header."""
    return 'rel="next"' in link if link else len(page) >= _PER_PAGE


def unreadable(doing: str) -> ForgeError:
    return ForgeError(f"{doing}: what GitHub answered can't be read")


def connect(
    *,
    address: str,
    token: str,
    repository: str,
    clock: Clock,
    tell: Callable[[str], None],
    watcher: CallWatcher | None = None,
) -> Api:
    """GitHub's API at the address; raises DlcapplyError where its client library is not installed."""
    try:
        from github import Auth, Github
    except ImportError as error:
        raise DlcapplyError(
            "GitHub's client library is not installed", hint="pip install 'dlcapply[github]' brings it"
        ) from error
    from dlcapply.forge.github.connection import Connection

    _check_address(address)
    client = Github(
        auth=Auth.Token(token),
        base_url=address,
        user_agent=f"dlcapply/{__version__}",
        retry=None,
        seconds_between_requests=None,
        seconds_between_writes=None,
    )
    requester, parts = client.requester, urlsplit(address)
    connection = Connection(f"{parts.scheme}://{parts.netloc}", parts.hostname or "", clock, tell, watcher)
    if not hasattr(requester, _PLACE_OF_THE_CONNECTION):
        raise DlcapplyError(
            "this PyGithub is too new for this dlcapply: what it sends could not be bounded",
            hint="install the version that constraints.txt names",
        )
    setattr(requester, _PLACE_OF_THE_CONNECTION, lambda *_, **__: connection)
    return Api(requester, connection, repository, clock)


def _check_address(address: str) -> None:
    """Raises UsageError for what is no address that a token may be sent to."""
    try:
        parts = urlsplit(address)
        is_one = bool(parts.hostname) and parts.scheme in {"https", "http"} and parts.username is None
        is_plain = parts.scheme == "http" and parts.hostname not in _HERE
        is_one = is_one and not is_plain and not parse_qs(parts.query) and (parts.port or 1) > 0
    except ValueError:
        is_one = False
    if not is_one:
        raise UsageError(
            "GITHUB_API_URL is not the address of an API that a token may be sent to",
            hint="https://api.github.com, or https://HOST/api/v3 of a GitHub Enterprise Server",
        )
