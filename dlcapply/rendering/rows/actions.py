"""What is stopped, and what is asked for anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dlcapply.model.plans import Change
    from dlcapply.model.stops import ShownRun
    from dlcapply.planning.run_progress import Spent


@dataclass(frozen=True, slots=True)
class NewToken:
    """The token that a job's manifest gets. `overrides` is where the one stands that counted so far, if not
    in the manifest itself.
    """

    name: str
    file: str
    before: str
    after: str
    overrides: str = ""


@dataclass(frozen=True, slots=True)
class EditedFile:
    """A file of manifests, as it is and as it is to be."""

    name: str
    before: bytes
    after: bytes


@dataclass(frozen=True, slots=True)
class StopRow:
    """A run that is to be stopped, and what is lost with it; `protected` says what forbids the stop.

    `whose` tells of a stranger's run whose it is; it is empty for one of ours.
    """

    shown: ShownRun
    spent: Spent
    protected: str = ""
    whose: str = ""


@dataclass(frozen=True, slots=True)
class FollowsRow:
    """What the next apply does about a job whose run was stopped, and what to do about that.

    `starts` is whether it starts a run again, now or later; None where nobody can tell.
    """

    name: str
    starts: bool | None
    text: str
    change: Change | None = None
