"""Whose a run is, in words: in a sentence, and in the few that a column has room for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.model.jobs import LONGEST_TAG
from dlcapply.model.runs import Ownership
from dlcapply.pai import CLONE_TAG
from dlcapply.planning.marks import ORIGIN_TAG, OWNER_TAG
from dlcapply.planning.ownership import carried, is_released, is_twin, marked

if TYPE_CHECKING:
    from dlcapply.model.claims import OwnerMarks
    from dlcapply.model.runs import Run


def whose(run: Run, ownership: Ownership) -> str:
    """What the run is, to end a sentence: `a run of team-b/prod`, `a clone of dlc1`."""
    match ownership:
        case Ownership.FOREIGN | Ownership.UNMARKED | Ownership.OTHER_ORIGIN if run.claim is not None:
            return by_claim(_counts_as(run, ownership), carried(run))
        case Ownership.FOREIGN:
            return f"a run of {run.tags[OWNER_TAG]}"
        case Ownership.OTHER_ORIGIN:
            return f"a run of another repository, {run.tags[ORIGIN_TAG]}"
        case Ownership.CLONE:
            is_second = is_twin(run, ownership)
            return "a second run of one create" if is_second else f"a clone of {run.tags[CLONE_TAG]}"
        case Ownership.DISPUTED:
            return "disputed: the claim on it is void"
        case _:
            return "ours" if ownership is Ownership.OURS else "not ours"


def whose_briefly(run: Run, ownership: Ownership) -> str:
    """The same in as few words as that takes."""
    match ownership:
        case Ownership.OURS | Ownership.DISPUTED:
            return ownership.value
        case Ownership.CLONE:
            origin = tag_text(run, CLONE_TAG)
            return f"clone of {origin}" if origin else "second run of one create"
        case Ownership.UNMARKED:
            return "released" if is_released(run) else ownership.value
        case Ownership.OTHER_ORIGIN:
            return tag_text(run, ORIGIN_TAG) or ownership.value
        case Ownership.FOREIGN:
            return "released" if is_released(run) else tag_text(run, OWNER_TAG)


def by_claim(counts_as: str, marked: OwnerMarks, *, owner: str = "") -> str:
    """Whose a run with a claim counts as for the owner, and what its own marks say."""
    match counts_as:
        case "":
            told = "released"
        case _ if counts_as == owner:
            told = "ours"
        case _:
            told = f"a run of {counts_as}"
    return f"{told} by a claim; {marks_say(marked)}"


def marks_say(whose: OwnerMarks) -> str:
    return f"its marks say {owner_text(whose)}" if whose.owner else "it carries no owner's mark"


def owner_text(whose: OwnerMarks) -> str:
    return f"{whose.owner} ({whose.origin})" if whose.origin else whose.owner


def tag_text(run: Run, tag: str) -> str:
    """The tag, for people: nothing fails where it can't be read."""
    value = run.tags.get(tag, "")
    return value[:LONGEST_TAG] if isinstance(value, str) and value.isprintable() else ""


def _counts_as(run: Run, ownership: Ownership) -> str:
    whose = marked(run)
    return owner_text(whose) if ownership is Ownership.OTHER_ORIGIN else whose.owner
