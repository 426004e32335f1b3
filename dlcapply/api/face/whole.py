"""Manifests that nobody has chosen among: what protects a run, or asks for it, may stand in any of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.errors import UsageError

if TYPE_CHECKING:
    from dlcapply.api.load import Manifests


def check_whole(manifests: Manifests, what: str) -> None:
    """Raises UsageError where the manifests were selected as they were loaded."""
    if manifests.target.select or manifests.target.exclude:
        raise UsageError(
            f"{what} needs all manifests, and these were loaded with select or exclude",
            hint=f"load them without, and give select and exclude to {what}",
        )
