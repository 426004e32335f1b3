"""A repository of GitHub, as everything else here asks for it (`service.py`)."""

from __future__ import annotations

import math
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from dlcapply.forge.github import answers
from dlcapply.forge.github.api import Api, unreadable
from dlcapply.forge.service import ForgeError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from dlcapply.forge.values import (
        Artifact,
        CheckRun,
        Comment,
        Issue,
        NewCheck,
        PullRequest,
        Repository,
        WorkflowRun,
    )

T = TypeVar("T")
# As whom a workflow's token writes: it may not ask.
WORKFLOWS = "github-actions[bot]"
_CHECKS = "checks: read"
_RUNS = "actions: read"
_PULLS = "pull-requests: read"
# So many in a row are no accident of one day, and no page that somebody has filled.
_ENOUGH_EXPIRED = 1_000


class GitHubRepository:
    def __init__(self, api: Api) -> None:
        self._api = api

    @property
    def sent(self) -> int:
        """How many requests were sent to the API."""
        return self._api.sent

    def close(self) -> None:
        self._api.close()

    def viewer(self) -> str:
        """As whom it writes; GitHub tells a person, and refuses the question of a workflow's token.

        Whatever else is refused to the token is refused to the next request too, and told there.
        """
        doing = "can't ask whose token it is"
        try:
            found = self._api.get("/user", doing, "metadata: read")
        except ForgeError as error:
            if error.status in {HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}:
                return WORKFLOWS
            raise
        login = found.get("login") if isinstance(found, dict) else None
        if not isinstance(login, str) or not login:
            raise unreadable(doing)
        return login

    def repository(self) -> Repository:
        doing = "can't look at the repository"
        return _read(answers.repository_of, self._api.get("", doing, "metadata: read"), doing)

    def pull_request(self, number: int) -> PullRequest:
        doing = f"can't look at pull request {number}"
        return _read(answers.pull_request_of, self._api.get(f"pulls/{number}", doing, _PULLS), doing)

    def pull_requests(self) -> Iterator[PullRequest]:
        asked = {"state": "all", "sort": "updated", "direction": "desc"}
        return self._listed(answers.pull_request_of, "pulls", "can't list pull requests", _PULLS, **asked)

    def pull_requests_of(self, branch: str) -> Iterator[PullRequest]:
        owner = self._api.repository.partition("/")[0]
        asked = {"state": "all", "head": f"{owner}:{branch}"}
        return self._listed(answers.pull_request_of, "pulls", "can't list pull requests", _PULLS, **asked)

    def touched_paths(self, number: int) -> Iterator[tuple[str, ...]]:
        doing = f"can't list the files of pull request {number}"
        return self._listed(answers.paths_of, f"pulls/{number}/files", doing, _PULLS)

    def happenings(self, number: int) -> Iterator[str]:
        """By the issue events API: the timeline is not documented to tell of changed bases.

        https://docs.github.com/rest/using-the-rest-api/issue-event-types#base_ref_changed
        """
        doing = f"can't read what happened to pull request {number}"
        path = f"issues/{number}/events"
        return self._listed(answers.event_of, path, doing, "issues: read")

    def comments(self, number: int) -> Iterator[Comment]:
        doing = f"can't list the comments of pull request {number}"
        return self._listed(answers.comment_of, f"issues/{number}/comments", doing, _PULLS)

    def add_comment(self, number: int, body: str) -> Comment:
        doing = f"can't comment on pull request {number}"
        path, needs = f"issues/{number}/comments", "pull-requests: write"
        return _read(answers.comment_of, self._api.post(path, doing, needs, {"body": body}), doing)

    def edit_comment(self, comment: int, body: str) -> bool:
        path, doing = f"issues/comments/{comment}", "can't update the comment"
        return _unless_gone(lambda: self._api.patch(path, doing, "pull-requests: write", {"body": body}))

    def delete_comment(self, comment: int) -> bool:
        path, doing = f"issues/comments/{comment}", "can't delete a comment that is there twice"
        return _unless_gone(lambda: self._api.delete(path, doing, "pull-requests: write"))

    def checks(self, commit: str, name: str) -> Iterator[CheckRun]:
        doing = f"can't list the check runs of commit {commit[:12]}"
        path = f"commits/{quote(commit, safe='')}/check-runs"
        asked = {"check_name": name, "filter": "all"}
        return self._listed(answers.check_of, path, doing, _CHECKS, key="check_runs", **asked)

    def add_check(self, check: NewCheck) -> CheckRun:
        doing = f"can't put a check run on commit {check.commit[:12]}"
        output = {"title": check.title, "summary": check.summary, "text": check.text}
        body: dict[str, Any] = {"name": check.name, "head_sha": check.commit, "status": "completed"}
        body |= {"external_id": check.external_id, "conclusion": check.conclusion, "output": output}
        body |= {"details_url": check.link} if check.link else {}
        return _read(answers.check_of, self._api.post("check-runs", doing, "checks: write", body), doing)

    def runs(self, workflow: str, commit: str) -> Iterator[WorkflowRun]:
        doing = f"can't list the runs of {workflow}"
        path = f"actions/workflows/{quote(workflow, safe='')}/runs"
        return self._listed(answers.run_of, path, doing, _RUNS, key="workflow_runs", head_sha=commit)

    def artifacts(self, name: str) -> Iterator[Artifact]:
        doing = "can't list the artefacts"
        listed = self._api.pages("actions/artifacts", doing, _RUNS, key="artifacts", name=name)
        for one in until_expired(listed):
            if _read(answers.may_be_of_the_repository, one, doing):
                found = _read(answers.artifact_of, one, doing)
                if found.name == name:  # an older GitHub Enterprise Server lists all of them
                    yield found

    def archive(self, artifact: Artifact) -> bytes:
        """The archive from where GitHub keeps it, which is elsewhere: the token does not go there."""
        doing = f"can't download artefact {artifact.id}"
        where = self._api.location(f"actions/artifacts/{artifact.id}/zip", doing, _RUNS)
        return self._api.fetched(where, doing)

    def issues_by(self, author: str) -> Iterator[Issue]:
        """The open ones; GitHub lists pull requests among the issues."""
        doing = "can't list the issues"
        asked = {"state": "open", "creator": author, "direction": "asc"}
        for one in self._api.pages("issues", doing, "issues: read", **asked):
            found = _read(answers.issue_of, one, doing)
            if "pull_request" not in one:
                yield found

    def add_issue(self, title: str, body: str) -> Issue:
        doing = "can't open an issue"
        made = self._api.post("issues", doing, "issues: write", {"title": title, "body": body})
        return _read(answers.issue_of, made, doing)

    def edit_issue(self, issue: int, *, title: str, body: str) -> None:
        doing = f"can't update issue {issue}"
        self._api.patch(f"issues/{issue}", doing, "issues: write", {"title": title, "body": body})

    def close_issue(self, issue: int, *, body: str) -> None:
        doing = f"can't close issue {issue}"
        closed = {"state": "closed", "state_reason": "completed", "body": body}
        self._api.patch(f"issues/{issue}", doing, "issues: write", closed)

    def _listed(
        self, read: Callable[[Any], T], path: str, doing: str, needs: str, *, key: str = "", **asked: str
    ) -> Iterator[T]:
        for one in self._api.pages(path, doing, needs, key=key, **asked):
            yield _read(read, one, doing)


def until_expired(artifacts: Iterable[Any]) -> Iterator[Any]:
    """The artefacts up to where all that follow have expired, as far as that can be told.

    GitHub lists what has expired for long, the newest first. That is not documented: where it does not, all
    are read.
    """
    before, expired = math.inf, 0
    for one in artifacts:
        yield one
        number = one.get("id")
        is_newest_first = isinstance(number, int) and number < before
        before = number if is_newest_first else -math.inf
        expired = expired + 1 if one.get("expired") is True else 0
        if is_newest_first and expired >= _ENOUGH_EXPIRED:
            return


def _read(read: Callable[[Any], T], document: Any, doing: str) -> T:
    try:
        return read(document)
    except (answers.UnreadableError, AttributeError) as error:
        raise unreadable(doing) from error


def _unless_gone(act: Callable[[], object]) -> bool:
    """Whether what was to be changed was there; raises ForgeError for every other refusal."""
    try:
        act()
    except ForgeError as error:
        if error.status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
            return False
        raise
    return True
