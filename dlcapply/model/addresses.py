"""Where a person can look at a run: addresses for a browser."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Address:
    """What it leads to, and the address; where there is none, `note` may say why."""

    kind: str
    url: str = ""
    note: str = ""
