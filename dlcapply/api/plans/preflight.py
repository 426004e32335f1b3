"""What is looked up before anything is planned: the instance types that jobs name, and the workspace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dlcapply.cloud.catalog import Sizes, sizes, workspace_exists
from dlcapply.errors import ServiceError
from dlcapply.model.findings import Finding, Level
from dlcapply.planning.readable import sound
from dlcapply.planning.spend import instance_types
from dlcapply.secrecy import without_secrets

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dlcapply.api.connect import Service
    from dlcapply.api.load import Manifests
    from dlcapply.manifest.load import Loaded
    from dlcapply.model.jobs import Environment
    from dlcapply.model.runs import Run

_NO_SIZES = Sizes({}, {})


@dataclass(frozen=True, slots=True)
class Preflight:
    """What was looked up beforehand: nothing with --no-preflight."""

    sizes: Sizes = _NO_SIZES
    findings: tuple[Finding, ...] = ()


def look_up(manifests: Manifests, runs: Iterable[Run], service: Service) -> Preflight:
    """What can be known beforehand; not knowing is a warning, and leaves the spend unbounded."""
    loaded, environment = manifests.loaded, manifests.environment
    bodies = (sound(run.body) for run in runs if not run.is_terminal)
    types = instance_types((*(job.spec for job in loaded.jobs), *bodies))
    known = _NO_SIZES
    findings: list[Finding] = []
    try:
        known = sizes(service.connection, types)
        findings += _unknown_types(loaded, known.accelerators)
    except ServiceError as error:
        findings.append(_warning("no-instance-types", f"instance types are not known: {error.message}"))
    try:
        if not workspace_exists(service.workspaces(), environment.workspace_id):
            findings.append(_unseen(environment))
    except ServiceError as error:
        findings.append(_warning("no-workspaces", f"workspaces can't be listed: {error.message}"))
    return Preflight(known, tuple(findings))


def _unknown_types(loaded: Loaded, known: Mapping[str, int]) -> Iterable[Finding]:
    for job in loaded.jobs:
        for kind in sorted(instance_types([job.spec]) - known.keys()):
            message = f"{job.name}: PAI offers no instance type {without_secrets(kind)} in this region"
            hint = "check its spelling; CreateJob would be refused, or wait forever"
            yield Finding("unknown-instance-type", Level.WARNING, message, hint, place=job.place)


def _warning(rule: str, message: str, hint: str = "--no-preflight leaves this look-up out") -> Finding:
    return Finding(rule, Level.WARNING, message, hint)


def _unseen(environment: Environment) -> Finding:
    message = f"workspace {environment.workspace_id} is not one that you can see in {environment.region}"
    return _warning("unknown-workspace", message, "check the environment's workspaceId, region and your role")
