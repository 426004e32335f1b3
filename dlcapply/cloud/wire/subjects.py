"""What a call is about, in a few words for people."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dlcapply.model.jobs import Spec

# Behind `/api/v1/<kind>/`; the rest of a path names what the operation does.
_KINDS = frozenset({"jobs", "pods", "quotas", "tensorboards", "workspaces", "images", "datasets"})
_LONGEST = 100


def subject(path: str, query: Mapping[str, str] | None = None, body: Spec | None = None) -> str:
    """The ids in the path, and what the query or the body narrows or names; empty for everything."""
    return ", ".join(word[:_LONGEST] for word in (*_ids(path), *_narrowed(query or {}), *_named(body or {})))


def _ids(path: str) -> Iterator[str]:
    parts = path.strip("/").split("/")
    for kind, name in pairwise(parts):
        if kind in _KINDS and name:
            yield unquote(name)


def _narrowed(query: Mapping[str, str]) -> Iterator[str]:
    if name := query.get("DisplayName"):
        yield name
    if ids := query.get("JobIds"):
        count = len(ids.split(","))
        yield f"{count} run" if count == 1 else f"{count} runs"
    if status := query.get("Status"):
        yield status
    if (page := query.get("PageNumber", "1")) != "1":
        yield f"page {page}"


def _named(body: Spec) -> Iterator[str]:
    if isinstance(name := body.get("DisplayName"), str):
        yield name
