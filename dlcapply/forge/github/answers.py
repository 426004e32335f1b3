"""JSON of GitHub → values; what has another form than documented is an error, never a guess."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from dlcapply.forge.values import (
    Artifact,
    CheckRun,
    Comment,
    Issue,
    PullRequest,
    Repository,
    WorkflowRun,
)

Json = Any
_DIGEST = re.compile(r"sha256:([0-9a-f]{64})")


class UnreadableError(ValueError):
    """The answer lacks a key, or has another type there."""


def _of(kind: type, document: Json, *keys: str) -> Any:
    """The value at the keys, of this type; a bool is no int."""
    found = document
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    if not isinstance(found, kind) or (kind is int and isinstance(found, bool)):
        raise UnreadableError(".".join(keys))
    return found


def _maybe(kind: type, document: Json, *keys: str) -> Any:
    *above, last = keys
    holder = document
    for key in above:
        holder = holder.get(key) if isinstance(holder, dict) else None
    return None if not isinstance(holder, dict) or holder.get(last) is None else _of(kind, holder, last)


def _time(document: Json, key: str) -> datetime:
    return _parsed(_of(str, document, key))


def _maybe_time(document: Json, key: str) -> datetime | None:
    text = _maybe(str, document, key)
    return None if text is None else _parsed(text)


def _parsed(text: str) -> datetime:
    try:
        time = datetime.fromisoformat(text)
        return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise UnreadableError(text[:40]) from None


def repository_of(document: Json) -> Repository:
    return Repository(
        _of(int, document, "id"), _of(str, document, "full_name"), _of(str, document, "default_branch")
    )


def pull_request_of(document: Json) -> PullRequest:
    return PullRequest(
        number=_of(int, document, "number"),
        head_branch=_of(str, document, "head", "ref"),
        head_commit=_of(str, document, "head", "sha"),
        head_repository=_maybe(int, document, "head", "repo", "id"),
        base=_of(str, document, "base", "ref"),
        created=_time(document, "created_at"),
        updated=_time(document, "updated_at"),
        closed=_maybe_time(document, "closed_at"),
        merged=_maybe_time(document, "merged_at"),
        merge_commit=_maybe(str, document, "merge_commit_sha") or "",
        labels=labels_of(document),
        files=_maybe(int, document, "changed_files"),
    )


def labels_of(document: Json) -> tuple[str, ...]:
    """The names of labels, which are objects for pull requests, and may be plain names for issues."""
    labels = _of(list, document, "labels")
    return tuple(one if isinstance(one, str) else _of(str, one, "name") for one in labels)


def run_of(document: Json) -> WorkflowRun:
    return WorkflowRun(
        id=_of(int, document, "id"),
        number=_of(int, document, "run_number"),
        event=_of(str, document, "event"),
        path=_of(str, document, "path"),
        head_commit=_of(str, document, "head_sha"),
        head_branch=_maybe(str, document, "head_branch") or "",
        head_repository=_maybe(int, document, "head_repository", "id"),
        created=_time(document, "created_at"),
        conclusion=_maybe(str, document, "conclusion") or "",
    )


def artifact_of(document: Json) -> Artifact:
    digest = _DIGEST.fullmatch(_maybe(str, document, "digest") or "")
    return Artifact(
        id=_of(int, document, "id"),
        name=_of(str, document, "name"),
        run=_of(int, document, "workflow_run", "id"),
        head_commit=_of(str, document, "workflow_run", "head_sha"),
        created=_maybe_time(document, "created_at"),
        size=_of(int, document, "size_in_bytes"),
        is_expired=_of(bool, document, "expired"),
        digest=digest[1] if digest else "",
    )


def may_be_of_the_repository(document: Json) -> bool:
    """Whether the artefact may be of a run for a branch of the repository itself.

    GitHub may leave out the run, and each of its keys. Without the run nothing says what was planned; without
    the repositories it is the run that tells whose it is.
    """
    _of(str, document, "name")
    run = _maybe(dict, document, "workflow_run")
    if not run or _maybe(int, run, "id") is None or not _maybe(str, run, "head_sha"):
        return False
    if "head_repository_id" not in run or "repository_id" not in run:
        return True
    whose: tuple[Json, Json] = run["head_repository_id"], run["repository_id"]
    return whose[0] is not None and whose[0] == whose[1]


def check_of(document: Json) -> CheckRun:
    return CheckRun(
        id=_of(int, document, "id"),
        name=_of(str, document, "name"),
        app=_maybe(str, document, "app", "slug") or "",
        is_completed=_of(str, document, "status") == "completed",
        conclusion=_maybe(str, document, "conclusion") or "",
        external_id=_maybe(str, document, "external_id") or "",
        text=_maybe(str, document, "output", "text") or "",
        said=_maybe_time(document, "completed_at") or _maybe_time(document, "started_at"),
    )


def comment_of(document: Json) -> Comment:
    author = _maybe(str, document, "user", "login") or ""  # a ghost's, once the account is gone
    return Comment(_of(int, document, "id"), author, _maybe(str, document, "body") or "")


def issue_of(document: Json) -> Issue:
    return Issue(
        _of(int, document, "number"),
        _maybe(str, document, "user", "login") or "",
        _of(str, document, "title"),
        _maybe(str, document, "body") or "",
    )


def paths_of(document: Json) -> tuple[str, ...]:
    before = _maybe(str, document, "previous_filename")
    return (_of(str, document, "filename"), *([before] if before is not None else []))


def event_of(document: Json) -> str:
    """The name of something that happened."""
    name: str = _of(str, document, "event")
    return name
