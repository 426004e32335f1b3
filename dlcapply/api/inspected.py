"""The run that a report is about, as its head tells it, and the time that it has been there."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from dlcapply.api.where import where_of
from dlcapply.rendering.inspection_rows import RunHead

if TYPE_CHECKING:
    from dlcapply.api.connect import Service
    from dlcapply.api.load import Manifests
    from dlcapply.api.named_runs import NamedRun
    from dlcapply.model.runs import Run


def head_of(manifests: Manifests, named: NamedRun) -> RunHead:
    run = named.run
    return RunHead(
        where_of(manifests.environment),
        named.name,
        run.job_id,
        run.status,
        named.is_ours,
        "" if run.name == named.name else run.name,
    )


def now_of(service: Service) -> datetime:
    """The service's time; this machine's only where no answer has told it."""
    return service.now() or service.clock.now()


def finished(run: Run) -> datetime | None:
    """When the run ended; None where it has not, or that can't be read."""
    return time_in(run, "GmtFinishTime") if run.is_terminal else None


def time_in(run: Run, key: str) -> datetime | None:
    value = run.body.get(key)
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    if moment is None:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
