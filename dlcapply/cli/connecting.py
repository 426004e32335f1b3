"""The way to the service, and to a run, for commands: every call is watched, so that none is silent."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dlcapply.api.connect import connect
from dlcapply.api.load import load_for_runs
from dlcapply.api.options import TargetOptions
from dlcapply.api.runs.named import named_run
from dlcapply.api.where import where_of
from dlcapply.cli.options.values import pick
from dlcapply.cli.patience import Patience

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dlcapply.api.connect import Service
    from dlcapply.api.load import Manifests
    from dlcapply.api.runs.named import NamedRun
    from dlcapply.cli.shell import Shell
    from dlcapply.rendering.rows.where import Where


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


@dataclass(frozen=True, slots=True)
class FoundRun:
    """The run that is meant, and the way to it."""

    manifests: Manifests
    service: Service
    patience: Patience
    named: NamedRun

    @property
    def name(self) -> str:
        return self.named.name

    @property
    def where(self) -> Where:
        return where_of(self.manifests.environment, self.service)


@contextmanager
def found_run(shell: Shell, options: Mapping[str, Any]) -> Iterator[FoundRun]:
    """The run that is meant by a command with `name_options`."""
    manifests = load_for_runs(pick(TargetOptions, options), shell.environ)
    with patiently_connected(shell, manifests, read_timeout=options["read_timeout"]) as (service, patience):
        named = named_run(manifests, service, options["name"], job_id=options["job_id"])
        yield FoundRun(manifests, service, patience, named)
