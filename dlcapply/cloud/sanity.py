"""What the checks of a run's hardware found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from dlcapply.cloud.wire import values
from dlcapply.cloud.wire.failures import not_understood, request_id_of
from dlcapply.model.answers import text_of
from dlcapply.model.checks import PHASES, Check

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dlcapply.cloud.wire.connection import Connection

_OPERATION = "ListJobSanityCheckResults"


def sanity_results(connection: Connection, job_id: str) -> tuple[Check, ...]:
    """Every phase of every check of the run, in the order they were made; none where none was made.

    Raises ServiceError when there is no answer, or one without results.
    """
    path = f"/api/v1/jobs/{quote(job_id, safe='')}/sanitycheckresults"
    answer = connection.read(_OPERATION, path, {"Order": "asc"})
    results = answer.get("SanityCheckResults")
    if results is not None and not isinstance(results, list):
        request_id = request_id_of(answer) or text_of(answer, "RequestID")
        raise not_understood(_OPERATION, "has no SanityCheckResults", request_id=request_id)
    return tuple(sorted(_checks(results or []), key=_order))


def _checks(results: list[Any]) -> Iterator[Check]:
    """The list is one of lists, each a check (SDK); one of phases alone is read too."""
    for number, one in enumerate(results, 1):
        for phase in one if isinstance(one, list) else [one]:
            if isinstance(phase, dict):
                yield _check(phase, number)


def _check(phase: dict[str, Any], number: int) -> Check:
    return Check(
        number=values.whole(phase.get("CheckNumber")) or number,
        phase=values.text(phase, "Phase"),
        status=values.text(phase, "Status"),
        message=text_of(phase, "Message"),
        started=values.time(phase.get("StartedAt")),
        finished=values.time(phase.get("FinishedAt")),
    )


def _order(check: Check) -> tuple[int, int]:
    return check.number, PHASES.index(check.phase) if check.phase in PHASES else len(PHASES)
