"""Gather, then decide: from manifests and a service to a plan."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from dlcapply.applying.journal import Journal
from dlcapply.cli.command_lines import typed
from dlcapply.cli.state import state_file
from dlcapply.cloud.catalog import Sizes, sizes, workspace_exists
from dlcapply.cloud.gathering import Records, gather
from dlcapply.cloud.permissions import whose_jobs
from dlcapply.errors import InvalidManifestsError, NoManifestsError, ServiceError, UsageError
from dlcapply.model import Finding, Identity, Level, Visibility
from dlcapply.planning.needs import needs_of, starting
from dlcapply.planning.planner import Options, make_plan
from dlcapply.planning.shapes import sound
from dlcapply.planning.spend import instance_types
from dlcapply.secrecy import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dlcapply.cli.choices import Where, Wishes
    from dlcapply.cli.connecting import Cloud
    from dlcapply.cli.shell import Shell
    from dlcapply.cloud.gathering import LiveState
    from dlcapply.manifest.load import Loaded
    from dlcapply.model import Environment, Plan, Run
    from dlcapply.planning.approvals import Approvals


# How long a run that was created here may be missing from listings without being taken for gone.
_LONGEST_LAG = timedelta(hours=1)
_NO_SIZES = Sizes({}, {})


@dataclass(frozen=True, slots=True)
class Preflight:
    """What was looked up beforehand: nothing with --no-preflight."""

    sizes: Sizes = _NO_SIZES
    findings: tuple[Finding, ...] = ()


def check_prune(where: Where, loaded: Loaded, environment: Environment) -> None:
    """Raises a DlcapplyError where the manifests at hand may be fewer than the project declares."""
    if where.select or where.exclude:
        raise UsageError("--prune with --select or --exclude would stop jobs that were only left out")
    if not loaded.has_project:
        raise UsageError("--prune needs a project file: without one, nobody knows which jobs are missing")
    if environment.identity is Identity.NAME:
        raise UsageError("--prune needs identity: marks; by name alone, any job could be ours")
    if loaded.missed:
        raise UsageError(
            f"--prune needs all manifests of the project, and {loaded.missed[0]} holds another project's",
            hint="name globs in dlcapply.yaml that do not lead there",
        )
    if not loaded.complete:
        raise UsageError("--prune needs all manifests of the project", hint="name the project's folder")
    if loaded.unmatched:
        errors = [replace(one, level=Level.ERROR) for one in loaded.unmatched]
        raise InvalidManifestsError(errors, "--prune needs all manifests of the project in its globs")
    if not loaded.jobs:
        raise NoManifestsError("--prune is refused: there is no manifest at all")


def plan_live(
    loaded: Loaded,
    environment: Environment,
    cloud: Cloud,
    shell: Shell,
    *,
    where: Where,
    wishes: Wishes,
    approvals: Approvals | None = None,
    is_shown: bool = True,
) -> tuple[Plan, tuple[Run, ...]]:
    """The plan, and the live runs that it was made from.

    With `approvals`, it is made with the consents that they carry, and what they don't hold is held back.
    Nobody asks whose jobs are seen for a plan that is not shown, and starts nothing.
    """
    _check_consents(loaded, wishes)
    live = _gathered(loaded, environment, cloud, shell)
    sees, sight_unknown = _sight(cloud, environment) if is_shown else (Visibility.UNKNOWN, "")
    looked = Preflight() if wishes.no_preflight else _look_up(loaded, live.runs, cloud, environment)
    options = Options(
        now=shell.clock.now(),
        complete=loaded.complete,
        prune=wishes.prune,
        allow_replace=frozenset(wishes.allow_replace),
        select=where.select,
        exclude=where.exclude,
        accelerators=looked.sizes.accelerators,
        cpus=looked.sizes.cpus,
        allow_stops=wishes.allow_stops,
        findings=(*_without_errors(loaded), *looked.findings),
        typed=lambda command, name, *words: typed(command, where, *words, name=name),
        can_claim=loaded.has_project,
        approvals=approvals,
        sight_unknown=sight_unknown,
        names=_known_names(loaded),
        gone=live.gone,
    )
    census = replace(live.census, sees=sees)
    plan = make_plan(
        desired=loaded.jobs, live=live.runs, environment=environment, census=census, options=options
    )
    needs = needs_of(starting(plan.writing, loaded.jobs), shell.environ)
    return replace(plan, needs=needs), live.runs


def _gathered(loaded: Loaded, environment: Environment, cloud: Cloud, shell: Shell) -> LiveState:
    # A percentage of our active runs is one of all of them, whatever was selected.
    all_ours = loaded.complete or environment.limits.stops_percent is not None
    journal = journal_of(loaded, environment, cloud, shell)
    lately = journal.created_since(shell.clock.now() - _LONGEST_LAG)
    records = Records(lately, journal.created, _known_names(loaded), journal.paid_for)
    return gather(cloud.jobs, jobs=loaded.jobs, environment=environment, orphans=all_ours, records=records)


def _known_names(loaded: Loaded) -> frozenset[str] | None:
    """Those of all jobs; without a project, any number may be declared that nobody named."""
    return loaded.names if loaded.has_project else None


def _sight(cloud: Cloud, environment: Environment) -> tuple[Visibility, str]:
    """Whose PRIVATE jobs are seen here, and why nobody can tell; asked always: starts depend on it."""
    try:
        return whose_jobs(cloud.workspaces(), environment.workspace_id), ""
    except ServiceError as error:
        request = f"request {error.request_id}" if error.request_id else ""
        return Visibility.UNKNOWN, "; ".join(filter(None, (error.message, request, error.hint)))


def _check_consents(loaded: Loaded, wishes: Wishes) -> None:
    unknown = sorted(set(wishes.allow_replace) - {job.name for job in loaded.jobs})
    if unknown:
        raise UsageError(
            f"--allow-replace names no job of these manifests: {', '.join(unknown)}",
            hint="a consent is for one job, by its exact name",
        )


def journal_of(
    loaded: Loaded, environment: Environment, cloud: Cloud, shell: Shell, *, provenance: str = ""
) -> Journal:
    """The record of what was written to the environment from here; `provenance` is for what is to come.

    It goes on when the repository is moved: of which origin a run is, the run itself says.
    """
    where = f"{environment.region}/{environment.workspace_id} {environment.owner} at {cloud.target}"
    return Journal(
        state_file(loaded.root, "journal.ndjson"), clock=shell.clock, where=where, provenance=provenance
    )


def _without_errors(loaded: Loaded) -> tuple[Finding, ...]:
    return tuple(finding for finding in loaded.findings if finding.level is not Level.ERROR)


def _look_up(loaded: Loaded, runs: Iterable[Run], cloud: Cloud, environment: Environment) -> Preflight:
    """What can be known beforehand; not knowing is a warning, and leaves the spend unbounded."""
    bodies = (sound(run.body) for run in runs if not run.is_terminal)
    types = instance_types((*(job.spec for job in loaded.jobs), *bodies))
    known = _NO_SIZES
    findings: list[Finding] = []
    try:
        known = sizes(cloud.connection, types)
        findings += _unknown_types(loaded, known.accelerators)
    except ServiceError as error:
        findings.append(_warning("no-instance-types", f"instance types are not known: {error.message}"))
    try:
        if not workspace_exists(cloud.workspaces(), environment.workspace_id):
            findings.append(_unseen(environment))
    except ServiceError as error:
        findings.append(_warning("no-workspaces", f"workspaces can't be listed: {error.message}"))
    return Preflight(known, tuple(findings))


def _unknown_types(loaded: Loaded, known: Mapping[str, int]) -> Iterable[Finding]:
    for job in loaded.jobs:
        for kind in sorted(instance_types([job.spec]) - known.keys()):
            message = f"{job.name}: PAI offers no instance type {shown(kind)} in this region"
            hint = "check its spelling; CreateJob would be refused, or wait for ever"
            yield Finding("unknown-instance-type", Level.WARNING, message, hint, place=job.place)


def _warning(rule: str, message: str, hint: str = "--no-preflight leaves this look-up out") -> Finding:
    return Finding(rule, Level.WARNING, message, hint)


def _unseen(environment: Environment) -> Finding:
    message = f"workspace {environment.workspace_id} is not one that you can see in {environment.region}"
    return _warning("unknown-workspace", message, "check the environment's workspaceId, region and your role")
