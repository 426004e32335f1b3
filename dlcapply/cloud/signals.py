"""Signals to the processes of a run: sent, and looked at until they have come.

PAI delivers them later than it answers (help page of CreateSignal), so what came is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dlcapply.cloud.jobs import path_of
from dlcapply.cloud.wire.failures import not_understood, request_id_of
from dlcapply.cloud.wire.json_reader import id_of, is_id
from dlcapply.cloud.wire.redaction import redacted
from dlcapply.model.answers import text_of
from dlcapply.model.stops import Delivery, SignalState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dlcapply.cloud.wire.connection import Connection

# Status and Reason as the help page of GetSignal has them; its other statuses are not documented.
_DELIVERED = "Succeeded"
_COMPLETED = "Completed"
_NEVER = {"Failed", "Stopped"}
_ENDED = "StoppedByJobEnded"
_NOT_DELIVERED = "SignalFailed"
_LONGEST = 500
_MOST = 100


class SignalService:
    """The signals of a region's runs. Every method raises ServiceError when PAI gives no usable answer."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def send(self, job_id: str, signal: str, pods: Sequence[str]) -> str:
        """The id of a signal to these pods that PAI took; sent once."""
        target = {"Scope": "pods", "PodNames": list(pods)}
        path = path_of(job_id, "signals")
        answer = self._connection.write("CreateSignal", "POST", path, {"Signal": signal, "Target": target})
        if not is_id(answer.get("SignalId")):
            request_id = request_id_of(answer)
            raise not_understood("CreateSignal", "names no SignalId", request_id=request_id)
        return str(answer["SignalId"])

    def state(self, job_id: str, signal_id: str) -> SignalState:
        """How far the signal came."""
        answer = self._connection.read("GetSignal", path_of(job_id, "signals", signal_id))
        if answer.get("SignalId") not in (signal_id, None):  # it may be of any type
            raise not_understood("GetSignal", "is about another signal", request_id=request_id_of(answer))
        return _state(answer, signal_id)

    def sent(self, job_id: str) -> tuple[SignalState, ...]:
        """The signals of the run, in no order; of more than a hundred, some of them.

        Help page and examples disagree on what they may be sorted by.
        """
        query = {"PageNumber": "1", "PageSize": str(_MOST)}
        answer = self._connection.read("ListSignals", path_of(job_id, "signals"), query)
        rows = answer.get("Signals")
        if not isinstance(rows, list):
            raise not_understood("ListSignals", "has no Signals", request_id=request_id_of(answer))
        told = [row for row in rows if isinstance(row, dict) and is_id(row.get("SignalId"))]
        return tuple(_state(row, row["SignalId"]) for row in told)


def _state(row: Mapping[str, Any], signal_id: str) -> SignalState:
    words = text_of(row, "Message") or text_of(row, "Reason")
    return SignalState(
        signal_id,
        id_of(row, "Signal"),
        _delivery(text_of(row, "Status"), text_of(row, "Reason")),
        redacted(words, longest=_LONGEST),
        text_of(row, "GmtCreated"),
    )


def _delivery(status: str, reason: str) -> Delivery:
    """What is not said to have come has not: a run is not stopped on a guess."""
    if reason == _ENDED:
        return Delivery.ENDED
    if reason == _NOT_DELIVERED or status in _NEVER:
        return Delivery.FAILED
    has_come = reason == _COMPLETED or (status == _DELIVERED and not reason)
    return Delivery.DELIVERED if has_come else Delivery.PENDING
