"""What is asked of a forge, and how it refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from dlcapply.errors import DlcapplyError

if TYPE_CHECKING:
    from collections.abc import Iterator

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


# The status of what is there, and can't be told whole; GitHub's own for such a request, too.
TOO_MUCH = 422


class ForgeError(DlcapplyError):
    """The forge refused, or gave no usable answer; `status` is that of HTTP, 0 where there is none."""

    def __init__(self, message: str, *, status: int = 0, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.status = status


class Commenting(Protocol):
    """The comments of pull requests. `edit` and `delete` say whether the comment was still there."""

    def viewer(self) -> str:
        """The name under which this process writes."""
        ...

    def pull_request(self, number: int) -> PullRequest: ...
    def comments(self, number: int) -> Iterator[Comment]: ...
    def add_comment(self, number: int, body: str) -> Comment: ...
    def edit_comment(self, comment: int, body: str) -> bool: ...
    def delete_comment(self, comment: int) -> bool: ...


class Checking(Protocol):
    """What is said of commits."""

    def checks(self, commit: str, name: str) -> Iterator[CheckRun]:
        """Every one of the name that was ever made for the commit, and may be seen."""
        ...

    def add_check(self, check: NewCheck) -> CheckRun: ...


class Reviewing(Checking, Protocol):
    """What was reviewed and merged, and what the runs of workflows left behind."""

    def repository(self) -> Repository: ...
    def pull_request(self, number: int) -> PullRequest: ...

    def pull_requests(self) -> Iterator[PullRequest]:
        """All, those first that were touched last; no state is asked for, so that none leaves the list."""
        ...

    def pull_requests_of(self, branch: str) -> Iterator[PullRequest]:
        """All whose head is this branch of the repository itself, open and closed."""
        ...

    def touched_paths(self, number: int) -> Iterator[tuple[str, ...]]:
        """The path of each file that the pull request touches, with the one it had before where it moved."""
        ...

    def happenings(self, number: int) -> Iterator[str]:
        """The names of what happened to a pull request, in order."""
        ...

    def runs(self, workflow: str, commit: str) -> Iterator[WorkflowRun]:
        """The runs for the commit of the workflow file of this name, whatever started them."""
        ...

    def artifacts(self, name: str) -> Iterator[Artifact]:
        """Those of exactly this name, of runs for branches of the repository itself."""
        ...

    def archive(self, artifact: Artifact) -> bytes:
        """The zip file that the artefact is."""
        ...


class Tracking(Protocol):
    """The open issues of the repository."""

    def viewer(self) -> str: ...
    def issues_by(self, author: str) -> Iterator[Issue]: ...
    def add_issue(self, title: str, body: str) -> Issue: ...
    def edit_issue(self, issue: int, *, title: str, body: str) -> None: ...
    def close_issue(self, issue: int, *, body: str) -> None: ...
