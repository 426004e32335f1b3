"""The way to the service, for commands: every call is watched, so that none is silent."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from dlcapply.api.connect import connect
from dlcapply.cli.patience import Patience

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dlcapply.api.connect import Service
    from dlcapply.api.load import Manifests
    from dlcapply.cli.shell import Shell


@contextmanager
def connected(shell: Shell, manifests: Manifests, *, read_timeout: float) -> Iterator[Service]:
    """The service of the manifests' environment; what takes long is told, and with -v every call."""
    with patiently_connected(shell, manifests, read_timeout=read_timeout) as (service, _):
        yield service


@contextmanager
def patiently_connected(
    shell: Shell, manifests: Manifests, *, read_timeout: float
) -> Iterator[tuple[Service, Patience]]:
    """The service, and who tells what takes long, for a command in which more than calls does."""
    with (
        Patience(shell) as patience,
        connect(manifests, clock=shell.clock, read_timeout=read_timeout, watcher=patience) as service,
    ):
        yield service, patience
