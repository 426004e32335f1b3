"""One open issue of ours for the drift of an environment, as long as there is some."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from dlcapply.forge.markers import Marker, marked, marker_of

if TYPE_CHECKING:
    from dlcapply.forge.service import Tracking
    from dlcapply.forge.values import Issue

_FOOT = "\n<!-- dlcapply-foot -->\n"


class Told(StrEnum):
    OPENED = "opened"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    CLOSED = "closed"
    NOTHING = "nothing"  # there is no drift, and no issue
    NEWER = "newer"  # a newer run has written before


@dataclass(frozen=True, slots=True)
class Draft:
    """What an issue is to say; the `foot` tells of the run, and is no reason to write it anew."""

    title: str
    body: str
    foot: str

    def marked(self, marker: Marker) -> str:
        return marked(f"{self.body.strip()}{_FOOT}{self.foot}", marker)

    def is_told_by(self, issue: Issue) -> bool:
        _, _, below = issue.body.replace("\r\n", "\n").partition("\n")
        body, _, _ = below.rpartition(_FOOT)
        return (issue.title, body) == (self.title, self.body.strip())


def tell_drift(forge: Tracking, marker: Marker, draft: Draft, *, has_drifted: bool) -> tuple[Told, int]:
    """There is one open issue about the subject if there is drift, and none otherwise; its number, or 0."""
    author = forge.viewer()
    open_ones = _ours(forge, marker, author)
    if not open_ones and not has_drifted:
        return Told.NOTHING, 0
    if not open_ones:
        made = forge.add_issue(draft.title, draft.marked(marker))
        if made.author == author or not (open_ones := _ours(forge, marker, made.author)):
            return Told.OPENED, made.number
    issue, *others = open_ones
    for other in others:
        forge.close_issue(other.number, body=marked(f"Told in #{issue.number}.", marker))
    return _kept(forge, issue, marker, draft, has_drifted=has_drifted), issue.number


def _kept(forge: Tracking, issue: Issue, marker: Marker, draft: Draft, *, has_drifted: bool) -> Told:
    """What was done so that the issue says what is so."""
    theirs = marker_of(issue.body)
    if theirs is not None and theirs.run > marker.run:
        return Told.NEWER
    if not has_drifted:
        forge.close_issue(issue.number, body=draft.marked(marker))
        return Told.CLOSED
    if draft.is_told_by(issue):
        return Told.UNCHANGED
    forge.edit_issue(issue.number, title=draft.title, body=draft.marked(marker))
    return Told.UPDATED


def _ours(forge: Tracking, marker: Marker, author: str) -> list[Issue]:
    """Our open issues about the subject, the oldest first."""
    found = [
        issue
        for issue in forge.issues_by(author)
        if issue.author == author
        and (theirs := marker_of(issue.body)) is not None
        and theirs.subject == marker.subject
    ]
    return sorted(found, key=lambda issue: issue.number)
