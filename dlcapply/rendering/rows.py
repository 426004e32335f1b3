"""The rows of a status report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class StatusRow:
    """The newest run of one job: `created` is the service's ISO time, empty where there is no run.

    `in_sync` is None where nobody compared the run with its manifest.
    """

    name: str
    status: str
    job_id: str
    created: str
    duration_seconds: int | None = None
    in_sync: bool | None = None
    note: str = ""


def seconds_in(body: Mapping[str, Any]) -> int | None:
    """How long a run has lasted, as PAI has it; None where it says nothing that can be read."""
    seconds = body.get("Duration")
    return seconds if type(seconds) is int else None
