"""Spoils answers by the rules of the faults that were set."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING

from dlcapply.emulator.answers import Answer, Refusal, refused
from dlcapply.emulator.wire.throttling import throttled
from dlcapply.emulator.world.faults import Fault, FaultKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from dlcapply.emulator.answers import JsonObject
    from dlcapply.emulator.world.switches import Switches


class PendingFaults:
    """The faults still to come; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def add(self, *faults: Fault) -> None:
        with self._lock:
            self._faults.extend(faults)

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def take(self, operation: str, subject: Callable[[], str]) -> Fault | None:
        """The fault for this request, which counts for every rule that it fits; the first due rule wins."""
        with self._lock:
            due = None
            for place, fault in enumerate(self._faults):
                if fault.operation != operation or (fault.match and fault.match not in subject()):
                    continue
                if fault.after:
                    self._faults[place] = replace(fault, after=fault.after - 1)
                elif due is None and fault.times != 0:
                    due = fault
                    self._faults[place] = replace(fault, times=fault.times and fault.times - 1)
            return due


def spoil(fault: Fault, answer: Answer, host: str, switches: Switches) -> Answer:
    """What the client gets instead of `answer`."""
    return replace(_spoilt(fault, answer, host, switches), delay=fault.seconds)


def _spoilt(fault: Fault, answer: Answer, host: str, switches: Switches) -> Answer:
    match fault.kind:
        case FaultKind.SLOW:
            return answer
        case FaultKind.SHORT_LISTING:
            return _edited(answer, lambda listing: {**listing, "Jobs": []})
        case FaultKind.MOVED_TOTAL:
            return _edited(answer, lambda listing: {**listing, "TotalCount": listing["TotalCount"] + 1})
        case _:
            return _instead(fault, host, switches)


def _instead(fault: Fault, host: str, switches: Switches) -> Answer:
    match fault.kind:
        case FaultKind.THROTTLED:
            wait = {"x-acs-retry-after": str(fault.retry_after_ms)} if fault.retry_after_ms else {}
            return refused(throttled(switches), host, wait)
        case FaultKind.ERROR:
            refusal = Refusal(fault.status, fault.code, "The service is temporarily unavailable.")
            return refused(refusal, host)
        case FaultKind.HTML:
            return Answer(502, b"<html><body><h1>502 Bad Gateway</h1></body></html>", "text/html")
        case FaultKind.EMPTY:
            return Answer(200)
        case _:
            return Answer(0, lost=True)


def _edited(answer: Answer, edit: Callable[[JsonObject], JsonObject]) -> Answer:
    if answer.status != HTTPStatus.OK:
        return answer
    return replace(answer, body=json.dumps(edit(json.loads(answer.body))).encode())
