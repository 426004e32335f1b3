"""What a project says of runs in place of the runs' own marks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dlcapply.model.findings import Place


@dataclass(frozen=True, slots=True)
class OwnerMarks:
    """Whose a run is by the marks that it carries itself; empty where it carries none."""

    owner: str = ""
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a project says of one run in place of the run's own marks; without marks the run is released.

    `giver` is what the run's own marks must say: of any other run the claim is void.
    """

    job_id: str
    name: str
    marks: Mapping[str, str]
    giver: OwnerMarks = OwnerMarks()
    place: Place | None = field(default=None, compare=False)

    @property
    def owner(self) -> str:
        return self.marks.get("owner", "")

    @property
    def spec(self) -> str:
        return self.marks.get("spec", "")
