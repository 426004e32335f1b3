"""The way to the service, for commands: every call is watched, so that none is silent."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from dlcapply.api.connect import connect
from dlcapply.cli.patience import Patience

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dlcapply.api.connect import Service
    from dlcapply.api.load import Manifests
    from dlcapply.cli.shell import Shell


@contextmanager
def connected(
    shell: Shell, manifests: Manifests, *, read_timeout: float, patience: Patience | None = None
) -> Iterator[Service]:
    """The service of the manifests' environment; what takes long is told, and with -v every call.

    `patience` is the one of a command that tells more than its calls.
    """
    with ExitStack() as stack:
        watcher = patience or stack.enter_context(Patience(shell))
        yield stack.enter_context(
            connect(manifests, clock=shell.clock, read_timeout=read_timeout, watcher=watcher)
        )
