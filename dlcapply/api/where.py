"""Where commands about runs look: the environment, in words that nobody overlooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.api.connect import EMULATOR
from dlcapply.cloud.wire.endpoint import address_of
from dlcapply.rendering.rows.where import Where

if TYPE_CHECKING:
    from dlcapply.model.jobs import Environment


def where_of(environment: Environment) -> Where:
    """Where the runs of the environment are; raises UsageError for an endpoint that is no address."""
    is_emulator = environment.endpoint == EMULATOR
    endpoint = EMULATOR if is_emulator else address_of(environment).host
    return Where(environment.name, environment.region, environment.workspace_id, endpoint, is_emulator)
