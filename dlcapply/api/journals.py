"""The journal of a project for one target: what was written there from here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.api.state import JOURNAL
from dlcapply.applying.journal import Journal

if TYPE_CHECKING:
    from dlcapply.api.connect import Service
    from dlcapply.api.load import Manifests


def journal_of(manifests: Manifests, service: Service, *, provenance: str = "") -> Journal:
    """The record of what was written to the environment from here; `provenance` is for what is to come.

    It goes on when the repository is moved: of which origin a run is, the run itself says.
    """
    environment = manifests.environment
    where = f"{environment.region}/{environment.workspace_id} {environment.owner} at {service.address}"
    file = manifests.state.file(JOURNAL)
    return Journal(file, clock=service.clock, where=where, provenance=provenance)
