"""The merged pull requests whose plans are taken, or are not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from dlcapply.model.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class ApprovalRow:
    """A merged pull request, what became of its plan, and why; the rest is of a plan that was taken."""

    number: int
    verdict: Verdict
    why: str
    file: str = ""
    hash: str = ""
    expires: datetime | None = None


@dataclass(frozen=True, slots=True)
class ApprovedPlans:
    """The merged pull requests that were looked at; `is_complete` is whether those were all.

    `folder` has the files of the plans that were taken; it is empty where nothing was written.
    """

    owner: str
    folder: str
    rows: tuple[ApprovalRow, ...]
    is_complete: bool
    requests: int
