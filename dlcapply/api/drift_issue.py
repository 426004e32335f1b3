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
