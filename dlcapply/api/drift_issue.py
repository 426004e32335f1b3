"""The issue that tells of drift, for as long as there is some."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dlcapply.api.review_texts import told_of_document, with_foot
from dlcapply.forge.drift_issues import Told as Done
from dlcapply.forge.drift_issues import tell_drift
from dlcapply.forge.markers import Marker, Subject
from dlcapply.manifest.files.saved_plan import read_plan_document
from dlcapply.model.plans import FieldKind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from dlcapply.api.review_texts import Told
    from dlcapply.forge.service import Tracking
    from dlcapply.forge.surroundings import Surroundings

_DRIFT = "drift"
_LONGEST_TITLE = 256  # "title is too long (maximum is 256 characters)"
_WORDS = {
    Done.OPENED: "opened",
    Done.UPDATED: "brought up to date",
    Done.UNCHANGED: "says so already",
    Done.CLOSED: "closed: there is no drift any more",
    Done.NEWER: "is of a newer run: it stays",
}


@dataclass(frozen=True, slots=True)
class Drift:
    """What is told of drift in an environment, and whether there is any."""

    told: Told
    has_drifted: bool


def drift_of(file: str) -> Drift:
    """The drift that a plan's JSON document tells of; raises DlcapplyError for another file."""
    document = read_plan_document(file)
    told = told_of_document(document, file)
    return Drift(told, _has_drifted(document))


def _has_drifted(document: Mapping[str, Any]) -> bool:
    if _DRIFT in document:
        return bool(document[_DRIFT])
    fields = (field for change in document["changes"] for field in change["fields"])
    return any(field["kind"] == FieldKind.DRIFTED for field in fields)


def title_of(drift: Drift) -> str:
    return f"dlcapply: drift in {drift.told.owner}"[:_LONGEST_TITLE]


def body_of(drift: Drift, around: Surroundings) -> str:
    """The issue's text, without the mark by which it is found again."""
    return with_foot(drift.told, around)


def tell(drift: Drift, around: Surroundings, repository: Tracking) -> str:
    """What was done, in words: there is one open issue where there is drift, and none otherwise."""
    subject = Subject(_DRIFT, drift.told.owner, drift.told.origin)
    done, number = tell_drift(
        repository,
        Marker(subject, around.run, around.commit),
        title=title_of(drift),
        body=body_of(drift, around),
        has_drifted=drift.has_drifted,
    )
    if done is Done.NOTHING:
        return f"no drift in {drift.told.owner}, and no issue about it"
    return f"issue {number} {_WORDS[done]}"
