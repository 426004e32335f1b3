"""The way of a request: route, signature, fault, transaction, answer, log entry."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from dlcapply.emulator.answers import Answer, JsonObject, Refusal, invalid, refused, success
from dlcapply.emulator.clock import wire_time
from dlcapply.emulator.faults import FaultBook, spoil
from dlcapply.emulator.request_log import LoggedRequest, RequestLog, without_secrets
from dlcapply.emulator.routes import Route, find_route
from dlcapply.emulator.service import Call, Switches
from dlcapply.emulator.signature import Received, User, authenticate
from dlcapply.emulator.validation import MAX_BODY_BYTES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dlcapply.emulator.store import Store


@dataclass(frozen=True, slots=True)
class Gateway:
    """Answers requests from the state; what it does not emulate is refused, and kept in `unknown_routes`."""

    store: Store
    users: Mapping[str, User]
    switches: Switches
    log: RequestLog
    faults: FaultBook = field(default_factory=FaultBook)
    unknown_routes: list[str] = field(default_factory=list)

    def answer(self, received: Received) -> Answer:
        route = find_route(received.method, received.path)
        user_id = ""
        try:
            known = self._emulated(route, received)
            user = authenticate(received, self.users)
        except Refusal as refusal:
            answer = refused(refusal, received.host)
        else:
            user_id = user.user_id
            answer = self._answer_known(known, user, received)
        self._log(route.operation.name if route else "", received, user_id, answer.status)
        return answer

    def _emulated(self, route: Route | None, received: Received) -> Route:
        """The route, if all of the request is understood: an ignored filter would answer too much."""
        unknown = _query(received).keys() - (route.operation.parameters if route else set())
        if route and not unknown:
            return route
        what = f"{received.method} {received.path}"
        if route:
            what += f"?{'&'.join(sorted(unknown))}"
        self.unknown_routes.append(what)
        raise Refusal(501, "NotImplemented", f"The emulator does not know {what}.")

    def _answer_known(self, route: Route, user: User, received: Received) -> Answer:
        fault = self.faults.take(route.operation.name, lambda: self._subject(route, received))
        if fault is None:
            return self._carry_out(route, user, received)
        answer = self._carry_out(route, user, received) if fault.is_carried_out else Answer(0)
        return spoil(fault, answer, received.host)

    def _carry_out(self, route: Route, user: User, received: Received) -> Answer:
        """The true answer; a refused request leaves no trace in the state."""
        try:
            body = _read_body(received)
            with self.store.transaction(write=received.method != "GET"):
                now = self.store.now()
                query = _query(received)
                call = Call(user, now, self.store, self.switches, route.path, query, body)
                return success(route.operation.run(call))
        except Refusal as refusal:
            return refused(refusal, received.host)

    def _subject(self, route: Route, received: Received) -> str:
        """The JobId and the DisplayName that the request is about."""
        body, job_id = _json_object(received.body) or {}, route.path.get("JobId", "")
        with self.store.transaction(write=False):
            job = self.store.find(job_id)
        places = (job.body if job else {}, _query(received), body)
        return " ".join((job_id, *(str(place.get("DisplayName", "")) for place in places)))

    def _log(self, operation: str, received: Received, user_id: str, status: int) -> None:
        entry = LoggedRequest(
            time=wire_time(self.store.now()),
            operation=operation,
            method=received.method,
            path=f"{received.path}?{received.query}" if received.query else received.path,
            user=user_id,
            status=status,
            body=without_secrets(_json_object(received.body)),
        )
        self.log.add(entry)


def _query(received: Received) -> dict[str, str]:
    return dict(parse_qsl(received.query, keep_blank_values=True))


def _read_body(received: Received) -> JsonObject:
    if len(received.body) > MAX_BODY_BYTES:
        raise invalid(f"The parameters are longer than {MAX_BODY_BYTES} bytes.")
    body = _json_object(received.body) if received.body else {}
    if body is None:
        raise invalid("The body must be a JSON object.")
    return body


def _json_object(text: bytes) -> JsonObject | None:
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
