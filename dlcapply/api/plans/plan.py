"""Gather, then decide: from manifests and a service to a plan."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dlcapply.api.command_lines import apply_exactly, typed
from dlcapply.api.journals import created_lately, journal_of
from dlcapply.api.options import HIDDEN, PlanOptions, several
from dlcapply.api.plans.preflight import Preflight, look_up
from dlcapply.api.runs.idle_stops import idle_to_stop
from dlcapply.api.runs.sight import sight
from dlcapply.cloud.gathering import Records, gather
from dlcapply.errors import InvalidManifestsError, NoManifestsError, UsageError
from dlcapply.manifest.near_names import meant_names
from dlcapply.manifest.timezones import zone_of
from dlcapply.model.findings import Finding, Level
from dlcapply.model.jobs import Identity
from dlcapply.model.runs import Visibility
from dlcapply.planning.inputs import PlanInputs
from dlcapply.planning.limits import OF_STOPS
from dlcapply.planning.needs import needs_of, starting
from dlcapply.planning.planner import make_plan
from dlcapply.planning.visibility import may_be_applied
from dlcapply.rendering.plan_documents import plan_document

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dlcapply.api.connect import Service
    from dlcapply.api.load import Manifests
    from dlcapply.cloud.gathering import LiveState
    from dlcapply.manifest.load import Loaded
    from dlcapply.model.jobs import Environment
    from dlcapply.model.plans import Plan
    from dlcapply.model.runs import Census, Run
    from dlcapply.planning.approvals import Approvals
    from dlcapply.planning.history import History


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, and the live runs that it was made from: by JobId, and by the job whose history they are."""

    plan: Plan
    live: Mapping[str, Run]
    histories: Mapping[str, History]


def plan(
    manifests: Manifests,
    service: Service,
    *,
    prune: bool = False,
    allow_replace: Iterable[str] = (),
    allow_stops: int | None = None,
    preflight: bool = True,
) -> Plan:
    """What an apply would do now, and why; nothing is written to the service.

    Without `preflight`, no instance types are looked up, and what they can spend is not known. Raises
    UsageError for options that do not fit the manifests, ServiceError where the service can't be read
    completely.
    """
    chosen = PlanOptions(prune, several("allow_replace", allow_replace), not preflight, allow_stops)
    check_all_read(manifests)
    if chosen.prune:
        check_prune(manifests)
    return plan_live(manifests, service, chosen).plan


def check_all_read(manifests: Manifests) -> None:
    """Raises a DlcapplyError for manifests that do to look after runs, and for no plan: some are broken."""
    if errors := [one for one in manifests.findings if one.level is Level.ERROR]:
        raise InvalidManifestsError(errors)
    if not manifests.jobs:
        raise NoManifestsError("no manifests found", hint="without one, there is nothing to plan")


def check_prune(manifests: Manifests) -> None:
    """Raises a DlcapplyError where the manifests at hand may be fewer than the project declares."""
    target, loaded = manifests.target, manifests.loaded
    if target.select or target.exclude:
        raise UsageError("--prune with --select or --exclude would stop jobs that were only left out")
    if not loaded.has_project:
        raise UsageError("--prune needs a project file: without one, nobody knows which jobs are missing")
    if manifests.environment.identity is Identity.NAME:
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
    manifests: Manifests,
    service: Service,
    chosen: PlanOptions,
    *,
    approvals: Approvals | None = None,
    is_shown: bool = True,
) -> Planned:
    """The plan of the manifests and what is live now.

    With `approvals`, it is made with the consents that they carry, and what they don't hold is held back.
    Nobody asks whose jobs are seen, or which runs are idle, for a plan that is not shown, and does nothing.
    """
    loaded, environment = manifests.loaded, manifests.environment
    _check_consents(loaded, chosen)
    found = gather_live(manifests, service, chosen, approvals=approvals, is_shown=is_shown)
    live = found.live
    made = _within_stops(loaded, environment, found)
    made = replace(made, needs=needs_of(starting(made.writing, loaded.jobs), manifests.environ))
    judged = _judged(made, loaded) if is_shown else made
    told = replace(judged, apply_command="" if approvals else _apply_command(judged, manifests, chosen))
    return Planned(told, {run.job_id: run for run in live.runs}, live.histories)


def _within_stops(loaded: Loaded, environment: Environment, found: Gathered) -> Plan:
    """The plan; without the stops of idle runs where a limit would deny the whole apply for them."""

    def planned(inputs: PlanInputs) -> Plan:
        return make_plan(
            desired=loaded.jobs,
            live=found.live.histories,
            environment=environment,
            census=found.census,
            inputs=inputs,
        )

    made = planned(found.inputs)
    if not found.inputs.idle or not any(denial.rule in OF_STOPS for denial in made.denials):
        return made
    message = "idle runs are not stopped: with them, more runs would stop than the limits allow"
    told = Finding("idle-not-stopped", Level.WARNING, message, "end them with dlcapply stop NAME")
    return planned(replace(found.inputs, idle={}, findings=(*found.inputs.findings, told)))


@dataclass(frozen=True, slots=True)
class Gathered:
    """Everything that a decision rests on."""

    live: LiveState
    census: Census
    inputs: PlanInputs


def gather_live(
    manifests: Manifests,
    service: Service,
    chosen: PlanOptions,
    *,
    approvals: Approvals | None = None,
    is_shown: bool = True,
    needs_all_ours: bool = False,
) -> Gathered:
    """What is live now, and what else a plan of the manifests depends on.

    With `needs_all_ours`, runs of ours are among it whose names no manifest has, whatever could be loaded.
    """
    loaded, environment = manifests.loaded, manifests.environment
    live = _gathered(manifests, service, needs_all_ours=needs_all_ours)
    sees, view_unknown = sight(manifests, service) if is_shown else (Visibility.UNKNOWN, "")
    idle, idle_findings = idle_to_stop(manifests, service, live.histories) if is_shown else ({}, ())
    looked = Preflight() if chosen.no_preflight else look_up(manifests, live.runs, service)
    inputs = PlanInputs(
        now=service.clock.now(),
        complete=loaded.complete,
        prune=chosen.prune,
        allow_replace=frozenset(chosen.allow_replace),
        select=manifests.target.select,
        exclude=manifests.target.exclude,
        accelerators=looked.sizes.accelerators,
        cpus=looked.sizes.cpus,
        allow_stops=chosen.allow_stops,
        findings=(*_without_errors(loaded), *looked.findings, *idle_findings),
        typed=lambda command, name, *words: typed(command, manifests.target, *words, name=name),
        can_claim=loaded.has_project,
        approvals=approvals,
        view_unknown=view_unknown,
        names=_known_names(loaded),
        gone=live.gone,
        zone=zone_of(environment.timezone),
        prices=loaded.prices,
        idle=idle,
    )
    return Gathered(live, replace(live.census, sees=sees, is_emulator=service.is_emulator), inputs)


def _apply_command(made: Plan, manifests: Manifests, chosen: PlanOptions) -> str:
    """The command that applies exactly this plan, if any does; without values of variables: it is saved."""
    if not (manifests.environment.knows_ours and may_be_applied(made)):
        return ""
    names = tuple(pair.partition("=")[0] for pair in manifests.target.var)
    target = replace(manifests.target, var=tuple(f"{name}={HIDDEN}" for name in names))
    return apply_exactly(target, chosen, made.digest)


def _judged(made: Plan, loaded: Loaded) -> Plan:
    """The plan with what the project's policies say of what would be carried out of it.

    What is held back counts for nothing, as with limits: it neither passes for a change, nor denies others.
    """
    found = _policy_findings(replace(made, changes=made.allowed, held={}), loaded)
    return replace(made, findings=(*made.findings, *found))


def policy_denials(plan: Plan, loaded: Loaded) -> tuple[Finding, ...]:
    """What of the project's policies forbids the plan."""
    return tuple(one for one in _policy_findings(plan, loaded) if one.level is Level.ERROR)


def _policy_findings(plan: Plan, loaded: Loaded) -> Sequence[Finding]:
    policies = loaded.plan_policies
    return policies.findings(plan_document(plan)) if policies.rules else ()


def _check_consents(loaded: Loaded, chosen: PlanOptions) -> None:
    names = {job.name for job in loaded.jobs}
    unknown = sorted(set(chosen.allow_replace) - names)
    if unknown:
        raise UsageError(
            f"--allow-replace names no job of these manifests: {', '.join(unknown)}",
            hint=meant_names(unknown[0], names) or "a consent is for one job, by its exact name",
        )


def _gathered(manifests: Manifests, service: Service, *, needs_all_ours: bool) -> LiveState:
    loaded, environment = manifests.loaded, manifests.environment
    # A percentage of our active runs is one of all of them, whatever was selected.
    all_ours = needs_all_ours or loaded.complete or environment.limits.stops_percent is not None
    journal = journal_of(manifests, service)
    lately = created_lately(manifests, service)
    records = Records(lately, journal.created, _known_names(loaded), journal.paid_for)
    return gather(service.jobs, jobs=loaded.jobs, environment=environment, orphans=all_ours, records=records)


def _known_names(loaded: Loaded) -> frozenset[str] | None:
    """Those of all jobs; without a project, any number may be declared that nobody named."""
    return loaded.names if loaded.has_project else None


def _without_errors(loaded: Loaded) -> tuple[Finding, ...]:
    return tuple(finding for finding in loaded.findings if finding.level is not Level.ERROR)
