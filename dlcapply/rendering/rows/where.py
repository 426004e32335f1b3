"""The environment that a report is about."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Where:
    """The environment that a report is about; `endpoint` is the host that was asked."""

    environment: str
    region: str
    workspace_id: str
    endpoint: str
    is_emulator: bool
