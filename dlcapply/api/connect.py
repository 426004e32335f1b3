"""From an environment to a service that answers: PAI itself, or the embedded emulator."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from secrets import token_urlsafe
from typing import TYPE_CHECKING

from dlcapply.api.clock import SystemClock
from dlcapply.api.options import check_time
from dlcapply.api.state import EMULATOR_LOG, EMULATOR_STATE
from dlcapply.cloud.jobs import JobService
from dlcapply.cloud.wire import connection
from dlcapply.cloud.wire.endpoint import address_of
from dlcapply.cloud.wire.heard import Heard
from dlcapply.cloud.wire.pacing import Pacer
from dlcapply.cloud.wire.products import AI_WORKSPACE, PAI_STUDIO
from dlcapply.cloud.wire.session import StaticKeys
from dlcapply.errors import DlcapplyError
from dlcapply.model.jobs import Identity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from dlcapply.api.load import Manifests
    from dlcapply.api.state import StateFolder
    from dlcapply.cloud.wire.connection import Connection
    from dlcapply.model.calls import CallWatcher
    from dlcapply.model.claims import Claim
    from dlcapply.model.clock import Clock
    from dlcapply.model.jobs import Environment

EMULATOR = "emulator"
READ_TIMEOUT = 60.0  # of one answer, in seconds


@dataclass(frozen=True, slots=True)
class Service:
    """The way to the jobs of an environment.

    `workspaces` opens the one to AIWorkSpace, `studio` that to PaiStudio, for who needs it.
    `address` tells this service from every other one: its URL, or the state of the embedded emulator.
    """

    connection: Connection
    jobs: JobService
    workspaces: Callable[[], Connection]
    studio: Callable[[], Connection]
    address: str
    clock: Clock

    def now(self) -> datetime | None:
        """The service's time, as its newest answer has it: by it runs are as old as they are.

        None where no answer has told; `clock` is this machine's, which may be set to anything.
        """
        return self.connection.heard.now

    @property
    def is_emulator(self) -> bool:
        """Whether it says of itself, in its newest answer, that it is an emulator."""
        return self.connection.heard.is_emulator


@contextmanager
def connect(
    manifests: Manifests,
    *,
    clock: Clock | None = None,
    read_timeout: float = READ_TIMEOUT,
    watcher: CallWatcher | None = None,
) -> Iterator[Service]:
    """A way to the environment of the manifests, signed with what the SDK's credential chain finds.

    An embedded emulator lives as long as the block, its state longer. `read_timeout` is the longest wait for
    one answer, in seconds; `watcher` is told of every call. Raises DlcapplyError where the emulator's state
    can't be used; a service that does not answer is noticed by the first call.
    """
    check_time("read_timeout", read_timeout)
    environment = manifests.environment
    to_service = partial(
        _service,
        clock=clock or SystemClock(),
        claims=manifests.loaded.claims,
        read_timeout=read_timeout,
        watcher=watcher,
    )
    if environment.endpoint == EMULATOR:
        with _embedded(environment, manifests.state) as (there, keys, state):
            yield to_service(there, keys=keys, address=state)
        return
    address = address_of(environment)
    yield to_service(environment, keys=None, address=f"{address.protocol}://{address.host}")


@contextmanager
def _embedded(environment: Environment, folder: StateFolder) -> Iterator[tuple[Environment, StaticKeys, str]]:
    """The environment at an emulator that keeps its state in the folder, and the keys to it alone."""
    from dlcapply.emulator import KEY_ID, USERS, Emulator, StateError, Switches

    # The keys in the documentation are everybody's: others on this machine must not reach what is in here.
    secret = token_urlsafe()
    folder.make()
    state, log = folder.file(EMULATOR_STATE), folder.file(EMULATOR_LOG)
    try:
        emulator = Emulator(
            state,
            # A user's own datasets and quotas are not known here; PAI's command line has FlinkBatchJob.
            switches=Switches(check_references=False, more_job_types=("FlinkBatchJob",)),
            log=log,
            users={KEY_ID: replace(USERS[KEY_ID], secret=secret)},
            control=False,
        )
        with emulator:
            there = replace(environment, endpoint=emulator.endpoint)
            yield there, StaticKeys(KEY_ID, secret), f"{EMULATOR} {emulator.state_id}"
    except StateError as error:
        hint = f"remove {state} to start with an empty emulator"
        raise DlcapplyError(str(error), hint=hint) from error


def _service(
    environment: Environment,
    *,
    clock: Clock,
    claims: Mapping[str, Claim],
    read_timeout: float,
    watcher: CallWatcher | None,
    keys: StaticKeys | None,
    address: str,
) -> Service:
    open_product = partial(
        connection.connect,
        environment,
        clock=clock,
        keys=keys,
        read_timeout_ms=round(read_timeout * 1000),
        pacer=Pacer(clock),
        watcher=watcher,
        heard=Heard(),
    )
    jobs_connection = open_product()
    # By name alone every run of the name is ours: there is nothing to claim.
    by_marks = environment.identity is Identity.MARKS
    jobs = JobService(
        jobs_connection,
        workspace_id=environment.workspace_id,
        owner=environment.owner if by_marks else "",
        claims=claims if by_marks else {},
    )
    to_workspaces = partial(open_product, product=AI_WORKSPACE)
    to_studio = partial(open_product, product=PAI_STUDIO)
    return Service(jobs_connection, jobs, to_workspaces, to_studio, address, clock)
