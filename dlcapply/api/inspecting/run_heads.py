"""The run that a report is about, as its head tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.api.where import where_of
from dlcapply.rendering.rows.inspection import RunHead

if TYPE_CHECKING:
    from dlcapply.api.connect import Service
    from dlcapply.api.load import Manifests
    from dlcapply.api.runs.named import NamedRun


def head_of(manifests: Manifests, service: Service, named: NamedRun) -> RunHead:
    run = named.run
    return RunHead(
        where_of(manifests.environment, service),
        named.name,
        run.job_id,
        run.status,
        named.is_ours,
        "" if run.name == named.name else run.name,
    )
