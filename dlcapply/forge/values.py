"""What a forge knows, as far as it is asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Repository:
    id: int
    name: str  # owner/name
    default_branch: str


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull request; `head_repository` is the id of the one that its branch is in, None once it is gone.

    `merge_commit` is the commit by which it was merged. `files` is how many it touches; None in lists, which
    do not say.
    """

    number: int
    head_branch: str
    head_commit: str
    head_repository: int | None
    base: str
    created: datetime
    updated: datetime
    closed: datetime | None = None
    merged: datetime | None = None
    merge_commit: str = ""
    labels: tuple[str, ...] = ()
    files: int | None = None

    @property
    def is_open(self) -> bool:
        return self.closed is None


@dataclass(frozen=True, slots=True)
class WorkflowRun:
    """A run of a workflow; `number` counts those of the workflow, `id` those of everybody."""

    id: int
    number: int
    event: str
    path: str
    head_commit: str
    head_branch: str
    head_repository: int | None
    created: datetime
    conclusion: str = ""


@dataclass(frozen=True, slots=True)
class Artifact:
    """What a run left behind; `digest` is SHA-256 of the archive in hex, empty where nobody says.

    `created` is None where nobody says, either.
    """

    id: int
    name: str
    run: int
    head_commit: str
    created: datetime | None
    size: int
    is_expired: bool
    digest: str = ""


@dataclass(frozen=True, slots=True)
class CheckRun:
    """What an app says of a commit; ids rise with time. `said` is when, None where nobody tells."""

    id: int
    name: str
    app: str
    is_completed: bool
    conclusion: str
    external_id: str
    text: str = ""
    said: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewCheck:
    name: str
    commit: str
    external_id: str
    conclusion: str
    title: str
    summary: str
    text: str
    link: str


@dataclass(frozen=True, slots=True)
class Comment:
    id: int
    author: str
    body: str


@dataclass(frozen=True, slots=True)
class Issue:
    number: int
    author: str
    title: str
    body: str
