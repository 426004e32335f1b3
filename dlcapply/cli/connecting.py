"""From an environment to a service that answers: PAI itself, or the embedded emulator."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from dlcapply.cli.shell import state_folder
from dlcapply.cloud.connection import connect
from dlcapply.cloud.jobs import JobService
from dlcapply.cloud.pacing import Pacer
from dlcapply.cloud.products import AI_WORKSPACE
from dlcapply.cloud.session import StaticKeys
from dlcapply.errors import DlcapplyError
from dlcapply.model import Identity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from dlcapply.cli.shell import Shell
    from dlcapply.cloud.connection import Connection
    from dlcapply.manifest.loading import Loaded
    from dlcapply.model import Claim, Environment

EMULATOR = "emulator"


@dataclass(frozen=True, slots=True)
class Cloud:
    """`workspaces` opens the way to AIWorkSpace, for who needs it."""

    connection: Connection
    jobs: JobService
    workspaces: Callable[[], Connection]


@contextmanager
def connected(
    environment: Environment, shell: Shell, *, loaded: Loaded, read_timeout: float
) -> Iterator[Cloud]:
    """A way to the environment; its embedded emulator lives as long as the block, its state longer."""
    to_cloud = partial(_cloud, shell=shell, claims=loaded.claims, read_timeout=read_timeout)
    if environment.endpoint != EMULATOR:
        yield to_cloud(environment, keys=None)
        return
    from dlcapply.emulator import KEY_ID, SECRET, Emulator, StateError, Switches

    folder = state_folder(loaded.root)
    try:
        emulator = Emulator(
            folder / "emulator.db",
            switches=Switches(check_references=False),  # a user's own datasets and quotas are not known here
            log=folder / "requests.ndjson",
        )
        with emulator:
            there = replace(environment, endpoint=emulator.endpoint)
            yield to_cloud(there, keys=StaticKeys(KEY_ID, SECRET))
    except StateError as error:
        raise DlcapplyError(str(error), hint=f"remove {folder} to start with an empty emulator") from error


def _cloud(
    environment: Environment,
    *,
    shell: Shell,
    claims: Mapping[str, Claim],
    read_timeout: float,
    keys: StaticKeys | None,
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
    by_marks = environment.identity is Identity.MARKS
    jobs = JobService(
        connection,
        workspace_id=environment.workspace_id,
        owner=environment.owner if by_marks else "",
        claims=claims,
    )
    return Cloud(connection, jobs, workspaces=partial(open_product, product=AI_WORKSPACE))
