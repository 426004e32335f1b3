"""The issue that tells of drift, for as long as there is some."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.api.review.texts import ABOVE_A_FOOT, told_by
from dlcapply.errors import UsageError
from dlcapply.forge.drift_issues import Draft, Told, tell_drift
from dlcapply.forge.markers import Marker, Subject
from dlcapply.manifest.files.saved_plan import read_drift_document
from dlcapply.planning.restored_plans import drift_report_of
from dlcapply.rendering.markdown.drift import drift_markdown

if TYPE_CHECKING:
    from dlcapply.forge.service import Tracking
    from dlcapply.forge.surroundings import Surroundings
    from dlcapply.model.drift import DriftReport

_LONGEST_TITLE = 256  # "title is too long (maximum is 256 characters)"
_WORDS = {
    Told.OPENED: "opened",
    Told.UPDATED: "brought up to date",
    Told.UNCHANGED: "says so already",
    Told.CLOSED: "closed: there is no drift any more",
    Told.NEWER: "is of a newer run: it stays",
}


def drift_of(file: str) -> DriftReport:
    """The drift that a JSON document tells of; raises DlcapplyError for another file."""
    report = drift_report_of(read_drift_document(file))
    if not report.scope.owner:
        raise UsageError(f"{file} is of nobody's jobs: without an owner, no two can be told apart")
    return report


def draft_of(report: DriftReport, around: Surroundings) -> Draft:
    """What the issue is to say, without the mark by which it is found again."""
    title = f"dlcapply: drift in {report.scope.owner}"[:_LONGEST_TITLE]
    return Draft(title, drift_markdown(report, size=ABOVE_A_FOOT), told_by(around))


def tell(report: DriftReport, around: Surroundings, repository: Tracking) -> str:
    """What was done, in words: there is one open issue where there is drift, and none otherwise."""
    subject = Subject("drift", report.scope.owner, report.scope.origin)
    marker = Marker(subject, around.run, around.commit)
    draft = draft_of(report, around)
    done, number = tell_drift(repository, marker, draft, has_drifted=bool(report.proven))
    if done is Told.NOTHING:
        return f"no drift in {report.scope.owner}, and no issue about it"
    return f"issue {number} {_WORDS[done]}"
