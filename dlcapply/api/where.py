"""Where commands about runs look: the environment, in words that nobody overlooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.api.connect import EMULATOR
from dlcapply.cloud.wire.endpoint import address_of
from dlcapply.rendering.rows.where import Where

if TYPE_CHECKING:
    from dlcapply.api.connect import Service
    from dlcapply.model.jobs import Environment


def where_of(environment: Environment, service: Service | None = None) -> Where:
    """Where the runs of the environment are; raises UsageError for an endpoint that is no address.

    An emulator at an address is known once it has answered: the `service` is asked last.
    """
    is_embedded = environment.endpoint == EMULATOR
    return Where(
        environment.name,
        environment.region,
        environment.workspace_id,
        EMULATOR if is_embedded else address_of(environment).host,
        is_embedded or (service is not None and service.is_emulator),
    )
