"""Whose jobs are seen at all: others' PRIVATE ones show to administrators alone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dlcapply.cloud.permissions import whose_jobs
from dlcapply.errors import ServiceError
from dlcapply.model.runs import Visibility
from dlcapply.planning.visibility import misses_none

if TYPE_CHECKING:
    from dlcapply.api.connect import Service
    from dlcapply.api.load import Manifests
    from dlcapply.rendering.rows.status import StatusReport


def sight(manifests: Manifests, service: Service) -> tuple[Visibility, str]:
    """Whose PRIVATE jobs are seen here, and why nobody can tell."""
    try:
        return whose_jobs(service.workspaces(), manifests.environment.workspace_id), ""
    except ServiceError as error:
        request = f"request {error.request_id}" if error.request_id else ""
        return Visibility.UNKNOWN, "; ".join(filter(None, (error.message, request, error.hint)))


def with_sight(
    report: StatusReport, manifests: Manifests, service: Service, *, known: Visibility | None = None
) -> StatusReport:
    """The report, which says how much was seen wherever it may be taken for all that there is.

    What is `known` is not asked again.
    """
    if not report.is_of_runs and all(row.job_id or row.others for row in report.rows):
        return report
    sees = known or sight(manifests, service)[0]
    return replace(report, sees=Visibility.ALL if misses_none(manifests.environment, sees) else sees)
