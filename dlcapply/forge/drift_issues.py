"""One open issue of ours for the drift of an environment, as long as there is some."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from dlcapply.forge.markers import Marker, marked, marker_of

if TYPE_CHECKING:
    from dlcapply.forge.service import Tracking
    from dlcapply.forge.values import Issue


class Told(StrEnum):
    OPENED = "opened"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    CLOSED = "closed"
    NOTHING = "nothing"  # there is no drift, and no issue
    NEWER = "newer"  # a newer run has written before


def tell_drift(
    forge: Tracking, marker: Marker, *, title: str, body: str, has_drifted: bool
) -> tuple[Told, int]:
    """There is one open issue about the subject if there is drift, and none otherwise; its number, or 0."""
    author = forge.viewer()
    open_ones = _ours(forge, marker, author)
    if not open_ones and not has_drifted:
        return Told.NOTHING, 0
    if not open_ones:
        made = forge.add_issue(title, marked(body, marker))
        if made.author == author or not (open_ones := _ours(forge, marker, made.author)):
            return Told.OPENED, made.number
    return _kept(forge, open_ones, marker, title=title, body=body, has_drifted=has_drifted)


def _kept(
    forge: Tracking, open_ones: list[Issue], marker: Marker, *, title: str, body: str, has_drifted: bool
) -> tuple[Told, int]:
    """The oldest is as it should be, and the others are closed."""
    issue, *others = open_ones
    for other in others:
        forge.close_issue(other.number, body=marked(f"Told in #{issue.number}.", marker))
    theirs = marker_of(issue.body)
    if theirs is not None and theirs.run > marker.run:
        return Told.NEWER, issue.number
    if not has_drifted:
        forge.close_issue(issue.number, body=marked(body, marker))
        return Told.CLOSED, issue.number
    if _content(issue.body) == body.strip() and issue.title == title:
        return Told.UNCHANGED, issue.number
    forge.edit_issue(issue.number, title=title, body=marked(body, marker))
    return Told.UPDATED, issue.number


def _ours(forge: Tracking, marker: Marker, author: str) -> list[Issue]:
    found = [
        issue
        for issue in forge.issues_by(author)
        if issue.author == author
        and (theirs := marker_of(issue.body)) is not None
        and theirs.subject == marker.subject
    ]
    return sorted(found, key=lambda issue: issue.number)


def _content(body: str) -> str:
    return body.partition("\n")[2].replace("\r\n", "\n").strip()
