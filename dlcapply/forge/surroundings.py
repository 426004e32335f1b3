"""The run of a workflow that this process is part of: its variables and its event, read and not believed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dlcapply import strict_json
from dlcapply.disk import read_bytes, reason
from dlcapply.errors import DlcapplyError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

PULL_REQUEST = "pull_request"
MERGE_GROUP = "merge_group"
GITHUB = "https://api.github.com"

_REPOSITORY = re.compile(r"[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100}")
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_GROUP = re.compile(r"(?:refs/heads/)?gh-readonly-queue/.+/pr-([0-9]{1,12})-[0-9a-f]{7,64}")
_MAX_EVENT = 32 << 20
_LONGEST_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Surroundings:
    """`commit` is what is reviewed: the head of the pull request or of the merge group, else what was pushed.

    `pull_request` is None outside of one. `labels` are those of the event; None where it carries none.
    """

    address: str
    server: str
    repository: str
    event: str
    commit: str
    run_id: int
    run_number: int
    run_attempt: int
    pull_request: int | None = None
    labels: tuple[str, ...] | None = None
    is_closed: bool = False

    @property
    def run(self) -> tuple[int, int]:
        """What tells an older run from a newer one."""
        return self.run_number, self.run_attempt

    @property
    def run_link(self) -> str:
        if not (self.server and self.run_id):
            return ""
        return f"{self.server}/{self.repository}/actions/runs/{self.run_id}/attempts/{self.run_attempt}"


def surroundings_of(environ: Mapping[str, str]) -> Surroundings:
    """What the runner's variables and the file of its event say; raises DlcapplyError for what they can't."""
    name = environ.get("GITHUB_EVENT_NAME", "")
    event = _event(environ.get("GITHUB_EVENT_PATH", ""))
    pull = event.get("pull_request") if isinstance(event.get("pull_request"), dict) else None
    repository = environ.get("GITHUB_REPOSITORY", "")
    if not _REPOSITORY.fullmatch(repository):
        raise UsageError(
            f"GITHUB_REPOSITORY is not owner/name: {repository[:_LONGEST_SHOWN]!r}",
            hint="it is set where GitHub Actions runs a step; elsewhere, set it by hand",
        )
    return Surroundings(
        address=(environ.get("GITHUB_API_URL") or GITHUB).rstrip("/"),
        server=environ.get("GITHUB_SERVER_URL", "").rstrip("/"),
        repository=repository,
        event=name,
        commit=_commit(name, event, environ),
        run_id=_number(environ, "GITHUB_RUN_ID"),
        run_number=_number(environ, "GITHUB_RUN_NUMBER"),
        run_attempt=_number(environ, "GITHUB_RUN_ATTEMPT"),
        pull_request=_pull_request(name, event),
        labels=_labels(pull) if name == PULL_REQUEST and pull and "labels" in pull else None,
        is_closed=pull is not None and pull.get("state") == "closed",
    )


def token_of(environ: Mapping[str, str]) -> str:
    """The token, to be handed to the client library and to nobody else; raises UsageError without one."""
    token = environ.get("GITHUB_TOKEN", "")
    if not token:
        raise UsageError(
            "GITHUB_TOKEN is not set", hint="give the step env: {GITHUB_TOKEN: ${{ github.token }}}"
        )
    if not token.isascii() or not token.isprintable() or " " in token:
        raise UsageError("GITHUB_TOKEN is not a token: it has blanks, or characters that no header may have")
    return token


def _event(path: str) -> Mapping[str, Any]:
    if not path:
        return {}
    try:
        text = read_bytes(path, _MAX_EVENT)
        event = strict_json.loads(text) if len(text) <= _MAX_EVENT else None
    except OSError as error:
        raise DlcapplyError(f"the event at GITHUB_EVENT_PATH can't be read: {reason(error)}") from error
    except ValueError as error:
        raise DlcapplyError("the event at GITHUB_EVENT_PATH is not JSON") from error
    if not isinstance(event, dict):
        raise DlcapplyError("the event at GITHUB_EVENT_PATH is not a JSON object that could be one")
    return event


def _commit(name: str, event: Mapping[str, Any], environ: Mapping[str, str]) -> str:
    """The commit under review; for pull requests GITHUB_SHA is a merge that nobody will ever see."""
    match name:
        case "pull_request":
            found = _at(event, "pull_request", "head", "sha")
        case "merge_group":
            found = _at(event, "merge_group", "head_sha")
        case _:
            found = environ.get("GITHUB_SHA", "")
    if found == "" and name not in {PULL_REQUEST, MERGE_GROUP}:
        return ""
    if not isinstance(found, str) or not _COMMIT.fullmatch(found):
        raise DlcapplyError(f"the event {name[:_LONGEST_SHOWN]!r} names no commit")
    return found


def _pull_request(name: str, event: Mapping[str, Any]) -> int | None:
    match name:
        case "pull_request":
            number = _at(event, "pull_request", "number")
        case "merge_group":
            queued = _GROUP.fullmatch(str(_at(event, "merge_group", "head_ref")))
            number = int(queued[1]) if queued else None
        case _:
            return None
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        raise DlcapplyError(f"the event {name} names no pull request")
    return number


def _labels(pull: Mapping[str, Any]) -> tuple[str, ...]:
    labels = pull.get("labels")
    found = labels if isinstance(labels, list) else [None]
    names = [one.get("name") if isinstance(one, dict) else one for one in found]
    if not all(isinstance(name, str) for name in names):
        raise DlcapplyError("the event's labels can't be read")
    return tuple(str(name) for name in names)


def _at(document: Any, *keys: str) -> Any:
    for key in keys:
        document = document.get(key) if isinstance(document, dict) else None
    return document


def _number(environ: Mapping[str, str], name: str) -> int:
    """The number, 0 where the variable is not set."""
    text = environ.get(name, "")
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and len(text) <= 18):  # noqa: PLR2004  of a signed 64-bit number
        raise UsageError(f"{name} is not a number: {text[:_LONGEST_SHOWN]!r}")
    return int(text)
