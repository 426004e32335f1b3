"""One comment of ours on a pull request: made, brought up to date, and never taken back by an older run."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from dlcapply.forge.markers import Marker, marked, marker_of
from dlcapply.forge.service import ForgeError

if TYPE_CHECKING:
    from dlcapply.forge.service import Commenting
    from dlcapply.forge.values import Comment

# Who deletes a comment just when it is updated will not do so for ever.
_TRIES = 3


class Written(StrEnum):
    MADE = "made"
    UPDATED = "updated"
    NEWER = "newer"  # a newer run, or one of the present head, has written before
    CLOSED = "closed"  # nobody reviews it any more


class Standing(NamedTuple):
    """Our comments about the subject, the oldest first, which is the one that stays."""

    stays: Comment
    marker: Marker
    others: tuple[Comment, ...]


def write_comment(
    forge: Commenting, number: int, marker: Marker, body: str, *, also_closed: bool = False
) -> Written:
    """The pull request has one comment of ours about the subject, of this run or a newer one.

    Once it is closed, what is said of it stays: an event that is run again tells of it as it was.
    """
    pull = forge.pull_request(number)
    if not (pull.is_open or also_closed):
        return Written.CLOSED
    author, head = forge.viewer(), pull.head_commit
    text = marked(body, marker)
    for _ in range(_TRIES):
        standing = _standing(forge, number, marker, author)
        if standing is None:
            made = forge.add_comment(number, text)
            return _settled(forge, number, marker, made, text)
        if is_older(marker, standing.marker, head=head):
            _remove(forge, standing)
            return Written.NEWER
        if forge.edit_comment(standing.stays.id, marked(body, _known(marker, standing.marker))):
            _remove(forge, standing)
            return Written.UPDATED
    raise ForgeError(f"the comment on pull request {number} was deleted again and again: it is not written")


def _known(ours: Marker, theirs: Marker) -> Marker:
    """The marker, with the origin that was known before."""
    return ours if ours.subject.origin else replace(ours, subject=theirs.subject)


def is_older(ours: Marker, theirs: Marker, *, head: str) -> bool:
    """Whether what stands there stays: of a newer run, or of the present head where ours is of another."""
    return ours.run < theirs.run or (theirs.commit == head and ours.commit not in {"", head})


def _settled(forge: Commenting, number: int, marker: Marker, made: Comment, text: str) -> Written:
    """After a comment was made: another run may have made one at the same time, and the oldest stays.

    The author is who it was made by: the token of an app of one's own does not tell before.
    """
    standing = _standing(forge, number, marker, made.author)
    if standing is None:
        return Written.MADE  # and somebody has deleted it since
    newest = max((standing.marker, *_markers(standing.others)), key=lambda one: one.run)
    is_ours = newest.run <= marker.run
    if is_ours and standing.stays.id != made.id:
        forge.edit_comment(standing.stays.id, text)
    _remove(forge, standing)
    return Written.MADE if is_ours else Written.NEWER


def _markers(comments: tuple[Comment, ...]) -> list[Marker]:
    return [found for one in comments if (found := marker_of(one.body))]


def _remove(forge: Commenting, standing: Standing) -> None:
    for comment in standing.others:
        forge.delete_comment(comment.id)


def _standing(forge: Commenting, number: int, marker: Marker, author: str) -> Standing | None:
    """Ours of the subject; where an origin is not known, those of the owner, if they are all of one."""
    found = [
        (comment, theirs)
        for comment in forge.comments(number)
        if comment.author == author and (theirs := marker_of(comment.body)) and _may_be(theirs, marker)
    ]
    exactly = [pair for pair in found if pair[1].subject == marker.subject]
    if not exactly and len({theirs.subject for _, theirs in found}) > 1:
        return None
    ordered = sorted(exactly or found, key=lambda pair: pair[0].id)
    if not ordered:
        return None
    (stays, theirs), *others = ordered
    return Standing(stays, theirs, tuple(comment for comment, _ in others))


def _may_be(theirs: Marker, ours: Marker) -> bool:
    """Whether it is of the same subject, or may be: a report in place of a plan does not know the origin."""
    one, other = theirs.subject, ours.subject
    is_known = bool(one.origin and other.origin)
    is_same_owner = (one.kind, one.owner) == (other.kind, other.owner)
    return is_same_owner and (one.origin == other.origin or not is_known)
