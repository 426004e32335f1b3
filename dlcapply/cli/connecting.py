"""From an environment to a service that answers: PAI itself, or the embedded emulator."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from secrets import token_urlsafe
from typing import TYPE_CHECKING

from dlcapply.cli.state import state_file, state_folder
from dlcapply.cloud.jobs import JobService
from dlcapply.cloud.wire.connection import connect
from dlcapply.cloud.wire.endpoint import address_of
from dlcapply.cloud.wire.pacing import Pacer
from dlcapply.cloud.wire.products import AI_WORKSPACE
from dlcapply.cloud.wire.session import StaticKeys
from dlcapply.errors import DlcapplyError
from dlcapply.model import Identity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from dlcapply.cli.shell import Shell
    from dlcapply.cloud.wire.connection import Connection
    from dlcapply.manifest.load import Loaded
    from dlcapply.model import Claim, Environment

EMULATOR = "emulator"


@dataclass(frozen=True, slots=True)
class Cloud:
    """`workspaces` opens the way to AIWorkSpace, for who needs it.

    `target` tells this service from every other one: its address, or the state of the embedded emulator.
    """

    connection: Connection
    jobs: JobService
    workspaces: Callable[[], Connection]
    target: str


@contextmanager
def connected(
    environment: Environment, shell: Shell, *, loaded: Loaded, read_timeout: float
) -> Iterator[Cloud]:
    """A way to the environment; its embedded emulator lives as long as the block, its state longer."""
    to_cloud = partial(_cloud, shell=shell, claims=loaded.claims, read_timeout=read_timeout)
    if environment.endpoint != EMULATOR:
        address = address_of(environment)
        yield to_cloud(environment, keys=None, target=f"{address.protocol}://{address.host}")
        return
    from dlcapply.emulator import KEY_ID, USERS, Emulator, StateError, Switches

    # The keys in the documentation are everybody's: others on this machine must not reach what is in here.
    secret = token_urlsafe()
    state_folder(loaded.root)
    state, log = (state_file(loaded.root, name) for name in ("emulator.db", "requests.ndjson"))
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
            target = f"{EMULATOR} {emulator.state_id}"
            yield to_cloud(there, keys=StaticKeys(KEY_ID, secret), target=target)
    except StateError as error:
        hint = f"remove {state} to start with an empty emulator"
        raise DlcapplyError(str(error), hint=hint) from error


def _cloud(
    environment: Environment,
    *,
    shell: Shell,
    claims: Mapping[str, Claim],
    read_timeout: float,
    keys: StaticKeys | None,
    target: str,
) -> Cloud:
    open_product = partial(
        connect,
        environment,
        clock=shell.clock,
        keys=keys,
        read_timeout_ms=round(read_timeout * 1000),
        pacer=Pacer(shell.clock),
    )
    connection = open_product()
    # By name alone every run of the name is ours: there is nothing to claim.
    by_marks = environment.identity is Identity.MARKS
    jobs = JobService(
        connection,
        workspace_id=environment.workspace_id,
        owner=environment.owner if by_marks else "",
        claims=claims if by_marks else {},
    )
    return Cloud(connection, jobs, workspaces=partial(open_product, product=AI_WORKSPACE), target=target)
