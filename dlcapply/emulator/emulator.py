"""The emulator as its users hold it: a context in which a whole PAI-DLC answers on loopback.

It puts the parts together: a state, a world, the gateway between them, and the server in front.
"""

from __future__ import annotations

import signal
import sqlite3
import threading
import traceback
from contextlib import ExitStack, closing, contextmanager
from dataclasses import KW_ONLY, dataclass, field, replace
from typing import TYPE_CHECKING, Any, Self

from dlcapply.emulator.answers import Refusal, refused
from dlcapply.emulator.clock import Clock, check_speed, check_turn, http_date, wire_time
from dlcapply.emulator.jobs.logs import whole_log
from dlcapply.emulator.jobs.representations import all_facts
from dlcapply.emulator.jobs.schedule import reschedule
from dlcapply.emulator.jobs.seeds import changed, cloned, make_jobs
from dlcapply.emulator.jobs.signal_table import SignalTable
from dlcapply.emulator.jobs.signals import delivered
from dlcapply.emulator.jobs.table import Job, JobTable
from dlcapply.emulator.state.database import Database
from dlcapply.emulator.wire.allowed_hosts import AllowedHosts
from dlcapply.emulator.wire.control import PREFIX, control
from dlcapply.emulator.wire.gateway import Gateway
from dlcapply.emulator.wire.request_log import LoggedRequest, RequestLog
from dlcapply.emulator.wire.routing import OPERATIONS
from dlcapply.emulator.wire.server import serving
from dlcapply.emulator.world.default_catalogue import CATALOGUE
from dlcapply.emulator.world.scenario import Scenario, ScenarioError, joined, read_scenario
from dlcapply.emulator.world.switches import Switches
from dlcapply.emulator.world.world import WORKSPACES, Lifecycle, User, Workspace, World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from dlcapply.emulator.answers import Answer, JsonObject
    from dlcapply.emulator.wire.received import Received
    from dlcapply.emulator.world.catalogue import Catalogue
    from dlcapply.emulator.world.faults import Fault

KEY_ID = "dlcapply-emulator"
SECRET = "not-a-secret"  # noqa: S105 - it is not
USERS: Mapping[str, User] = {
    KEY_ID: User(SECRET, "1000000000000001", administrator=True),
    f"{KEY_ID}-colleague": User(SECRET, "1000000000000002"),
}
_OPERATION_NAMES = frozenset(operation.name for operation in OPERATIONS.values())


@dataclass(eq=False)
class Emulator:
    """PAI-DLC, and parts of AIWorkSpace and PaiStudio, in a box, alive within a `with` block.

    `state` is a file that outlives the process, None for memory. `users` are by access key id. `lifecycles`
    are by glob of DisplayName and go before `lifecycle`. `switches` say how the service behaves where its
    documents leave it open. `log` is a file to which every request is appended as a line of JSON. `port` 0
    takes a free one; `host` is loopback unless you say otherwise. It answers under the names of loopback,
    under `host`, and under `names`; other requests are refused, and so are those of pages in browsers.
    `control` opens the routes below `/_emulator/`, which need no key.
    Entering raises StateError for a file that is not a state, OSError for a port that is taken.
    """

    state: Path | None = None
    _: KW_ONLY
    clock: Clock = field(default_factory=Clock.real)
    lifecycle: Lifecycle = field(default_factory=Lifecycle)
    lifecycles: Mapping[str, Lifecycle] = field(default_factory=dict)
    users: Mapping[str, User] = field(default_factory=lambda: USERS)
    workspaces: tuple[Workspace, ...] = WORKSPACES
    catalogue: Catalogue = CATALOGUE
    switches: Switches = field(default_factory=Switches)
    log: Path | None = None
    host: str = "127.0.0.1"
    port: int = 0
    names: tuple[str, ...] = ()
    control: bool = True
    endpoint: str = field(default="", init=False)
    _gateway: Gateway = field(init=False, repr=False)
    _running: ExitStack = field(init=False, repr=False)
    _scenario: Scenario = field(default_factory=Scenario, init=False, repr=False)
    _errors: list[str] = field(default_factory=list, init=False, repr=False)

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            database = stack.enter_context(closing(Database(self.state, self.clock)))
            log = stack.enter_context(closing(RequestLog(self.log)))
            self._gateway = Gateway(database, self._world(), log)
            allowed = AllowedHosts(self.host, frozenset(name.lower() for name in self.names))
            self.endpoint = stack.enter_context(serving(self._answer, self.host, self.port, allowed))
            self._play(self._scenario)
            self._running = stack.pop_all()
        return self

    def _answer(self, received: Received) -> Answer:
        """An exception in here is a bug, or a state that was edited: it is kept in `errors`, and answered."""
        try:
            if self.control and received.path.startswith(PREFIX):
                return self._dated(control(self, received))
            return self._dated(self._gateway.answer(received))
        except Exception as error:  # noqa: BLE001 - whatever it is, the client is answered
            self._errors.append(traceback.format_exc())
            return refused(Refusal(500, "InternalError", _failure(error)), received.host)

    def _dated(self, answer: Answer) -> Answer:
        """The answer with the emulated time: clients tell the age of what they are shown by it."""
        return replace(answer, headers={"Date": http_date(self.now()), **answer.headers})

    @classmethod
    def from_scenario(cls, document: Mapping[str, Any], **others: Any) -> Emulator:
        """An emulator as a scenario declares it; `others` go before what the scenario says.

        Entering stores the scenario's jobs where the state is new, and sets its faults. Raises ScenarioError.
        """
        scenario = read_scenario(document)
        names = ("clock", "users", "workspaces", "lifecycle", "lifecycles", "switches")
        given = {name: getattr(scenario, name) for name in names if getattr(scenario, name) is not None}
        given["catalogue"] = joined(CATALOGUE, scenario)
        made = cls(**{**given, **others})
        made._scenario = scenario
        return made

    def _play(self, scenario: Scenario) -> None:
        try:
            if self._is_new():
                self.seed(*scenario.jobs)
            self.fault(*scenario.faults)
        except (ValueError, TypeError) as error:
            raise ScenarioError(f"jobs and faults: {error}") from error

    def _is_new(self) -> bool:
        with self._gateway.database.transaction(write=False):
            return JobTable(self._gateway.database).next_number() == 1

    def __exit__(self, *_: object) -> None:
        self._running.close()

    def _world(self) -> World:
        return World(
            users=self.users,
            workspaces=self.workspaces,
            catalogue=self.catalogue,
            lifecycle=self.lifecycle,
            lifecycles=self.lifecycles,
            switches=self.switches,
        )

    def configure(self, **changes: Any) -> None:
        """From now on the service has these `users`, `workspaces`, `catalogue`, `lifecycle`, `lifecycles` or
        `switches`; waiting jobs are scheduled again.
        """
        for name, value in changes.items():
            setattr(self, name, value)
        self._gateway.world = replace(self._gateway.world, **changes)
        with self._writing():
            pass

    @property
    def state_id(self) -> str:
        """An id of this state alone: one that takes its place in the same file has another."""
        return self._gateway.database.id

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

    @property
    def errors(self) -> tuple[str, ...]:
        """The traceback of each request that failed in the emulator itself.

        Empty, unless the emulator has a bug, its state was edited, or its disk is full.
        """
        return tuple(self._errors)

    @property
    def speed(self) -> float:
        """How many emulated seconds pass in a real one."""
        return self._gateway.database.speed

    def set_speed(self, speed: float) -> None:
        """Emulated time goes on with this speed; 0 stands still. Raises ValueError for a negative speed."""
        self.set_clock(speed=speed)

    def now(self) -> float:
        """The emulated time, in seconds since 1970."""
        return self._gateway.database.now()

    def turn(self, seconds: float) -> None:
        """Emulated time is so many seconds later, for every process that uses the same state.

        Raises ValueError for a time that is not a number, goes back, or is past the year 9000.
        """
        self.set_clock(seconds=seconds)

    def set_clock(self, *, seconds: float = 0.0, speed: float | None = None) -> None:
        """Emulated time is so many seconds later, and goes on with `speed`, where one is given.

        Raises ValueError, and changes nothing, where either is out of range.
        """
        check_turn(seconds)
        database = self._gateway.database
        if speed is not None:
            check_speed(speed)
        with database.transaction():
            database.set_clock(database.speed if speed is None else speed, seconds)

    def fault(self, *faults: Fault) -> None:
        """Requests to come go wrong by these rules; raises ValueError for a rule that could never act."""
        for fault in faults:
            if fault.operation not in fault.kind.operations(_OPERATION_NAMES):
                raise ValueError(f"{fault.kind} is not a fault of {fault.operation}")
        self._gateway.faults.add(*faults)

    def clear_faults(self) -> None:
        self._gateway.faults.clear()

    def seed(self, *jobs: Mapping[str, Any]) -> tuple[str, ...]:
        """Stores jobs as if they had been created before; returns their JobIds.

        Each is a CreateJob body of which anything may be missing, unchecked, and may carry JobId, UserId,
        GmtCreateTime (default: now) and Status (which then stays; default: follows the lifecycle).
        Raises ValueError or TypeError for what can't be a job.
        """
        owner = next(iter(self.users.values())).user_id
        try:
            with self._writing() as table:
                first, now = table.next_number(), self.now()
                made = tuple(make_jobs(jobs, first=first, now=now, user_id=owner, world=self._gateway.world))
                table.add(made)
        except sqlite3.IntegrityError as error:
            raise ValueError("a JobId is taken") from error
        return tuple(job.job_id for job in made)

    def clone(self, job_id: str) -> str:
        """A job is copied as the console's clone button does, tags included; returns the new JobId.

        Raises KeyError for a job that does not exist.
        """
        with self._writing() as table:
            job, number = _known(table, job_id), table.next_number()
            copy = cloned(job, number=number, now=self.now(), world=self._gateway.world)
            table.add([copy])
        return copy.job_id

    def change(self, job_id: str, **facts: Any) -> None:
        """What the service shows of a job becomes `facts`; None hides a key, a new Status stays.

        Raises KeyError for a job that does not exist.
        """
        with self._writing() as table:
            table.replace(changed(_known(table, job_id), facts, self.now(), self._gateway.world))

    @contextmanager
    def _writing(self) -> Iterator[JobTable]:
        database, world = self._gateway.database, self._gateway.world
        with database.transaction():
            table = JobTable(database)
            yield table
            reschedule(table, database.now(), world)

    def jobs(self) -> tuple[JsonObject, ...]:
        """Every job with all that is known of it, more than any answer shows; the newest last."""
        database, world = self._gateway.database, self._gateway.world
        with database.transaction(write=False):
            return tuple(all_facts(job, database.now(), world) for job in JobTable(database).select())

    def pod_log(self, job_id: str, pod_id: str, pod_uid: str = "") -> Iterator[str]:
        """Every line that a pod has printed by now, in the order of time and as GetPodLogs writes it.

        In all of its lives, one after the other, or in the one of `pod_uid`. Lines are made while they are
        read. Raises KeyError for a job, a pod or a life that does not exist.
        """
        database, world = self._gateway.database, self._gateway.world
        with database.transaction(write=False):
            job = _known(JobTable(database), job_id)
            return whole_log(job, pod_id, pod_uid, world, database, database.now())

    def signals(self) -> tuple[JsonObject, ...]:
        """Each signal that has reached a process by now: the pod, its uid, the signal and the time."""
        database, now = self._gateway.database, self._gateway.database.now()
        with database.transaction(write=False):
            jobs = {job.job_id: job for job in JobTable(database).select()}
            return tuple(
                {
                    "SignalId": sent.signal_id,
                    "JobId": sent.job_id,
                    "Signal": sent.signal,
                    "PodId": pod_id,
                    "PodUid": uid,
                    "Time": wire_time(sent.due),
                }
                for sent in SignalTable(database).all()
                if sent.job_id in jobs
                for pod_id, uid in delivered(sent, jobs[sent.job_id], now)
            )


def _known(table: JobTable, job_id: str) -> Job:
    job = table.find(job_id)
    if job is None:
        raise KeyError(job_id)
    return job


def _failure(error: Exception) -> str:
    """What failed, and where, without the message of the error: it may quote a secret."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"The emulator failed: {type(error).__name__} in {place.name}. Its state may be broken."


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
