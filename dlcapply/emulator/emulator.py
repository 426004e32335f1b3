"""The emulator as its users hold it: a context in which a whole PAI-DLC answers on loopback."""

from __future__ import annotations

import signal
import threading
from contextlib import ExitStack, closing
from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING, Any, Self

from dlcapply.emulator.clock import Clock
from dlcapply.emulator.gateway import Gateway
from dlcapply.emulator.lifecycle import Lifecycle
from dlcapply.emulator.projections import all_facts
from dlcapply.emulator.request_log import LoggedRequest, RequestLog
from dlcapply.emulator.routes import OPERATIONS
from dlcapply.emulator.seeds import changed, make_jobs
from dlcapply.emulator.server import serving
from dlcapply.emulator.service import WORKSPACES, Switches, Workspace
from dlcapply.emulator.signature import User
from dlcapply.emulator.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from dlcapply.emulator.answers import JsonObject
    from dlcapply.emulator.faults import Fault

KEY_ID = "dlcapply-emulator"
SECRET = "not-a-secret"  # noqa: S105 - it is not
USERS: Mapping[str, User] = {
    KEY_ID: User(SECRET, "1000000000000001"),
    f"{KEY_ID}-colleague": User(SECRET, "1000000000000002"),
}
_OPERATION_NAMES = frozenset(operation.name for operation in OPERATIONS.values())


@dataclass(eq=False)
class Emulator:
    """A PAI-DLC and AIWorkSpace service in a box, alive within a `with` block.

    `state` is a file that outlives the process, None for memory. `users` are by access key id. `lifecycles`
    are by glob of DisplayName and go before `lifecycle`. `list_lag` is the emulated seconds until ListJobs
    shows a new job. `log` is a file to which every request is appended as a line of JSON. `port` 0 takes a
    free one. The remaining switches are those of the service where its documents leave it open.
    Entering raises StateError for a file that is no state, OSError for a port that is taken.
    """

    state: Path | None = None
    _: KW_ONLY
    clock: Clock = field(default_factory=Clock.real)
    lifecycle: Lifecycle = field(default_factory=Lifecycle)
    lifecycles: Mapping[str, Lifecycle] = field(default_factory=dict)
    users: Mapping[str, User] = field(default_factory=lambda: USERS)
    workspaces: tuple[Workspace, ...] = WORKSPACES
    master_promotion: bool = False
    user_command_updates: bool = False
    list_lag: float = 0.0
    log: Path | None = None
    port: int = 0
    endpoint: str = field(default="", init=False)
    _gateway: Gateway = field(init=False, repr=False)
    _running: ExitStack = field(init=False, repr=False)

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            store = stack.enter_context(closing(Store(self.state, self.clock)))
            log = stack.enter_context(closing(RequestLog(self.log)))
            self._gateway = Gateway(store, self.users, self._switches(), log)
            self.endpoint = stack.enter_context(serving(self._gateway, self.port))
            self._running = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    def _switches(self) -> Switches:
        return Switches(
            lifecycle=self.lifecycle,
            lifecycles=self.lifecycles,
            workspaces=self.workspaces,
            master_promotion=self.master_promotion,
            user_command_updates=self.user_command_updates,
            list_lag=self.list_lag,
        )

    @property
    def requests(self) -> tuple[LoggedRequest, ...]:
        """Every request so far, the newest last."""
        return self._gateway.log.entries

    @property
    def writes(self) -> tuple[LoggedRequest, ...]:
        return tuple(entry for entry in self.requests if entry.method != "GET")

    @property
    def unknown_routes(self) -> tuple[str, ...]:
        """What was asked for and is not emulated: `METHOD /path`, or `METHOD /path?parameters`."""
        return tuple(self._gateway.unknown_routes)

    def now(self) -> float:
        """The emulated time, in seconds since 1970."""
        return self._gateway.store.now()

    def turn(self, seconds: float) -> None:
        """Emulated time is so many seconds later, for every process that uses the same state."""
        with self._gateway.store.transaction():
            self._gateway.store.turn(seconds)

    def fault(self, *faults: Fault) -> None:
        """Requests to come go wrong by these rules; raises ValueError for a rule that could never act."""
        for fault in faults:
            if fault.operation not in fault.kind.operations(_OPERATION_NAMES):
                raise ValueError(f"{fault.kind} is no fault of {fault.operation}")
        self._gateway.faults.add(*faults)

    def clear_faults(self) -> None:
        self._gateway.faults.clear()

    def seed(self, *jobs: Mapping[str, Any]) -> tuple[str, ...]:
        """Stores jobs as if they had been created before; returns their JobIds.

        Each is a CreateJob body of which anything may be missing, unchecked, and may carry JobId, UserId,
        GmtCreateTime (default: now) and Status (which then stays; default: follows the lifecycle).
        """
        store = self._gateway.store
        owner = next(iter(self.users.values())).user_id
        with store.transaction():
            first, switches = store.next_number(), self._switches()
            made = tuple(make_jobs(jobs, first=first, now=store.now(), user_id=owner, switches=switches))
            store.add(made)
        return tuple(job.job_id for job in made)

    def change(self, job_id: str, **facts: Any) -> None:
        """What the service shows of a job becomes `facts`; None hides a key, a new Status stays.

        Raises KeyError for a job that does not exist.
        """
        store = self._gateway.store
        with store.transaction():
            job = store.find(job_id)
            if job is None:
                raise KeyError(job_id)
            store.replace(changed(job, facts, store.now(), self._switches()))

    def jobs(self) -> tuple[JsonObject, ...]:
        """Every job with all that is known of it, more than any answer shows; the newest last."""
        store = self._gateway.store
        with store.transaction(write=False):
            now, switches = store.now(), self._switches()
            return tuple(all_facts(job, now, switches) for job in store.select())


def serve_forever(emulator: Emulator, announce: Callable[[str], None]) -> None:
    """Serves until SIGINT or SIGTERM, after `announce` was given the address; only for the main thread."""
    stop = threading.Event()
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    with emulator:
        try:
            for number in handlers:
                signal.signal(number, lambda *_: stop.set())
            announce(emulator.endpoint)
            stop.wait()
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)
