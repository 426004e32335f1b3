"""What a request goes through: route, signature, replay, rate, fault, transaction, answer, log entry."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from dlcapply.emulator.answers import Answer, JsonObject, Refusal, invalid, refused, success
from dlcapply.emulator.call import Call
from dlcapply.emulator.clock import wire_time
from dlcapply.emulator.jobs.table import JobTable
from dlcapply.emulator.parameters import check_parameters
from dlcapply.emulator.state.masking import STAND_IN, masked
from dlcapply.emulator.wire.fault_injection import PendingFaults, spoil
from dlcapply.emulator.wire.replays import ReplayGuard
from dlcapply.emulator.wire.request_log import LoggedRequest, RequestLog
from dlcapply.emulator.wire.routing import Route, find_route, unsupported_operation
from dlcapply.emulator.wire.signature import authenticate
from dlcapply.emulator.wire.throttling import RateLimit

if TYPE_CHECKING:
    from dlcapply.emulator.operation import Operation
    from dlcapply.emulator.state.database import Database
    from dlcapply.emulator.wire.received import Received
    from dlcapply.emulator.world.world import User, World

MAX_PARAMETERS = 65_536  # CreateJob's help page
_TOKEN = re.compile(r"(?<=token=)[^&]*", re.IGNORECASE)


@dataclass(slots=True)
class Gateway:
    """Answers requests from the state; what it does not emulate is refused, and kept in `unknown_routes`."""

    database: Database
    world: World
    log: RequestLog
    faults: PendingFaults = field(default_factory=PendingFaults)
    replays: ReplayGuard = field(default_factory=ReplayGuard)
    rate_limit: RateLimit = field(default_factory=RateLimit)
    unknown_routes: list[str] = field(default_factory=list)

    def answer(self, received: Received) -> Answer:
        route = find_route(received.method, received.path)
        user_id = ""
        try:
            _check_text(received)
            known = self._emulated(route, received)
            user = authenticate(received, self.world.users)
            user_id = user.user_id
            self.replays.check(received, self.world.switches)
            self.rate_limit.check(user_id, self.database.now(), self.world.switches)
            _check_version(known.operation, received)
        except Refusal as refusal:
            answer = refused(refusal, received.host)
        else:
            answer = self._answer_known(known, user, received)
        self._log(route.operation.name if route else "", received, user_id, answer.status)
        return answer

    def _emulated(self, route: Route | None, received: Received) -> Route:
        """The route; raises Refusal for an unknown parameter: an ignored filter would answer too much."""
        what = f"{received.method} {received.path}"
        if route is None:
            self.unknown_routes.append(what)
            raise _no_route(what, unsupported_operation(received.method, received.path))
        unknown = {name for name, _ in _pairs(received)} - route.operation.parameters.keys()
        if unknown:
            what += f"?{'&'.join(sorted(unknown))}"
            self.unknown_routes.append(what)
            raise Refusal(501, "NotImplemented", f"The emulator does not know {what}.")
        return route

    def _answer_known(self, route: Route, user: User, received: Received) -> Answer:
        fault = self.faults.take(route.operation.name, lambda: self._subject(route, received))
        if fault is None:
            return self._carry_out(route, user, received)
        answer = self._carry_out(route, user, received) if fault.is_carried_out else Answer(0)
        return spoil(fault, answer, received.host, self.world.switches)

    def _carry_out(self, route: Route, user: User, received: Received) -> Answer:
        """The true answer; a refused request leaves no trace in the state."""
        try:
            check_parameters(route.operation.parameters, _pairs(received))
            body = self._read_body(received)
            with self.database.transaction(write=received.method != "GET"):
                query, now = _query(received), self.database.now()
                call = Call(user, now, self.database, self.world, route.path, query, body, received.host)
                operation = route.operation
                return success(operation.run(call), names_request=operation.names_request)
        except Refusal as refusal:
            return refused(refusal, received.host)

    def _read_body(self, received: Received) -> JsonObject:
        if self._length(received.body) > MAX_PARAMETERS:
            unit = self.world.switches.size_limit_counts
            raise invalid(f"The parameters are longer than {MAX_PARAMETERS} {unit}.")
        body = _json_object(received.body) if received.body else {}
        if body is None:
            raise invalid("The body must be a JSON object.")
        return body

    def _length(self, body: bytes) -> int:
        counts_bytes = self.world.switches.size_limit_counts == "bytes"
        return len(body) if counts_bytes else len(body.decode(errors="replace"))

    def _subject(self, route: Route, received: Received) -> str:
        """The JobId and the DisplayName that the request is about."""
        body, job_id = _json_object(received.body) or {}, route.path.get("JobId", "")
        with self.database.transaction(write=False):
            job = JobTable(self.database).find(job_id)
        places = (job.body if job else {}, _query(received), body)
        return " ".join((job_id, *(str(place.get("DisplayName", "")) for place in places)))

    def _log(self, operation: str, received: Received, user_id: str, status: int) -> None:
        entry = LoggedRequest(
            time=wire_time(self.database.now()),
            operation=operation,
            method=received.method,
            path=_shown_path(received),
            user=user_id,
            status=status,
            body=masked(_json_object(received.body)),
        )
        self.log.add(entry)


def _shown_path(received: Received) -> str:
    return f"{received.path}?{_TOKEN.sub(STAND_IN, received.query)}" if received.query else received.path


def _check_text(received: Received) -> None:
    """Raises Refusal for bytes that are not UTF-8: they could be neither searched for nor logged."""
    try:
        f"{received.path}?{received.query}".encode()
    except UnicodeEncodeError as error:
        raise invalid("The path and the query must be UTF-8.") from error


def _check_version(operation: Operation, received: Received) -> None:
    if received.headers.get("x-acs-version", operation.version) != operation.version:
        raise Refusal(404, "InvalidAction.NotFound", "Specified api is not found in this version.")


def _no_route(what: str, operation: str) -> Refusal:
    """404 where PAI has nothing either; 501 where it has: that must not be taken for PAI's own answer."""
    if operation:
        return Refusal(501, "NotImplemented", f"The emulator does not know {operation} ({what}).")
    message = f"Specified api is not found, please check your url and method: {what}."
    return Refusal(404, "InvalidAction.NotFound", message)


def _query(received: Received) -> dict[str, str]:
    return dict(_pairs(received))


def _pairs(received: Received) -> list[tuple[str, str]]:
    return parse_qsl(received.query, keep_blank_values=True)


def _json_object(text: bytes) -> JsonObject | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
