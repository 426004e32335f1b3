"""Routes that turn the clock, seed jobs and set faults over HTTP, for tests that are not in Python."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, fields, replace
from typing import TYPE_CHECKING, Any, Protocol

from dlcapply.emulator.answers import Answer, Refusal
from dlcapply.emulator.clock import wire_time
from dlcapply.emulator.world.scenario import ScenarioError, camel, read_scenario
from dlcapply.emulator.world.switches import Switches

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dlcapply.emulator.answers import JsonObject
    from dlcapply.emulator.wire.received import Received
    from dlcapply.emulator.wire.request_log import LoggedRequest
    from dlcapply.emulator.world.faults import Fault
    from dlcapply.emulator.world.world import Lifecycle

PREFIX = "/_emulator/"

Body = dict[str, Any]
Handler = Callable[["Controlled", Body], Any]


class Controlled(Protocol):
    """What can be done to an emulator over HTTP; `Emulator` says what each does."""

    @property
    def speed(self) -> float: ...
    @property
    def switches(self) -> Switches: ...
    @property
    def requests(self) -> Sequence[LoggedRequest]: ...
    @property
    def unknown_routes(self) -> Sequence[str]: ...
    @property
    def errors(self) -> Sequence[str]: ...
    def now(self) -> float: ...
    def set_clock(self, *, seconds: float, speed: float | None) -> None: ...
    def fault(self, *faults: Fault) -> None: ...
    def clear_faults(self) -> None: ...
    def jobs(self) -> Sequence[JsonObject]: ...
    def seed(self, *jobs: Mapping[str, Any]) -> Sequence[str]: ...
    def clone(self, job_id: str) -> str: ...
    def change(self, job_id: str, **facts: Any) -> None: ...
    @property
    def lifecycles(self) -> Mapping[str, Lifecycle]: ...
    def configure(self, **changes: Any) -> None: ...
    def pod_log(self, job_id: str, pod_id: str, pod_uid: str = "") -> Iterator[str]: ...
    def signals(self) -> Sequence[JsonObject]: ...


def control(emulator: Controlled, received: Received) -> Answer:
    """The answer to a request below PREFIX, which is not a part of the service and not in its log."""
    try:
        handler, arguments = _find(received)
        _check_kind(received)
        return _json(200, handler(emulator, {**_body(received), **arguments}))
    except Refusal as refusal:
        return _json(refusal.status, {"error": refusal.message})
    except RecursionError:
        return _json(400, {"error": "the body is nested too deeply"})
    except (ScenarioError, ValueError, TypeError, OverflowError, AttributeError) as error:
        return _json(400, {"error": str(error)})
    except KeyError as error:
        return _json(404, {"error": f"there is no {error.args[0]}"})


def _find(received: Received) -> tuple[Handler, Body]:
    parts = received.path.removeprefix(PREFIX).split("/")
    for (method, *pattern), handler in _HANDLERS.items():
        if method == received.method and len(pattern) == len(parts):
            pairs = list(zip(pattern, parts, strict=True))
            if all(want in {got, "*"} for want, got in pairs):
                ids = [got for want, got in pairs if want == "*"]
                return handler, dict(zip(("job_id", "pod_id"), ids, strict=False))
    raise Refusal(404, "NotFound", f"there is no {received.method} {received.path}")


def _check_kind(received: Received) -> None:
    """Raises Refusal for any type but JSON: forms in pages send others, and some browsers no Origin."""
    kind = received.headers.get("content-type", "").partition(";")[0].strip().lower()
    if (received.body or kind) and received.method != "GET" and kind != "application/json":
        raise Refusal(403, "Forbidden", "send Content-Type: application/json")


def _body(received: Received) -> Body:
    if not received.body:
        return {}
    body = json.loads(received.body)
    if not isinstance(body, dict):
        raise TypeError("the body must be a JSON object")
    return body


def _json(status: int, result: Any) -> Answer:
    return Answer(status, json.dumps(result).encode())


def _clock(emulator: Controlled, _: Body) -> Body:
    return {"now": wire_time(emulator.now()), "speed": emulator.speed}


def _set_clock(emulator: Controlled, body: Body) -> Body:
    unknown = body.keys() - {"turn", "speed"}
    if unknown:
        raise ValueError(f"{', '.join(sorted(unknown))} is not known; give turn or speed")
    speed = _number(body, "speed") if "speed" in body else None
    emulator.set_clock(seconds=_number(body, "turn") if "turn" in body else 0.0, speed=speed)
    return _clock(emulator, body)


def _number(body: Body, key: str) -> float:
    if isinstance(body[key], bool) or not isinstance(body[key], int | float):
        raise TypeError(f"{key} must be a number")
    return float(body[key])


def _requests(emulator: Controlled, _: Body) -> Body:
    return {
        "requests": [asdict(entry) for entry in emulator.requests],
        "unknownRoutes": list(emulator.unknown_routes),
        "errors": list(emulator.errors),
    }


def _add_faults(emulator: Controlled, body: Body) -> Body:
    emulator.fault(*read_scenario({"faults": body.get("faults", [])}).faults)
    return {}


def _clear_faults(emulator: Controlled, _: Body) -> Body:
    emulator.clear_faults()
    return {}


def _jobs(emulator: Controlled, _: Body) -> Body:
    return {"jobs": list(emulator.jobs())}


def _seed(emulator: Controlled, body: Body) -> Body:
    return {"jobIds": list(emulator.seed(*read_scenario({"jobs": body.get("jobs", [])}).jobs))}


def _change(emulator: Controlled, body: Body) -> Body:
    emulator.change(body.pop("job_id"), **body)
    return {}


def _clone(emulator: Controlled, body: Body) -> Body:
    return {"jobId": emulator.clone(body["job_id"])}


def _log(emulator: Controlled, body: Body) -> Body:
    return {"lines": list(emulator.pod_log(body["job_id"], body["pod_id"]))}


def _signals(emulator: Controlled, _: Body) -> Body:
    return {"signals": list(emulator.signals())}


def _switch(emulator: Controlled, body: Body) -> Body:
    changes = read_scenario({"switches": body}).switches
    given = {one.name: getattr(changes, one.name) for one in fields(Switches) if camel(one.name) in body}
    emulator.configure(switches=replace(emulator.switches, **given))
    return {}


def _live(emulator: Controlled, body: Body) -> Body:
    """Lifecycles by glob, before those that there are: the first that fits a name is its own."""
    added = read_scenario({"lifecycles": body}).lifecycles or {}
    kept = {glob: rules for glob, rules in emulator.lifecycles.items() if glob not in added}
    emulator.configure(lifecycles={**added, **kept})
    return {}


_HANDLERS: Mapping[tuple[str, ...], Handler] = {
    ("GET", "clock"): _clock,
    ("POST", "clock"): _set_clock,
    ("GET", "requests"): _requests,
    ("POST", "faults"): _add_faults,
    ("DELETE", "faults"): _clear_faults,
    ("GET", "jobs"): _jobs,
    ("POST", "jobs"): _seed,
    ("PATCH", "jobs", "*"): _change,
    ("POST", "jobs", "*", "clone"): _clone,
    ("GET", "jobs", "*", "pods", "*", "log"): _log,
    ("GET", "signals"): _signals,
    ("PATCH", "switches"): _switch,
    ("PATCH", "lifecycles"): _live,
}
